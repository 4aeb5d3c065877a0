//! One table of the config, read key by key.
//!
//! Each accessor names its key, so that what is left over when the section is dropped is an unknown key: names and
//! types of all keys are written once, where they are read. A wrong value is noted and its default taken, so that
//! one run finds everything that is wrong.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problems, suggestion};
use crate::domain::{Clean, time};

/// A value with its place in the text.
pub(super) type Node<'a> = Spanned<DeValue<'a>>;

/// A table, or the absence of one (then everything has its default).
pub(super) struct Section<'a> {
    table: Option<&'a DeTable<'a>>,
    span: Range<usize>,
    /// Dotted path from the top, for messages.
    pub(super) path: String,
    pub(super) problems: &'a Problems<'a>,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Section<'a> {
    pub(super) fn top(table: &'a DeTable<'a>, problems: &'a Problems<'a>) -> Self {
        Self { table: Some(table), span: 0..0, path: String::new(), problems, known: RefCell::default() }
    }

    fn child(&self, key: &str, node: Option<&'a Node<'a>>) -> Self {
        let span = node.map_or(self.span.clone(), Spanned::span);
        let table = node.and_then(|node| node.get_ref().as_table());
        if let (Some(node), None) = (node, table) {
            self.wrong_type(key, node, "a table", &format!("write [{}]", self.dotted(key)));
        }
        Self { table, span, path: self.dotted(key), problems: self.problems, known: RefCell::default() }
    }

    /// `key` with the path before it.
    pub(super) fn dotted(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of `key`, which is hereby known.
    pub(super) fn node(&self, key: &'static str) -> Option<&'a Node<'a>> {
        self.known.borrow_mut().push(key);
        self.table?.get(key)
    }

    /// The place of `key`, or of the section if it is absent.
    pub(super) fn span(&self, key: &str) -> Range<usize> {
        self.table.and_then(|table| table.get(key)).map_or(self.span.clone(), Spanned::span)
    }

    /// Notes a problem with the value of `key`.
    pub(super) fn wrong(&self, key: &str, what: &str, why: &str, next: &str) {
        self.problems.add(&self.span(key), what, why, next);
    }

    fn wrong_type(&self, key: &str, node: &Node<'_>, wanted: &str, next: &str) {
        let what = format!("`{}` is {}", self.dotted(key), article(node.get_ref().type_str()));
        self.problems.add(&node.span(), &what, &format!("it must be {wanted}"), next);
    }

    /// Any text.
    pub(super) fn raw_text(&self, key: &'static str) -> Option<String> {
        let node = self.node(key)?;
        let text = node.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(key, node, "a text", "put it in quotes");
        }
        text
    }

    /// A text of one line that can be drawn as it is.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        let text = self.raw_text(key)?;
        self.drawable(&self.span(key), &self.dotted(key), &text);
        Some(text)
    }

    fn drawable(&self, span: &Range<usize>, name: &str, text: &str) {
        if &*Clean::new(text) != text {
            self.problems.add(
                span,
                &format!("`{name}` cannot be shown as it is"),
                "it holds a line break, a control or an invisible character, or is longer than 4096 bytes",
                "write it in plain characters",
            );
        }
    }

    /// A text that must stand there and not be empty.
    pub(super) fn required(&self, key: &'static str, next: &str) -> String {
        let present = self.table.is_some_and(|table| table.contains_key(key));
        let text = self.text(key).unwrap_or_default();
        if !present || (text.is_empty() && self.node(key).is_some_and(|node| node.get_ref().is_str())) {
            let what = format!("`{}` is missing", self.dotted(key));
            self.wrong(key, &what, "there is no default for it", next);
        }
        text
    }

    pub(super) fn text_or(&self, key: &'static str, default: &str) -> String {
        self.text(key).unwrap_or_else(|| default.to_owned())
    }

    /// One of a fixed set of words.
    pub(super) fn word(
        &self,
        key: &'static str,
        default: &'static str,
        words: &[&'static str],
    ) -> &'static str {
        let Some(text) = self.text(key) else { return default };
        if let Some(word) = words.iter().find(|word| **word == text) {
            return word;
        }
        let what = format!("`{}` is \"{text}\"", self.dotted(key));
        self.wrong(key, &what, &format!("it is one of {}", words.join(", ")), &suggestion(&text, words));
        default
    }

    pub(super) fn switch(&self, key: &'static str, default: bool) -> bool {
        let Some(node) = self.node(key) else { return default };
        node.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(key, node, "true or false", "write true or false, without quotes");
            default
        })
    }

    /// A whole number within `range`.
    pub(super) fn whole(&self, key: &'static str, default: u64, range: RangeInclusive<u64>) -> u64 {
        let Some(node) = self.node(key) else { return default };
        let number = integer(node).and_then(|number| u64::try_from(number).ok());
        number.filter(|number| range.contains(number)).unwrap_or_else(|| {
            let wanted = format!("a whole number from {} to {}", range.start(), range.end());
            self.wrong_type(key, node, &wanted, &format!("the default is {default}"));
            default
        })
    }

    /// A number that is not negative.
    pub(super) fn number(&self, key: &'static str, default: f64) -> f64 {
        let Some(node) = self.node(key) else { return default };
        let float = node.get_ref().as_float().and_then(|float| float.as_str().parse().ok());
        let number = float.or_else(|| integer(node).map(|whole| whole as f64));
        number.filter(|number: &f64| number.is_finite() && *number >= 0.0).unwrap_or_else(|| {
            self.wrong_type(key, node, "a number from 0", &format!("the default is {default}"));
            default
        })
    }

    /// A duration of at least `least`.
    pub(super) fn duration_from(&self, key: &'static str, default: Duration, least: Duration) -> Duration {
        if let Some(node) = self.node(key).filter(|node| !node.get_ref().is_str()) {
            let unit =
                node.get_ref().as_integer().map_or_else(|| "30s".to_owned(), |number| format!("{number}s"));
            self.wrong_type(key, node, "a time with its unit", &format!("write for instance \"{unit}\""));
            return default;
        }
        let Some(text) = self.text(key) else { return default };
        let what = format!("`{}` is \"{text}\"", self.dotted(key));
        match time::duration(&text) {
            Ok(duration) if duration >= least => duration,
            Ok(_) => {
                let why = format!("it must be at least {} ms", least.as_millis());
                self.wrong(key, &what, &why, "write a longer duration");
                default
            }
            Err(why) => {
                self.wrong(key, &what, why, "write it so");
                default
            }
        }
    }

    /// A duration longer than nothing.
    pub(super) fn duration(&self, key: &'static str, default: Duration) -> Duration {
        self.duration_from(key, default, Duration::from_millis(1))
    }

    /// A list; `None` if it is absent or no list.
    pub(super) fn list(&self, key: &'static str) -> Option<impl Iterator<Item = &'a Node<'a>> + use<'a>> {
        let node = self.node(key)?;
        let list = node.get_ref().as_array();
        if list.is_none() {
            self.wrong_type(key, node, "a list", "put it in [ ]");
        }
        Some(list?.iter())
    }

    /// A list of texts; `drawn` ones must be drawable.
    fn text_list(&self, key: &'static str, drawn: bool) -> Option<Vec<String>> {
        let texts = self.list(key)?.filter_map(|node| {
            let Some(text) = node.get_ref().as_str() else {
                self.wrong_type(key, node, "a list of texts", "put each in quotes");
                return None;
            };
            if drawn {
                self.drawable(&node.span(), &self.dotted(key), text);
            }
            Some(text.to_owned())
        });
        Some(texts.collect())
    }

    pub(super) fn texts(&self, key: &'static str, default: &[&str]) -> Vec<String> {
        self.text_list(key, true).unwrap_or_else(|| default.iter().map(|&text| text.to_owned()).collect())
    }

    pub(super) fn raw_texts(&self, key: &'static str) -> Vec<String> {
        self.text_list(key, false).unwrap_or_default()
    }

    /// JSON pointers (RFC 6901).
    pub(super) fn pointers(&self, key: &'static str, default: &[&str]) -> Vec<String> {
        let pointers = self.texts(key, default);
        for pointer in &pointers {
            self.pointer(&self.span(key), &self.dotted(key), pointer);
        }
        pointers
    }

    /// Notes a problem if `pointer` is none.
    pub(super) fn pointer(&self, span: &Range<usize>, name: &str, pointer: &str) {
        if !pointer.starts_with('/') {
            let what = format!("`{name}` has \"{pointer}\"");
            let next = format!("write \"/{}\"", pointer.replace('.', "/"));
            self.problems.add(span, &what, "a JSON pointer begins with a slash", &next);
        }
    }

    /// The entries of a table whose keys are free.
    pub(super) fn entries(&self, key: &'static str) -> Vec<(String, Range<usize>, &'a Node<'a>)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let Some(table) = node.get_ref().as_table() else {
            self.wrong_type(key, node, "a table", "write { name = \"value\" }");
            return Vec::new();
        };
        let entries = table.iter().map(|(name, value)| (name.get_ref().to_string(), name.span(), value));
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        for (name, span, _) in &entries {
            self.drawable(span, &self.dotted(key), name);
        }
        entries
    }

    /// A text from an entry of a free table.
    pub(super) fn entry_text(&self, key: &str, name: &str, node: &Node<'_>) -> Option<String> {
        let text = node.get_ref().as_str();
        match text {
            Some(text) => self.drawable(&node.span(), &format!("{}.{name}", self.dotted(key)), text),
            None => self.wrong_type(&format!("{key}.{name}"), node, "a text", "put it in quotes"),
        }
        text.map(str::to_owned)
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// A table below; all defaults if it is absent.
    pub(super) fn section(&self, key: &'static str) -> Self {
        let node = self.node(key);
        self.child(key, node)
    }

    /// A table below, if it is there.
    pub(super) fn optional(&self, key: &'static str) -> Option<Self> {
        let node = self.node(key)?;
        Some(self.child(key, Some(node)))
    }

    /// The tables of a `[[key]]` list.
    pub(super) fn sections(&self, key: &'static str, most: usize) -> Vec<Self> {
        let Some(list) = self.node(key) else { return Vec::new() };
        let Some(list) = list.get_ref().as_array() else {
            let next = format!("write [[{}]], with two brackets", self.dotted(key));
            self.wrong_type(key, list, "a list of tables", &next);
            return Vec::new();
        };
        if list.len() > most {
            let what = format!("{} times [[{}]]", list.len(), self.dotted(key));
            let (holds, next) = match self.dotted(key).split_once('.') {
                Some((whole, _)) => (format!("one [[{whole}]] holds at most {most}"), "split it in two"),
                None => (format!("one room holds at most {most}"), "split the room in two"),
            };
            self.wrong(key, &what, &holds, next);
        }
        list.iter().take(most).map(|node| self.child(key, Some(node))).collect()
    }
}

impl Drop for Section<'_> {
    fn drop(&mut self) {
        let Some(table) = self.table else { return };
        let known = self.known.borrow();
        for (name, _) in table {
            let key: &str = name.get_ref();
            if !known.contains(&key) {
                let what = format!("unknown key `{}`", self.dotted(key));
                let next = suggestion(key, &known);
                self.problems.add(&name.span(), &what, "no key of this name means anything here", &next);
            }
        }
    }
}

fn integer(node: &Node<'_>) -> Option<i64> {
    let number = node.get_ref().as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn article(kind: &str) -> String {
    let an = kind.starts_with(['a', 'i']);
    format!("{} {kind}", if an { "an" } else { "a" })
}
