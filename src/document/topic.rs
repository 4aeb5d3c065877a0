//! What a heading, bold line or label is about, told by whole words and phrases in seven languages.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

mod allowed;
mod denied;
mod phrases;

pub(super) use self::allowed::left_over;

/// What can be said by a line that stands above others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Topic {
    /// Work, whatever else its words say: "error scenarios", "rollback tests".
    Plain,
    /// What a command's output should look like.
    Expected,
    /// When to roll back.
    Trigger,
    /// Criteria or triggers, of what stands above.
    Bare,
    /// How to roll back.
    Rollback,
    /// What is to be ready for a rollback, or how to roll back.
    RollbackPlan,
    /// Who approves.
    SignOff,
    /// What is true when it went well.
    Criterion,
    /// What is true when the deployment went well: it cannot be before that.
    Outcome,
    /// Before the deployment.
    Before,
    /// After the deployment.
    Later,
    /// After something that may never happen: an incident.
    Aftermath,
    /// What was done or seen.
    Claim,
    /// Items, even where they have no box.
    Checklist,
    /// Steps of the deployment itself.
    Steps,
    /// What is still to be done.
    Open,
    /// Event types.
    Events,
    /// Phases of a startup.
    Phases,
    /// Whom to call.
    Contacts,
    /// Who does what in an incident.
    Roles,
    /// When the war room opens.
    Activation,
    /// What is done in the war room.
    Procedure,
    /// Nothing to do: history, references.
    Inert,
    /// A report about the past, as a whole.
    Report,
    /// What is below is required.
    Required,
    /// What is below is not required.
    Optional,
    /// When not to roll back, or when one did once.
    TakenBack,
    /// What must not come about where criteria stand: `Fail if`.
    Failing,
    /// What stands around a procedure and is no step of it: measures of how it went, principles.
    Around,
    /// A procedure that is only exercised.
    Drill,
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Topics(u32);

impl Topics {
    /// What `text` is about.
    pub(super) fn of(text: &str) -> Self {
        let whole = text;
        // "After (first 24 hours)" is all of the line that "=after" asks for.
        let inside = text.trim_end().strip_suffix([')', '）']).and_then(|text| text.rsplit_once(['(', '（']));
        let outside = inside.map(|(outside, _)| normal(outside)).unwrap_or_default();
        let text = normal(text);
        let mut found = Self::default();
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            let is_word = rest.len() == text.len() || c == ' ' || is_ideograph(c);
            if is_word {
                found.look(rest.trim_start_matches(' '), &text, bare(&outside));
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        // "Go/No-Go criteria" are of both: what is listed says what is to be met.
        if text.contains("go no go") {
            found.0 &= !(Topic::Trigger.bit() | Topic::Outcome.bit());
        }
        // Work and criteria may say that no rollback was needed.
        let is_free = !found.any(&[Topic::Plain, Topic::Criterion]);
        if (is_free && denied::is_denied(&text, found.has(Topic::Trigger)))
            || (found.has(Topic::Trigger) && super::aside::says(whole))
        {
            found = Self(Topic::Inert.bit() | Topic::TakenBack.bit());
        }
        if found.has(Topic::Trigger) && is_way_back(whole, &text) {
            found.0 = found.0 & !Topic::Trigger.bit() | Topic::Rollback.bit();
        }
        found.turned(&text)
    }

    /// Whether `heading` says when not to go back, or tells triggers that hold no more.
    pub(super) fn takes_back(heading: &str) -> bool {
        Self::of(heading).has(Topic::TakenBack)
    }

    /// "Not optional" demands, and "not mandatory" does not.
    fn turned(mut self, text: &str) -> Self {
        let (can_wait, must) = (Topic::Optional.bit(), Topic::Required.bit());
        let says = |words: &[&str]| words.iter().any(|words| text.contains(words));
        if self.has(Topic::Optional) && says(&NOT_OPTIONAL) {
            self.0 = self.0 & !can_wait | must;
        } else if self.has(Topic::Required) && says(&NOT_REQUIRED) {
            self.0 = self.0 & !must | can_wait;
        } else if self.has(Topic::Required) && says(&MUST_NOT) && !says(&["skip", "omit"]) {
            self.0 &= !must;
        }
        self
    }

    /// Takes the phrases that `rest` of `whole` begins with; `outside`: what stands before a parenthesis at its end.
    fn look(&mut self, rest: &str, whole: &str, outside: &str) {
        let Some(phrases) = INDEX.get(key(rest)) else { return };
        for phrase in phrases {
            let Some(after) = rest.strip_prefix(phrase.text.as_str()) else { continue };
            let ends = after.is_empty() || after.starts_with(' ') || phrase.text.ends_with(is_ideograph);
            let fits = match phrase.place {
                Place::Anywhere => true,
                Place::Begin => rest.len() == bare(whole).len(),
                Place::End => after.is_empty(),
                Place::Whole => {
                    (after.is_empty() && phrase.text.len() == bare(whole).len()) || phrase.text == outside
                }
            };
            if ends && fits {
                self.0 |= phrase.topic.bit();
            }
        }
    }

    /// The same, and `topic`.
    pub(super) fn with(self, topic: Topic) -> Self {
        Self(self.0 | topic.bit())
    }

    /// The same, and nothing of `topics`.
    pub(super) fn without(self, topics: &[Topic]) -> Self {
        Self(topics.iter().fold(self.0, |bits, topic| bits & !topic.bit()))
    }

    /// Whether it is (also) about `topic`.
    pub(super) fn has(self, topic: Topic) -> bool {
        self.0 & topic.bit() != 0
    }

    /// Whether it is about any of `topics`.
    pub(super) fn any(self, topics: &[Topic]) -> bool {
        topics.iter().any(|topic| self.has(*topic))
    }
}

/// Whether a sentence says when not to roll back, and none of its clauses when to: `If …, flag or not, roll back` denies
/// nothing.
pub(super) fn denies(text: &str) -> bool {
    let clauses = text.split([',', ';', '(', ')', '–', '—', '，', '；', '（', '）']).map(normal);
    let mut about = clauses.filter(|clause| denied::speaks_of_it(clause)).peekable();
    about.peek().is_some() && about.all(|clause| denied::is_denied(&clause, false))
}

/// What says that something cannot be left out, as [`normal`] has it.
const NOT_OPTIONAL: [&str; 14] = [
    "not optional",
    "non optional",
    "never optional",
    "no longer optional",
    "not non blocking",
    "nicht optional",
    "pas optionnel",
    "non optionnel",
    "pas facultati",
    "no opcional",
    "nao opcional",
    "nao e opcional",
    "不可选",
    "非可选",
];

/// What says that something can be left out.
const NOT_REQUIRED: [&str; 23] = [
    "not required",
    "not mandatory",
    "non mandatory",
    "no longer required",
    "no longer mandatory",
    "not blocking",
    "nicht zwingend",
    "nicht erforderlich",
    "nicht obligatorisch",
    "keine pflicht",
    "pas obligatoire",
    "non obligatoire",
    "pas requis",
    "no obligatori",
    "nao obrigatori",
    "muss nicht",
    "mussen nicht",
    "no hace falta",
    "无须",
    "不必须",
    "非必",
    "必須ではない",
    "必須でない",
];

/// What must not be demands nothing that is to be done.
const MUST_NOT: [&str; 12] = [
    "must not",
    "mustn t",
    "must never",
    "darf nicht",
    "durfen nicht",
    "ne doit pas",
    "ne doivent pas",
    "no debe",
    "nao deve",
    "不得",
    "禁止",
    "てはならない",
];

/// Whether `whole`, `text` as [`normal`] has it, says how to roll back, and in brackets when: `Manual rollback (if auto
/// fails)`, `Rollback (if needed)`.
fn is_way_back(whole: &str, text: &str) -> bool {
    if ["if needed", "if necessary", "if required"].iter().any(|end| text.ends_with(end)) {
        return true;
    }
    let parts: Vec<&str> = whole.split(['(', ')', '（', '）']).collect();
    let asks = |part: &str| Topics::of(part).has(Topic::Trigger);
    let outside = || parts.iter().step_by(2).copied().collect::<String>();
    parts.len() > 1 && !parts.iter().any(|part| asks(part)) && !asks(&outside())
}

impl Topic {
    fn bit(self) -> u32 {
        1 << (self as u32)
    }
}

/// Where a phrase must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    /// `^phrase`: at the beginning, apart from a number before it.
    Begin,
    /// `$phrase`: at the end.
    End,
    /// `=phrase`: it is all, apart from a number before it.
    Whole,
}

struct Phrase {
    topic: Topic,
    place: Place,
    text: String,
}

/// Phrases by their first word.
static INDEX: LazyLock<FxHashMap<String, Vec<Phrase>>> = LazyLock::new(|| {
    let mut index: FxHashMap<String, Vec<Phrase>> = FxHashMap::default();
    let of_triggers = phrases::TRIGGERS.iter().flat_map(|word| {
        phrases::LEADS.iter().map(move |lead| (Topic::Trigger, format!("{word} {lead} rollback")))
    });
    let lists = phrases::ALL.iter().map(|(topic, list)| (*topic, (*list).to_owned())).chain(of_triggers);
    for (topic, list) in lists {
        for phrase in list.split(',').map(str::trim).filter(|phrase| !phrase.is_empty()) {
            let place = match phrase.chars().next() {
                Some('=') => Place::Whole,
                Some('^') => Place::Begin,
                Some('$') => Place::End,
                _ => Place::Anywhere,
            };
            let text = normal(phrase);
            let phrases = index.entry(key(&text).to_owned()).or_default();
            phrases.push(Phrase { topic, place, text });
        }
    }
    index
});

/// What phrases are found by: the first word, or the first ideograph.
fn key(text: &str) -> &str {
    let end = match text.chars().next() {
        Some(c) if is_ideograph(c) => c.len_utf8(),
        _ => text.find(|c| c == ' ' || is_ideograph(c)).unwrap_or(text.len()),
    };
    text.get(..end).unwrap_or(text)
}

/// Without the numbers before the first word, or a letter: `9. Rollback`, `A. Roles`.
fn bare(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    match text.as_bytes() {
        [letter, b' ', ..] if letter.is_ascii_alphabetic() => text.get(2..).unwrap_or(text),
        _ => text,
    }
}

/// Chinese and Japanese do not put spaces between words.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

/// Lower case without accents, punctuation as single spaces, "roll back" as one word.
pub(super) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Most are of these, and need no table.
            _ if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            '\u{4e00}'..='\u{9fff}' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' => out.push(c),
            _ if c.is_alphanumeric() => c.to_lowercase().for_each(|c| fold(c, &mut out)),
            // A combining accent follows what it belongs to.
            '\u{300}'..='\u{36f}' => {}
            _ if out.is_empty() || out.ends_with(' ') => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    if out.contains("roll back") { out.replace("roll back", "rollback") } else { out }
}

fn fold(c: char, out: &mut String) {
    match c {
        'à'..='å' => out.push('a'),
        'ç' => out.push('c'),
        'è'..='ë' => out.push('e'),
        'ì'..='ï' => out.push('i'),
        'ñ' => out.push('n'),
        'ò'..='ö' => out.push('o'),
        'ù'..='ü' => out.push('u'),
        'ß' => out.push_str("ss"),
        'œ' => out.push_str("oe"),
        // What `İ` leaves beside its letter.
        '\u{300}'..='\u{36f}' => {}
        other => out.push(other),
    }
}

#[cfg(test)]
mod tests;
