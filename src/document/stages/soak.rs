//! How long a stage is watched before the next, as its heading and its lines say; and what of that is not understood.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::document::bound::limits;
use crate::document::needles::Needles;
use crate::document::topic::normal;
use crate::document::window::{self, Window};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind, PlannedStage};

/// Beginnings of words for watching; a step with one and a length of time says how long a stage soaks.
pub(super) const WATCH: [&str; 24] = [
    "monitor",
    "watch",
    "observ",
    "soak",
    "bake",
    "wait",
    "hold",
    "überwach",
    "beobacht",
    "warte",
    "surveill",
    "attend",
    "vigil",
    "esper",
    "acompanh",
    "aguard",
    "监控",
    "观察",
    "等待",
    "監控",
    "監視",
    "観察",
    "様子",
    "待機",
];

/// Words of the least time: `2 hours minimum`, `at least 24h`.
const LEAST: [&str; 24] = [
    "minimum",
    "min.",
    "at least",
    "no less than",
    "or more",
    "mindestens",
    "wenigstens",
    "au moins",
    "au minimum",
    "al menos",
    "como mínimo",
    "por lo menos",
    "mínimo",
    "pelo menos",
    "no mínimo",
    "至少",
    "最少",
    "不少于",
    "以上",
    "最低",
    "少なくとも",
    "保持",
    "stay at",
    "keep at",
];

/// Words that speak of nothing but such a time.
const SOAKING: [&str; 14] = [
    "soak",
    "bake time",
    "bake period",
    "baking",
    "observation period",
    "monitoring period",
    "hold time",
    "wartezeit",
    "beobachtungszeit",
    "d'observation",
    "de observación",
    "de observação",
    "观察期",
    "監視期間",
];

/// Labels of how long a stage soaks.
const SOAKS: [&str; 22] = [
    "soak",
    "soak time",
    "soak period",
    "bake",
    "bake time",
    "bake period",
    "observation period",
    "observation time",
    "monitoring period",
    "hold time",
    "wait time",
    "wartezeit",
    "beobachtungszeit",
    "beobachtung",
    "durée d observation",
    "observation",
    "tiempo de observación",
    "observación",
    "tempo de observação",
    "观察期",
    "観察期間",
    "監視期間",
];

/// Labels of how long a stage lasts.
const LASTS: [&str; 15] = [
    "duration",
    "minimum duration",
    "min duration",
    "minimum time",
    "mindestdauer",
    "dauer",
    "laufzeit",
    "durée",
    "duración",
    "duração",
    "时长",
    "持续时间",
    "期間",
    "期间",
    "length",
];

/// So many words say nothing beside the least time.
const FEW_WORDS: usize = 6;

static WATCHES: LazyLock<Needles> = LazyLock::new(|| Needles::of(&WATCH));
static LEAST_OF: LazyLock<Needles> = LazyLock::new(|| Needles::of(&LEAST));
static SOAKS_ALONE: LazyLock<Needles> = LazyLock::new(|| Needles::of(&SOAKING));

/// What the lines of stages say of how long they soak; stages by the place of their heading.
#[derive(Default)]
pub(super) struct Soaks {
    said: HashMap<usize, u64>,
    /// Steps and sentences of watching: of several the longest.
    guessed: HashMap<usize, u64>,
    /// A time alone in a heading, as `(30 min)`.
    bare: HashMap<usize, u64>,
    /// Lines that speak of such a time, or name one, in a way that is not understood.
    unread: HashMap<usize, (u32, String)>,
}

impl Soaks {
    /// The heading `text` of the stage at `at`.
    pub(super) fn heading(&mut self, at: usize, line: u32, text: &str) {
        if let Some(seconds) = in_heading(text) {
            self.said.insert(at, seconds);
            return;
        }
        let alone = |part: &str| window::longest(part).filter(|_| window::is_length(part));
        if let Some(seconds) = super::share::parts(text).find_map(alone) {
            self.bare.insert(at, seconds);
        }
        // "(4-12h)" says when it is, counted from the beginning of all.
        let hours = |part: &str| window::is_whole(part) && window::of(part).is_some_and(Window::is_of_hours);
        if SOAKS_ALONE.are_in(text) || self.bare.contains_key(&at) || super::share::parts(text).any(hours) {
            self.unread.insert(at, (line, text.to_owned()));
        }
    }

    /// A line of `stage`; true: it says nothing else.
    pub(super) fn line(&mut self, at: usize, stage: &PlannedStage, (line, text): (u32, &str)) -> bool {
        let said = said_length(stage, text).or_else(|| least(text));
        if let Some(seconds) = said {
            self.said.insert(at, seconds);
            return true;
        }
        if SOAKS_ALONE.are_in(text) || is_labelled(text, &LASTS) {
            self.unread.entry(at).or_insert_with(|| (line, text.to_owned()));
        }
        false
    }

    /// A sentence that may say how long it is watched.
    pub(super) fn sentence(&mut self, at: usize, text: &str) {
        if let Some(seconds) =
            WATCHES.are_in(text).then(|| window::longest(&window::without_moments(text))).flatten()
        {
            let known = self.guessed.entry(at).or_default();
            *known = (*known).max(seconds);
        }
    }

    /// Tells `stages` what was said: that outweighs what steps and criteria let guess. What could not be read is found.
    pub(super) fn settle<'a>(
        mut self,
        stages: impl Iterator<Item = (&'a usize, &'a mut PlannedStage)>,
    ) -> Vec<Finding> {
        let mut found = Vec::new();
        for (at, stage) in stages {
            let serves = stage.percent.is_some() || !stage.flags.is_empty();
            let guessed = self.guessed.get(at).copied().max(stage.soak_seconds);
            let bare = self.bare.get(at).copied().filter(|_| serves);
            stage.soak_seconds = self.said.get(at).copied().or(guessed).or(bare);
            if let Some((line, text)) = self.unread.remove(at).filter(|_| stage.soak_seconds.is_none()) {
                let short: String = text.chars().take(80).collect();
                let text = format!(
                    "“{}” names a time of the stage {} that is not taken for how long it is watched; write “Soak: 2 hours” below its heading if it is",
                    short.trim(),
                    stage.name
                );
                found.push(Finding { line, kind: FindingKind::Unread, text: Clean::new(&text) });
            }
        }
        found
    }
}

/// How long `stage` soaks, where a line says nothing else: `Soak: 24 hours`, and `Duration: 1 week` of one that serves
/// somebody: what is prepared takes its time, and is not watched.
fn said_length(stage: &PlannedStage, text: &str) -> Option<u64> {
    let serves = stage.percent.is_some() || !stage.flags.is_empty();
    soak(text, &SOAKS).or_else(|| if serves { soak(text, &LASTS) } else { None })
}

/// Whether one of `names` labels `text`.
fn is_labelled(text: &str, names: &[&str]) -> bool {
    let name =
        crate::document::items::labelled(text.trim_start_matches(['>', ' '])).map(|(name, _)| normal(name));
    name.is_some_and(|name| names.iter().any(|known| normal(known) == name))
}

/// How long it is that one of `names` labels in `text`; a label that speaks of nothing but that is enough.
fn soak(text: &str, names: &[&str]) -> Option<u64> {
    let (name, value) = crate::document::items::labelled(text.trim_start_matches(['>', ' ']))?;
    let known = || {
        let name = normal(name);
        names.iter().any(|known| normal(known) == name)
    };
    (SOAKS_ALONE.are_in(name) || known()).then(|| window::longest(value)).flatten()
}

/// `2 hours minimum`, `At least 24h at 5 %`: a line that says little more than the least time.
fn least(text: &str) -> Option<u64> {
    let short = text.split_whitespace().count() <= FEW_WORDS;
    (short && LEAST_OF.are_in(text) && begins_with_time(text)).then(|| window::longest(text)).flatten()
}

/// Whether nothing but words of the least time stand before the first number.
fn begins_with_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    let before = lower.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default();
    let rest = LEAST.iter().fold(before.to_owned(), |text, word| text.replace(word, ""));
    !rest.contains(char::is_alphabetic)
}

/// How long a stage soaks by its heading: `Canary 5 % (soak 24h)`, `Canary (2 hours minimum)`.
pub(super) fn in_heading(text: &str) -> Option<u64> {
    let watches = |part: &&str| WATCHES.are_in(part) || (LEAST_OF.are_in(part) && limits_time_only(part));
    super::share::parts(text).filter(watches).find_map(window::longest)
}

/// Whether what `part` limits is a time, and not a measured one: `2 hours minimum`.
fn limits_time_only(part: &str) -> bool {
    let found = limits(part);
    found.iter().all(|limit| {
        let time = matches!(limit.bound.unit.as_str(), "s" | "min" | "h" | "d" | "w");
        time && !part.get(..limit.at.start).is_some_and(|before| before.contains(char::is_alphabetic))
    })
}
