//! Shares that say who is served, and limit nothing: `Full rollout: 100%`, `100% of traffic on the new version`.

use super::Found;
use crate::document::bound::Limit;
use crate::document::topic::normal;
use crate::domain::plan::{Bound, Comparator};

/// What such a share is one of, as [`normal`] has it.
const SERVED: [&str; 24] = [
    "rollout",
    "traffic",
    "canary",
    "ramp",
    "rampup",
    "cutover",
    "ausrollung",
    "verkehr",
    "datenverkehr",
    "trafic",
    "deploiement",
    "bascule",
    "trafico",
    "despliegue",
    "lanzamiento",
    "implantacao",
    "liberacao",
    "全量",
    "流量",
    "灰度",
    "金丝雀",
    "トラフィック",
    "カナリア",
    "全展開",
];

/// What may stand beside it and measures nothing.
const BESIDE: [&str; 73] = [
    "full",
    "complete",
    "final",
    "total",
    "gradual",
    "staged",
    "phased",
    "live",
    "production",
    "prod",
    "stage",
    "phase",
    "step",
    "day",
    "week",
    "to",
    "at",
    "of",
    "on",
    "in",
    "the",
    "for",
    "all",
    "new",
    "version",
    "release",
    "revision",
    "users",
    "customers",
    "percent",
    "split",
    "shift",
    "weight",
    "share",
    "deployment",
    "deploy",
    "progressive",
    "blue",
    "green",
    "voller",
    "vollstandiger",
    "vollstandige",
    "vollstandig",
    "auf",
    "der",
    "die",
    "des",
    "neue",
    "neuen",
    "nutzer",
    "stufe",
    "complet",
    "du",
    "de",
    "la",
    "le",
    "sur",
    "nouvelle",
    "utilisateurs",
    "completo",
    "completa",
    "del",
    "en",
    "el",
    "nueva",
    "usuarios",
    "do",
    "da",
    "na",
    "nova",
    "versao",
    "phases",
    "stages",
];

/// More words are a sentence, which may measure something.
const LONGEST: usize = 9;

/// Takes the limits out of what was `found` in `text` that nothing but a number without a comparator states, of the share that
/// is served.
pub(super) fn of_served(text: &str, found: &mut Found) {
    let implied = |limit: &Limit| {
        let own = text.get(limit.at.clone()).unwrap_or_default();
        let Bound { comparator, unit, baseline, for_seconds, within_ms, .. } = &limit.bound;
        *comparator == Comparator::AtLeast
            && unit == "%"
            && (baseline.is_none() && for_seconds.is_none() && within_ms.is_none())
            && own.starts_with(|c: char| c.is_ascii_digit())
            && own.trim_end().ends_with(['%', '％'])
    };
    let [only] = found.limits.as_slice() else { return };
    if !implied(only) || !says_served(text) {
        return;
    }
    if let Some(limit) = found.limits.pop() {
        found.bare_at.get_or_insert(limit.at);
        found.bare.get_or_insert(limit.bound);
    }
}

/// Whether `text` says nothing but that so many are served.
fn says_served(text: &str) -> bool {
    let folded = normal(text);
    let words = || folded.split(' ').filter(|word| !word.is_empty());
    let is_number = |word: &str| {
        let word = word.strip_prefix('v').unwrap_or(word);
        word.bytes().all(|byte| byte.is_ascii_digit())
    };
    let is_served = |word: &str| {
        SERVED.iter().any(|known| {
            // Where words are not parted, nothing else may stand beside it.
            if known.is_ascii() {
                word == *known
            } else {
                word.trim_end_matches(|c: char| c.is_ascii_digit()) == *known
            }
        })
    };
    words().count() <= LONGEST
        && words().any(is_served)
        && words().all(|word| is_served(word) || is_number(word) || BESIDE.contains(&word))
}

#[cfg(test)]
mod tests {
    use crate::document::bound::bound;

    #[test]
    fn a_share_of_who_is_served_is_no_limit_and_a_share_of_what_is_measured_is() {
        for (text, wanted) in [
            ("full rollout: 100%", None),
            ("Full rollout: 100% of users", None),
            ("Canary: 100% of traffic", None),
            ("Traffic: 100 %", None),
            ("100% of traffic on the new version", None),
            ("Week 3: full rollout (100%)", None),
            ("Voller Verkehr: 100 %", None),
            ("全量: 100%", None),
            ("Traffic ≥ 100%", Some(">= 100 %")),
            ("Canary success rate: 100%", Some(">= 100 %")),
            ("Traffic served without errors: 100%", Some(">= 100 %")),
            ("100% of canary checks pass", Some(">= 100 %")),
            ("Delivery rate: 100%", Some(">= 100 %")),
            ("100% of users migrated", Some(">= 100 %")),
            ("Uptime 100%", Some(">= 100 %")),
        ] {
            let read = bound(text).ok().flatten().map(|bound| bound.to_string());
            assert_eq!(read.as_deref(), wanted, "{text}");
        }
    }
}
