//! Child bullets that are fields of their item: `Owner: Mara`, `**Expected:** 200`.

use crate::document::blocks::Text;
use crate::document::topic::normal;
use crate::domain::{Clean, Field};

/// Names of fields that say who; folded as [`normal`] does.
const OWNERS: [&str; 24] = [
    "owner",
    "owners",
    "responsible",
    "responsible person",
    "responsibility",
    "assignee",
    "assigned to",
    "assigned",
    "dri",
    "verantwortlich",
    "verantwortliche",
    "verantwortlicher",
    "zustandig",
    "responsable",
    "proprietaire",
    "responsavel",
    "propietario",
    "负责人",
    "责任人",
    "負責人",
    "担当",
    "担当者",
    "責任者",
    "encargado",
];

/// Names of other fields.
const OTHERS: [&str; 62] = [
    "expected",
    "expected result",
    "expected output",
    "actual",
    "actual result",
    "result",
    "blocker",
    "blockers",
    "blocked by",
    "due",
    "due date",
    "deadline",
    "eta",
    "date",
    "time",
    "duration",
    "estimate",
    "estimated time",
    "status",
    "evidence",
    "verified by",
    "approved by",
    "reviewer",
    "note",
    "notes",
    "comment",
    "comments",
    "priority",
    "risk",
    "impact",
    "ticket",
    "link",
    "depends on",
    "dependencies",
    "command",
    "erwartet",
    "tatsachlich",
    "ergebnis",
    "blockiert durch",
    "fallig",
    "frist",
    "attendu",
    "reel",
    "bloquant",
    "echeance",
    "esperado",
    "real",
    "bloqueo",
    "vencimiento",
    "fecha limite",
    "bloqueio",
    "prazo",
    "data limite",
    "预期",
    "实际",
    "阻塞",
    "截止日期",
    "期望",
    "期待値",
    "実績",
    "期限",
    "ブロッカー",
];

/// The field that `text` of a child bullet is.
pub(super) fn of(line: u32, text: &Text) -> Option<Field> {
    let (name, value) = labelled(&text.plain)?;
    let known = normal(name);
    let is_field = OWNERS.contains(&known.as_str()) || OTHERS.contains(&known.as_str());
    is_field.then(|| Field { line, name: Clean::new(name), value: Clean::new(value) })
}

/// Whether a field of this name says whose the item is.
pub(super) fn is_owner(name: &str) -> bool {
    OWNERS.contains(&normal(name).as_str())
}

/// `Name: value` apart.
pub(in crate::document) fn labelled(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once([':', '：'])?;
    let name = name.trim();
    (!name.is_empty() && name.len() <= 80).then(|| (name, value.trim()))
}
