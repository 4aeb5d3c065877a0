//! Dates that are long past: "last updated", and what was due.

use chrono::{Datelike, NaiveDate};

use super::MOST;
use crate::document::blocks::{Block, Kind};
use crate::document::items::Items;
use crate::document::outline::Outline;
use crate::document::topic::{Topic, normal};
use crate::domain::plan::{Finding, FindingKind};
use crate::domain::{Clean, Item};

/// A document whose state was written down longer ago is stale: nobody deploys by what was true then.
const STALE_DAYS: i64 = 90;

/// No more is looked at of one line.
const LONGEST: usize = 400;

/// Labels of the day for which something is right; folded as [`normal`] does.
const AS_OF: [&str; 24] = [
    "last updated",
    "updated",
    "last update",
    "last reviewed",
    "last modified",
    "last verified",
    "last tested",
    "reviewed",
    "date",
    "status",
    "as of",
    "stand",
    "zuletzt aktualisiert",
    "letzte aktualisierung",
    "datum",
    "derniere mise a jour",
    "mis a jour",
    "ultima actualizacion",
    "fecha",
    "ultima atualizacao",
    "最后更新",
    "更新时间",
    "最終更新",
    "更新日",
];

/// Labels of the day at which something is due.
const DUE: [&str; 22] = [
    "due",
    "due date",
    "deadline",
    "eta",
    "target date",
    "deployment date",
    "release date",
    "go live",
    "scheduled",
    "planned",
    "fallig",
    "frist",
    "termin",
    "echeance",
    "date limite",
    "vencimiento",
    "fecha limite",
    "prazo",
    "data limite",
    "截止日期",
    "期限",
    "締切",
];

/// Finds what is past on the day `today`.
pub(super) fn find(outline: &Outline<'_>, items: &Items, today: NaiveDate, found: &mut Vec<Finding>) {
    let done: Vec<u32> = items.all().filter(|item| item.claimed || item.struck).flat_map(lines_of).collect();
    let mut lines: Vec<(u32, usize, String)> = Vec::new();
    for head in outline.blocks.heads.iter().filter(|head| has_date(&head.text)) {
        if normal(&head.text).contains("status") {
            found.extend(stale(head.line, &head.text, "status", &head.text, today));
        } else if let Some((label, rest)) = apart(&head.text) {
            found.extend(stale(head.line, label, &normal(label), rest, today));
        }
    }
    for (place, block) in outline.blocks.list.iter().enumerate() {
        lines.extend(
            dated(outline.blocks.source(block), block).into_iter().map(|(line, text)| (line, place, text)),
        );
    }
    let mut told = 0;
    for (line, place, text) in lines {
        if told == MOST {
            break;
        }
        let inert = || outline.above(place).iter().any(|above| above.topics.has(Topic::Inert));
        for piece in text.split('|') {
            let Some((label, rest)) = apart(piece) else { continue };
            if let Some(finding) = stale(line, label, &normal(label), rest, today)
                && !(finding.text.contains("is past") && done.contains(&line))
                && !inert()
            {
                told += 1;
                found.push(finding);
            }
        }
    }
}

/// What the front matter says of when the document was right. The day on which it was written says nothing of that.
pub(super) fn of_front_matter(front: &str, today: NaiveDate, found: &mut Vec<Finding>) {
    for (at, line) in front.lines().enumerate().filter(|(_, line)| line.len() <= LONGEST && has_date(line)) {
        let Some((label, rest)) = line.split_once([':', '=']).filter(|_| !line.starts_with([' ', '#']))
        else {
            continue;
        };
        let (label, line) = (label.trim(), u32::try_from(at + 1).unwrap_or(u32::MAX));
        let name = normal(label);
        found.extend(stale(line, label, &name, rest, today).filter(|_| name != "date"));
    }
}

fn lines_of(item: &Item) -> Vec<u32> {
    item.fields.iter().map(|field| field.line).chain([item.line]).collect()
}

/// The lines of a block that have a date in them.
fn dated(source: &str, block: &Block) -> Vec<(u32, String)> {
    match &block.kind {
        Kind::Paragraph(_) => (block.line..)
            .zip(source.lines())
            .filter(|(_, line)| line.len() <= LONGEST && has_date(line))
            .map(|(line, text)| (line, text.replace(['*', '`', '_'], "")))
            .collect(),
        Kind::Item { text, .. } if text.plain.len() <= LONGEST && has_date(&text.plain) => {
            vec![(block.line, text.plain.to_string())]
        }
        Kind::Table { header, rows } => {
            let mut found = Vec::new();
            for (line, cells) in rows {
                let named = header.iter().zip(cells).filter(|(_, cell)| has_date(&cell.plain));
                found.extend(named.map(|(head, cell)| (*line, format!("{}: {}", head.plain, cell.plain))));
            }
            found
        }
        Kind::Item { .. } | Kind::Fence { .. } | Kind::Html(_) => Vec::new(),
    }
}

/// Whether a year of this century stands in it.
fn has_date(text: &str) -> bool {
    let digits = |four: &[u8]| four.starts_with(b"20") && four.iter().all(u8::is_ascii_digit);
    text.as_bytes().windows(4).any(digits)
}

/// The label of a date and what follows: `Due: …`, `Reviewed on 3 Feb 2025`, `Stand 12.3.2026`.
fn apart(text: &str) -> Option<(&str, &str)> {
    let trimmed = |label: &'_ str| label.trim_matches(|c: char| !c.is_alphanumeric()).len();
    if let Some((label, rest)) = text.split_once([':', '：'])
        && trimmed(label) > 0
    {
        return Some((label.trim_matches(|c: char| !c.is_alphanumeric()), rest));
    }
    let is_begin =
        |word: &str| word.starts_with(|c: char| c.is_ascii_digit()) || month(&word.to_lowercase()).is_some();
    let mut from = 0;
    let mut begin = None;
    for word in text.split_inclusive(' ') {
        if begin.is_none() && is_begin(word) {
            begin = Some(from);
        }
        from += word.len();
    }
    let (label, rest) = text.split_at_checked(begin?)?;
    let label = label.trim();
    let label = [" on", " am", " vom", " le", " el", " em", " in"]
        .iter()
        .find_map(|end| label.strip_suffix(end))
        .unwrap_or(label);
    Some((label.trim_matches(|c: char| !c.is_alphanumeric()), rest))
}

/// What is said of the date in `text`, which is labelled `label`.
fn stale(line: u32, shown: &str, label: &str, text: &str, today: NaiveDate) -> Option<Finding> {
    let as_of = AS_OF.contains(&label) || label.ends_with("date") && !DUE.contains(&label);
    let due = DUE.contains(&label);
    let day = (as_of || due).then(|| first_date(text))??;
    let days = (today - day).num_days();
    let shown: String = shown.chars().take(60).collect();
    let text = if due && days > 0 {
        format!("“{shown}: {day}” is past by {days} days; do it, or write a new date")
    } else if as_of && days > STALE_DAYS {
        format!("“{shown}: {day}” is {days} days ago; check that it still holds, and write when you did")
    } else {
        return None;
    };
    Some(Finding { line, kind: FindingKind::Stale, text: Clean::new(&text) })
}

/// The first date in `text`: `2026-01-31`, `31.1.2026`, `1/31/2026`, `January 31, 2026`, `31 janvier 2026`, `2026年1月31日`.
fn first_date(text: &str) -> Option<NaiveDate> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() || "年月日".contains(c))
        .flat_map(|word| word.split_inclusive(['年', '月', '日']))
        .filter(|word| {
            !word.is_empty() && !matches!(word.to_lowercase().as_str(), "of" | "de" | "den" | "the")
        })
        .map(|word| word.trim_end_matches("th").trim_end_matches("st").to_lowercase())
        .take(24)
        .collect();
    // With dots, the day comes first.
    let dotted = text
        .as_bytes()
        .windows(3)
        .any(|three| matches!(three, [a, b'.', b] if a.is_ascii_digit() && b.is_ascii_digit()));
    let whole = words.windows(3).find_map(|three| match three {
        [a, b, c] => date([a, b, c], dotted),
        _ => None,
    });
    let month = |a: &str, b: &str| end_of(a, b).or_else(|| end_of(b, a).filter(|_| b.parse::<u32>().is_ok()));
    whole.or_else(|| words.windows(2).find_map(|two| if let [a, b] = two { month(a, b) } else { None }))
}

/// The last day of `March 2026`, `Q1 2026`, `2026-03`.
fn end_of(part: &str, year: &str) -> Option<NaiveDate> {
    let year: i32 = year.parse().ok().filter(|year| (2000..2100).contains(year))?;
    let quarter = || part.strip_prefix('q')?.parse::<u32>().ok().filter(|quarter| (1..=4).contains(quarter));
    let number = || part.parse::<u32>().ok().filter(|month| (1..=12).contains(month));
    let month = month(part).or_else(|| Some(quarter()? * 3)).or_else(number)?;
    let next = if month == 12 {
        NaiveDate::from_ymd_opt(year + 1, 1, 1)
    } else {
        NaiveDate::from_ymd_opt(year, month + 1, 1)
    };
    next?.pred_opt()
}

fn date([a, b, c]: [&str; 3], dotted: bool) -> Option<NaiveDate> {
    let number = |word: &str| word.parse::<u32>().ok();
    let year = |word: &str| number(word).filter(|year| (2000..2100).contains(year)).map(u32::cast_signed);
    let date = |year: Option<i32>, month: Option<u32>, day: Option<u32>| {
        let date = NaiveDate::from_ymd_opt(year?, month?, day?)?;
        Some(date).filter(|date| date.year() >= 2000)
    };
    date(year(a), number(b), number(c))
        .or_else(|| date(year(c), month(a), number(b)))
        .or_else(|| date(year(c), month(b), number(a)))
        // Of 3/4/2026 nobody knows which is the month: the later of both is no further past.
        .or_else(|| date(year(c), number(b), number(a)).filter(|_| dotted))
        .or_else(|| date(year(c), number(b), number(a)).max(date(year(c), number(a), number(b))))
}

/// A month by the beginning of its name.
fn month(word: &str) -> Option<u32> {
    const MONTHS: [(&str, u32); 28] = [
        ("jan", 1),
        ("ene", 1),
        ("feb", 2),
        ("fev", 2),
        ("fév", 2),
        ("mar", 3),
        ("mär", 3),
        ("apr", 4),
        ("avr", 4),
        ("abr", 4),
        ("may", 5),
        ("mai", 5),
        ("jun", 6),
        ("juin", 6),
        ("jul", 7),
        ("juil", 7),
        ("aug", 8),
        ("aoû", 8),
        ("ago", 8),
        ("sep", 9),
        ("set", 9),
        ("oct", 10),
        ("okt", 10),
        ("out", 10),
        ("nov", 11),
        ("dec", 12),
        ("dez", 12),
        ("dic", 12),
    ];
    let known = MONTHS.iter().filter(|(name, _)| word.starts_with(name)).max_by_key(|(name, _)| name.len());
    known.map(|(_, month)| *month).or(word.starts_with("déc").then_some(12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in [
            "2026-01-31",
            "on 31.1.2026, maybe",
            "1/31/2026",
            "January 31, 2026",
            "31 janvier 2026",
            "31. Januar 2026",
            "31 de enero de 2026",
            "2026年1月31日",
            "Jan 31st 2026",
            "2026/01/31 10:30",
        ] {
            assert_eq!(first_date(text), NaiveDate::from_ymd_opt(2026, 1, 31), "{text}");
        }
        for (text, day) in [
            ("March 2024", (2024, 3, 31)),
            ("Q1 2024", (2024, 3, 31)),
            ("Dezember 2025", (2025, 12, 31)),
            ("2024年3月", (2024, 3, 31)),
            ("2024-03", (2024, 3, 31)),
        ] {
            assert_eq!(first_date(text), NaiveDate::from_ymd_opt(day.0, day.1, day.2), "{text}");
        }
        for text in ["1.2.3", "10:30:15", "2026-13-40", "v2026", ""] {
            assert_eq!(first_date(text), None, "{text}");
        }
    }
}
