//! Which limits in a piece of work are something to watch: `archive events older than > 2 years` is an act, and
//! `check error rate < 1 %` is not.

use std::sync::LazyLock;

use crate::document::bound::Limit;
use crate::document::needles::Needles;
use crate::document::{beginning, lower};
use crate::domain::plan::Comparator;
use crate::domain::{Item, Meaning};

/// First words of acts whose number says what is acted upon, how often or by when.
const ACTS: [&str; 70] = [
    "subir",
    "aumentar",
    "pasar",
    "elevar",
    "passer",
    "monter",
    "augmenter",
    "erhöhe",
    "erhöhen",
    "hochfahren",
    "add",
    "archive",
    "back",
    "book",
    "close",
    "configure",
    "create",
    "delete",
    "deploy",
    "enable",
    "get",
    "give",
    "increase",
    "decrease",
    "install",
    "inform",
    "limit",
    "lower",
    "move",
    "notify",
    "obtain",
    "open",
    "organize",
    "pause",
    "post",
    "prepare",
    "publish",
    "purge",
    "raise",
    "reduce",
    "remind",
    "remove",
    "repeat",
    "request",
    "reserve",
    "restart",
    "retry",
    "rotate",
    "run",
    "scale",
    "schedule",
    "send",
    "set",
    "shift",
    "sleep",
    "start",
    "stop",
    "team",
    "tell",
    "use",
    "wait",
    "write",
    "lösche",
    "setze",
    "warte",
    "supprimer",
    "attendre",
    "eliminar",
    "esperar",
    "aguardar",
];

/// Words for turning something to a share.
const TURNING: [&str; 14] = [
    "stellen",
    "umstellen",
    "schalten",
    "umschalten",
    "drehen",
    "hochdrehen",
    "basculer",
    "passer",
    "ouvrir",
    "liberar",
    "cambiar",
    "shift",
    "ramp",
    "roll",
];

/// Words behind which an act has a condition after all: `wait until error rate < 1 %`.
const WHILE: [&str; 14] = [
    " if ", " when ", " while ", " until ", " unless ", " once ", "wenn ", "bis ", " si ", " hasta ",
    " até ", " se ", "如果", "場合",
];

/// Of whom a share is served.
const SERVED: [&str; 16] = [
    "traffic", "user", "customer", "request", "session", "instance", "pod", "server", "nutzer", "verkehr",
    "trafic", "utilisat", "tráfico", "usuari", "usuár", "cliente",
];

/// Words that change nothing that is measured: how it changed is told, of what is not.
const CHANGES: [&str; 10] = [
    "increase",
    "decrease",
    "rise",
    "drop",
    "growth",
    "spike",
    "degradation",
    "regression",
    "change",
    "anstieg",
];

/// First words of what must not be done, and under which condition.
const NEVER: [&str; 12] = [
    "never",
    "avoid",
    "niemals",
    "vermeide",
    "vermeiden",
    "jamais",
    "éviter",
    "nunca",
    "evitar",
    "evite",
    "don't",
    "don’t",
];

/// Words behind a number of those who are there.
const PEOPLE: [&str; 13] = [
    "people",
    "persons",
    "attendees",
    "augen",
    "eyes",
    "personen",
    "teilnehmer",
    "personnes",
    "participants",
    "personas",
    "pessoas",
    "人",
    "名",
];

/// More words than that before a number are a sentence, and no name.
const LONGEST_NAME: usize = 10;

/// Whether `limit` in the text of a piece of work is watched.
pub(super) fn is_of_work(text: &str, limit: &Limit) -> bool {
    static CONDITIONS: LazyLock<Needles> = LazyLock::new(|| Needles::of(&WHILE));
    static MEASURES: LazyLock<Needles> =
        LazyLock::new(|| Needles::of(&["p50", "p90", "p95", "p99", "latency", " rate"]));
    let first = lower(text.split_whitespace().next().unwrap_or_default());
    // A label before the number names what is measured, however it begins: `Open a claim p95: < 3 s`.
    let labelled = text.get(..limit.at.start).unwrap_or_default().trim_end().ends_with([':', '：']);
    let conditional = CONDITIONS.are_in(text);
    // A text or a number that something equals is set, or said by a command; `~` describes.
    let said = match limit.bound.comparator {
        Comparator::About => false,
        Comparator::Equal => limit.bound.value == 0.0,
        Comparator::Below | Comparator::AtMost | Comparator::Above | Comparator::AtLeast => true,
    };
    // How many come, or look at it, nobody measures.
    let behind = lower(beginning(text.get(limit.at.end..).unwrap_or_default().trim_start(), 20));
    let people = PEOPLE.iter().any(|word| behind.starts_with(word));
    let measures = MEASURES.are_in(text);
    // "Auf 100 % stellen", "Basculer 100 %" say how far something is turned.
    let own = text.get(limit.at.clone()).unwrap_or_default();
    let whole = limit.bound.unit == "%" && own.starts_with(|c: char| c.is_ascii_digit());
    if whole && lower(text).split_whitespace().any(|word| TURNING.contains(&word)) {
        return false;
    }
    said && !people && (conditional || labelled || measures || !ACTS.contains(&&*first))
}

/// Whether `limit` says about how many are served, and nothing that is measured: `routes approximately 10% of traffic`.
pub(super) fn is_estimate(text: &str, limit: &Limit) -> bool {
    let behind = lower(beginning(text.get(limit.at.end..).unwrap_or_default().trim_start(), 24));
    let mut of = ["of ", "of the ", "of all ", "der ", "des ", "du ", "de ", "del ", "de la ", "do ", "dos "]
        .iter()
        .filter_map(|of| behind.strip_prefix(of));
    limit.bound.comparator == Comparator::About
        && limit.bound.unit == "%"
        && of.any(|what| SERVED.iter().any(|served| what.starts_with(served)))
}

/// Whether `limit` says when something must not be done: `Never reload while it is high (VaR > 1.5 %)`, but not `Never exceed 5 %`.
pub(super) fn is_denied_act(text: &str, limit: &Limit) -> bool {
    let first = lower(text.split_whitespace().next().unwrap_or_default());
    let before = text.get(..limit.at.start).unwrap_or_default();
    // "Never exceed memory (RSS) > 2 GB" names what is measured in its brackets, and the limit stands behind them.
    let inside = before.rsplit_once(['(', '（']).is_some_and(|(_, inside)| !inside.contains([')', '）']));
    NEVER.contains(&&*first) && inside
}

/// Whether the range in the text of a piece of work is of something that is watched: `CPU: 10–20 %`, but not `ramp up to 10–20 %`.
pub(super) fn is_range_of_work(text: &str) -> bool {
    static STAYS: LazyLock<Needles> = LazyLock::new(|| {
        Needles::of(&[
            " between",
            " stay",
            " remain",
            " zwischen ",
            " bleib",
            " entre ",
            " reste",
            "介于",
            "p50",
            "p90",
            "p95",
            "p99",
            "latency",
            " rate",
        ])
    });
    let first = lower(text.split_whitespace().next().unwrap_or_default());
    let behind = text.split_once([':', '：']).map(|(_, behind)| behind.trim_start());
    let labelled = behind.is_some_and(|behind| behind.starts_with(|c: char| c.is_ascii_digit()));
    (labelled || STAYS.are_in(text)) && !ACTS.contains(&&*first)
}

/// Whether `limit` says in what time something comes about: `two wards call within 15 minutes`. It has come about then, and
/// of a condition that trips, no time is the limit.
pub(in crate::document) fn is_deadline(text: &str, limit: &Limit) -> bool {
    let words = lower(text.get(limit.at.clone()).unwrap_or_default());
    let time = matches!(limit.bound.unit.as_str(), "ms" | "s" | "min" | "h" | "d" | "w");
    let within = ["within ", "innerhalb", "binnen ", "dans ", "en moins de", "dentro d", "em até"]
        .iter()
        .any(|word| words.starts_with(word));
    time && within && limit.bound.comparator == Comparator::AtMost
}

/// Whether `name` can be what is measured; `before`: what stands before its limit.
pub(super) fn is_name(name: &str, before: &str, item: &Item) -> bool {
    let words = name.split_whitespace().count();
    // "No increase in error rates" names what did not change behind it; "Regression: < 5 %" names it before.
    let behind = || CHANGES.contains(&&*lower(name)) && !before.contains(name);
    if words == 1 && behind() && item.meaning != Meaning::Trigger {
        return false;
    }
    words > 0 && (item.meaning != Meaning::Work || words <= LONGEST_NAME) || item.meaning == Meaning::Trigger
}
