//! Lists that are not signed off: startup phases, rollback steps, contacts, roles, procedures; and the conditions for a
//! rollback that items state.

use super::blocks::{Block, Kind, Text, begins_with_box};
use super::bound::{Limit, joint};
use super::items::{Items, labelled};
use super::outline::{Above, AboveKind, Outline};
use rustc_hash::FxHashMap;

use super::thresholds::{
    Around, Beside, behind_break, is_deadline, is_kept, read_whole, stands_alone, with_time,
};
use super::topic::{Topic, Topics};
use crate::domain::plan::{Finding, FindingKind, Named, Plan, PlannedPhase, PlannedTrigger, Role, RoleKind};
use crate::domain::{Clean, Item, Meaning};

/// What decides about a list: the nearest line above that is about one of these.
const DECIDES: [Topic; 13] = [
    Topic::TakenBack,
    Topic::Phases,
    Topic::Contacts,
    Topic::Activation,
    Topic::Procedure,
    Topic::Roles,
    Topic::Expected,
    Topic::Plain,
    Topic::Trigger,
    Topic::Bare,
    Topic::Rollback,
    Topic::RollbackPlan,
    Topic::SignOff,
];

/// Lists below these are steps that go back.
const WAYS_BACK: [Topic; 2] = [Topic::Rollback, Topic::RollbackPlan];

/// Below these no step goes back.
const NO_STEPS: [Topic; 6] =
    [Topic::Plain, Topic::Trigger, Topic::Bare, Topic::SignOff, Topic::Expected, Topic::TakenBack];

/// So many words name a role; more are a sentence about roles.
const LONGEST_ROLE: usize = 6;

/// Fills in the lists of `plan`.
pub(super) fn find(outline: &Outline<'_>, items: &Items, plan: &mut Plan) {
    of_items(outline, items, plan);
    of_blocks(outline, plan);
}

/// Fills in the conditions and the signatures that items ask for.
fn of_items(outline: &Outline<'_>, items: &Items, plan: &mut Plan) {
    let (places, mut around) = (places_of_triggers(outline, items), Around::default());
    for item in items.all().filter(|item| !item.struck) {
        if item.meaning == Meaning::Trigger {
            // What stands in YAML is a person's.
            let time = places
                .get(&item.line)
                .map_or_else(|| Beside::Above(String::new()), |place| around.of(outline.blocks, *place));
            triggers(item, time, plan);
        } else if let Meaning::SignOff { role: Some(role) } = &item.meaning {
            let who = item.owner.clone().filter(|owner| owner != role);
            let who = who
                .or_else(|| named_in(&item.text).map(Clean::new).filter(|who| who != role))
                .unwrap_or_default();
            plan.roles.push(Role { line: item.line, name: role.clone(), who, kind: RoleKind::SignOff });
        }
    }
}

/// Fills in what stands in lists and tables.
fn of_blocks(outline: &Outline<'_>, plan: &mut Plan) {
    let mut left = None;
    for (place, block) in outline.blocks.list.iter().enumerate() {
        if outline.blocks.is_apart(block) || outline.blocks.is_set_aside(block) {
            continue;
        }
        let above = outline.above(place);
        let Some(decides) = above.iter().position(|line| line.topics.any(&DECIDES)) else { continue };
        let (nearer, rest) = above.split_at(decides);
        let Some(topics) = rest.first().map(|line| line.topics) else { continue };
        // "Lessons learned" below the title "Rollback runbook" go nowhere.
        let by_title = rest.first().is_some_and(|line| line.is_title);
        if by_title && nearer.iter().any(|line| line.topics.any(&[Topic::Inert, Topic::Claim])) {
            continue;
        }
        // Nor is a drill, or what is measured of how it went, the way back itself, wherever it stands.
        if topics.any(&WAYS_BACK) && is_around(nearer, rest) {
            let list = Some((block.head, block.label));
            if block.inside.is_none() && is_list(block) && left != list {
                left = list;
                plan.findings.push(left_out(block.line));
            }
            continue;
        }
        let steps =
            above.first().is_some_and(|line| line.topics.has(Topic::Steps) && !line.topics.any(&DECIDES));
        match &block.kind {
            Kind::Item { text, ticked: None, .. }
                if block.inside.is_none() && steps && topics.has(Topic::Trigger) =>
            {
                let name = text.plain.clone();
                plan.rollback_steps.push(Named { line: block.line, name, text: Clean::default() });
            }
            Kind::Item { text, ticked, number, .. }
                if block.inside.is_none() || is_of_way_back(outline, block) =>
            {
                let steps = Steps { is_boxed: ticked.is_some(), is_numbered: number.is_some() };
                add_item(plan, topics, block.line, text, steps);
            }
            Kind::Table { rows, .. } => {
                let boxed = |cells: &[Text]| cells.iter().any(begins_with_box);
                let rows = rows
                    .iter()
                    .filter(|(_, cells)| !boxed(cells))
                    .filter_map(|(line, cells)| row(*line, cells));
                rows.for_each(|row| add_named(plan, topics, row));
            }
            Kind::Paragraph(_) if topics.has(Topic::Contacts) => {
                plan.contacts.extend(lines(outline, block));
            }
            Kind::Item { .. } | Kind::Paragraph(_) | Kind::Fence { .. } | Kind::Html(_) => {}
        }
    }
}

/// Whether a line stands between a list and what decides about it, or right above its label, that is of no step.
fn is_around(nearer: &[Above], rest: &[Above]) -> bool {
    let by_label = rest.first().is_some_and(|line| line.kind == AboveKind::Label);
    let mut near = nearer.iter().chain(rest.get(1).filter(|_| by_label));
    // "Rollback steps:" below "Considerations" are steps after all; those of a drill are not.
    let leads = |line: &Above| {
        let says = [Topic::Steps, Topic::Rollback, Topic::RollbackPlan];
        line.kind == AboveKind::Label && line.topics.any(&says)
    };
    let led = nearer.iter().chain(rest.first()).any(leads);
    near.any(|line| {
        let beside = line.topics.has(Topic::Around) && !line.topics.has(Topic::Steps) && !led;
        beside || line.topics.has(Topic::Drill)
    })
}

fn is_list(block: &Block) -> bool {
    matches!(block.kind, Kind::Item { .. } | Kind::Table { .. })
}

/// Says that the list that begins at `line` is not read as steps.
fn left_out(line: u32) -> Finding {
    let text = "this list stands below a heading of a drill, of metrics or of principles and is read as no rollback steps; \
                write \"Rollback steps:\" above it if it is";
    Finding { line, kind: FindingKind::Unread, text: Clean::new(text) }
}

/// Where the triggers stand, by their lines: rows in the place of their table.
fn places_of_triggers(outline: &Outline<'_>, items: &Items) -> FxHashMap<u32, usize> {
    let trips = |item: &Item| (item.meaning == Meaning::Trigger).then_some(item.line);
    let mut places = FxHashMap::default();
    for (place, block) in outline.blocks.list.iter().enumerate() {
        places.extend(items.of_block(place).and_then(trips).map(|line| (line, place)));
        if let Kind::Table { rows, .. } = &block.kind {
            let lines = rows.iter().filter_map(|(line, _)| items.of_row(*line).and_then(trips));
            places.extend(lines.map(|line| (line, place)));
        }
    }
    places
}

/// Whether it stands right below a line that says when to go back.
fn is_of_way_back(outline: &Outline<'_>, block: &Block) -> bool {
    [block.label, block.inside].into_iter().flatten().any(|place| outline.is_way_back(place))
}

/// The person that an approval names behind the role: `Risk: Tomasz`, `Head of admission — Zoë`.
fn named_in(text: &str) -> Option<&str> {
    let dash = || [" — ", " – ", " - "].iter().find_map(|dash| text.split_once(dash));
    let inside = || {
        let text = text.trim_end();
        let western = text.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
        western.or_else(|| text.strip_suffix('）').and_then(|rest| rest.rsplit_once('（')))
    };
    let (_, name) = labelled(text).or_else(dash).or_else(inside)?;
    let words = name.split_whitespace();
    let is_name =
        |word: &str| word.starts_with(char::is_uppercase) && !word.contains(|c: char| c.is_ascii_digit());
    // Names without capitals: 「運用責任者（佐藤）」, 「技术负责人：何舟」.
    let is_apart =
        text.ends_with('）') || (text.contains('：') && !name.ends_with(['済', '了', 'み', '成', '过']));
    let is_short = is_apart && !name.is_ascii() && name.chars().count() <= 4;
    let is_called = is_short && Topics::of(name) == Topics::default();
    let is_written = words.clone().count() <= 3 && words.clone().all(is_name);
    (!name.is_empty() && (is_called || is_written)).then_some(name)
}

/// The condition that `item` states, or each of several of which any trips.
fn triggers(item: &Item, time: Beside, plan: &mut Plan) {
    let stage =
        plan.stages.iter().find(|stage| Some(stage.line) == item.stage).map(|stage| &stage.name).cloned();
    let trigger = |text: Clean, parsed| PlannedTrigger {
        line: item.line,
        text,
        item: Some(item.id.clone()),
        parsed,
        stage: stage.clone(),
    };
    let (found, _) = with_time(time, read_whole(&item.text));
    let trips =
        |from: usize, limit: &Limit| !is_deadline(&item.text, limit) && !is_kept(&item.text, from, limit);
    if found.len() < 2 || !stands_alone(item, joint(&item.text, &found)) {
        let parsed = match found.as_slice() {
            [one] if trips(0, one) => Some(one.bound.clone()),
            _ => None,
        };
        plan.triggers.push(trigger(item.text.clone(), parsed));
        return;
    }
    let mut from = 0;
    for limit in found {
        let piece = item.text.get(from..limit.at.end).unwrap_or_default();
        let piece = if from > 0 { behind_break(piece) } else { piece };
        let trips = trips(from, &limit);
        from = limit.at.end;
        plan.triggers.push(trigger(Clean::new(piece.trim()), Some(limit.bound).filter(|_| trips)));
    }
}

/// How an item of a list stands there.
#[derive(Debug, Clone, Copy)]
struct Steps {
    is_boxed: bool,
    is_numbered: bool,
}

fn add_item(plan: &mut Plan, topics: Topics, line: u32, text: &Text, steps: Steps) {
    let whole = || Named { line, name: text.plain.clone(), text: Clean::default() };
    if topics.has(Topic::Phases) {
        // What has a box there is looked at, and is no phase.
        if steps.is_boxed || topics.has(Topic::Checklist) {
            return;
        }
        let Named { line, name, text } = apart(line, text);
        plan.phases.push(PlannedPhase { line, name, text });
    } else if topics.any(&[Topic::Contacts, Topic::Roles]) {
        // A box is something to do, and names nobody.
        if steps.is_boxed {
            return;
        }
        add_named(plan, topics, apart(line, text));
    } else if topics.has(Topic::Activation) {
        plan.activations.push(whole());
    } else if topics.has(Topic::Procedure) {
        plan.procedures.push(whole());
    } else if topics.any(&NO_STEPS) {
        // Items, the output of a command, or when not to go back.
    } else if topics.has(Topic::Rollback) || (steps.is_numbered && !steps.is_boxed) {
        plan.rollback_steps.push(whole());
    }
}

fn add_named(plan: &mut Plan, topics: Topics, row: Named) {
    if topics.has(Topic::Contacts) {
        plan.contacts.push(row);
    } else if topics.has(Topic::Roles) && row.name.split_whitespace().count() <= LONGEST_ROLE {
        plan.roles.push(Role { line: row.line, name: row.name, who: row.text, kind: RoleKind::WarRoom });
    }
}

/// The first cell, and the others behind it.
fn row(line: u32, cells: &[Text]) -> Option<Named> {
    let (name, rest) = cells.split_first()?;
    let rest: Vec<&str> = rest.iter().map(|cell| &*cell.plain).filter(|cell| !cell.is_empty()).collect();
    let text = Clean::new(&rest.join(", "));
    (!name.plain.is_empty()).then(|| Named { line, name: name.plain.clone(), text })
}

/// Name and description: the bold beginning, or what stands before a colon or dash.
pub(super) fn apart(line: u32, text: &Text) -> Named {
    let plain = text.plain.as_str();
    let bold = text.strong.as_deref().and_then(|bold| plain.strip_prefix(bold).map(|rest| (bold, rest)));
    let dash = || [" - ", " – ", " — "].iter().find_map(|dash| plain.split_once(dash));
    let (name, rest) = bold.or_else(dash).or_else(|| labelled(plain)).unwrap_or((plain, ""));
    let between = |c: char| c.is_whitespace() || ":：-–—".contains(c);
    Named {
        line,
        name: Clean::new(name.trim_matches(between)),
        text: Clean::new(rest.trim_start_matches(between)),
    }
}

/// Lines of a paragraph that name something: `**On-call:** see the rota`.
fn lines(outline: &Outline<'_>, block: &Block) -> Vec<Named> {
    let numbered = (block.line..).zip(outline.blocks.source(block).lines());
    let named = numbered.filter_map(|(line, text)| {
        let text = text.replace("**", "").replace('`', "");
        let (name, value) = labelled(text.trim_start_matches(['>', ' ']))?;
        let is_name = !value.is_empty() && name.split_whitespace().count() <= 5;
        is_name.then(|| Named { line, name: Clean::new(name), text: Clean::new(value) })
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn drills_and_what_is_measured_of_a_rollback_are_no_steps_of_it() {
        let text = "# Rollback runbook\n\n## Level 1: the flag\n- Turn it off\n- Tell support\n\n## Metrics to Track\n- Time to decide\n- Orders lost\n\n\
                    ## Practice\n\n### Quarterly Drill\n\nPractice rollback procedures quarterly:\n\n1. Reserve a window\n2. Turn the flag off in staging\n\n## Übungen\n- Jeden Monat einmal\n\n\
                    ## Level 2: the image\n1. Shift traffic back\n";
        let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
        assert_eq!(plan.rollback_steps.iter().map(|it| it.line).collect::<Vec<_>>(), [4, 5, 24]);
        let told = plan.findings.iter().filter(|it| it.text.contains("read as no rollback steps"));
        assert_eq!(told.map(|it| it.line).collect::<Vec<_>>(), [8, 17, 21], "{:?}", plan.findings);
    }

    #[test]
    fn steps_that_speak_of_metrics_and_steps_below_considerations_are_steps() {
        let text = "# Shop\n\n## Rollback procedure\n\n### 2. Shift traffic back and watch key metrics\n1. Shift it\n\n\
                    ### Step 3: check the metrics to watch\n1. Look\n\n\
                    ### Rollback considerations\n\n**Rollback steps:**\n\n1. Turn it off\n\n### Key metrics\n- Orders lost\n";
        let plan = crate::document::read("r.md", text.as_bytes()).document.expect("a text").plan;
        assert_eq!(plan.rollback_steps.iter().map(|it| it.line).collect::<Vec<_>>(), [6, 9, 15]);
        let told = plan.findings.iter().filter(|it| it.text.contains("read as no rollback steps"));
        assert_eq!(told.map(|it| it.line).collect::<Vec<_>>(), [18], "{:?}", plan.findings);
    }
}
