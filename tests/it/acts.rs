//! No sequence of keys, answers and ticks makes the room send what was not journaled, or send it twice.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use warroom::config::{self, Overrides};
use warroom::domain::record::Refusal;
use warroom::domain::revision::typed_suffix;
use warroom::domain::room::Mode;
use warroom::domain::{
    Action, Chord, Clean, Entry, Key, KeyPress, Mono, Now, OpId, OpKind, OpState, Record, Revision,
    ServiceIx, Traffic, TrafficTarget, Wall,
};
use warroom::model::Model;
use warroom::model::effect::{Effect, Guard};
use warroom::model::modal::Modal;
use warroom::model::msg::{Msg, Token};
use warroom::model::ops::Operation;

use crate::splits::{self, share};

const CONFIG: &str = r#"
[room]
name = "acts"
environment = "production"

[[service]]
name = "api"

[service.cloud_run]
project = "p"
region = "r"
service = "api"
"#;

/// The old revision served when the room opened; then the new one got a share.
fn traffic(new: u8, generation: i64) -> Traffic {
    let split = vec![share("api-00001-old", 100 - new), share("api-00002-new", new)];
    splits::service("api", split, ["api-00002-new", "api-00001-old"], generation)
}

fn fresh() -> Model {
    let loaded =
        config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara").expect("a config");
    Model::new(Arc::new(loaded.room), "console".into(), Now::default(), (160, 48))
}

fn model() -> Model {
    let mut model = fresh();
    for (new, generation) in [(0, 1), (10, 2)] {
        let traffic = Box::new(traffic(new, generation));
        model.update(Msg::TrafficRead { service: ServiceIx(0), at: Mono::from_secs(1), traffic });
    }
    model
}

#[derive(Debug, Clone)]
enum Step {
    Open,
    Type(char),
    Word,
    Enter,
    Esc,
    Paste,
    Journaled(u64),
    Conflict(u64),
    Unwritable(u64),
    Operated(OpState),
    Changed,
    Tick,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Open),
        2 => prop::sample::select(vec!['0', '1', 'y', 'U']).prop_map(Step::Type),
        4 => Just(Step::Word),
        5 => Just(Step::Enter),
        1 => Just(Step::Esc),
        1 => Just(Step::Paste),
        4 => (0_u64..4).prop_map(Step::Journaled),
        1 => (0_u64..4).prop_map(Step::Conflict),
        2 => (0_u64..4).prop_map(Step::Unwritable),
        2 => prop::sample::select(vec![OpState::Accepted, OpState::Unknown, OpState::Failed, OpState::Effective])
            .prop_map(Step::Operated),
        1 => Just(Step::Changed),
        1 => Just(Step::Tick),
    ]
}

/// What was seen to leave the model.
#[derive(Default)]
struct Seen {
    at: u64,
    generation: i64,
    tokens: Vec<Token>,
    intents: BTreeMap<Token, OpId>,
    refused: Vec<OpId>,
    sent: Vec<OpId>,
}

impl Seen {
    fn tell(&mut self, model: &mut Model, msg: Msg) {
        let acknowledged = match &msg {
            Msg::Journaled { token, .. } => self.intents.get(token).cloned(),
            _ => None,
        };
        if let Msg::JournalRefused { token, .. } = &msg {
            self.refused.extend(self.intents.get(token).cloned());
        }
        for effect in model.update(msg) {
            match effect {
                Effect::Journal { token, draft, .. } => {
                    self.tokens.push(token);
                    if let Entry::Intent { op, .. } = draft.entry {
                        self.intents.insert(token, op);
                    }
                }
                Effect::Operate { op, authority, .. } => {
                    assert!(!self.sent.contains(&op), "sent twice");
                    let consented = authority.record().is_none() && self.refused.contains(&op);
                    assert!(
                        acknowledged.as_ref() == Some(&op) || consented,
                        "sent without journal or consent"
                    );
                    self.sent.push(op);
                }
                _ => {}
            }
        }
    }

    fn press(&mut self, model: &mut Model, key: Key, action: Option<Action>) {
        self.at += 700;
        let press = KeyPress { chord: Chord::plain(key), at: Mono::from_millis(self.at), repeat: false };
        let action = action.filter(|_| !model.ui.takes_letters());
        self.tell(model, Msg::Pressed { press, action });
    }

    fn step(&mut self, model: &mut Model, step: &Step) {
        let step = step.clone();
        let token = |seen: &Self, back: u64| {
            let at = seen.tokens.len().checked_sub(1 + usize::try_from(back).unwrap_or(0))?;
            seen.tokens.get(at).copied()
        };
        match step {
            Step::Open => self.press(model, Key::Char('R'), Some(Action::Rollback)),
            Step::Type(c) => self.press(model, Key::Char(c), None),
            Step::Word => {
                for c in "00001UNRECORDED".chars() {
                    self.press(model, Key::Char(c), None);
                }
            }
            Step::Enter => self.press(model, Key::Enter, Some(Action::Open)),
            Step::Esc => self.press(model, Key::Esc, Some(Action::Back)),
            Step::Paste => {
                self.tell(model, Msg::Pasted { text: "00001\n".into(), at: Mono::from_millis(self.at) });
            }
            Step::Journaled(back) => {
                if let Some(token) = token(self, back) {
                    self.tell(model, Msg::Journaled { token, seq: self.at });
                }
            }
            Step::Conflict(back) => {
                if let Some(token) = token(self, back) {
                    let refusal = Refusal::Conflict { op: OpId("other".into()), by: Clean::new("sam") };
                    self.tell(model, Msg::JournalRefused { token, refusal });
                }
            }
            Step::Unwritable(back) => {
                if let Some(token) = token(self, back) {
                    let refusal = Refusal::Unwritable { error: Clean::new("disk full") };
                    self.tell(model, Msg::JournalRefused { token, refusal });
                }
            }
            Step::Operated(state) => {
                if let Some(op) = self.sent.last().cloned() {
                    let at = Now { mono: Mono::from_millis(self.at), wall: Wall::default() };
                    self.tell(model, Msg::Operated { op, state, detail: Clean::default(), at });
                }
            }
            Step::Changed => {
                self.generation += 1;
                let traffic = Box::new(traffic(10, 2 + self.generation));
                let at = Mono::from_millis(self.at);
                self.tell(model, Msg::TrafficRead { service: ServiceIx(0), at, traffic });
            }
            Step::Tick => {
                self.at += 1000;
                self.tell(
                    model,
                    Msg::Ticked(Now { mono: Mono::from_millis(self.at), wall: Wall::default() }),
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_sent_that_was_not_journaled_or_consented_to_and_nothing_twice(
        steps in prop::collection::vec(step(), 1..60)
    ) {
        let mut model = model();
        let mut seen = Seen::default();
        for step in steps {
            seen.step(&mut model, &step);
        }
        for _ in 0..3 {
            seen.step(&mut model, &Step::Esc);
        }
        seen.step(&mut model, &Step::Open);
        let open = match &model.ui.modal {
            Some(Modal::Confirm(_)) => true,
            Some(Modal::Progress(id)) => seen.sent.contains(id) && model.ops.get(id).is_some_and(|op| !op.is_over()),
            _ => false,
        };
        prop_assert!(open, "R leads nowhere: {:?}", model.ui.modal);
    }
}

/// The journal refused it, and the person did not want to act without.
#[test]
fn what_was_cancelled_unrecorded_is_not_in_the_way_of_the_next_rollback() {
    for leave in [Step::Enter, Step::Esc] {
        let mut model = model();
        let mut seen = Seen::default();
        for step in [Step::Open, Step::Word, Step::Enter, Step::Unwritable(0), leave] {
            seen.step(&mut model, &step);
        }
        assert_eq!((model.ops.iter().count(), seen.sent.len()), (0, 0));
        seen.step(&mut model, &Step::Open);
        assert!(matches!(model.ui.modal, Some(Modal::Confirm(_))), "{:?}", model.ui.modal);
    }
}

#[test]
fn the_whole_way_sends_once() {
    let mut model = model();
    let mut seen = Seen::default();
    for step in [Step::Open, Step::Word, Step::Enter, Step::Journaled(0), Step::Journaled(0), Step::Enter] {
        seen.step(&mut model, &step);
    }
    assert_eq!(seen.sent.len(), 1, "{:?}", model.ui.modal);
}

#[test]
fn a_double_enter_leaves_the_progress_open_and_no_word_of_an_act_before_stands_below_it() {
    let mut model = model();
    let mut seen = Seen::default();
    for step in [Step::Open, Step::Esc] {
        seen.step(&mut model, &step);
    }
    assert!(model.ui.said(Mono::from_millis(seen.at)).is_some_and(|said| said.starts_with("cancelled")));
    for step in [Step::Open, Step::Word, Step::Enter, Step::Journaled(0)] {
        seen.step(&mut model, &step);
    }
    assert_eq!(model.ui.said(Mono::from_millis(seen.at)), None);
    let mut enter = |after| {
        let at = Mono::from_millis(seen.at + after);
        let press = KeyPress { chord: Chord::plain(Key::Enter), at, repeat: false };
        seen.tell(&mut model, Msg::Pressed { press, action: Some(Action::Open) });
        model.ui.modal.is_some()
    };
    assert!(enter(30), "the second press of the same");
    assert!(!enter(2000), "one that was meant for it");
}

#[test]
fn without_the_journal_the_consent_word_sends_once() {
    let mut model = model();
    let mut seen = Seen::default();
    for step in [Step::Open, Step::Word, Step::Enter, Step::Unwritable(0), Step::Enter] {
        seen.step(&mut model, &step);
    }
    assert_eq!(seen.sent.len(), 0, "an empty consent cancels");
    let mut model = self::model();
    let mut seen = Seen::default();
    for step in [Step::Open, Step::Word, Step::Enter, Step::Unwritable(0)] {
        seen.step(&mut model, &step);
    }
    for c in "UNRECORDED".chars() {
        seen.press(&mut model, Key::Char(c), None);
    }
    seen.step(&mut model, &Step::Enter);
    assert_eq!(seen.sent.len(), 1);
}

/// Opened by somebody paged late: the bad revision serves everything, and no record speaks of another.
#[test]
fn without_a_known_good_revision_a_person_chooses_one_in_the_palette() {
    let mut model = fresh();
    let traffic = Box::new(traffic(100, 1));
    model.update(Msg::TrafficRead { service: ServiceIx(0), at: Mono::from_secs(1), traffic });
    let mut seen = Seen { at: 10_000, ..Seen::default() };
    seen.press(&mut model, Key::Char('R'), Some(Action::Rollback));
    for key in "00001".chars().map(Key::Char).chain([Key::Enter, Key::Enter]) {
        seen.press(&mut model, key, None);
    }
    let Some(Modal::Confirm(confirm)) = &model.ui.modal else { panic!("{:?}", model.ui.modal) };
    assert_eq!((confirm.act.target().as_str(), confirm.word.as_str()), ("api-00001-old", "00001"));
    assert!(confirm.typed.is_empty() && seen.intents.is_empty() && seen.sent.is_empty());
    seen.press(&mut model, Key::Esc, None);
    let offers = model.offers();
    let blocked = offers.iter().find(|offer| offer.line == "rollback api 00002-new").expect("an offer");
    assert_eq!(blocked.blocked.as_deref(), Some("not possible: serves 100 % already"));
}

/// Also where a still older one is known: going further back is for who asks by name.
#[test]
fn a_still_older_revision_is_proposed_to_nobody_while_the_one_that_serves_is_good() {
    let mut model = fresh();
    for (revision, generation) in [("api-00000-first", 1), ("api-00001-old", 2)] {
        let split = vec![share(revision, 100)];
        let mut traffic = splits::service("api", split, ["api-00002-new", "api-00001-old"], generation);
        let first = traffic.revisions.last().cloned().expect("two");
        traffic.revisions.push(Revision { name: "api-00000-first".into(), ..first });
        let at = Mono::from_secs(generation.unsigned_abs());
        model.update(Msg::TrafficRead { service: ServiceIx(0), at, traffic: Box::new(traffic) });
    }
    let mut seen = Seen { at: 10_000, ..Seen::default() };
    seen.press(&mut model, Key::Char('R'), Some(Action::Rollback));
    let said = model.ui.said(Mono::default()).map(ToString::to_string).expect("words");
    assert!(said.starts_with("nothing to roll back: 00001-old serves 100 % already"), "{said}");
    for key in ":rollback api".chars().map(Key::Char).chain([Key::Enter]) {
        let opens = (key == Key::Char(':')).then_some(Action::Palette);
        seen.press(&mut model, key, opens);
    }
    let Some(Modal::Confirm(confirm)) = &model.ui.modal else { panic!("{:?}", model.ui.modal) };
    assert_eq!(confirm.act.target(), "api-00000-first");
}

/// The good revision has all the traffic already: no list that is one key away from taking it from there.
#[test]
fn where_the_older_revision_serves_everything_there_is_nothing_to_roll_back() {
    let asked = |split: Vec<TrafficTarget>, latest: &str| {
        let mut model = fresh();
        let mut traffic = splits::service("api", split, ["api-00002-new", "api-00001-old"], 1);
        traffic.latest_ready = Some(latest.to_owned());
        let traffic = Box::new(traffic);
        model.update(Msg::TrafficRead { service: ServiceIx(0), at: Mono::from_secs(1), traffic });
        let mut seen = Seen { at: 10_000, ..Seen::default() };
        seen.press(&mut model, Key::Char('R'), Some(Action::Rollback));
        let said = model.ui.said(Mono::default()).map(ToString::to_string);
        (said, model.ui.modal.is_some(), model.offers().into_iter().map(|it| it.line))
    };
    let (said, opened, offers) = asked(vec![share("api-00001-old", 100)], "api-00002-new");
    let words = "nothing to roll back: 00001-old serves 100 % already";
    assert_eq!(said, Some(format!("{words}; :rollback api lists others")));
    assert!(!opened);
    let others: Vec<String> = offers.filter(|line| line.starts_with("rollback api 0")).collect();
    let all = ["rollback api 00002-new", "rollback api 00001-old"];
    assert_eq!(others, all, "who asks for it by name has the list");
    // The newest is not ready yet: it gets everything once it is.
    let latest = TrafficTarget { revision: None, ..share("", 100) };
    let (said, opened, _) = asked(vec![latest], "api-00001-old");
    let words = format!("{words}, and follows the latest; :rollback api lists others");
    assert_eq!((said, opened), (Some(words), false));
    // A move that is under way is none.
    let (said, opened, _) =
        asked(vec![share("api-00001-old", 50), share("api-00002-new", 50)], "api-00002-new");
    assert_eq!((said, opened), (None, true));
}

#[test]
fn there_is_always_a_word_to_type() {
    assert_eq!(typed_suffix("api", "api-"), "api-");
    assert_eq!(typed_suffix("api", "api-00002-new"), "00002");
}

/// A record of another console, `seconds` after the beginning.
fn told(seq: u64, seconds: i64, entry: Entry) -> Msg {
    let at = Wall::default() + chrono::TimeDelta::seconds(seconds);
    let by = Clean::new("ines");
    let record = Record { seq, at, by, role: Clean::default(), entry, hash: String::new(), late: false };
    Msg::Recorded { records: vec![record] }
}

fn tick(seconds: i64) -> Msg {
    let mono = Mono::from_secs(seconds.unsigned_abs());
    Msg::Ticked(Now { mono, wall: Wall::default() + chrono::TimeDelta::seconds(seconds) })
}

fn intent(model: &Model) -> (OpId, Entry) {
    let state = model.service(ServiceIx(0)).and_then(|service| service.traffic.as_ref()).expect("traffic");
    let change = state.freeze_rollback(ServiceIx(0), "api-00001-old", Wall::default()).expect("a change");
    let op = OpId("of-ines".into());
    let act = OpKind::Rollback(change);
    (op.clone(), Entry::Intent { op, act, reason: Clean::default(), evidence: vec![] })
}

fn watching(mode: Mode) -> Model {
    let mut model = model();
    let mut room = (*model.room).clone();
    room.operator.mode = mode;
    model.room = Arc::new(room);
    model
}

fn is_recheck(effect: &Effect) -> bool {
    matches!(effect, Effect::Recheck { .. })
}

/// Her console was killed between sending and the answer.
#[test]
fn the_keeper_looks_what_became_of_an_operation_that_nobody_follows() {
    for keeper in [true, false] {
        let mut model = model();
        let (op, entry) = intent(&model);
        model.update(Msg::Kept { mine: keeper, holder: Clean::new("x") });
        model.update(told(1, 10, entry));
        let looks: Vec<usize> = [20, 39, 41, 42, 80]
            .map(|second| {
                let effects = model.update(tick(second));
                assert!(!effects.iter().any(|effect| matches!(effect, Effect::Operate { .. })), "sent");
                effects.iter().filter(|effect| is_recheck(effect)).count()
            })
            .to_vec();
        assert_eq!(looks, if keeper { [0, 0, 1, 0, 0] } else { [0; 5] });
        assert_eq!(model.ops.get(&op).map(|op| op.mine), Some(keeper));
    }
}

/// Until then it says so, and who cannot wait looks at once.
#[test]
fn what_nobody_is_seen_following_is_said_with_when_it_is_looked_at() {
    let told_at = |mode: Mode, keeper: bool, seconds: i64| {
        let mut model = watching(mode);
        let (op, entry) = intent(&model);
        model.update(Msg::Kept { mine: keeper, holder: Clean::new("x") });
        let detail = Clean::new("the operation runs");
        model.update(told(1, 10, entry));
        model.update(told(2, 11, Entry::progress(op, OpState::Reconciling, detail)));
        model.update(tick(seconds));
        model.update(tick(seconds));
        let reasons = model.verdicts.now.reasons.iter();
        let words = reasons.filter(|reason| reason.subject.starts_with("rollback to"));
        words.map(|reason| reason.context.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(told_at(Mode::Operate, true, 15), ["by ines"]);
    let nobody = "no step for 14s · looked at";
    assert_eq!(told_at(Mode::Operate, true, 25), [format!("{nobody} in 16s, c looks now · by ines")]);
    assert_eq!(told_at(Mode::Operate, false, 25), [format!("{nobody} in 16s, c looks now · by ines")]);
    assert_eq!(told_at(Mode::ReadOnly, false, 25), [format!("{nobody} in 16s · by ines")]);
    // It is looked at from here then, and nothing was answered here.
    let silent = "no answer since 00:00:11Z, RECONCILING was said last; it is asked again and again";
    assert_eq!(told_at(Mode::Operate, true, 42), [format!("{silent} · by ines")]);
}

/// Begun before this console opened, perhaps by one that is gone: nobody here has heard of it yet.
#[test]
fn what_was_begun_before_this_console_opened_is_not_said_to_run() {
    let mut model = watching(Mode::Operate);
    let (op, entry) = intent(&model);
    model.update(told(1, -6, entry));
    let step = |state, words: &str| Entry::progress(op.clone(), state, Clean::new(words));
    model.update(told(2, -3, step(OpState::Accepted, "taken")));
    model.update(tick(2));
    model.update(tick(2));
    let reason = |model: &Model| {
        let mut reasons = model.verdicts.now.reasons.iter();
        let told = reasons.find(|reason| reason.subject.starts_with("rollback to")).expect("a reason");
        (told.subject.to_string(), told.context.to_string())
    };
    let (subject, context) = reason(&model);
    assert!(subject.ends_with(" begun"), "{subject}");
    assert_eq!(context, "heard of last 5s ago, before this console opened · by ines");
    let next = model.verdicts.now.next.clone();
    assert!(!next.contains("under way"), "{next}");
    // A step that comes now says that somebody follows it.
    model.update(told(3, 3, step(OpState::Reconciling, "the operation runs")));
    model.update(tick(4));
    let (subject, context) = reason(&model);
    assert!(subject.ends_with(" runs") && context == "by ines", "{subject}: {context}");
}

/// Its console died while it rested: after the moment that it announced this is said, and another rollback may be asked for.
/// Whichever of the two comes second is refused by its etag.
#[test]
fn a_rest_whose_console_is_silent_bars_no_other_rollback() {
    let mut model = watching(Mode::Operate);
    let (op, entry) = intent(&model);
    model.update(told(1, 10, entry));
    let until = Some(Wall::default() + chrono::TimeDelta::seconds(25));
    let detail = Clean::new("429, told to wait until 00:00:25Z · slowly");
    let waits = Entry::Progress { op: op.clone(), state: OpState::Requested, detail, until };
    model.update(told(2, 11, waits));
    let said = |model: &mut Model, seconds| {
        model.update(tick(seconds));
        model.update(tick(seconds));
        let mut reasons = model.verdicts.now.reasons.iter();
        let of = reasons.find(|reason| reason.subject.starts_with("rollback to"));
        of.map(|reason| reason.context.to_string()).unwrap_or_default()
    };
    let mut seen = Seen { at: 29_000, ..Seen::default() };
    assert_eq!(said(&mut model, 20), "by ines · 429, told to wait: sent again in 5s · slowly");
    assert_eq!(said(&mut model, 29), "by ines");
    seen.press(&mut model, Key::Char('R'), Some(Action::Rollback));
    assert!(matches!(&model.ui.modal, Some(Modal::Progress(shown)) if *shown == op), "it may be under way");
    let silent = "its console is silent since 00:00:25Z · looked at in 19s, c looks now · by ines";
    assert_eq!(said(&mut model, 31), silent);
    seen.at = 31_000;
    seen.press(&mut model, Key::Char('R'), Some(Action::Rollback));
    assert!(matches!(model.ui.modal, Some(Modal::Confirm(_))), "{:?}", model.ui.modal);
    for c in "00001".chars() {
        seen.press(&mut model, Key::Char(c), None);
    }
    let press = KeyPress { chord: Chord::plain(Key::Enter), at: Mono::from_secs(60), repeat: false };
    let effects = model.update(Msg::Pressed { press, action: None });
    let guards = effects.iter().filter_map(|effect| match effect {
        Effect::Journal { guard: Guard::ResourceFree { beside, .. }, .. } => Some(beside.clone()),
        _ => None,
    });
    assert_eq!(guards.collect::<Vec<_>>(), [Some(op.clone())]);
    // While nobody keeps the journal, nobody counts down to a look.
    let silent = "its console is silent since 00:00:25Z · the console that keeps the journal is to look, c looks now · by ines";
    assert_eq!(said(&mut model, 55), silent);
    // Looked at by a third console it is UNKNOWN for a while: that bars none either.
    let mut third = model.clone();
    third.update(told(
        3,
        56,
        Entry::progress(op.clone(), OpState::Unknown, Clean::new("not applied so far")),
    ));
    said(&mut third, 57);
    assert!(third.ops.get(&op).is_some_and(|op| !op.mine && op.lets_go_back(third.now)));
    // What its own console says right after the rest is of a request that left.
    let mut own = model.clone();
    own.update(told(3, 27, Entry::progress(op.clone(), OpState::Unknown, Clean::new("no answer"))));
    said(&mut own, 57);
    assert!(own.ops.get(&op).is_some_and(|op| !op.lets_go_back(own.now)));
    // Nor does one that is looked at from here.
    model.update(Msg::Kept { mine: true, holder: Clean::new("x") });
    said(&mut model, 60);
    model.update(told(
        3,
        61,
        Entry::progress(op.clone(), OpState::Unknown, Clean::new("not applied so far")),
    ));
    assert!(model.ops.get(&op).is_some_and(|op| op.mine && op.lets_go_back(model.now)));
}

/// Without a source that counts sockets DRAINED never comes, and must not be in the way.
#[test]
fn after_effective_another_rollback_can_be_opened() {
    let mut model = model();
    let mut seen = Seen { at: 50_000, ..Seen::default() };
    let (op, entry) = intent(&model);
    model.update(told(1, 10, entry));
    seen.press(&mut model, Key::Char('R'), Some(Action::Rollback));
    seen.press(&mut model, Key::Char('R'), Some(Action::Rollback));
    assert!(matches!(&model.ui.modal, Some(Modal::Progress(shown)) if *shown == op), "one at a time");
    let detail = Clean::default();
    model.update(told(2, 12, Entry::progress(op, OpState::Effective, detail)));
    seen.press(&mut model, Key::Char('R'), Some(Action::Rollback));
    assert!(matches!(model.ui.modal, Some(Modal::Confirm(_))), "{:?}", model.ui.modal);
    assert!(seen.sent.is_empty());
}

fn rechecked(effects: &[Effect]) -> Option<Duration> {
    effects.iter().find_map(|effect| match effect {
        Effect::Recheck { ago, .. } => Some(*ago),
        _ => None,
    })
}

/// Her dialog may have stood open for long: only the record says when it was sent, and not before ten seconds later
/// that it is not to be sent any more.
#[test]
fn a_look_counts_from_the_time_by_which_it_was_sent() {
    for (second, expected) in [(11, 0), (15, 0), (20, 0), (27, 7), (80, 60)] {
        let mut model = model();
        let (_, entry) = intent(&model);
        model.update(told(1, 10, entry));
        model.update(tick(second));
        let press = KeyPress { chord: Chord::char('c'), at: model.now.mono, repeat: false };
        let effects = model.update(Msg::Pressed { press, action: Some(Action::Recheck) });
        assert_eq!(rechecked(&effects), Some(Duration::from_secs(expected)), "at {second}");
    }
}

/// Somebody who looked too early wrote FAILED, and then it was seen to serve.
#[test]
fn what_was_seen_to_serve_is_journaled_and_locked_whatever_others_wrote_before() {
    let mut model = model();
    let mut seen = Seen::default();
    for step in [Step::Open, Step::Word, Step::Enter, Step::Journaled(0)] {
        seen.step(&mut model, &step);
    }
    let op = seen.sent.first().cloned().expect("it is sent");
    let detail = Clean::new("not applied");
    let failed = Entry::progress(op.clone(), OpState::Failed, detail);
    let effects = model.update(told(1, 5, failed));
    assert_eq!(
        effects,
        [Effect::Halt { op: op.clone(), why: Clean::new("not sent: its end was written down elsewhere") }],
        "it is not sent again"
    );
    let at = Now { mono: Mono::from_secs(90), wall: Wall::default() };
    let operated = |state| Msg::Operated { op: op.clone(), state, detail: Clean::default(), at };
    let drafts = |effects: Vec<Effect>| -> Vec<Entry> {
        let draft = |effect| match effect {
            Effect::Journal { draft, .. } => Some(draft.entry),
            _ => None,
        };
        effects.into_iter().filter_map(draft).collect()
    };
    let effective = Entry::progress(op.clone(), OpState::Effective, Clean::default());
    let lock = Entry::Lock { service: "api".into(), locked: true };
    assert_eq!(drafts(model.update(operated(OpState::Effective))), [lock, effective]);
    assert_eq!(model.ops.get(&op).and_then(Operation::state), Some(OpState::Effective));
    // And nobody takes it back.
    let failed = Entry::progress(op.clone(), OpState::Failed, Clean::default());
    assert_eq!(model.update(told(2, 6, failed)), []);
    assert_eq!(model.ops.get(&op).and_then(Operation::state), Some(OpState::Effective));
}

/// The process was stopped after its intent was written; meanwhile another console wrote how it ended.
#[test]
fn what_others_ended_before_it_was_sent_is_not_sent() {
    let mut model = model();
    let mut seen = Seen::default();
    for step in [Step::Open, Step::Word, Step::Enter] {
        seen.step(&mut model, &step);
    }
    let op = seen.intents.values().next().cloned().expect("an intent");
    model.update(told(2, 60, Entry::progress(op, OpState::Failed, Clean::default())));
    seen.step(&mut model, &Step::Journaled(0));
    assert!(seen.sent.is_empty());
}

/// Written under a config with other services, or with these in another order.
#[test]
fn a_journaled_act_is_of_the_service_with_its_resource_or_of_none() {
    let moved = |place: u16, resource: Option<&str>| {
        let mut model = model();
        let (op, entry) = intent(&model);
        let Entry::Intent { act: OpKind::Rollback(mut change), reason, evidence, .. } = entry else {
            panic!("{entry:?}")
        };
        change.service = ServiceIx(place);
        change.resource = resource.map_or(change.resource, str::to_owned);
        let act = OpKind::Rollback(change);
        model.update(Msg::Kept { mine: true, holder: Clean::new("x") });
        model.update(told(1, 10, Entry::Intent { op: op.clone(), act, reason, evidence }));
        let looked = model.update(tick(80)).into_iter().find_map(|effect| match effect {
            Effect::Recheck { act, .. } => Some(act.service()),
            _ => None,
        });
        (model.ops.get(&op).map(|op| op.act.service()), looked)
    };
    let api = Some(ServiceIx(0));
    assert_eq!(moved(3, None), (api, api));
    assert_eq!(moved(0, Some("projects/p/locations/r/services/other")), (None, None));
}

#[test]
fn a_room_that_only_watches_writes_nothing_and_acts_on_nothing_whatever_is_open() {
    let mut model = watching(Mode::ReadOnly);
    let (op, entry) = intent(&model);
    model.update(told(1, 10, entry));
    model.update(tick(11));
    let press = |model: &mut Model, key: char, action| {
        let press = KeyPress { chord: Chord::char(key), at: Mono::from_secs(100), repeat: false };
        model.update(Msg::Pressed { press, action: Some(action) })
    };
    assert_eq!(press(&mut model, 's', Action::Story), []);
    assert_eq!(press(&mut model, 'q', Action::Back), [], "the story was closed");
    for state in [OpState::Unknown, OpState::Effective] {
        let detail = Clean::default();
        model.update(told(
            2 + u64::from(state == OpState::Effective),
            12,
            Entry::progress(op.clone(), state, detail),
        ));
        model.ui.modal = Some(Modal::Progress(op.clone()));
        for action in [Action::Recheck, Action::Rollback] {
            assert_eq!(press(&mut model, 'x', action), [], "{action:?}");
            assert!(matches!(model.ui.modal, Some(Modal::Progress(_))), "{action:?}");
        }
    }
}

/// Without it nothing tells the API that somebody else wrote in between.
#[test]
fn without_an_etag_a_rollback_is_warned_of() {
    let mut model = model();
    let traffic = Box::new(Traffic { etag: String::new(), ..traffic(10, 3) });
    model.update(Msg::TrafficRead { service: ServiceIx(0), at: Mono::from_secs(2), traffic });
    let mut seen = Seen { at: 10_000, ..Seen::default() };
    seen.press(&mut model, Key::Char('R'), Some(Action::Rollback));
    let Some(Modal::Confirm(confirm)) = &model.ui.modal else { panic!("{:?}", model.ui.modal) };
    let warned = confirm.notes.iter().find(|note| &*note.subject == "etag").expect("a warning");
    assert_eq!(&*warned.consequence, "may overwrite another change");
}

/// An act rests on the journal: as soon as it is asked for, and once, what stands there is looked at again.
#[test]
fn a_dialog_that_asks_for_an_act_has_the_journal_looked_at() {
    let mut model = model();
    let mut at = 0;
    let mut press = |key, action| {
        at += 700;
        let press = KeyPress { chord: Chord::plain(key), at: Mono::from_millis(at), repeat: false };
        let effects = model.update(Msg::Pressed { press, action });
        effects.iter().filter(|effect| **effect == Effect::CheckJournal).count()
    };
    assert_eq!(press(Key::Char('R'), Some(Action::Rollback)), 1);
    assert_eq!(press(Key::Char('0'), None), 0);
    assert_eq!(press(Key::Esc, None), 0);
    assert_eq!(press(Key::Char('R'), Some(Action::Rollback)), 1, "and again for the next one");
}
