//! What is drafted is read by the loader, whatever the documents hold.

use std::path::Path;

use super::*;
use crate::config::{self, Loaded, Overrides};
use crate::domain::condition::Purpose;
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
    let text = config(&[document], None);
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

/// What is proposed is read as it stands, once its comment signs are taken away.
#[test]
fn required_variables_are_proposed_with_their_patterns() {
    let text =
        config(&[document("# Deploy\n\n1. **Database**: missing STORE_* environment variables\n")], None);
    let from = text.find("# [[require_env]]").expect("a proposal");
    let proposed = text.get(from..).unwrap_or_default().lines().take_while(|line| line.starts_with('#'));
    let block: Vec<&str> = proposed.map(|line| line.trim_start_matches(['#', ' '])).collect();
    let service = "[[service]]\nname = \"api\"\n[service.cloud_run]\nproject = \"p\"\nregion = \"r\"\n";
    let room = loaded(&format!("{service}service = \"api\"\n{}", block.join("\n"))).room;
    let names: Vec<&str> = room.conditions.iter().map(|condition| condition.name.as_str()).collect();
    assert!(names.iter().any(|name| name.contains("env STORE_*")), "{names:?}\n{text}");
}

#[test]
fn what_flows_proves_nothing_of_whom_it_reaches() {
    let text = config(
        &[document(
            "# A\n- [ ] User isolation: events only delivered to correct connections (ws://127.0.0.1:8000/ws)\n\
             - [ ] Raise the traffic if healthy, health checks green (http://127.0.0.1:8000/health)\n\
             - [ ] Event delivery rate: > 99 %\n",
        )],
        None,
    );
    assert!(loaded(&text).room.signoff.bindings.is_empty(), "{text}");
}

#[test]
fn hostile_and_empty_documents_give_a_config_that_loads() {
    loaded(&config(&[], None));
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
    loaded(&config(&[document], None));
}

#[test]
fn the_limits_of_a_document_are_the_limits_of_the_config() {
    let document = document(
        "# R\n- [ ] p95 connection duration ≥ 2 hours\n- [ ] Event delivery latency < 100ms\n- [ ] Run the smoke tests\n\n\
         See ws://127.0.0.1:8000/ws and http://127.0.0.1:8000/health\n- [ ] curl http://127.0.0.1:8000/health ws://127.0.0.1:8000/ws\n\n\
         ## Gates\n```bash\npytest tests/smoke\n```\n\n\
         ## Metrics\n```promql\nhistogram_quantile(0.95, sum(rate(http_seconds_bucket[5m])) by (le))\n```\n\
         **Target:** p95 < 250ms\n**Alert:** p95 > 1 second\n\n\
         ```promql\nsum(rate(http_errors[5m])) / sum(rate(http_requests[5m]))\n```\n**Alert:** > 5%\n\n\
         | Metric | Target | Alert If |\n|---|---|---|\n| Reconnects | ~2/day | > 10/day |\n\n\
         ## Rollback triggers\n- [ ] Health checks failing > 3 minutes\n- [ ] Connection success rate < 80 % for 2 minutes\n",
    );
    let text = config(&[document], None);
    let room = loaded(&text).room;
    let of = |name: &str| {
        room.conditions.iter().find(|c| c.signal.name == name).map(|c| (c.fail.to_string(), c.unit.clone()))
    };
    let told = |fail: &str, unit: &str| Some((fail.to_owned(), unit.to_owned()));
    assert_eq!(of("connections.p95"), told("< 7200", "s"), "{text}");
    let panels = &room.services[0].metrics.as_ref().expect("queries").panels;
    let limits: Vec<_> =
        panels.iter().map(|p| (p.unit.as_str(), p.critical.map(|c| c.to_string()))).collect();
    assert_eq!(
        limits,
        [("s", Some("> 1".into())), ("", Some("> 0.05".into()))],
        "in the unit of the query: {text}"
    );
    assert_eq!(panels[0].target.map(|target| target.to_string()), Some("< 0.25".to_owned()));
    assert!(
        text.contains("# query = ''") && text.contains("# critical = \"> 10\""),
        "no query, a comment: {text}"
    );
    let failing = room.conditions.iter().find(|c| c.name == "health health failing").expect("the trigger");
    assert_eq!(failing.sustained, std::time::Duration::from_mins(3));
    let purpose = |name: &str| room.conditions.iter().find(|c| c.signal.name == name).map(|c| c.purpose);
    assert_eq!(
        (purpose("connections.success"), purpose("connections.p95")),
        (Some(Purpose::Trigger), Some(Purpose::Criterion)),
        "{text}"
    );
    let bound: Vec<(&str, ProofKind)> =
        room.signoff.bindings.iter().map(|b| (b.name.as_str(), b.kind)).collect();
    assert!(bound.iter().any(|(name, _)| name.contains("connection duration < 7200 s")), "{bound:?}\n{text}");
    assert!(bound.iter().any(|(_, kind)| *kind == ProofKind::Gate), "{bound:?}\n{text}");
}
