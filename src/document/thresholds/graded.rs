//! Bullets of a list of thresholds that say how grave each is: `**Critical:** Error rate > 5 % for 3 minutes`.

use super::names::measured;
use super::{priority, stated};
use crate::document::blocks::{Blocks, Kind};
use crate::document::bound::limits;
use crate::document::items::{Items, labelled};
use crate::domain::Clean;
use crate::domain::plan::{Origin, Plan, Threshold};

/// Words of headings above such lists.
const HEADINGS: [&str; 12] = [
    "threshold",
    "alerts",
    "alerting",
    "schwellwert",
    "schwellenwert",
    "grenzwert",
    "seuil",
    "umbral",
    "limiares",
    "阈值",
    "閾値",
    "しきい値",
];

/// What a bullet begins with, and whether that is critical or only a warning.
const GRADES: [(&str, bool); 15] = [
    ("critical", true),
    ("page", true),
    ("red", true),
    ("kritisch", true),
    ("critique", true),
    ("crítico", true),
    ("严重", true),
    ("重大", true),
    ("warning", false),
    ("warn", false),
    ("yellow", false),
    ("warnung", false),
    ("avertissement", false),
    ("advertencia", false),
    ("警告", false),
];

pub(super) fn find(blocks: &Blocks, items: &Items, plan: &mut Plan) {
    for (place, block) in blocks.list.iter().enumerate() {
        let Kind::Item { ticked: None, text, .. } = &block.kind else { continue };
        if items.has(place) || blocks.is_set_aside(block) {
            continue;
        }
        let above =
            block.head.and_then(|head| blocks.heads.get(head)).map_or("", |head| &*head.text).to_lowercase();
        if !HEADINGS.iter().any(|word| above.contains(word)) {
            continue;
        }
        let Some((grade, said)) = labelled(&text.plain) else { continue };
        let grade = grade.to_lowercase();
        let Some((_, critical)) = GRADES.iter().find(|(word, _)| *word == grade) else { continue };
        if let [limit] = limits(said).as_slice() {
            let name = measured(said, 0, limit);
            let limit = stated(said.get(limit.at.clone()).unwrap_or_default(), limit.bound.clone());
            let (warning, critical) = if *critical { (None, Some(limit)) } else { (Some(limit), None) };
            plan.thresholds.push(Threshold {
                line: block.line,
                name: Clean::new(&name),
                target: None,
                warning,
                critical,
                baseline: None,
                priority: priority(blocks, block.head),
                description: text.plain.clone(),
                origin: Origin::Item,
                section: Vec::new(),
                item: None,
            });
        }
    }
}
