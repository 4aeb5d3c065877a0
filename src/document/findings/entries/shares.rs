//! Counts in sentences above a list (`All 5 steps below:`), and of what is done (`3/5 passed`).

use super::{ENTRIES, LONGEST, TOTALS, differ};
use crate::document::blocks::{Blocks, Kind, Text};
use crate::domain::Clean;
use crate::domain::plan::{Finding, FindingKind};

/// Words before a number that speak of what follows.
const THESE: [&str; 30] = [
    "all",
    "the following",
    "following",
    "these",
    "the",
    "alle",
    "folgende",
    "folgenden",
    "die folgenden",
    "diese",
    "les",
    "ces",
    "tous les",
    "toutes les",
    "los",
    "las",
    "estos",
    "estas",
    "los siguientes",
    "las siguientes",
    "os",
    "as",
    "estes",
    "estas",
    "os seguintes",
    "as seguintes",
    "todos os",
    "todas as",
    "以下",
    "全部",
];

/// Words behind `3/5` that say how much of something is done.
const DONE: [&str; 20] = [
    "passed",
    "passing",
    "pass",
    "done",
    "complete",
    "completed",
    "green",
    "ok",
    "finished",
    "closed",
    "ticked",
    "bestanden",
    "erledigt",
    "fertig",
    "réussis",
    "terminés",
    "superadas",
    "completados",
    "concluídos",
    "完了",
];

pub(super) fn find(blocks: &Blocks, found: &mut Vec<Finding>) {
    for (place, block) in blocks.list.iter().enumerate() {
        if let Kind::Table { rows, .. } = &block.kind {
            found.extend(sums(rows));
        }
        let Kind::Paragraph(text) = &block.kind else { continue };
        // What stands below something else than a list, such as commands, is not what is counted.
        let is_list = |said: &usize| {
            let next = blocks.list.get(place + 1);
            *said > 0 && next.is_some_and(|next| matches!(next.kind, Kind::Item { .. }))
        };
        let said = introduced(&text.plain).filter(|_| text.introduces() && block.inside.is_none());
        if let Some(said) = said.filter(is_list) {
            let below = blocks.list.iter().skip(place + 1);
            let below = below.take_while(|next| next.inside.is_some() || next.label == Some(place));
            let there = below.filter(|next| next.inside.is_none() && matches!(next.kind, Kind::Item { .. }));
            found.extend(differ(block.line, "line", said, there.count()));
        }
    }
    let told: Vec<(usize, (usize, usize))> =
        blocks.heads.iter().enumerate().filter_map(|(at, head)| Some((at, share(&head.text)?))).collect();
    if told.is_empty() {
        return;
    }
    let boxes = boxes(blocks);
    for (at, (done, all)) in told {
        let (Some(head), Some((ticked, there))) = (blocks.heads.get(at), boxes.get(at)) else { continue };
        let differs = differ(head.line, "heading", all, *there);
        if *there > 0 && differs.is_none() && done != *ticked {
            let text = format!(
                "the heading says that {done} are done, and {ticked} of those below it are; correct one of them"
            );
            found.push(Finding { line: head.line, kind: FindingKind::Claim, text: Clean::new(&text) });
        }
        found.extend(differs);
    }
}

/// A last row of totals that is not what the rows above it add up to.
fn sums(rows: &[(u32, Vec<Text>)]) -> Option<Finding> {
    let ((line, total), above) = rows.split_last()?;
    let name = total.first()?.plain.trim_end_matches([':', '：']).to_lowercase();
    if above.len() < 2 || !TOTALS.contains(&name.as_str()) {
        return None;
    }
    let number = |cells: &[Text], at: usize| cells.get(at)?.plain.parse::<u64>().ok();
    (1..total.len()).find_map(|at| {
        let said = number(total, at)?;
        let parts: Option<Vec<u64>> = above.iter().map(|(_, cells)| number(cells, at)).collect();
        let sum = parts?.into_iter().fold(0_u64, u64::saturating_add);
        (sum != said).then(|| {
            let text = format!(
                "the last row says {said} in all, and those above it add up to {sum}; correct one of them"
            );
            Finding { line: *line, kind: FindingKind::Claim, text: Clean::new(&text) }
        })
    })
}

/// The number of entries that a sentence above them says: `All 5 steps below:`.
fn introduced(text: &str) -> Option<usize> {
    if text.len() > LONGEST {
        return None;
    }
    let at = text.find(|c: char| c.is_ascii_digit())?;
    let before = text.get(..at)?.trim().to_lowercase();
    let (count, what) = super::number(text.get(at..)?)?;
    let noun = what.split([' ', ':', '：', ',']).next()?.to_lowercase();
    ((before.is_empty() || THESE.contains(&before.as_str())) && ENTRIES.contains(&noun.as_str()))
        .then_some(count)
}

/// How many of how many are done: `3/5 passed`, `3 of 5 done`.
fn share(text: &str) -> Option<(usize, usize)> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || "():（）：".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let number = |word: &str| word.parse::<usize>().ok();
    words.iter().enumerate().find_map(|(at, word)| {
        let is_done = |behind: usize| words.get(at + behind).is_some_and(|word| DONE.contains(word));
        if let Some((done, all)) = word.split_once('/') {
            return Some((number(done)?, number(all)?)).filter(|_| is_done(1));
        }
        let of = words.get(at + 1).is_some_and(|word| matches!(*word, "of" | "von" | "sur" | "de"));
        let all = words.get(at + 2).and_then(|word| number(word)).filter(|_| of && is_done(3))?;
        Some((number(word)?, all))
    })
}

/// How many boxes stand below each heading, and how many of them are ticked: right below it, or where there are none,
/// with all headings below it.
fn boxes(blocks: &Blocks) -> Vec<(usize, usize)> {
    let mut own = vec![(0_usize, 0_usize); blocks.heads.len()];
    for block in &blocks.list {
        let Kind::Item { ticked: Some(ticked), .. } = &block.kind else { continue };
        if let Some((done, all)) =
            block.head.filter(|_| block.inside.is_none()).and_then(|head| own.get_mut(head))
        {
            *all += 1;
            *done += usize::from(*ticked);
        }
    }
    let mut all = own.clone();
    for (at, head) in blocks.heads.iter().enumerate().rev() {
        let below = all.get(at).copied().unwrap_or_default();
        if let Some(count) = head.under.and_then(|under| all.get_mut(under)) {
            *count = (count.0 + below.0, count.1 + below.1);
        }
    }
    own.into_iter().zip(all).map(|(own, all)| if own.1 > 0 { own } else { all }).collect()
}
