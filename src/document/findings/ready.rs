//! Claims that all is ready, beside items that are open, or beside an approval that is missing; items that are ticked
//! without evidence.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{LONGEST_SOURCE, MOST, short, texts_of};
use crate::document::beginning;
use crate::document::blocks::{Block, Blocks, Kind};
use crate::document::items::Items;
use crate::document::needles::Needles;
use crate::document::outline::Outline;
use crate::document::topic::normal;
use crate::domain::plan::{Finding, FindingKind};
use crate::domain::{Clean, Item, ItemId, Meaning};

/// Longer texts tell a story.
const LONGEST: usize = 400;

/// Words of a claim that all is ready.
const READY: [&str; 22] = [
    "ready for launch",
    "ready for rollout",
    "ready to ship",
    "准备就绪",
    "已就绪",
    "已準備就緒",
    "可以上线",
    "リリース準備完了",
    "準備完了",
    "リリース可能",
    "ready for production",
    "production ready",
    "ready for staging",
    "staging ready",
    "ready for deployment",
    "ready to deploy",
    "ready for release",
    "deployment successful",
    "bereit für produktion",
    "prêt pour la production",
    "listo para producción",
    "pronto para produção",
];

/// Words before those that take them back.
const NOT_YET: [&str; 10] =
    ["getting", "get", "not", "when", "once", "if", "until", "nicht", "what s", "what is"];

/// Words of waiting and of approving that say together that an approval is missing.
const WAITS: [&str; 9] = [
    "pending",
    "awaiting",
    "waiting",
    "outstanding",
    "ausstehend",
    "attente",
    "pendiente",
    "pendente",
    "aguardando",
];
const APPROVES: [&str; 9] = [
    "approv",
    "signoff",
    "signature",
    "freigabe",
    "genehmigung",
    "approbation",
    "aproba",
    "aprova",
    "autori",
];

/// Phrases that say so in one.
const UNAPPROVED: [&str; 9] = [
    "pending sign off",
    "awaiting sign off",
    "sign off pending",
    "not yet approved",
    "noch nicht freigegeben",
    "待审批",
    "待批准",
    "承認待ち",
    "未承認",
];

/// Words one of which each text of [`READY`] has: what has none need not be looked at closely.
static READY_WORDS: LazyLock<Needles> = LazyLock::new(|| {
    Needles::of(&[
        "ready",
        "deployment",
        "bereit",
        "prêt",
        "pret",
        "listo",
        "pronto",
        "就绪",
        "就緒",
        "可以上线",
        "準備完了",
        "リリース可能",
    ])
});

/// The same of texts that say that somebody has not approved.
static PENDING_WORDS: LazyLock<Needles> = LazyLock::new(|| {
    Needles::of(WAITS.iter().chain(&["not yet", "noch nicht", "待审批", "待批准", "承認待ち", "未承認"]))
});

/// Words that alone say that it is ready, on one line with what is missing.
const ALONE: [&str; 6] = ["ready", "bereit", "pret", "listo", "pronto", "准备就绪"];

pub(super) fn find(outline: &Outline<'_>, items: &Items, found: &mut Vec<Finding>) {
    let proved = proved(outline, items);
    let mut ticked = items.all().filter(|item| item.claimed && !item.struck && !proved.contains(&item.id));
    if let Some(item) = ticked.next() {
        let count = 1 + ticked.count();
        let text = if count == 1 {
            "1 item is said to be done here, without evidence; it counts when somebody attests it".to_owned()
        } else {
            format!(
                "{count} items are said to be done here, without evidence; they count when somebody attests them"
            )
        };
        found.push(Finding { line: item.line, kind: FindingKind::Claim, text: Clean::new(&text) });
    }
    let ready = readiness(outline.blocks);
    found.extend(pending(outline.blocks).and_then(|pending| unapproved(&ready, &pending)));
    if !ready.is_empty() {
        open(outline, items, ready, found);
    }
}

/// The items that name where it can be seen: a link in them or below them, or a field for it.
fn proved<'a>(outline: &Outline<'_>, items: &'a Items) -> HashSet<&'a ItemId> {
    let linked = outline.blocks.list.iter().enumerate().filter_map(|(place, block)| {
        let item = items.of_block(place).filter(|item| item.claimed && !item.struck)?;
        let source = beginning(outline.blocks.source(block), LONGEST_SOURCE);
        (source.contains("://") || source.contains("](")).then_some(&item.id)
    });
    let field = |item: &&Item| {
        let of = |name: &str| {
            matches!(normal(name).as_str(), "evidence" | "nachweis" | "preuve" | "evidencia" | "evidência")
        };
        item.claimed && item.fields.iter().any(|field| of(&field.name) && !field.value.is_empty())
    };
    linked.chain(items.all().filter(field).map(|item| &item.id)).collect()
}

/// What is claimed to be `ready`, beside items that are open.
fn open(outline: &Outline<'_>, items: &Items, ready: Vec<(u32, Clean)>, found: &mut Vec<Finding>) {
    // What can be done later, or not at all, is no reason to wait.
    let places = 0..outline.blocks.list.len();
    let optional: HashSet<&ItemId> = places
        .filter_map(|place| items.of_block(place).filter(|_| outline.demands(place) == Some(false)))
        .map(|item| &item.id)
        .collect();
    let is_now =
        |item: &&Item| !matches!(item.meaning, Meaning::Later { .. } | Meaning::Trigger | Meaning::Claim);
    let is_open = |item: &&Item| {
        !item.inferred && !item.claimed && !item.struck && is_now(item) && !optional.contains(&item.id)
    };
    let open = items.all().filter(is_open).count();
    let Some(first) = items.all().find(is_open).map(|item| item.line) else { return };
    found.extend(ready.into_iter().take(MOST).map(|(line, text)| {
        let text = format!(
            "it says \"{}\", and {open} {} open (the first in line {first}); finish them, or say what is ready",
            short(&text),
            if open == 1 { "item is" } else { "items are" }
        );
        Finding { line, kind: FindingKind::Claim, text: Clean::new(&text) }
    }));
}

/// What is claimed to be `ready`, beside an approval that is `pending`.
fn unapproved(ready: &[(u32, Clean)], (line, text): &(u32, Clean)) -> Option<Finding> {
    let words = normal(text);
    let words: Vec<&str> = words.split(' ').collect();
    let before = |at: usize| at.checked_sub(1).and_then(|before| words.get(before));
    let alone = words
        .iter()
        .enumerate()
        .any(|(at, word)| ALONE.contains(word) && !before(at).is_some_and(|before| NOT_YET.contains(before)));
    let text = match ready.iter().find(|(at, _)| at != line) {
        _ if alone => {
            format!(
                "it says \"{}\": ready, and not approved; get the approval, or say what is ready",
                short(text)
            )
        }
        Some((at, said)) => format!(
            "it says \"{}\" (line {at}), and here \"{}\": get the approval, or say what is ready",
            short(said),
            short(text)
        ),
        None => return None,
    };
    Some(Finding { line: *line, kind: FindingKind::Contradiction, text: Clean::new(&text) })
}

/// Texts that say that all is ready, with their lines.
fn readiness(blocks: &Blocks) -> Vec<(u32, Clean)> {
    let ready = READY.map(normal);
    let says = |text: &str| {
        if !READY_WORDS.are_in(text) {
            return false;
        }
        let text = normal(text);
        ready.iter().any(|ready| {
            text.find(ready.as_str()).is_some_and(|at| {
                let before = text.get(..at).unwrap_or_default().trim_end();
                !NOT_YET.iter().any(|word| before.ends_with(word))
            })
        })
    };
    let heads =
        blocks.heads.iter().filter(|head| says(&head.text)).map(|head| (head.line, head.text.clone()));
    let is_said = |block: &&Block| !matches!(block.kind, Kind::Item { ticked: Some(_), .. });
    let texts = blocks.list.iter().filter(is_said).flat_map(|block| texts_of(blocks, block));
    let texts = texts.filter(|said| said.text.plain.len() < LONGEST && says(&said.text.plain));
    heads.chain(texts.map(|said| said.spot(says))).collect()
}

/// The first text that says that somebody has not approved yet.
fn pending(blocks: &Blocks) -> Option<(u32, Clean)> {
    let waits = |text: &str| {
        if !PENDING_WORDS.are_in(text) {
            return false;
        }
        let text = normal(text);
        let words: Vec<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let at =
            |known: &[&str]| words.iter().position(|word| known.iter().any(|known| word.starts_with(known)));
        let near = at(&WAITS).zip(at(&APPROVES)).is_some_and(|(a, b)| a.abs_diff(b) <= 4);
        near || UNAPPROVED.iter().any(|phrase| text.contains(phrase))
    };
    let texts = blocks.list.iter().flat_map(|block| texts_of(blocks, block));
    let mut texts = texts.filter(|said| said.text.plain.len() < LONGEST);
    texts.find(|said| waits(&said.text.plain)).map(|said| said.spot(waits))
}
