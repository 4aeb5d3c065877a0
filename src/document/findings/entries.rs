//! Counts that do not match: `Files (17 total)` above 18 entries, `**Total:** 5` beside 4 rows.

use std::collections::HashMap;

mod shares;

use crate::document::blocks::{Blocks, Head, Kind, Text};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind};

/// Words behind a number that say how many entries there are.
const ENTRIES: [&str; 56] = [
    "total",
    "files",
    "items",
    "steps",
    "checks",
    "tasks",
    "entries",
    "phases",
    "events",
    "points",
    "scenarios",
    "criteria",
    "services",
    "tests",
    "insgesamt",
    "gesamt",
    "dateien",
    "punkte",
    "schritte",
    "prüfungen",
    "aufgaben",
    "einträge",
    "phasen",
    "kriterien",
    "dienste",
    "au total",
    "fichiers",
    "éléments",
    "étapes",
    "tâches",
    "vérifications",
    "critères",
    "en total",
    "archivos",
    "elementos",
    "pasos",
    "tareas",
    "comprobaciones",
    "fases",
    "criterios",
    "no total",
    "ao todo",
    "arquivos",
    "ficheiros",
    "itens",
    "passos",
    "tarefas",
    "verificações",
    "critérios",
    "项",
    "个",
    "步",
    "個",
    "件",
    "項目",
    "ファイル",
];

/// Words before a number that say that it counts all.
const TOTALS: [&str; 12] = [
    "total",
    "count",
    "insgesamt",
    "gesamt",
    "anzahl",
    "nombre",
    "au total",
    "en total",
    "共",
    "总计",
    "全",
    "合計",
];

/// Longer lines tell more than a count.
const LONGEST: usize = 60;

pub(super) fn find(blocks: &Blocks, found: &mut Vec<Finding>) {
    let heads = in_headings(blocks);
    let lines: Vec<(u32, usize, usize)> = blocks
        .list
        .iter()
        .filter_map(|block| {
            let Kind::Paragraph(text) = &block.kind else { return None };
            let line = (block.inside.is_none() && text.plain.len() <= LONGEST).then_some(block.line)?;
            Some((line, block.head?, in_line(text)?))
        })
        .collect();
    shares::find(blocks, found);
    if lines.is_empty() && heads.iter().all(Option::is_none) {
        return;
    }
    let (own, all) = entries(blocks);
    let mut tell = |line: u32, what: &str, said: usize, there: usize| {
        found.extend(differ(line, what, said, there));
    };
    for (at, (head, said)) in blocks.heads.iter().zip(heads).enumerate() {
        let own = own.get(at).copied().unwrap_or(0);
        let there = if own > 0 { own } else { all.get(at).copied().unwrap_or(0) };
        if let Some(said) = said {
            tell(head.line, "heading", said, there);
        }
    }
    // Of several in one section, none counts all of it.
    let mut many: HashMap<usize, u32> = HashMap::new();
    for (_, head, _) in &lines {
        *many.entry(*head).or_default() += 1;
    }
    for (line, head, said) in lines.into_iter().filter(|(_, head, _)| many.get(head) == Some(&1)) {
        tell(line, "line", said, own.get(head).copied().unwrap_or(0));
    }
}

/// What is told where `said` entries are said, and others are `there`.
fn differ(line: u32, what: &str, said: usize, there: usize) -> Option<Finding> {
    (there > 0 && said != there).then(|| {
        let entries = if there == 1 { "1 entry stands".to_owned() } else { format!("{there} entries stand") };
        let text = format!("the {what} says {said}, and {entries} below it; correct one of them");
        Finding { line, kind: FindingKind::Claim, text: Clean::new(&text) }
    })
}

/// How many entries stand right below each heading, and how many with all headings below it: boxes, list items where
/// there are none, or rows of tables.
fn entries(blocks: &Blocks) -> (Vec<usize>, Vec<usize>) {
    let mut own = vec![0_usize; blocks.heads.len()];
    let mut rows = vec![0_usize; blocks.heads.len()];
    let mut boxes = vec![0_usize; blocks.heads.len()];
    for block in &blocks.list {
        let Some(head) = block.head else { continue };
        match &block.kind {
            Kind::Item { ticked, .. } if block.inside.is_none() => {
                own.get_mut(head).into_iter().for_each(|count| *count += 1);
                boxes.get_mut(head).into_iter().for_each(|count| *count += usize::from(ticked.is_some()));
            }
            Kind::Table { rows: below, .. } => {
                rows.get_mut(head).into_iter().for_each(|count| *count += below.len());
            }
            Kind::Item { .. } | Kind::Paragraph(_) | Kind::Fence { .. } | Kind::Html(_) => {}
        }
    }
    for (own, rows) in own.iter_mut().zip(rows).filter(|(own, _)| **own == 0) {
        *own = rows;
    }
    // Beside boxes, bullets are notes.
    for (own, boxes) in own.iter_mut().zip(boxes).filter(|(_, boxes)| *boxes > 0) {
        *own = boxes;
    }
    let mut all = own.clone();
    for (at, head) in blocks.heads.iter().enumerate().rev() {
        let below = all.get(at).copied().unwrap_or(0);
        if let Some(count) = head.under.and_then(|under| all.get_mut(under)) {
            *count += below;
        }
    }
    (own, all)
}

/// The number of entries that each heading says: in a parenthesis, or at its beginning (`12 checks before go`), where none
/// beside it is numbered.
fn in_headings(blocks: &Blocks) -> Vec<Option<usize>> {
    let begins = |head: &Head| head.text.starts_with(|c: char| c.is_ascii_digit());
    let mut numbered: HashMap<Option<usize>, u32> = HashMap::new();
    for head in blocks.heads.iter().filter(|head| begins(head)) {
        *numbered.entry(head.under).or_default() += 1;
    }
    let at_begin = |head: &Head| {
        let (count, what) = number(&head.text).filter(|_| numbered.get(&head.under) == Some(&1))?;
        let noun = what.split(' ').next()?.to_lowercase();
        ENTRIES.contains(&noun.as_str()).then_some(count)
    };
    blocks.heads.iter().map(|head| in_parenthesis(&head.text).or_else(|| at_begin(head))).collect()
}

/// The number of entries that a heading's parenthesis says: `(17 total)`, `(Total: 3)`, `（共 5 项）`.
fn in_parenthesis(text: &str) -> Option<usize> {
    let (_, inside) = text.trim_end().strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?;
    counted(inside).or_else(|| totalled(inside))
}

/// The number of entries that a line of its own says: `**Total:** 17 files`.
fn in_line(text: &Text) -> Option<usize> {
    totalled(text.plain.trim_end_matches('.'))
}

/// `17 total`, `3 files`.
fn counted(text: &str) -> Option<usize> {
    let (count, what) = number(text)?;
    ENTRIES.contains(&what.to_lowercase().as_str()).then_some(count)
}

/// `Total: 17`, `Total: 17 files`, `共 5 项`.
fn totalled(text: &str) -> Option<usize> {
    let at = text.find(|c: char| c.is_ascii_digit())?;
    let before = text.get(..at)?.trim().trim_end_matches([':', '：']).trim().to_lowercase();
    let (count, what) = number(text.get(at..)?)?;
    let fits = what.is_empty() || ENTRIES.contains(&what.to_lowercase().as_str());
    (fits && TOTALS.contains(&before.as_str())).then_some(count)
}

/// The number that `text` begins with, and what stands behind it.
fn number(text: &str) -> Option<(usize, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((text.get(..end)?.parse().ok()?, text.get(end..)?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_read_in_its_usual_forms() {
        for (text, said) in [
            ("Files (17 total)", Some(17)),
            ("Files (Total: 3)", Some(3)),
            ("Prüfungen (4 insgesamt)", Some(4)),
            ("检查项（共 5 项）", Some(5)),
            ("チェック項目（全4件）", Some(4)),
            ("Vérifications (3 au total)", Some(3)),
            ("Go-live (24 hours)", None),
            ("Stage (2 of 3)", None),
            ("3 files", None),
        ] {
            assert_eq!(in_parenthesis(text), said, "{text}");
        }
        for (text, said) in [
            ("Total: 17", Some(17)),
            ("Total: 17 files.", Some(17)),
            ("Insgesamt: 5 Punkte", Some(5)),
            ("合計：6件", Some(6)),
            ("Total: 17 hours", None),
            ("Total cost: 17", None),
            ("Total: 1.5", None),
        ] {
            assert_eq!(totalled(text.trim_end_matches('.')), said, "{text}");
        }
    }
}
