//! Stages of a rollout: what stands below a heading `Phase …`, and what that says about flags, shares and waiting.

mod share;
mod soak;

pub(super) use self::share::is_ramp;

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use self::soak::{Soaks, WATCH};
use super::blocks::Kind;
use super::items::Items;
use super::needles::Needles;
use super::outline::{AboveKind, Outline};
use super::panels::words_above;
use super::topic::Topic;
use super::{stage, window};
use crate::domain::plan::{Finding, Named, PlannedStage};
use crate::domain::{Clean, Meaning};

/// Words beside a share that is one of users or traffic.
const SHARE: [&str; 20] = [
    "user",
    "traffic",
    "request",
    "rollout",
    "canary",
    "instance",
    "customer",
    "for ",
    "to ",
    "nutzer",
    "verkehr",
    "pour ",
    "für ",
    "para ",
    "usuari",
    "auf ",
    "覆盖",
    "流量",
    "用户",
    "トラフィック",
];

/// The stages of a document, in file order, and what of them is not understood.
pub(super) fn find(outline: &Outline<'_>, items: &Items) -> (Vec<PlannedStage>, Vec<Finding>) {
    let mut stages = begun(outline);
    if stages.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let triggers = items.all().filter(|item| item.meaning == Meaning::Trigger).map(|item| &item.id);
    let triggers: HashSet<_> = triggers.collect();
    let mut soaks = Soaks::default();
    for at in stages.keys() {
        if let Some(head) = outline.blocks.heads.get(*at) {
            soaks.heading(*at, head.line, &head.text);
        }
    }
    for (place, block) in outline.blocks.list.iter().enumerate() {
        if let Kind::Table { header, rows } = &block.kind {
            if let Some((at, part)) = part(outline, place, block.head)
                && let Some(stage) = stages.get_mut(&at)
            {
                stage.take_shares_of_table(header, rows);
                let of_rows = rows.iter().filter_map(|(line, _)| Some((*line, items.of_row(*line)?)));
                for (line, item) in of_rows.filter(|(_, item)| item.meaning != Meaning::Trigger) {
                    stage.add(part, Named { line, name: item.text.clone(), text: Clean::default() });
                }
            }
            continue;
        }
        let (Kind::Item { text, .. } | Kind::Paragraph(text)) = &block.kind else { continue };
        if matches!(block.kind, Kind::Paragraph(_)) && block.inside.is_some() {
            continue;
        }
        let Some((at, part)) = part(outline, place, block.head) else { continue };
        let Some(stage) = stages.get_mut(&at) else { continue };
        if matches!(block.kind, Kind::Paragraph(_)) {
            for (line, text) in (block.line..).zip(outline.blocks.source(block).lines()) {
                let text = text.replace("**", "");
                soaks.line(at, stage, (line, &text));
                stage.take_share_of_line(&text);
            }
            soaks.sentence(at, &text.plain);
            stage.add_flags(&text.plain);
            continue;
        }
        if soaks.line(at, stage, (block.line, &text.plain)) {
            continue;
        }
        // A condition for going back is no step.
        let is_trigger = items.of_block(place).is_some_and(|item| triggers.contains(&item.id));
        if items.has(place) && !is_trigger && block.inside.is_none_or(|parent| !items.has(parent)) {
            let named = Named { line: block.line, name: text.plain.clone(), text: Clean::default() };
            stage.add(part, named);
        }
    }
    let found = soaks.settle(stages.iter_mut());
    (stages.into_values().collect(), found)
}

/// The stages by the places of their headings, as these have them.
fn begun(outline: &Outline<'_>) -> BTreeMap<usize, PlannedStage> {
    let mut stages: BTreeMap<usize, PlannedStage> = BTreeMap::new();
    for (at, head) in outline.blocks.heads.iter().enumerate() {
        if let Some(name) = stage::name(&head.text).filter(|_| outline.begins_stage(at)) {
            let name = Clean::new(&name);
            let (percent, from_percent) = share::in_heading(&head.text);
            let (line, soak_seconds) = (head.line, None);
            let lists = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            let (pre, steps, success, flags) = lists;
            let stage =
                PlannedStage { line, name, pre, steps, success, flags, from_percent, percent, soak_seconds };
            stages.insert(at, stage);
        }
    }
    stages
}

/// Which part of a stage an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Pre,
    Steps,
    Success,
}

/// The stage that the item at `place` stands in, by its heading, and which part of it.
fn part(outline: &Outline<'_>, place: usize, head: Option<usize>) -> Option<(usize, Part)> {
    let above = outline.above(place);
    // "Success criteria", and below it "Phase 2".
    if let Some(at) = outline.told_stage(head) {
        let met = above.iter().any(|line| line.topics.has(Topic::Criterion));
        return met.then_some((at, Part::Success));
    }
    let end = above.iter().position(|line| matches!(line.kind, AboveKind::Stage(_)))?;
    let AboveKind::Stage(up) = above.get(end)?.kind else { return None };
    let next = |at: &usize| outline.blocks.heads.get(*at).and_then(|head| head.under);
    let at = std::iter::successors(head, next).nth(up)?;
    let inner = above.iter().take(end).map(|line| line.topics);
    let mut part = inner.into_iter().find_map(|topics| {
        if topics.any(&[Topic::Criterion]) {
            Some(Part::Success)
        } else if topics.has(Topic::Before) {
            Some(Part::Pre)
        } else {
            topics.has(Topic::Steps).then_some(Part::Steps)
        }
    });
    // `**Before:**` says something only here.
    let before = || {
        let block = outline.blocks.list.get(place)?;
        words_above(outline.blocks, block).into_iter().find(|text| is_before(text))
    };
    if part.is_none() && before().is_some() {
        part = Some(Part::Pre);
    }
    Some((at, part.unwrap_or(Part::Steps)))
}

/// Whether a label or heading says nothing but that what follows comes first.
fn is_before(text: &str) -> bool {
    const BEFORE: [&str; 8] = ["before", "beforehand", "vorher", "davor", "avant", "antes", "之前", "事前"];
    let text = text.trim_end_matches([':', '：']).trim().to_lowercase();
    BEFORE.contains(&text.as_str())
}

trait Adds {
    fn add(&mut self, part: Part, named: Named);
    fn add_flags(&mut self, text: &str);
}

impl Adds for PlannedStage {
    fn add(&mut self, part: Part, named: Named) {
        static WATCHES: LazyLock<Needles> = LazyLock::new(|| Needles::of(&WATCH));
        static SHARES: LazyLock<Needles> = LazyLock::new(|| Needles::of(&SHARE));
        let watches = part == Part::Steps && WATCHES.are_in(&named.name);
        let sustained = part == Part::Success && named.name.to_lowercase().contains(" for ");
        let shares = part == Part::Steps && SHARES.are_in(&named.name);
        let text = if watches || sustained || shares { named.name.to_lowercase() } else { String::new() };
        if watches || sustained {
            let behind =
                if sustained { text.rsplit(" for ").next().unwrap_or_default() } else { text.as_str() };
            let behind = window::without_moments(behind);
            self.soak_seconds = self.soak_seconds.max(window::longest(&behind));
        }
        if shares {
            self.take_share(&text);
        }
        self.add_flags(&named.name);
        match part {
            Part::Pre => self.pre.push(named),
            Part::Steps => self.steps.push(named),
            Part::Success => self.success.push(named),
        }
    }

    fn add_flags(&mut self, text: &str) {
        for flag in flags(text) {
            if !self.flags.iter().any(|known| **known == *flag) {
                self.flags.push(Clean::new(flag));
            }
        }
    }
}

/// Values with which a flag is on. Others set something else, or turn something off, which is no flag of a stage.
const ON: [&str; 5] = ["true", "on", "1", "yes", "enabled"];

/// Names that are turned on in `text`: `NAME=true`.
fn flags(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c: char| c.is_whitespace() || "`'\"(),;".contains(c));
    words.filter_map(|word| word.split_once('=')).filter_map(move |(name, value)| {
        let fits =
            name.len() > 2 && name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(is_name);
        // What stands behind it is the sentence, in whatever script.
        let end = value.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(value.len());
        let value = value.get(..end).unwrap_or_default().to_ascii_lowercase();
        (fits && ON.contains(&value.as_str())).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_turned_on_is_a_flag_of_a_stage() {
        let text = "Set `NEW_QUEUE=true`, FAST=On. and (CACHE=1); DANMU_V6=true，覆盖 OLD_QUEUE=false MAX_CONN=100 MODE=blue EMPTY=";
        assert_eq!(flags(text).collect::<Vec<_>>(), ["NEW_QUEUE", "FAST", "CACHE", "DANMU_V6"]);
    }

    #[test]
    fn a_stage_that_serves_somebody_soaks_for_its_duration() {
        let text = "# R\n## Phase 1: Canary 5%\nDuration: 1 week\n- Deploy it\n\n## Phase 2: Half\n**Duration:** 24 hours\n\n- Set `FAST=true`\n\n\
                    ## Phase 3: 100%\n- Duration: 48 hours\n- Shift it\n\n## Phase 4: Move the data\nDuration: 2 hours\n\n- Copy it\n";
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        let soaks: Vec<Option<u64>> = plan.stages.iter().map(|stage| stage.soak_seconds).collect();
        assert_eq!(soaks, [Some(604_800), None, Some(172_800), None]);
        assert_eq!(plan.stages[2].steps.len(), 1);
    }

    #[test]
    fn a_bold_line_begins_a_stage_as_a_heading_does() {
        let text = "# R\n\n## Rollout\n\n**Phase 1: Canary (10%)**\n\nPre-deployment:\n- [ ] QA done\n\nSteps:\n1. Set `NEW_CART=true`\n\n\
                    **Success criteria:**\n- [ ] Error rate < 1 %\n\nSoak: 24 hours\n\n**Phase 2: Full (100%):**\n\nSteps:\n1. Shift it\n\n\
                    **Rollback triggers**\n- Error rate > 5 %\n\n---\n\n- [ ] Tell everybody\n\n## Contacts\n- Ines\n";
        let document = crate::document::read("d.md", text.as_bytes()).document.expect("a text");
        let told: Vec<_> = document.plan.stages.iter().collect();
        let counts = |it: &&PlannedStage| (it.pre.len(), it.steps.len(), it.success.len(), it.flags.len());
        assert_eq!(told.iter().map(counts).collect::<Vec<_>>(), [(1, 1, 1, 1), (0, 1, 0, 0)]);
        assert_eq!(told.iter().map(|it| &*it.name).collect::<Vec<&str>>(), ["Canary (10%)", "Full (100%)"]);
        assert_eq!(told.iter().map(|it| it.soak_seconds).collect::<Vec<_>>(), [Some(86_400), None]);
        assert_eq!(document.plan.counts.headings, 3, "a bold line is no heading");
        let apart =
            document.sections.iter().find(|it| it.items.iter().any(|item| *item.text == *"Tell everybody"));
        assert_eq!(apart.map(|it| it.path.len()), Some(2), "a rule ends it");
        let mut items = document.sections.iter().flat_map(|it| &it.items);
        let trigger = items.find(|item| item.meaning == Meaning::Trigger).expect("a trigger");
        assert_eq!(trigger.stage, None, "another bold line is as high as the one that begins the stage");
    }

    #[test]
    fn rows_with_boxes_are_of_their_stage_and_a_time_that_is_not_read_is_told() {
        let text = "# R\n## Phase 1: Team\n- **Duration:** 3-5 business days\n\n### Pre-deployment checklist\n\n| Task | State |\n|---|---|\n\
                    | Back up | [ ] |\n| Tell support | [ ] |\n\n## Phase 2: 10%\nSoak: overnight\n\n- Shift it\n\n## Phase 3: 50% (30 min)\n- Shift it\n";
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        let told: Vec<_> =
            plan.stages.iter().map(|it| (it.pre.len(), it.steps.len(), it.soak_seconds)).collect();
        assert_eq!(told, [(2, 1, None), (0, 1, None), (0, 1, Some(1800))]);
        let unread = plan.findings.iter().filter(|it| it.text.contains("how long it is watched"));
        assert_eq!(unread.map(|it| it.line).collect::<Vec<_>>(), [3, 13], "{:?}", plan.findings);
    }

    #[test]
    fn moments_of_a_stage_are_no_time_that_it_is_watched() {
        let text = "# R\n\n## Phase 2: Ramp (4-12h)\n- [ ] T+8h: **HOLD POINT**\n- [ ] T+12 h: Watch it\n\n## Phase 3: Full (12-24h)\n\
                    - [ ] T+12h: Monitor closely for 2h\n";
        let plan = crate::document::read("d.md", text.as_bytes()).document.expect("a text").plan;
        assert_eq!(plan.stages.iter().map(|it| it.soak_seconds).collect::<Vec<_>>(), [None, Some(7200)]);
        let told = plan.findings.iter().filter(|it| it.text.contains("how long it is watched"));
        assert_eq!(told.map(|it| it.line).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn a_heading_says_the_share_and_how_long_it_is_watched() {
        for (text, share, soak) in [
            ("Phase 1 — Canary 5% (soak 24h)", Some(5), Some(86_400)),
            ("Phase 2: 25% (24h soak)", Some(25), Some(86_400)),
            ("Phase 3: 50%, bake 2 hours", Some(50), Some(7200)),
            ("阶段一：灰度 5%（观察 30 分钟）", Some(5), Some(1800)),
            ("フェーズ1 10%（24時間監視）", Some(10), Some(86_400)),
            ("Phase 4 (24 Std. Beobachtung)", None, Some(86_400)),
            ("Phase 6: Ramp from 50% to 100% over 3 days", Some(100), None),
            ("Phase 7: Full rollout 100%", Some(100), None),
            ("Phase 8 (error rate below 1% for 1 hour)", None, None),
            ("Phase 9 (Days 1-2)", None, None),
            ("Phase 1: Canary 5% (2 hours minimum)", Some(5), Some(7200)),
            ("Phase 2: 25%, at least 24h", Some(25), Some(86_400)),
            ("Phase 3: 50% (24-hour soak)", Some(50), Some(86_400)),
            ("Phase 4: 75% (mindestens 30 Minuten)", Some(75), Some(1800)),
            ("阶段二：灰度 20%（至少 2 小时）", Some(20), Some(7200)),
            ("Phase 5: at least 99 % of users", None, None),
        ] {
            assert_eq!((share::in_heading(text).0, soak::in_heading(text)), (share, soak), "{text}");
        }
    }
}
