//! Comparing any two revisions in the console, as a person would.

use std::collections::BTreeMap;

use warroom::domain::comparison::Environment;
use warroom::domain::metric::{CohortCloses, Cohorted, MetricValue, Scraped};
use warroom::domain::revision::{EnvValue, ServiceScaling};
use warroom::domain::room::CohortSpec;
use warroom::domain::{Clean, Key, LinkReport, PanelId, ServiceIx, SourceId, Traffic};
use warroom::model::modal::Modal;
use warroom::model::msg::Msg;

use crate::frames::room::Mood;
use crate::screens::Person;

const IX: ServiceIx = ServiceIx(0);

/// The traffic of the room, with six revisions more that nobody uses, each with what makes it another one.
fn many(person: &Person) -> Traffic {
    let mut traffic = person.model.traffic(IX).expect("read").clone();
    traffic.scaling = ServiceScaling { min: Some(2), ..ServiceScaling::default() };
    let last = traffic.revisions.last().expect("a revision").clone();
    for (n, word) in (411_u32..417).rev().zip(["pon", "zed", "kib", "wam", "lof", "tuv"]) {
        let mut older = last.clone();
        older.name = format!("chat-backend-00{n}-{word}");
        older.image = Clean::new(&format!("registry.example.com/team/chat@sha256:{n}ab{n}{n:056}"));
        older.facts.concurrency = Some(n);
        older.facts.instances = (Some(1), Some(20));
        let secret = EnvValue::Secret { secret: "store-password".into(), version: n.to_string() };
        older.env = BTreeMap::from([
            ("STORE_PASSWORD".to_owned(), secret),
            (
                "STORE_URL".to_owned(),
                EnvValue::Plain(Clean::new(&format!("https://store-{n}.example.com/x"))),
            ),
        ]);
        traffic.revisions.push(older);
    }
    traffic
}

fn at_the_list(size: (u16, u16)) -> Person {
    let mut person = Person::at(Mood::Bad, size);
    let (traffic, at) = (Box::new(many(&person)), person.model.now.mono);
    person.tell(Msg::TrafficRead { service: IX, at, traffic });
    person.model.ui.focus.open(PanelId::Traffic);
    person
}

#[test]
fn one_is_marked_and_any_other_compared_with_it() {
    for size in [(80, 24), (120, 40)] {
        let mut ines = at_the_list(size);
        // Six rows down: revisions that serve nothing are listed too.
        ines.keys("jjv");
        assert!(ines.screen().contains("00416-pon"), "{}", ines.screen());
        insta::assert_snapshot!(format!("marked-{}x{}", size.0, size.1), ines.screen());
        ines.keys("jjjv");
        let screen = ines.screen();
        assert!(screen.contains("chat-backend-00416-pon") && screen.contains("chat-backend-00413-wam"));
        assert!(screen.contains("one value") && !screen.contains("store-416"), "{screen}");
        ines.keys("\n");
        insta::assert_snapshot!(format!("compared-{}x{}", size.0, size.1), ines.screen());
        assert!(ines.screen().contains("store-416"), "values on request: {}", ines.screen());
        assert!(ines.screen().contains("secret store-password"), "of secrets the reference alone");
        ines.key(Key::Esc);
        // On the marked one the key takes the mark back.
        ines.keys("kkkv");
        assert_eq!(ines.model.ui.marked, None);
    }
}

#[test]
fn the_variables_of_a_revision_are_told_by_name_and_their_values_on_request_alone() {
    let mut ines = at_the_list((160, 48));
    let mut traffic = many(&ines);
    for revision in &mut traffic.revisions {
        revision.env.insert("API_TOKEN".to_owned(), EnvValue::Plain(Clean::new("hunter2-hunter2")));
    }
    let at = ines.model.now.mono;
    ines.tell(Msg::TrafficRead { service: IX, at, traffic: Box::new(traffic) });
    ines.keys("jj");
    let names = ines.screen();
    assert!(names.contains("STORE_URL") && names.contains("API_TOKEN"), "{names}");
    assert!(!names.contains("store-416.example.com") && names.contains("enter shows values"), "{names}");
    ines.keys("\n");
    let values = ines.screen();
    assert!(values.contains("store-416.example.com"), "on request: {values}");
    assert!(!names.contains("hunter2") && !values.contains("hunter2"), "of what sounds like a secret never");
}

#[test]
fn two_are_named_in_the_palette() {
    let mut ines = at_the_list((120, 40));
    ines.keys(":compare 00411 00418\n");
    let screen = ines.screen();
    assert!(
        screen.contains("chat-backend-00411-tuv") && screen.contains("chat-backend-00418-ral"),
        "{screen}"
    );
    ines.key(Key::Esc);
    for (line, why) in [
        ("compare 00411 00499", "there is no revision 00499"),
        ("compare 00411 00411", "that is one revision twice"),
        ("compare 00411", "write two revisions"),
    ] {
        ines.keys(&format!(":{line}\n"));
        assert!(ines.model.ui.modal.is_none() && ines.screen().contains(why), "{why}: {}", ines.screen());
    }
}

#[test]
fn the_other_environment_is_compared_by_what_serves_there() {
    let mut ines = at_the_list((120, 40));
    let mut room = (*ines.model.room).clone();
    room.compare_with = Some("staging.toml".into());
    ines.model.room = room.into();
    ines.keys(":env compare\n");
    assert!(ines.screen().contains("still being read"), "{}", ines.screen());
    let at = ines.model.now.wall;
    ines.tell(Msg::EnvironmentRead { environment: Box::new(Err(Clean::new("no such file"))), at });
    ines.keys(":env compare\n");
    assert!(ines.screen().contains("is not known: no such file"), "{}", ines.screen());
    let mut there = many(&ines);
    for revision in &mut there.revisions {
        revision.env.remove("STREAM_COMPRESSION");
        revision.env.insert("TRIAL".to_owned(), EnvValue::Plain(Clean::new("1")));
    }
    let services = vec![("chat-backend".to_owned(), Ok(there))];
    let environment = Environment { name: Clean::new("staging"), services };
    ines.tell(Msg::EnvironmentRead { environment: Box::new(Ok(environment)), at });
    ines.keys(":env compare\n");
    assert!(matches!(ines.model.ui.modal, Some(Modal::Page(_))));
    insta::assert_snapshot!("environments-120x40", ines.screen());
    // What served here before the link was lost may not be what serves.
    ines.key(Key::Esc);
    let (source, at) = (SourceId::CloudRun { service: IX }, ines.model.now.mono);
    let report = LinkReport::Down { error: "refused".into(), attempt: 1, retry_at: at };
    ines.tell(Msg::Linked { source, report, at });
    ines.wait(60_000);
    ines.keys(":env compare\n");
    assert!(ines.screen().contains("not read for"), "{}", ines.screen());
}

/// The room with two cohorts of a flag, measured once.
fn with_cohorts(size: (u16, u16)) -> Person {
    let mut person = at_the_list(size);
    let mut room = (*person.model.room).clone();
    let values = ["control".to_owned(), "treatment".to_owned()];
    room.services[0].cohorts =
        vec![CohortSpec { name: "reply-cache".into(), label: "cohort".into(), values }];
    person.model.room = room.into();
    let value = |name: &str, value: f64, values: [Option<f64>; 2], samples: [Option<u64>; 2]| MetricValue {
        name: name.to_owned(),
        value: Some(value),
        cohorts: vec![Cohorted { cohort: "reply-cache".into(), values, samples }],
        ..MetricValue::default()
    };
    let closes =
        |code: u16, counts: [Option<f64>; 2]| CohortCloses { cohort: "reply-cache".into(), code, counts };
    let scraped = Scraped {
        service: IX,
        at: person.model.now.mono,
        values: vec![
            value("error_rate", 2.0, [Some(0.4), Some(6.2)], [Some(12_004), Some(1_203)]),
            value("response_p95", 1.8, [Some(1.7), Some(2.9)], [Some(12_004), Some(7)]),
        ],
        cohort_closes: vec![closes(1000, [Some(61.0), Some(20.0)]), closes(4401, [Some(2.0), Some(31.0)])],
        ..Scraped::default()
    };
    person.tell(Msg::Scraped(Box::new(scraped)));
    person
}

#[test]
fn cohorts_of_a_flag_stand_side_by_side_with_what_each_number_rests_on() {
    let mut ines = with_cohorts((80, 24));
    ines.keys(":cohorts reply-cache\n");
    insta::assert_snapshot!("cohorts-80x24", ines.screen());
    let screen = ines.screen();
    for part in ["0.4 % of 12,004", "6.2 % of 1,203", "2.90s of 7, too few", "31 of 51"] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
    let ines = with_cohorts((120, 40));
    insta::assert_snapshot!("cohorts-in-the-view-120x40", ines.screen());
    assert!(ines.screen().contains("too few"), "{}", ines.screen());
}
