//! From a text frame to the fields of an event: the scanner first, `serde_json` where it gives up.

use std::borrow::Cow;

use serde_json::Value;

use super::pointers::{Field, MAX_COUNTED, Pointers};
use super::scan::{Found, Scalar, scan};
use super::time::Minute;
use crate::domain::event::Invalid;
use crate::domain::event::tracker::Event;
use crate::domain::room::EventFields;

/// Frames longer than this are counted, not read.
pub const MAX_FRAME: usize = 1024 * 1024;

/// Reads frames of one stream.
#[derive(Debug)]
pub struct Parser {
    pointers: Pointers,
    found: Found,
    minute: Minute,
}

/// The fields of one event, borrowed from the frame where that is possible.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields<'a> {
    /// Event type.
    pub kind: Cow<'a, str>,
    /// Run id.
    pub run: Option<Cow<'a, str>>,
    /// Call id.
    pub call: Option<Cow<'a, str>>,
    /// What it is about.
    pub detail: Option<Cow<'a, str>>,
    /// Revision.
    pub revision: Option<Cow<'a, str>>,
    /// Own time, Unix microseconds.
    pub sent_us: Option<i64>,
    /// Sequence number.
    pub seq: Option<u64>,
    counted: [Option<Cow<'a, str>>; MAX_COUNTED],
}

impl Parser {
    /// For the pointers of a stream.
    pub fn new(fields: &EventFields) -> Self {
        Self { pointers: Pointers::new(fields), found: Found::default(), minute: Minute::default() }
    }

    /// Reads one frame and calls `with` with the event; nothing is copied unless there are escapes in its fields.
    ///
    /// # Errors
    /// It is no event.
    pub fn read<R>(&mut self, text: &str, with: impl FnOnce(&Event<'_>) -> R) -> Result<R, Invalid> {
        let known = text.len() <= MAX_FRAME && scan(text, &self.pointers, &mut self.found).is_some();
        if !known || self.found.escaped {
            return self.parse(text).map(|fields| fields.event(text, with));
        }
        let (pointers, found) = (&self.pointers, &self.found);
        let field = |field| found.first(pointers.slots(field, 0), text).map(|(text, _)| text);
        let mut counted = [None; MAX_COUNTED];
        for (nth, value) in counted.iter_mut().enumerate().take(pointers.counted()) {
            *value = found.first(pointers.slots(Field::Counted, nth), text).map(|(text, _)| text);
        }
        Ok(with(&Event {
            kind: field(Field::Kind).ok_or(Invalid::NoType)?,
            run: field(Field::Run),
            call: field(Field::Call),
            detail: field(Field::Detail),
            revision: field(Field::Revision),
            seq: field(Field::Seq).and_then(|text| text.parse().ok()),
            sent_us: field(Field::Time).and_then(|text| self.minute.unix_us(text)),
            counted: &counted,
            raw: text,
        }))
    }

    /// Reads one frame.
    ///
    /// # Errors
    /// It is no event.
    pub fn parse<'a>(&mut self, text: &'a str) -> Result<Fields<'a>, Invalid> {
        if text.len() > MAX_FRAME {
            return Err(Invalid::TooLarge);
        }
        if scan(text, &self.pointers, &mut self.found).is_none() {
            return self.parse_slowly(text);
        }
        let (pointers, found) = (&self.pointers, &self.found);
        fields(pointers, |mask| {
            let (raw, scalar) = found.first(mask, text)?;
            match scalar {
                Scalar::Plain | Scalar::Bare => Some(Cow::Borrowed(raw)),
                Scalar::Escaped => unescape(raw).map(Cow::Owned),
            }
        })
    }

    /// The same by `serde_json`, which also says what is wrong.
    fn parse_slowly<'a>(&self, text: &str) -> Result<Fields<'a>, Invalid> {
        let value: Value = serde_json::from_str(text).map_err(|_syntax| Invalid::NotJson)?;
        if !value.is_object() {
            return Err(Invalid::NotObject);
        }
        let pointers = &self.pointers;
        fields(pointers, |mask| {
            let scalar = |pointer| match value.pointer(pointer)? {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                Value::Bool(is) => Some(is.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            };
            pointers.written(mask).find_map(scalar).map(Cow::Owned)
        })
    }
}

#[inline]
fn fields<'a>(pointers: &Pointers, get: impl Fn(u64) -> Option<Cow<'a, str>>) -> Result<Fields<'a>, Invalid> {
    let field = |field| get(pointers.slots(field, 0));
    let mut fields = Fields {
        kind: field(Field::Kind).ok_or(Invalid::NoType)?,
        run: field(Field::Run),
        call: field(Field::Call),
        detail: field(Field::Detail),
        revision: field(Field::Revision),
        sent_us: field(Field::Time).and_then(|text| super::time::unix_us(&text)),
        seq: field(Field::Seq).and_then(|text| text.parse().ok()),
        ..Fields::default()
    };
    for nth in 0..pointers.counted().min(MAX_COUNTED) {
        fields.counted[nth] = get(pointers.slots(Field::Counted, nth));
    }
    Ok(fields)
}

/// The text of a string with escapes, given without its quotes.
fn unescape(raw: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{raw}\"")).ok()
}

impl Fields<'_> {
    /// Calls `with` with the event as the tracker takes it.
    pub fn event<R>(&self, raw: &str, with: impl FnOnce(&Event<'_>) -> R) -> R {
        let mut counted = [None; MAX_COUNTED];
        for (text, field) in counted.iter_mut().zip(&self.counted) {
            *text = field.as_deref();
        }
        with(&Event {
            kind: &self.kind,
            run: self.run.as_deref(),
            call: self.call.as_deref(),
            detail: self.detail.as_deref(),
            revision: self.revision.as_deref(),
            seq: self.seq,
            sent_us: self.sent_us,
            counted: &counted,
            raw,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pointers() -> EventFields {
        let mut fields = EventFields::default();
        fields.kind.extend(["/a/1/b".to_owned(), "/".to_owned(), "/x~1y".to_owned()]);
        fields.count_by.insert("agent".to_owned(), "/data/agent".to_owned());
        fields
    }

    #[test]
    fn any_order_and_nesting_the_first_pointer_wins() {
        let mut parser = Parser::new(&pointers());
        let text = r#" {"data":{"agent":"a","run_id":"deep"},"seq":7,"event":"second","type":"first",
            "ts":"2026-11-21T04:05:06.5Z","call_id":31,"tool":"x\ny","skip":[1,{"type":"no"},null,-0.5e3]} "#;
        let fields = parser.parse(text).unwrap();
        assert_eq!((&*fields.kind, fields.run.as_deref()), ("first", Some("deep")));
        assert_eq!((fields.call.as_deref(), fields.detail.as_deref()), (Some("31"), Some("x\ny")));
        assert_eq!((fields.seq, fields.sent_us), (Some(7), Some(1_795_233_906_500_000)));
        fields.event(text, |event| assert_eq!(event.counted[0], Some("a")));
        let array = parser.parse(r#"{"a":[0,{"b":"found"}]}"#).unwrap();
        assert_eq!(&*array.kind, "found");
        assert_eq!(&*parser.parse(r#"{"x/y":"slash"}"#).unwrap().kind, "slash");
    }

    #[test]
    fn what_is_no_event_is_named() {
        let mut parser = Parser::new(&pointers());
        let mut kind = |text: &str| parser.parse(text).unwrap_err();
        assert_eq!(kind(""), Invalid::NotJson);
        assert_eq!(kind("<html>"), Invalid::NotJson);
        assert_eq!(kind(r#"{"type":"cut"#), Invalid::NotJson);
        assert_eq!(kind(r#"{"type":"a"} x"#), Invalid::NotJson);
        assert_eq!(kind("{\"type\":\"raw\u{1}control\"}"), Invalid::NotJson);
        assert_eq!(kind(r#"{"type":01}"#), Invalid::NotJson);
        assert_eq!(kind(r#"["type"]"#), Invalid::NotObject);
        assert_eq!(kind(r#"{"type":null,"event":{}}"#), Invalid::NoType);
        assert_eq!(kind(&"[".repeat(10_000)), Invalid::NotJson);
        assert_eq!(kind(&" ".repeat(MAX_FRAME + 1)), Invalid::TooLarge);
    }

    fn key() -> impl Strategy<Value = String> {
        const KNOWN: [&str; 12] =
            ["type", "event", "run_id", "data", "payload", "seq", "ts", "a", "agent", "call_id", "b", ""];
        prop_oneof![4 => proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned), 1 => ".{0,12}"]
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
            "[a-z_]{1,40}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 8, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::vec((key(), inner), 0..8)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    /// Both ways must give the same; numbers as ids may be written differently ("1.50", "1e3").
    fn agree(text: &str) -> Result<(), TestCaseError> {
        let mut parser = Parser::new(&pointers());
        let slow = parser.parse_slowly(text);
        let quick = parser.parse(text);
        let same = match (&quick, &slow) {
            // serde_json rounds what is no 64-bit integer; the scanner keeps it as it was sent.
            (Ok(quick), Ok(slow)) => quick == slow || format!("{quick:?}{slow:?}").contains('.'),
            (quick, slow) => quick.as_ref().err() == slow.as_ref().err(),
        };
        prop_assert!(same, "{text}\n{quick:?}\n{slow:?}");
        let told = |event: &Event<'_>| format!("{event:?}");
        let copied = quick.map(|fields| fields.event(text, told));
        prop_assert_eq!(parser.read(text, told), copied);
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]

        #[test]
        fn agrees_with_serde_json_on_any_json(value in json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            agree(&text.unwrap())?;
        }

        #[test]
        fn agrees_on_objects_with_equal_keys_and_damage(
            parts in proptest::collection::vec((key(), json()), 0..6), cut in any::<prop::sample::Index>(),
            junk in prop_oneof![Just(String::new()), "[\\\\\"{}:,\\[\\]eu0-9\u{1}. tfn-]{1,4}"],
        ) {
            let member = |(key, value): &(String, Value)| format!("{}:{value}", Value::from(key.as_str()));
            let mut text = format!("{{{}}}", parts.iter().map(member).collect::<Vec<_>>().join(","));
            agree(&text)?;
            let at = text.floor_char_boundary(cut.index(text.len() + 1));
            text.insert_str(at, &junk);
            agree(&text)?;
            text.truncate(at);
            agree(&text)?;
        }

        #[test]
        fn agrees_on_any_text(text in ".{0,64}") {
            agree(&text)?;
        }
    }
}
