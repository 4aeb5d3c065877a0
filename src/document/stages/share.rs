//! Which share a stage reaches, and from which one it ramps up: `5 % of users`, `10% → 50% → 100%`, a table of the days with
//! their traffic.

use crate::document::blocks::Text;
use crate::document::bound::limits;
use crate::document::items::labelled;
use crate::domain::plan::PlannedStage;

/// What stands between the shares of a ramp.
const THEN: [&str; 16] =
    ["→", "⇒", "->", "=>", "–>", "-", "–", "~", " to ", " bis ", " auf ", " à ", " a ", " até ", "到", "至"];

/// Of what a share is one.
const OF: [&str; 13] = [
    "user",
    "traffic",
    "customer",
    "nutzer",
    "verkehr",
    "utilisat",
    "trafic",
    "usuari",
    "tráfico",
    "流量",
    "用户",
    "トラフィック",
    "ユーザ",
];

impl PlannedStage {
    /// Takes the share that `text` states, if none is known: of several that follow each other the first and the last.
    pub(super) fn take_share(&mut self, text: &str) {
        let ramp = ramp(text);
        if self.percent.is_none() {
            self.percent = ramp.map(|(_, until)| until).or_else(|| percent(text));
            self.from_percent = ramp.map(|(from, _)| from).filter(|_| self.percent.is_some());
        }
    }

    /// Takes the share of a line that says nothing else: `Target: 25% → 50% of users`.
    pub(super) fn take_share_of_line(&mut self, text: &str) {
        let Some((_, value)) = labelled(text.trim_start_matches(['>', ' '])) else { return };
        let behind = value.rsplit(['%', '％']).next().unwrap_or_default().trim().to_lowercase();
        let is_of = OF.iter().any(|word| behind.contains(word)) && behind.split_whitespace().count() <= 3;
        if is_of && value.starts_with(|c: char| c.is_ascii_digit()) && limits(value).is_empty() {
            self.take_share(value);
        }
    }

    /// Takes the shares of a table with a column of the traffic, one below the other.
    pub(super) fn take_shares_of_table(&mut self, header: &[Text], rows: &[(u32, Vec<Text>)]) {
        let of = |cell: &Text| OF.iter().any(|word| cell.plain.to_lowercase().contains(word));
        let shares = |at: usize| -> Option<Vec<u8>> {
            let cell = |cells: &Vec<Text>| {
                let text = cells.get(at)?.plain.trim().strip_suffix(['%', '％'])?;
                text.trim().parse::<u8>().ok().filter(|share| *share <= 100)
            };
            rows.iter().map(|(_, cells)| cell(cells)).collect()
        };
        let columns = (0..).zip(header).filter(|(_, cell)| of(cell)).map(|(at, _)| at);
        let found = columns.filter_map(shares).find(|list| list.len() > 1 && list.is_sorted());
        if let Some([from, .., until]) = found.as_deref().filter(|_| self.percent.is_none()) {
            self.percent = Some(*until);
            self.from_percent = Some(*from).filter(|from| from < until);
        }
    }
}

/// What brackets, commas and dashes part in a heading.
pub(super) fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(['(', ')', '（', '）', ',', '，', ';', ':', '：', '—', '–'])
}

/// The share that a heading says, and from which one: not that of a limit (`error rate below 1 %`), and of two (`from 50 % to
/// 100 %`) that which is reached.
pub(super) fn in_heading(text: &str) -> (Option<u8>, Option<u8>) {
    let limited = |part: &str| {
        let found = limits(part);
        let number = |at: &std::ops::Range<usize>| {
            part.get(at.clone()).is_some_and(|own| own.starts_with(|c: char| c.is_ascii_digit()))
        };
        found.iter().any(|limit| !number(&limit.at))
    };
    let free = || parts(text).filter(|part| !limited(part));
    match free().find_map(ramp) {
        Some((from, until)) => (Some(until), Some(from)),
        None => (free().find_map(percent), None),
    }
}

/// Whether `text` says nothing but the shares of a ramp: `10% → 50% → 100%` is no limit.
pub(in crate::document) fn is_ramp(text: &str) -> bool {
    text.contains(['→', '⇒']) && ramp(text).is_some()
}

/// The first and the last of the rising shares in `text` that follow each other: `10 → 100 %`.
fn ramp(text: &str) -> Option<(u8, u8)> {
    let lower = text.to_lowercase();
    let mut found: Option<(u8, u8)> = None;
    let mut at = 0;
    while let Some((begin, end)) = next(&lower, at) {
        let from = last_share(lower.get(..begin)?.trim_end());
        let until = first_share(lower.get(end..)?);
        found = match (from, until, found) {
            (Some(from), Some(until), None) if from < until => Some((from, until)),
            (Some(from), Some(until), Some((first, last))) if from == last && last < until => {
                Some((first, until))
            }
            _ => found,
        };
        at = end;
    }
    found
}

/// The first word of [`THEN`] in `text` from `at` on.
fn next(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let places = THEN.iter().filter_map(|word| Some((at + rest.find(word)?, word.len())));
    let (begin, length) = places.min_by_key(|(begin, length)| (*begin, std::cmp::Reverse(*length)))?;
    Some((begin, begin + length))
}

/// The share that `text` ends with; without its sign nothing but what leads to it may stand before it: `Week 2 → 50 %`.
fn last_share(text: &str) -> Option<u8> {
    const LEADS: [&str; 9] = ["from", "von", "de", "desde", "从", "ramp", "traffic", "share", "rollout"];
    let bare = text.trim_end_matches(['%', '％']).trim_end();
    let start = bare.len() - bare.chars().rev().take_while(char::is_ascii_digit).count();
    let before = bare.get(..start)?;
    let word = before.trim_end().rsplit(' ').next().unwrap_or_default();
    let begins =
        before.trim_end().is_empty() || before.trim_end().ends_with(['(', '（', ':', '：', '→', '⇒', '>']);
    let leads = LEADS.contains(&word) || begins;
    if before.ends_with(['.', ',', '>', '<', '≥', '≤']) || (bare.len() == text.len() && !leads) {
        return None;
    }
    bare.get(start..)?.parse().ok()
}

/// The share that `text` begins with: with its sign, or before a further one: `50 → 100 %`.
fn first_share(text: &str) -> Option<u8> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, behind) = text.split_at_checked(end)?;
    let share: u8 = digits.parse().ok()?;
    let goes_on =
        behind.contains(['%', '％']) && THEN.iter().any(|word| behind.trim_start().starts_with(word.trim()));
    let signed = behind.trim_start().starts_with(['%', '％']);
    ((signed || goes_on) && share <= 100).then_some(share)
}

/// The first share in `text`: `10%`, `10 %`.
fn percent(text: &str) -> Option<u8> {
    let (before, _) = text.split_once(['%', '％'])?;
    let digits = before.trim_end();
    let start = digits.len() - digits.chars().rev().take_while(char::is_ascii_digit).count();
    let is_exact = !digits.get(..start).is_some_and(|before| before.ends_with(['.', '>', '<', '≥', '≤']));
    let share: u8 = digits.get(start..)?.parse().ok()?;
    (is_exact && share <= 100).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_shares_that_follow_each_other_the_first_and_the_last_count() {
        for (text, wanted) in [
            ("Limited (10% → 100%)", Some((10, 100))),
            ("Ramp 10 → 50 → 100 %", Some((10, 100))),
            ("10 → 100%", Some((10, 100))),
            ("Week 1-2 → 50%", None),
            ("Ramp 10% -> 50% -> 100%", Some((10, 100))),
            ("from 50 % to 100 % over 3 days", Some((50, 100))),
            ("von 5 % auf 25 % der Nutzer", Some((5, 25))),
            ("5-10% of users", Some((5, 10))),
            ("10%到50%", Some((10, 50))),
            ("5% of users", None),
            ("Back from 50% to 10%", None),
            ("After 2 hours to 10%", None),
            ("v1.2 to 10%", None),
        ] {
            assert_eq!(ramp(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_stage_that_ramps_says_from_where() {
        let text = "# R\n\n## Phase 1: Few\n**Target**: 5% → 25% of users\n\n- Shift it\n\n## Phase 2: Limited\n\n| Day | Traffic % | What |\n|---|---|---|\n\
                    | 1 | 10% | Look |\n| 2 | 50% | Look |\n| 3 | 100% | All |\n\n## Phase 3: Rest (50% → 100%)\n- Shift it\n\n## Phase 4\n**Target**: 99% of requests end well\n\n\
                    - Increase from 10% to 20% of users\n\n## Phase 5: 5%\n- Shift it\n";
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        let told: Vec<_> = plan.stages.iter().map(|it| (it.from_percent, it.percent)).collect();
        assert_eq!(
            told,
            [
                (Some(5), Some(25)),
                (Some(10), Some(100)),
                (Some(50), Some(100)),
                (Some(10), Some(20)),
                (None, Some(5))
            ]
        );
    }
}
