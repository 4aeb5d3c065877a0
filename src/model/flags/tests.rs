//! Flags read from a template, and frozen flips.

use super::super::traffic::tests::{revision, settled, share};
use super::*;
use crate::domain::flag::Wanted;
use crate::domain::{Entry, FlagChange, Record, Room, ServiceIx};

fn spec() -> FlagSpec {
    FlagSpec {
        name: "resume".into(),
        service: ServiceIx(0),
        variable: "SESSION_RESUME".into(),
        on: "true".into(),
        off: "false".into(),
        ..FlagSpec::default()
    }
}

fn with(value: Option<EnvValue>) -> Traffic {
    let mut traffic = settled(&[share("a", 100)], &["b", "a"]);
    if let Some(value) = value {
        traffic.template_env.insert("SESSION_RESUME".into(), value);
    }
    traffic
}

fn plain(text: &str) -> EnvValue {
    EnvValue::Plain(Clean::new(text))
}

fn secret() -> EnvValue {
    EnvValue::Secret { secret: "s".into(), version: "latest".into() }
}

#[test]
fn a_flag_is_what_the_template_says() {
    let of = |value| view(&spec(), Some(&with(value))).value;
    assert_eq!(of(Some(plain("true"))), FlagValue::On);
    assert_eq!(of(Some(plain("false"))), FlagValue::Off);
    assert_eq!(of(Some(plain("maybe"))), FlagValue::Other(Clean::new("maybe")));
    assert_eq!(of(None), FlagValue::Unset);
    assert_eq!(of(Some(secret())), FlagValue::Secret);
    assert_eq!(view(&spec(), None).value, FlagValue::Unknown);
}

#[test]
fn what_serves_may_say_something_else() {
    let mut traffic = with(Some(plain("true")));
    traffic.revisions[1].env.insert("SESSION_RESUME".into(), EnvValue::Plain(Clean::new("false")));
    let spec = spec();
    let flag = view(&spec, Some(&traffic));
    assert_eq!(
        (&flag.value, &flag.serving, flag.differs(), flag.pinned),
        (&FlagValue::On, &vec![(FlagValue::Off, 100)], true, true)
    );
    assert_eq!((flag.effective(), flag.words()), (Some(&FlagValue::Off), "on, serving off".to_owned()));
}

#[test]
fn of_a_split_each_share_is_told() {
    let mut traffic = settled(&[share("a", 90), share("b", 10)], &["c", "b", "a"]);
    let text = |value: &str| EnvValue::Plain(Clean::new(value));
    traffic.template_env.insert("SESSION_RESUME".into(), text("true"));
    traffic.revisions[0].env.insert("SESSION_RESUME".into(), text("true"));
    traffic.revisions[1].env.insert("SESSION_RESUME".into(), text("false"));
    traffic.revisions[2].env.insert("SESSION_RESUME".into(), text("false"));
    let spec = spec();
    let words = |traffic: &Traffic| view(&spec, Some(traffic)).words();
    assert_eq!(words(&traffic), "on, serving off", "it is on where nobody is served");
    traffic.revisions[1].env.insert("SESSION_RESUME".into(), text("true"));
    assert_eq!(words(&traffic), "on 10 %, off 90 %");
    assert_eq!(view(&spec, Some(&traffic)).effective(), None);
    // Of a revision that is not listed nobody knows its variables.
    traffic.revisions.remove(2);
    assert_eq!(view(&spec, Some(&traffic)).serving, []);
}

#[test]
fn a_flip_is_frozen_or_refused_with_its_reason() {
    let flip = |value, on| frozen(Some(&with(value)), if on { Wanted::On } else { Wanted::Off }, None);
    let expected = FlagChange {
        service: ServiceIx(0),
        resource: "projects/p/locations/l/services/s".into(),
        flag: "resume".into(),
        variable: "SESSION_RESUME".into(),
        before: Some(Clean::new("false")),
        after: "true".into(),
        etag: "\"e7/=\"".into(),
        generation: 7,
        frozen_at: Wall::default(),
        ..FlagChange::default()
    };
    assert_eq!(flip(Some(plain("false")), true), Ok(expected.clone()));
    assert_eq!(flip(None, true), Ok(FlagChange { before: None, ..expected }));
    assert_eq!(flip(Some(plain("true")), true), Err("resume cannot be flipped: it is on already".into()));
    assert_eq!(flip(Some(secret()), true), Err("resume cannot be flipped: it comes from a secret".into()));
    let unlocked = Traffic { etag: String::new(), ..with(Some(plain("false"))) };
    assert!(frozen(Some(&unlocked), Wanted::On, None).unwrap_err().contains("told no etag"));
    assert!(frozen(None, Wanted::On, None).unwrap_err().contains("not read yet"));
    assert!(frozen(Some(&with(None)), Wanted::Percent(5), None).unwrap_err().contains("no share"));
}

fn frozen(traffic: Option<&Traffic>, wanted: Wanted, past: Option<&Past>) -> Result<FlagChange, String> {
    let frozen = freeze(&spec(), traffic, (wanted, past), &Extra::default(), Wall::default());
    frozen.map_err(|why| why.to_string())
}

#[test]
fn back_goes_to_what_it_was_also_to_not_being_there() {
    let back = |past: Option<&Past>| {
        let change = frozen(Some(&with(Some(plain("true")))), Wanted::Previous, past)?;
        Ok::<_, String>((change.removes, change.after))
    };
    assert_eq!(back(Some(&Past::Variable(None))), Ok((true, String::new())));
    assert_eq!(back(Some(&Past::Variable(Some("blue".into())))), Ok((false, "blue".to_owned())));
    let other = Past::Variable(Some(Clean::marked("two\nlines")));
    assert!(back(Some(&other)).unwrap_err().contains("cannot be shown as it is"));
    assert!(back(None).unwrap_err().contains("not known to this room"));
}

#[test]
fn a_container_by_its_name_has_its_own_variables() {
    let mut traffic = with(Some(plain("true")));
    traffic.template_containers.insert("proxy".into(), [("SESSION_RESUME".into(), plain("false"))].into());
    let spec = FlagSpec { container: Some("proxy".into()), ..spec() };
    assert_eq!(view(&spec, Some(&traffic)).value, FlagValue::Off);
    let change = freeze(&spec, Some(&traffic), (Wanted::On, None), &Extra::default(), Wall::default());
    assert_eq!(change.map(|change| change.container), Ok(Some("proxy".into())));
    let gone = FlagSpec { container: Some("gone".into()), ..spec };
    assert_eq!(view(&gone, Some(&traffic)).value, FlagValue::Unknown);
    let refused = freeze(&gone, Some(&traffic), (Wanted::On, None), &Extra::default(), Wall::default());
    assert!(refused.unwrap_err().contains("no container of that name"));
}

fn seen(text: &str, version: &str) -> Seen {
    Seen { words: text.into(), past: Past::Variable(Some(text.into())), version: version.into() }
}

#[test]
fn another_definition_is_a_change_whose_words_stay() {
    let room = Room { flags: vec![spec()], ..Room::default() };
    let mut flags = Flags::new(&room);
    let mut see = |version: &str, busy| flags.observe(0, seen("on", version), (true, busy), true).is_some();
    assert_eq!([see("", false), see("a", false), see("a", false)], [false; 3], "the first is no change");
    assert_eq!([see("b", true), see("b", false)], [false; 2], "the room is changing it");
    assert_eq!([see("c", false), see("c", false), see("c", false)], [false, true, false]);
    assert_eq!([see("d", false), see("c", false), see("c", false)], [false; 3], "gone again");
}

#[test]
fn a_change_from_outside_is_believed_when_seen_twice() {
    let room = Room { flags: vec![spec()], ..Room::default() };
    let mut flags = Flags::new(&room);
    let mut see = |text: &str, done| {
        flags.observe(0, seen(text, ""), (done, false), true).map(|(from, _)| from.to_string())
    };
    assert_eq!([see("true", false), see("true", false)], [None, None], "the first is no change");
    assert_eq!([see("false", true), see("false", false)], [None, None], "the room did it");
    assert_eq!([see("true", false), see("true", false)], [None, Some("false".into())]);
    assert_eq!([see("x", false), see("true", false), see("true", false)], [None, None, None], "gone again");
}

fn moved(from: &str, to: &str) -> Record {
    let entry = Entry::FlagMoved {
        flag: "resume".into(),
        place: "s".into(),
        from: from.into(),
        to: to.into(),
        by: "ci".into(),
        before: None,
        after: None,
    };
    Record {
        seq: 1,
        at: Wall::default(),
        by: "room".into(),
        role: "".into(),
        entry,
        hash: String::new(),
        late: false,
    }
}

#[test]
fn a_change_while_nobody_looked_is_told_from_what_the_journal_has() {
    let room = Room { flags: vec![spec()], ..Room::default() };
    let mut flags = Flags::new(&room);
    let record = moved("not set", "true");
    flags.record(&record, &room);
    let last = flags.last(0).cloned().expect("a change");
    assert_eq!((last.outside, last.before, last.by), (true, Past::Variable(None), "ci".into()));
    assert_eq!(flags.observe(0, seen("false", ""), (false, false), true), None);
    // This console does not keep the journal, and who did may be gone: it is told once this one does.
    assert_eq!(flags.observe(0, seen("false", ""), (false, false), false), None);
    let moved = flags.observe(0, seen("false", ""), (false, false), true);
    assert_eq!(moved.map(|(from, _)| from), Some("true".into()));
}

#[test]
fn what_the_keeper_told_is_not_told_again_by_the_next_one() {
    let room = Room { flags: vec![spec()], ..Room::default() };
    let mut flags = Flags::new(&room);
    let see = |flags: &mut Flags, text: &str, keeper| {
        flags.observe(0, seen(text, ""), (false, false), keeper).map(|(from, _)| from.to_string())
    };
    assert_eq!(["true", "false", "false"].map(|text| see(&mut flags, text, false)), [None, None, None]);
    flags.record(&moved("true", "false"), &room);
    assert_eq!([see(&mut flags, "false", true), see(&mut flags, "false", true)], [None, None]);
    assert_eq!([see(&mut flags, "true", true), see(&mut flags, "true", true)], [None, Some("false".into())]);
}

#[test]
fn a_temporary_flag_is_debt_from_the_day_after() {
    let until = |text: &str| FlagSpec { temporary_until: text.parse().ok(), ..spec() };
    let now = "2026-11-21T00:30:00Z".parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
    for (text, days) in [("2026-11-20", Some(1)), ("2026-11-21", None), ("2026-11-01", Some(20))] {
        assert_eq!(overdue(&until(text), now), days, "{text}");
    }
    assert_eq!(overdue(&spec(), now), None);
}

#[test]
fn a_person_is_told_what_else_happens() {
    let mut traffic = with(None);
    traffic.revisions = vec![revision("b"), revision("a")];
    let lines: Vec<String> =
        consequences(&traffic, &FlagChange::default()).iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "deploys a new revision from the service's template",
            "the split is pinned: the new revision gets 0 % until traffic is moved to it",
            "ships the template's image, img:b (by name only: a re-push of the tag is not seen); \
             t takes the one that serves",
            "serves now: 100 % a img:a",
        ]
    );
}

/// What is told of the images, and what `--serving-image` would ship.
fn shipped(traffic: &Traffic) -> (Vec<String>, Result<Option<String>, String>) {
    let told =
        consequences(traffic, &FlagChange::default()).iter().skip(2).map(ToString::to_string).collect();
    let extra = Extra { serving_image: true, ..Extra::default() };
    let change = freeze(&spec(), Some(traffic), (Wanted::On, None), &extra, Wall::default());
    (told, change.map(|change| change.image).map_err(|why| why.to_string()))
}

fn serves(split: &[(&str, u8, &str)], template: &str) -> Traffic {
    let shares: Vec<_> = split.iter().map(|(name, percent, _)| share(name, *percent)).collect();
    let names: Vec<&str> = split.iter().map(|(name, ..)| *name).collect();
    let mut traffic = settled(&shares, &names);
    for (revision, (_, _, image)) in traffic.revisions.iter_mut().zip(split) {
        revision.image = Clean::new(image);
    }
    traffic.template_image = Clean::new(template);
    traffic
}

#[test]
fn which_image_is_shipped_is_told_by_content_and_one_that_serves_is_asked_for_or_refused() {
    let (one, two) = ("r/app@sha256:1111111122", "r/app@sha256:2222222233");
    assert_eq!(shipped(&serves(&[("b", 100, one)], one)), (vec![], Ok(None)), "the template has it");
    let (told, image) = shipped(&serves(&[("b", 10, two), ("a", 90, one)], two));
    assert_eq!(
        told,
        ["ships the template's image, app@22222222", "serves now: 10 % b app@22222222, 90 % a app@11111111"]
    );
    assert!(image.unwrap_err().contains("no one image serves: 10 % b"), "nothing is ignored silently");
    let (told, image) = shipped(&serves(&[("b", 0, two), ("a", 100, one)], two));
    assert_eq!(told[0], "ships the template's image, app@22222222; t takes the one that serves");
    assert_eq!(image, Ok(Some(one.to_owned())));
    // Two revisions of one content are one image; a tag is not, however often it is the same.
    assert_eq!(shipped(&serves(&[("b", 10, one), ("a", 90, one)], two)).1, Ok(Some(one.to_owned())));
    let (told, image) = shipped(&serves(&[("b", 100, "r/app:latest")], "r/app:latest"));
    assert_eq!(
        told[0],
        "ships the template's image, app:latest (by name only: a re-push of the tag is not seen)"
    );
    assert!(image.unwrap_err().contains("the template has app:latest as well"));
    // What serves has no sidecar, or an older one.
    let mut traffic = serves(&[("b", 100, one)], one);
    traffic.template_sidecars = vec![Clean::new("r/proxy:2")];
    let words = "ships the template's sidecars, whatever serves: proxy:2 (by name only: a re-push of the tag is not seen)";
    assert_eq!(shipped(&traffic).0, [words]);
}
