//! The section of signals against their limits.

use super::super::facts::{Report, Signal};
use super::super::words::{self, length, share};
use super::escape::inline;
use super::parts::{Page, evidence};
use super::table::table;

pub(super) fn signals(report: &Report, page: &mut Page) {
    page.section("Signals against their limits");
    if report.signals.is_empty() {
        return page.paragraph("The room watches no condition.");
    }
    let total = report.period.seconds.unwrap_or(0.0);
    let (seen, never): (Vec<&Signal>, Vec<&Signal>) =
        report.signals.iter().partition(|signal| signal.is_judged());
    if !seen.is_empty() {
        let rows: Vec<Vec<String>> = seen.iter().map(|signal| row(signal, total)).collect();
        page.raw(&table(&HEAD, &rows));
        page.paragraph(&legend(report, total));
    }
    let echoes: Vec<String> =
        seen.iter().filter(|signal| signal.is_echo()).map(|s| inline(&s.name)).collect();
    if !echoes.is_empty() {
        let verb = if echoes.len() == 1 { "speaks" } else { "speak" };
        page.paragraph(&format!(
            "{} {verb} at the end only of the revision that was rolled back.",
            words::list(&echoes)
        ));
    }
    if !never.is_empty() {
        let names: Vec<String> = never.iter().map(|signal| inline(&signal.name)).collect();
        page.paragraph(&format!(
            "Never judged, for there was no data or nobody watched: {}.",
            words::list(&names)
        ));
    }
}

const HEAD: [&str; 12] = [
    "Condition",
    "Bad when",
    "Over the time",
    "Range",
    "Last",
    "Good",
    "Grey",
    "Warned",
    "Bad",
    "Not seen",
    "Longest breach",
    "Record",
];

fn row(signal: &Signal, total: f64) -> Vec<String> {
    let all = signal.seconds;
    let whole = total.max(all.pass + all.warn + all.fail + all.accepted + all.grey + all.unseen());
    let part = |seconds: f64| share(seconds, whole).unwrap_or_else(|| "--".to_owned());
    let [min, max, last] = signal.words.each_ref().map(|text| inline(text));
    let range = if min == max { min } else { format!("{min} to {max}") };
    let breach = signal.longest_breach_seconds;
    vec![
        inline(&signal.name),
        signal.limit.as_deref().map_or_else(|| "not configured now".to_owned(), inline),
        signal.course.iter().map(|word| mark(word)).collect(),
        range,
        last,
        part(signal.seconds.pass),
        part(signal.seconds.grey),
        part(signal.seconds.warn),
        part(signal.seconds.fail + signal.seconds.accepted),
        part(signal.seconds.unseen()),
        if breach > 0.0 { length(breach) } else { "none".to_owned() },
        evidence(signal.record).trim_matches([' ', '(', ')']).to_owned(),
    ]
}

fn mark(word: &str) -> char {
    match word {
        "pass" => '✓',
        "grey" => '◦',
        "warn" => '▲',
        "fail" => '✗',
        "accepted" => '±',
        "unseen" => '?',
        _ => '·',
    }
}

fn legend(report: &Report, total: f64) -> String {
    let parts = report.signals.first().map_or(1, |signal| signal.course.len()).max(1);
    let used = |mark_of: &str| report.signals.iter().any(|signal| signal.course.contains(&mark_of));
    let all = [
        ("pass", "✓ good"),
        ("grey", "◦ in the grey zone"),
        ("warn", "▲ warned"),
        ("fail", "✗ bad"),
        ("accepted", "± bad and accepted"),
        ("unseen", "? could not be judged"),
        ("unknown", "· nobody watched"),
    ];
    let words: Vec<&str> = all.into_iter().filter(|(mark, _)| used(mark)).map(|(_, words)| words).collect();
    format!(
        "Each mark is the worst within {}: {}. The record is the newest that measured it.",
        length(total / parts as f64),
        words.join(", ")
    )
}
