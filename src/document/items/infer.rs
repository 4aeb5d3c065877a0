//! Items without a box: ordered procedures, plain bullets under checklist-like headings, signs, and lines of a form.

use super::{Items, meaning};
use crate::document::back_if;
use crate::document::blocks::{Block, Kind, Text, is_choice};
use crate::document::bound::limits;
use crate::document::outline::{Above, AboveKind, Outline};
use crate::document::topic::{Topic, Topics};
use crate::document::{events, guards};
use crate::domain::{Clean, Meaning};

/// Lists under these are something else.
const NO_ITEMS: [Topic; 9] = [
    Topic::Expected,
    Topic::Contacts,
    Topic::Roles,
    Topic::Activation,
    Topic::Procedure,
    Topic::Phases,
    Topic::Inert,
    Topic::Rollback,
    Topic::RollbackPlan,
];

/// Lists under these are items even without numbers.
const ITEMS: [Topic; 8] = [
    Topic::Open,
    Topic::Trigger,
    Topic::SignOff,
    Topic::Criterion,
    Topic::Before,
    Topic::Later,
    Topic::Checklist,
    Topic::Plain,
];

/// What the item without a box at `place` means, if it is one at all.
pub(super) fn item(outline: &Outline<'_>, known: &Items, place: usize) -> Option<Meaning> {
    item_in(outline, known, place, outline.is_told(place))
}

/// Whether it is none only because its document reports it.
pub(super) fn is_told(outline: &Outline<'_>, known: &Items, place: usize) -> bool {
    outline.is_told(place) && item_in(outline, known, place, false).is_some()
}

fn item_in(outline: &Outline<'_>, known: &Items, place: usize, told: bool) -> Option<Meaning> {
    let block = outline.blocks.list.get(place)?;
    let Kind::Item { number, text, sign, .. } = &block.kind else { return None };
    let beside = is_meant_as_box(outline, place, block, text);
    if text.plain.is_empty() || text.is_link {
        return None;
    }
    let above = outline.above(place);
    // When to go back is no detail, wherever it stands.
    let asks = || (!told && asks_for_rollback(above, &text.plain)).then_some(Meaning::Trigger);
    if !beside && !is_at_top(outline, known, block) {
        return asks();
    }
    let nearest = above.iter().map(|line| line.topics).find(|topics| *topics != Topics::default());
    let is_below = |topics: &[Topic]| nearest.is_some_and(|nearest| nearest.any(topics));
    // A name and a number beside a box are no work.
    if beside && is_below(&[Topic::Contacts, Topic::Roles]) {
        return None;
    }
    // Beside boxes a bullet is a detail; but every one of a list of conditions is a condition, and numbers are steps where
    // the boxes stand below another line, as are bullets below a line that says so.
    let is_list = number.is_some() || is_listed_by_label(above);
    let is_detail = !beside && outline.is_boxed(block) && (!is_list || outline.is_boxed_here(block));
    if is_detail && !above.iter().take(2).any(|line| line.topics.has(Topic::Trigger)) {
        return asks();
    }
    if is_below(&[Topic::Trigger, Topic::Bare]) && is_field_of_trigger(outline, place, block, text) {
        return None;
    }
    let names = events::name(text, above).is_some() || is_reference(text) || is_linked(outline, block);
    if names || guards::is_entry(outline.blocks, block, text) {
        return None;
    }
    if outline.is_way_back(place) && !told {
        return Some(Meaning::Trigger);
    }
    let is_group = number.is_none() && text.introduces() && outline.is_parent(place);
    let done = *sign == Some(true) || says_done(text);
    let meaning = || meaning::of(outline, place, text, done, false);
    if told {
        // What a report says is still to be done is work.
        let open = above.iter().find(|line| line.topics != Topics::default());
        if !done && !is_group && sign.is_none() && open.is_some_and(|line| line.topics.has(Topic::Open)) {
            return Some(Meaning::Work);
        }
        // What went wrong is reported, too; and what was done is told in order.
        let in_order = sign.is_some()
            || (number.is_some() && above.first().is_some_and(|line| line.topics.has(Topic::Claim)));
        return ((done || in_order) && !is_group).then_some(Meaning::Claim);
    }
    let listed = if beside { Some(true) } else { listed(outline, above, number.is_some(), place) };
    match listed {
        Some(true) if !is_group => match meaning() {
            // What a list of results says is bad is left to do.
            Meaning::Claim if *sign == Some(false) => Some(Meaning::Work),
            Meaning::Claim if !done => None,
            meaning => Some(meaning),
        },
        // "Rollback if error rate > 1 %" among the bullets of a day says what it is, wherever it stands.
        None if !is_group && meaning::is_condition(&text.plain) => Some(Meaning::Trigger),
        None if *sign == Some(false) && is_below(&[Topic::Claim]) => Some(Meaning::Work),
        // A sign that it went well, where nothing is asked for, is a claim.
        None if *sign == Some(true) => Some(Meaning::Claim),
        _ => None,
    }
}

/// Whether `text` says by itself when to go back, below lines that do not say otherwise.
fn asks_for_rollback(above: &[Above], text: &str) -> bool {
    let other = [Topic::TakenBack, Topic::Inert, Topic::Claim, Topic::Aftermath, Topic::Expected];
    meaning::is_condition(text) && !above.iter().any(|line| line.topics.any(&other) && !line.is_title)
}

/// Whether it stands beside a bullet `Trigger: …`, and only tells more of that: `Action: …`, `Monitoring: …`.
fn is_field_of_trigger(outline: &Outline<'_>, place: usize, block: &Block, text: &Text) -> bool {
    const TRIGGERS: [&str; 10] = [
        "trigger",
        "condition",
        "threshold",
        "criterion",
        "auslöser",
        "bedingung",
        "déclencheur",
        "disparador",
        "gatilho",
        "触发条件",
    ];
    let label = |text: &str| {
        let (name, _) = super::labelled(text)?;
        Some(TRIGGERS.contains(&name.to_lowercase().as_str()))
    };
    if label(&text.plain) != Some(false) {
        return false;
    }
    let same =
        |other: &Block| (other.head, other.label, other.inside) == (block.head, block.label, block.inside);
    let is_trigger = |other: &Block| match &other.kind {
        Kind::Item { text, .. } => same(other) && label(&text.plain) == Some(true),
        _ => false,
    };
    // The condition comes first, or soon.
    let near = outline.blocks.list.iter().take(place + 4).skip(place.saturating_sub(8));
    near.into_iter().any(is_trigger)
}

/// Whether it stands in a list of boxes, and says something to do as they do: no note, no field, no title of others.
fn is_meant_as_box(outline: &Outline<'_>, place: usize, block: &Block, text: &Text) -> bool {
    let note = || {
        let first = text.plain.split([' ', ':', '：']).next().unwrap_or_default().to_lowercase();
        ["note", "notes", "nb", "hinweis", "remarque", "nota", "see", "e.g.", "注", "備考"]
            .contains(&first.as_str())
    };
    outline.is_beside_boxes(place, block)
        && !text.introduces()
        && !text.plain.starts_with(['(', '→', '_'])
        && !is_footnote(&text.plain)
        && super::fields::of(block.line, text).is_none()
        && !note()
}

/// `[1] As of last week`
fn is_footnote(text: &str) -> bool {
    let inside = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    inside.is_some_and(|(inside, _)| inside.bytes().all(|byte| byte.is_ascii_digit() || byte == b'^'))
}

/// Whether the label right above says that steps or conditions follow: `**Success criteria:**`.
fn is_listed_by_label(above: &[Above]) -> bool {
    const LISTS: [Topic; 7] = [
        Topic::Steps,
        Topic::Failing,
        Topic::Trigger,
        Topic::SignOff,
        Topic::Criterion,
        Topic::Before,
        Topic::Later,
    ];
    above.first().is_some_and(|line| line.kind == AboveKind::Label && line.topics.any(&LISTS))
}

/// Whether a list below these lines is one of items; `None`: nothing says so.
fn listed(outline: &Outline<'_>, above: &[Above], numbered: bool, place: usize) -> Option<bool> {
    // What stands in a chapter that tells why, what or how it came is told, whatever the label right above says.
    let told = above.iter().any(|line| {
        line.topics.has(Topic::Inert)
            && !line.is_title
            && line.kind != AboveKind::Label
            && !line.topics.any(&ITEMS)
    });
    let labelled = outline.blocks.list.get(place).is_some_and(|block| block.label.is_some());
    for (n, line) in above.iter().enumerate() {
        let near = match line.kind {
            AboveKind::Label => true,
            // With boxes elsewhere, a title is not reason enough.
            AboveKind::Heading(up) | AboveKind::Stage(up) => {
                up == 0 || (up == 1 && !line.is_title) || !outline.has_boxes()
            }
        };
        let topics = line.topics;
        let of_rollback = || above.iter().skip(n + 1).any(|outer| outer.topics.any(&meaning::ROLLBACK));
        if topics.has(Topic::Steps) && !topics.any(&ITEMS) && of_rollback() {
            return Some(false);
        }
        let bare = topics.has(Topic::Bare) && of_rollback();
        let fails = topics.has(Topic::Failing)
            && above.iter().skip(n + 1).any(|outer| outer.topics.any(&meaning::CONDITIONS));
        if bare || fails || topics.any(&[Topic::Trigger, Topic::SignOff, Topic::Criterion]) {
            return near.then_some(true);
        }
        if told || topics.any(&NO_ITEMS) || is_of_files(outline, place, line.kind) {
            return Some(false);
        }
        if topics.has(Topic::Claim) {
            return numbered.then_some(true);
        }
        // Bullets below a label that says nothing are what it says: "What it prints:".
        let steps = topics.has(Topic::Steps)
            && match line.kind {
                AboveKind::Label => true,
                AboveKind::Heading(0) => numbered || !labelled,
                _ => false,
            };
        if near && (topics.any(&ITEMS) || steps || matches!(line.kind, AboveKind::Stage(_))) {
            return Some(true);
        }
    }
    numbered.then_some(true)
}

/// Whether the label right above speaks of files.
fn is_of_files(outline: &Outline<'_>, place: usize, kind: AboveKind) -> bool {
    let label =
        outline.blocks.list.get(place).filter(|_| kind == AboveKind::Label).and_then(|block| block.label);
    let text = label.and_then(|label| outline.blocks.list.get(label)).map(|block| &block.kind);
    matches!(text, Some(Kind::Paragraph(text)) if text.plain.to_lowercase().contains("files "))
}

/// Whether `block` stands in no other item, or in a step or group that is a mere title.
fn is_at_top(outline: &Outline<'_>, known: &Items, block: &Block) -> bool {
    let Some(parent) = block.inside else { return true };
    let Some(Block { kind: Kind::Item { ticked: None, number, text, sign, .. }, inside, .. }) =
        outline.blocks.list.get(parent)
    else {
        return false;
    };
    let is_title = text.strong.as_ref().is_some_and(|strong| strong.len() + 1 >= text.plain.len());
    let is_group = number.is_none() && text.introduces();
    inside.is_none() && sign.is_none() && (is_group || (is_title && known.has(parent)))
}

/// Nothing but a link's or file's name is no work.
fn is_reference(text: &Text) -> bool {
    let is_path = |code: &str| code.contains('/') && code.contains('.') && !code.contains(' ');
    let is_file =
        |code: &str| code == text.plain.as_str() && code.contains('.') && !code.contains([' ', '=', '(']);
    let first = text.code.first().filter(|code| text.plain.starts_with(code.as_str()));
    first.is_some_and(|code| is_path(code) || is_file(code)) || text.plain.starts_with("http")
}

/// Whether it begins with a link: what stands behind says what is found there.
fn is_linked(outline: &Outline<'_>, block: &Block) -> bool {
    let source = outline.blocks.source(block).trim_start_matches(['-', '*', '+', ' ']);
    let label = source.strip_prefix('[').and_then(|rest| rest.split_once("]("));
    label.is_some_and(|(label, _)| label.len() <= 200 && !label.contains('\n'))
}

/// Whether it says of itself that it is done: `Build: ✅ PASS`, `Migration … ✅`.
pub(super) fn says_done(text: &Text) -> bool {
    let plain = text.plain.as_str();
    let says = plain.contains('✅') || plain.starts_with(['✓', '✔']);
    // "✅ green / ❌ red": one of them is to be chosen, or not all is well.
    says && !plain.contains('❌') && !is_choice(plain)
}

/// When to go back, where a paragraph says nothing else: in numbers, below a line about going back, or above its steps.
fn back_if<'t>(outline: &Outline<'_>, place: usize, text: &'t Text) -> Option<&'t str> {
    let condition = back_if::condition(&text.plain)?;
    // "If any rollback criterion is met" says nothing of its own.
    let refers = ["criteri", "critéri", "critère", "kriteri", "trigger", "条件", "基準"];
    if refers.iter().any(|word| condition.to_lowercase().contains(word)) {
        return None;
    }
    let above = outline.above(place);
    let told = above.iter().any(|line| line.topics.any(&[Topic::Inert, Topic::Claim, Topic::Aftermath]));
    let asks = || {
        let measured = !limits(condition).is_empty();
        measured || above.iter().any(|line| line.topics.any(&meaning::ROLLBACK))
    };
    let next = outline.blocks.list.get(place + 1);
    let leads = next.is_some_and(|next| next.label == Some(place) && matches!(next.kind, Kind::Item { .. }));
    (!told && if leads { outline.is_way_back(place) } else { asks() }).then_some(condition)
}

/// Whether a bold beginning is a question of those that are often asked: what follows answers it.
fn is_answer(strong: &str) -> bool {
    ["Q:", "P:", "F:", "Q.", "Q：", "问：", "問："].iter().any(|begin| strong.starts_with(begin))
}

/// Items that the lines of a paragraph are: a bold condition with its text, the lines of a form for signatures.
pub(super) fn lines(outline: &Outline<'_>, place: usize, block: &Block, text: &Text) -> Vec<(Text, Meaning)> {
    if outline.is_told(place) {
        return Vec::new();
    }
    let plain = |text: &str| Text { plain: Clean::new(text.trim()), ..Text::default() };
    if let Some(condition) = back_if(outline, place, text) {
        return vec![(plain(condition), Meaning::Trigger)];
    }
    if block.inside.is_some() {
        return Vec::new();
    }
    if let Some(strong) = text.strong.as_ref().filter(|strong| strong.len() < text.plain.len())
        && !is_answer(strong)
        && !text.plain.ends_with([':', '：'])
        && Topics::of(strong).has(Topic::Trigger)
    {
        let rest = text.plain.get(strong.len()..).unwrap_or_default().trim_start_matches([':', ' ', '：']);
        return if rest.is_empty() { Vec::new() } else { vec![(plain(rest), Meaning::Trigger)] };
    }
    let is_form = outline.above(place).first().is_some_and(|above| above.topics.has(Topic::SignOff));
    if !is_form || outline.is_boxed(block) {
        return Vec::new();
    }
    let written = outline.blocks.source(block).lines().map(|line| line.replace("**", ""));
    let forms = written.filter(|line| line.contains("___"));
    let roles = forms.filter_map(|line| super::labelled(&line).map(|(name, _)| plain(name)));
    roles
        .map(|text| {
            let role = meaning::role(&text).or_else(|| Some(text.plain.clone()));
            (text, Meaning::SignOff { role })
        })
        .collect()
}
