//! What is drafted is read by the loader, whatever the documents hold.

use std::path::Path;

use super::*;
use crate::config::{self, Loaded, Overrides};
use crate::domain::plan::{Named, PlannedPhase, Role, RoleKind};
use crate::domain::{ItemId, ProofKind};

fn loaded(text: &str) -> Loaded {
    match config::parse(text, Path::new("config.toml"), &Overrides::default(), "mara") {
        Ok(loaded) => loaded,
        Err(error) => panic!("{error}\n{text}"),
    }
}

fn document(markdown: &str) -> Document {
    crate::document::read("release.md", markdown.as_bytes()).document.expect("a document")
}

#[test]
fn a_checklist_becomes_a_room_with_probes_roles_and_proposals() {
    let mut document = document(
        "# Chat: the 2.4 release\n- [ ] All health check endpoints respond (http://127.0.0.1:8000/health)\n\
         - [ ] Startup phases complete\n- [ ] Error rate below 1 %\n- [ ] All events delivered to ws://127.0.0.1:8000/ws/events\n",
    );
    let named = |name: &str| Named { line: 3, name: name.into(), text: "+49 30 1".into() };
    document.plan.contacts = vec![named("Ines"), named("")];
    let phase = |name: &str| PlannedPhase { line: 9, name: name.into(), text: "".into() };
    document.plan.phases = vec![phase("INIT"), phase("READY"), phase("INIT")];
    let role = |name: &str| Role { line: 9, name: name.into(), who: "Sam".into(), kind: RoleKind::SignOff };
    document.plan.roles = vec![role("QA"), role("qa"), role("Lead \"x\"")];
    let text = config(&[document]);
    let room = loaded(&text).room;
    assert_eq!((room.name.as_str(), room.checklists.len()), ("chat-the-2-4-release", 1));
    let service = &room.services[0];
    assert_eq!((service.probes.len(), service.events.is_some(), service.startup.is_some()), (1, true, true));
    assert_eq!(room.contacts.iter().map(|contact| contact.name.as_str()).collect::<Vec<_>>(), ["Ines"]);
    assert_eq!(
        room.signoff.roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(),
        ["QA", "Lead \"x\""]
    );
    let bound: Vec<(&str, bool)> =
        room.signoff.bindings.iter().map(|b| (b.name.as_str(), b.kind == ProofKind::Condition)).collect();
    assert_eq!(
        bound,
        [("health health failing", true), ("startup failed", true), ("events not flowing", true)]
    );
    assert!(text.contains("# condition = \"error_rate\""), "what watches nothing yet is a comment: {text}");
}

#[test]
fn hostile_and_empty_documents_give_a_config_that_loads() {
    loaded(&config(&[]));
    let nasty = "]]\n[room] \" ''' \\ # {} * \u{202e} \"\"\" http://h/health\" ws://[::1]/ http://$HOST/health http://a@b/health";
    let item = Item { id: ItemId("a".into()), text: nasty.into(), ..Item::default() };
    let section = Section { path: vec![nasty.into()], line: 1, items: vec![item] };
    let mut document = Document {
        path: nasty.replace('\n', " "),
        title: nasty.into(),
        sections: vec![section],
        ..Document::default()
    };
    document.path = Clean::new(&document.path).to_string();
    document.plan.contacts = vec![Named { line: 1, name: nasty.into(), text: nasty.into() }];
    document.plan.events = vec![Named { line: 1, name: nasty.into(), text: "".into() }];
    document.plan.phases = vec![PlannedPhase { line: 1, name: nasty.into(), text: nasty.into() }];
    loaded(&config(&[document]));
}
