//! Which required items an act needs: how a rollout went is asked when it can be said.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document;
use crate::domain::room::{CloudRunSpec, Service};
use crate::domain::{Clean, Entry, Mono, Now, Record, Room, Wall};
use crate::model::Model;
use crate::model::msg::Msg;

const TEXT: &str = "# Ledger\n\n## Before\n- [ ] Back up (required)\n\n## Success criteria (all must be met)\n- No complaints\n\n\
                    ## GO criteria (all must be met)\n- Staging is green\n";

fn record(seq: u64, entry: Entry) -> Record {
    let (at, by, role) = (Wall::default(), "ines".into(), Clean::default());
    Record { seq, at, by, role, entry, hash: String::new(), late: false }
}

/// A room that sees traffic.
fn room() -> Room {
    let run = CloudRunSpec {
        project: "ledger".into(),
        region: "here".into(),
        service: "ledger".into(),
        endpoint: String::new(),
        token: None,
        interval: std::time::Duration::from_secs(5),
        verify_for: std::time::Duration::from_secs(120),
    };
    let service = Service { name: "ledger".into(), cloud_run: Some(run), ..Service::default() };
    Room { services: vec![service], ..Room::default() }
}

#[test]
fn where_no_traffic_is_seen_success_criteria_are_asked_for_all_the_time() {
    let now = Now { mono: Mono::from_secs(9), wall: Wall::default() };
    let mut model = Model::new(Arc::new(Room::default()), "c".into(), now, (80, 24));
    let document = document::read("go.md", TEXT.as_bytes()).document.expect("text");
    model.update(Msg::DocumentsRead { documents: vec![document], problems: Vec::new() });
    assert_eq!(model.required_items(), (0, 3));
}

#[test]
fn success_criteria_outside_of_stages_are_asked_for_from_t0_on_and_what_is_to_hold_before_it_before() {
    let now = Now { mono: Mono::from_secs(9), wall: Wall::default() };
    let mut model = Model::new(Arc::new(room()), "c".into(), now, (80, 24));
    let document = document::read("go.md", TEXT.as_bytes()).document.expect("text");
    model.update(Msg::DocumentsRead { documents: vec![document], problems: Vec::new() });
    assert_eq!(model.required_items(), (0, 2), "the backup, and that staging is green");
    let began = Entry::RolloutBegan {
        given: None,
        candidates: BTreeMap::new(),
        baseline: BTreeMap::new(),
        environment: "x".into(),
    };
    model.update(Msg::Recorded { records: vec![record(1, began)] });
    assert_eq!(model.required_items(), (0, 2));
    let t0 = Entry::T0 { at: Wall::default(), detected: false };
    model.update(Msg::Recorded { records: vec![record(2, t0)] });
    assert_eq!(model.required_items(), (0, 3));
}

#[test]
fn criteria_of_a_stage_and_those_before_a_deployment_say_nothing_of_how_it_went() {
    let of = |text: &str| {
        let document = document::read("go.md", text.as_bytes()).document.expect("text");
        let items = document.sections.iter().flat_map(|it| &it.items);
        items.map(|item| item.of_outcome).collect::<Vec<_>>()
    };
    assert_eq!(of(TEXT), [false, true, false]);
    assert_eq!(of("# S\n\n## Phase 1: Canary 5%\n\n### Success criteria\n- It works\n"), [false]);
    assert_eq!(of("# S\n\n## Pre-deployment\n\n### Success criteria\n- It works\n"), [false]);
    assert_eq!(of("# S\n\n## Success criteria\n\n**GO if:**\n- It works\n"), [false]);
    assert_eq!(of("# S\n\n## Erfolgskriterien (alle müssen erfüllt sein)\n- Läuft\n"), [true]);
}
