//! What the title of a document may say of all that stands below it. A title that names the whole (`Deployment & Rollback
//! Runbook`), or two meanings (`Pre- and Post-Deployment Checklist`), sets none; and none drops anything by itself.

use super::{AboveKind, Outline};
use crate::document::topic::{Topic, Topics};

/// What a title never says: that all below it was done, or is nothing to do.
const NEVER: [Topic; 3] = [Topic::Claim, Topic::Inert, Topic::Expected];

/// What a document is that is worked on, whatever else its title calls it.
const WORKED_ON: [&str; 24] = [
    "checklist",
    "check list",
    "runbook",
    "playbook",
    "plan",
    "guide",
    "procedure",
    "steps",
    "instructions",
    "checkliste",
    "ablauf",
    "anleitung",
    "liste de",
    "procédure",
    "lista de",
    "procedimiento",
    "procedimento",
    "清单",
    "手册",
    "方案",
    "步骤",
    "チェックリスト",
    "手順",
    "計画",
];

/// Meanings that a title sets only where it names no other one.
const MEANINGS: [Topic; 8] = [
    Topic::Trigger,
    Topic::Rollback,
    Topic::RollbackPlan,
    Topic::SignOff,
    Topic::Criterion,
    Topic::Before,
    Topic::Later,
    Topic::Aftermath,
];

/// What stands between the parts of a title.
const BETWEEN: [&str; 29] = [
    " and ",
    " & ",
    "&",
    " plus ",
    "+",
    "/",
    ",",
    " with ",
    " including ",
    " incl. ",
    " und ",
    " mit ",
    " samt ",
    " sowie ",
    " et ",
    " avec ",
    " y ",
    " con ",
    " e ",
    " com ",
    "和",
    "与",
    "及",
    "與",
    "、",
    "と",
    "・",
    "，",
    " then ",
];

/// Words for the deployment itself.
const DEPLOYS: [&str; 34] = [
    "deploy",
    "release",
    "rollout",
    "roll-out",
    "launch",
    "migrat",
    "upgrade",
    "go-live",
    "go live",
    "cutover",
    "update",
    "install",
    "bereitstell",
    "einspiel",
    "auslieferung",
    "einführung",
    "umstellung",
    "déploie",
    "mise en production",
    "livraison",
    "bascule",
    "despliegue",
    "publicación",
    "lanzamiento",
    "implant",
    "lançamento",
    "部署",
    "上线",
    "发布",
    "升级",
    "迁移",
    "デプロイ",
    "リリース",
    "移行",
];

/// Words for going back, where no phrase says it.
const BACK: [&str; 14] = [
    "rollback",
    "roll-back",
    "roll back",
    "back-out",
    "backout",
    "rückbau",
    "retour arrière",
    "marcha atrás",
    "reversi",
    "reversã",
    "回滚",
    "回退",
    "ロールバック",
    "切り戻し",
];

/// What of `topics` the `title` says.
pub(super) fn topics(title: &str, topics: Topics) -> Topics {
    let mut topics = topics.without(&NEVER);
    let lower = title.to_lowercase();
    // "Go/No-Go Checklist" is what is gone through before that is decided, and "Go" may be anything.
    let is_word = title.split_whitespace().count() < 2;
    if topics.has(Topic::Criterion) && (is_word || WORKED_ON.iter().any(|word| lower.contains(word))) {
        topics = topics.without(&[Topic::Criterion, Topic::Outcome]);
    }
    if topics.has(Topic::Report) && WORKED_ON.iter().any(|word| lower.contains(word)) {
        topics = topics.without(&[Topic::Report]);
    }
    if topics.any(&MEANINGS) && names_several(title) { topics.without(&MEANINGS) } else { topics }
}

/// Whether the parts of `title` speak of different things.
fn names_several(title: &str) -> bool {
    let mut rest = title.to_lowercase();
    for word in BETWEEN {
        rest = rest.replace(word, "\n");
    }
    let mut kinds: Vec<Topic> = rest.lines().filter_map(kind).collect();
    kinds.dedup();
    kinds.len() > 1
}

/// What a part of a title speaks of.
fn kind(part: &str) -> Option<Topic> {
    let topics = Topics::of(part);
    let word = part.trim().trim_matches(|c: char| !c.is_alphanumeric());
    let says = |words: &[&str]| words.iter().any(|word| part.contains(word));
    let first = word.split([' ', '-']).next().unwrap_or_default();
    if let Some(topic) = MEANINGS.iter().find(|topic| topics.has(**topic)) {
        return Some(if *topic == Topic::RollbackPlan { Topic::Rollback } else { *topic });
    }
    match first {
        "pre" | "pré" | "vor" | "before" | "avant" | "antes" => Some(Topic::Before),
        "post" | "pos" | "pós" | "nach" | "after" | "après" | "después" | "após" => Some(Topic::Later),
        _ if says(&BACK) => Some(Topic::Rollback),
        _ => says(&DEPLOYS).then_some(Topic::Steps),
    }
}

impl Outline<'_> {
    /// Whether what stands at `place` is told of the past: the title says so, and no line nearer says that it is to be done, or watched.
    pub(in crate::document) fn is_told(&self, place: usize) -> bool {
        // "Validation", "Readiness" are what a report tells of.
        const TO_DO: [Topic; 9] = [
            Topic::Open,
            Topic::Trigger,
            Topic::SignOff,
            Topic::Criterion,
            Topic::Before,
            Topic::Later,
            Topic::Steps,
            Topic::Rollback,
            Topic::RollbackPlan,
        ];
        let is_report = self.heads.first().is_some_and(|(title, _)| title.topics.has(Topic::Report));
        if !is_report {
            return false;
        }
        // The nearest that says anything: what is reported below a list of steps is reported.
        let says = |line: &&super::Above| {
            !line.is_title && (line.topics != Topics::default() || matches!(line.kind, AboveKind::Stage(_)))
        };
        let nearest = self.above(place).iter().find(says);
        let to_do = nearest.is_some_and(|line| {
            let reports = line.topics.any(&[Topic::Claim, Topic::Report, Topic::Inert]);
            !reports && (line.topics.any(&TO_DO) || matches!(line.kind, AboveKind::Stage(_)))
        });
        !to_do
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_of_the_whole_or_of_two_meanings_sets_none() {
        for title in [
            "Deployment & Rollback Runbook",
            "Release and Rollback Plan",
            "Pre- and Post-Deployment Checklist",
            "Pre/Post Deployment Checklist",
            "Pre-Deployment, Deployment and Post-Deployment",
            "Deployment Guide with Rollback Procedure",
            "Go-Live- und Rollback-Plan",
            "Déploiement et procédure de rollback",
            "Despliegue y procedimiento de rollback",
            "Checklist de deploy e rollback",
            "部署与回滚手册",
            "リリースと切り戻し手順",
        ] {
            assert!(!topics(title, Topics::of(title)).any(&MEANINGS), "{title}");
        }
        for (title, topic) in [
            ("Rollback Runbook", Topic::Rollback),
            ("Payments and Orders: Rollback Procedure", Topic::Rollback),
            ("Post-Deployment Checklist", Topic::Later),
            ("Post-Release and Post-Deployment Checklist", Topic::Later),
            ("Rollback criteria", Topic::Trigger),
        ] {
            assert!(topics(title, Topics::of(title)).has(topic), "{title}");
        }
        assert!(topics("Acceptance criteria", Topics::of("Acceptance criteria")).has(Topic::Criterion));
        for title in ["Go", "Guardrails", "Test Results", "Deployment Status", "Deployment FAQ"] {
            assert_eq!(topics(title, Topics::of(title)), Topics::default(), "{title}");
        }
    }
}
