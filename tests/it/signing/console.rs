//! The same in consoles: keys, the verdict, another console's records, the rollout that is seen in the traffic.

use std::path::Path;
use std::sync::Arc;

use warroom::config::{self, Overrides};
use warroom::document;
use warroom::domain::{
    Action, Chord, Clean, Draft, Entry, Key, KeyPress, Mark, Mono, Now, OpId, OpKind, OpState, PanelId,
    Record, ServiceIx, TrafficChange, TrafficTarget, VerdictState, Wall,
};
use warroom::model::Model;
use warroom::model::checklist::Row;
use warroom::model::effect::Effect;
use warroom::model::msg::{Msg, Token};

use crate::splits::{self, share};

const CONFIG: &str = "[room]\nname = \"t\"\n[[service]]\nname = \"api\"\n[service.cloud_run]\nproject = \"p\"\nregion = \"r\"\nservice = \"api\"\n";
const CHECKLIST: &str = "# R\n- [ ] unit tests (required)\n- [ ] load test\n";

/// A console of `name`, with its journal as messages.
struct Console {
    model: Model,
    at: u64,
    sent: Vec<(Token, Draft)>,
}

impl Console {
    fn new(name: &str) -> Self {
        let overrides = Overrides { operator: Some(name.to_owned()), ..Overrides::default() };
        let loaded = config::parse(CONFIG, Path::new("config.toml"), &overrides, name).expect("a config");
        let mut model = Model::new(Arc::new(loaded.room), name.to_owned(), Now::default(), (160, 48));
        let mut document = document::read("r.md", CHECKLIST.as_bytes()).document.expect("a document");
        let section = document.sections.first_mut().expect("a section");
        let mut trigger = section.items[1].clone();
        trigger.id.0 = "complaints".to_owned();
        trigger.text = "complaints in support".into();
        trigger.meaning = warroom::domain::Meaning::Trigger;
        section.items.push(trigger);
        model.update(Msg::DocumentsRead { documents: vec![document], problems: vec![] });
        Self { model, at: 1000, sent: Vec::new() }
    }

    fn tell(&mut self, msg: Msg) -> Vec<Draft> {
        let sent = self.model.update(msg).into_iter().filter_map(|effect| match effect {
            Effect::Journal { token, draft, .. } => Some((token, draft)),
            _ => None,
        });
        let sent: Vec<(Token, Draft)> = sent.collect();
        self.sent.extend(sent.iter().cloned());
        sent.into_iter().map(|(_, draft)| draft).collect()
    }

    fn tick(&mut self) -> Vec<Draft> {
        self.at += 1000;
        let now = Now { mono: Mono::from_millis(self.at), wall: wall(self.at) };
        self.tell(Msg::Ticked(now))
    }

    fn press(&mut self, key: Key, action: Option<Action>) -> Vec<Draft> {
        self.at += 700;
        let press = KeyPress { chord: Chord::plain(key), at: Mono::from_millis(self.at), repeat: false };
        let action = action.filter(|_| !self.model.ui.takes_letters());
        self.tell(Msg::Pressed { press, action })
    }

    /// Puts the cursor on the item at `index`.
    fn choose(&mut self, index: usize) {
        self.model.ui.focus.open(PanelId::Checklist);
        for _ in 0..20 {
            self.press(Key::Char('g'), Some(Action::First));
            for _ in 0..20 {
                if self.model.cursor_row() == Some(Row::Item(index)) {
                    return;
                }
                self.press(Key::Char('j'), Some(Action::Down));
            }
        }
        unreachable!("no such row");
    }

    fn state(&self, text: &str) -> &'static str {
        let list = &self.model.checklist;
        list.items().find(|item| item.text.contains(text)).map_or("none", |item| list.state(item).word())
    }
}

fn wall(millis: u64) -> Wall {
    Wall::default() + chrono::TimeDelta::milliseconds(millis.cast_signed())
}

/// All consoles read what one of them wrote.
fn written(consoles: &mut [&mut Console], seq: u64, draft: &Draft) {
    let record = Record {
        seq,
        at: wall(seq * 1000),
        by: draft.by.clone(),
        role: draft.role.clone(),
        entry: draft.entry.clone(),
        hash: String::new(),
        late: false,
    };
    for console in consoles {
        if let Some(at) = console.sent.iter().position(|(_, sent)| sent == draft) {
            let (token, _) = console.sent.remove(at);
            console.tell(Msg::Journaled { token, seq });
        }
        console.tell(Msg::Recorded { records: vec![record.clone()] });
    }
}

#[test]
fn a_trigger_that_a_person_saw_asks_every_console_to_roll_back_until_it_is_taken_back() {
    let (mut mara, mut sam) = (Console::new("mara"), Console::new("sam"));
    mara.choose(2);
    let drafts = mara.press(Key::Char(' '), Some(Action::Tick));
    let said = drafts.iter().find(|draft| matches!(draft.entry, Entry::Marked { mark: Mark::Happened, .. }));
    written(&mut [&mut mara, &mut sam], 1, said.expect("said"));
    for console in [&mut mara, &mut sam] {
        console.tick();
        let verdict = &console.model.verdicts.now;
        assert_eq!(verdict.state, VerdictState::RollBack);
        let first = verdict.reasons.first().expect("a reason");
        assert_eq!((&*first.subject, &*first.value), ("complaints in support", "said by mara at 00:00:01Z"));
    }
    sam.choose(2);
    let drafts = sam.press(Key::Char(' '), Some(Action::Tick));
    let back = drafts.iter().find(|draft| matches!(draft.entry, Entry::Unticked { seq: 1, .. }));
    written(&mut [&mut mara, &mut sam], 2, back.expect("taken back"));
    mara.tick();
    assert!(
        !mara.model.verdicts.now.reasons.iter().any(|reason| &*reason.subject == "complaints in support")
    );
}

#[test]
fn a_reason_is_asked_for_before_anything_is_waived() {
    let (mut mara, mut sam) = (Console::new("mara"), Console::new("sam"));
    mara.choose(0);
    assert_eq!(mara.press(Key::Char('w'), Some(Action::Waive)), []);
    assert_eq!(mara.press(Key::Enter, Some(Action::Open)), [], "no reason, no record");
    mara.press(Key::Char('w'), Some(Action::Waive));
    for c in "known".chars() {
        mara.press(Key::Char(c), None);
    }
    let drafts = mara.press(Key::Enter, Some(Action::Open));
    let [draft] = drafts.as_slice() else { panic!("{drafts:?}") };
    assert!(matches!(&draft.entry, Entry::Marked { mark: Mark::Waived, note, .. } if **note == *"known"));
    assert_eq!((mara.state("unit"), sam.state("unit")), ("waived", "open"));
    written(&mut [&mut mara, &mut sam], 1, draft);
    assert_eq!((mara.state("unit"), sam.state("unit")), ("waived", "waived"));
}

#[test]
fn the_keeper_writes_down_the_candidate_and_its_first_traffic() {
    let mut mara = Console::new("mara");
    mara.tell(Msg::Kept { mine: true, holder: Clean::new("mara") });
    let traffic = |percent: u8, image: &str, generation: i64| {
        let split = vec![share("api-00001-old", 100 - percent), share("api-00002-new", percent)];
        let mut traffic = splits::service("api", split, ["api-00002-new", "api-00001-old"], generation);
        traffic.revisions[0].image = Clean::new(&format!("docker.example.com/api@{image}"));
        traffic.revisions[1].image = Clean::new("docker.example.com/api@sha256:old");
        Box::new(traffic)
    };
    let read = |mara: &mut Console, traffic| {
        mara.at += 5000;
        let at = Mono::from_millis(mara.at);
        let drafts = mara.tell(Msg::TrafficRead { service: ServiceIx(0), at, traffic });
        drafts
            .into_iter()
            .filter(|d| matches!(d.entry, Entry::Candidate { .. } | Entry::T0 { .. }))
            .collect::<Vec<_>>()
    };
    assert_eq!(read(&mut mara, traffic(0, "sha256:new", 1)), []);
    let seen = read(&mut mara, traffic(10, "sha256:new", 2));
    let [candidate] = seen.as_slice() else { panic!("{seen:?}") };
    assert!(matches!(&candidate.entry, Entry::Candidate { seen, .. } if *seen.image == *"sha256:new"));
    assert_eq!(read(&mut mara, traffic(10, "sha256:new", 2)), [], "it is on its way");
    written(&mut [&mut mara], 1, candidate);
    let seen = read(&mut mara, traffic(10, "sha256:new", 2));
    let [t0] = seen.as_slice() else { panic!("{seen:?}") };
    assert!(matches!(t0.entry, Entry::T0 { detected: true, .. }));
    written(&mut [&mut mara], 2, t0);
    assert_eq!(read(&mut mara, traffic(20, "sha256:new", 3)), []);
    // Ticked for this image; another revision of it lapses nothing, another image does.
    mara.choose(1);
    let drafts = mara.press(Key::Char(' '), Some(Action::Tick));
    written(&mut [&mut mara], 3, drafts.first().expect("a tick"));
    mara.tick();
    assert_eq!(mara.state("load"), "done");
    let seen = read(&mut mara, traffic(20, "sha256:other", 4));
    assert_eq!(seen.len(), 1);
    mara.tick();
    assert_eq!(mara.state("load"), "lapsed", "before the record of it is back");
}

/// Names of revisions, the newest first: numbers that outgrow their digits and hashes sort otherwise.
const NAMES: [[&str; 3]; 3] = [
    ["api-00003-new", "api-00002-good", "api-00001-old"],
    ["api-10", "api-9", "api-8"],
    ["api-c41", "api-f07", "api-a9e"],
];

/// The traffic of `names` is read; answers what was written of a candidate and its T0. `dated`: the API says when they came.
fn read(mara: &mut Console, names: [&str; 3], dated: bool, shares: [u8; 3]) -> Vec<&'static str> {
    let split = names.into_iter().zip(shares).filter(|(_, percent)| *percent > 0);
    let split: Vec<_> = split.map(|(name, percent)| share(name, percent)).collect();
    mara.at += 5000;
    let generation = mara.at.cast_signed();
    let mut traffic = splits::service("api", split, [names[0], names[1]], generation);
    traffic.revisions.push(traffic.revisions[1].clone());
    for ((revision, name), hours) in traffic.revisions.iter_mut().zip(names).zip(1..) {
        revision.name = name.to_owned();
        revision.image = Clean::new(&format!("docker.example.com/api@sha256:{name}"));
        revision.created = dated.then(|| wall(0) - chrono::TimeDelta::hours(hours));
    }
    let at = Mono::from_millis(mara.at);
    let drafts = mara.tell(Msg::TrafficRead { service: ServiceIx(0), at, traffic: Box::new(traffic) });
    let mut told = Vec::new();
    for draft in drafts {
        if matches!(draft.entry, Entry::Candidate { .. } | Entry::T0 { .. }) {
            told.push(draft.entry.kind());
        }
        let head = mara.model.journal.head();
        written(&mut [&mut *mara], head + 1, &draft);
    }
    told
}

fn keeper() -> Console {
    let mut mara = Console::new("mara");
    mara.tell(Msg::Kept { mine: true, holder: Clean::new("mara") });
    mara
}

/// Rolled back twice, and then somebody outside moves the traffic to what served before the rollout.
#[test]
fn what_the_rollout_came_from_or_went_back_to_is_never_its_candidate() {
    for (names, dated) in NAMES.into_iter().flat_map(|names| [(names, true), (names, false)]) {
        for baseline_known in [true, false] {
            let mut mara = keeper();
            let read = |mara: &mut Console, shares| read(mara, names, dated, shares);
            let first = if baseline_known { [10, 90, 0] } else { [100, 0, 0] };
            let told = read(&mut mara, first);
            assert_eq!(told, if baseline_known { vec!["candidate"] } else { vec![] });
            read(&mut mara, first);
            back(&mut mara, names[1], &[share(names[0], first[0]), share(names[1], first[1])]);
            assert_eq!(read(&mut mara, [0, 100, 0]), Vec::<&str>::new(), "{names:?} {dated}");
            back(&mut mara, names[2], &[share(names[1], 100)]);
            assert_eq!(read(&mut mara, [0, 0, 100]), Vec::<&str>::new(), "{names:?} {dated}");
            let before = mara.model.checklist.rollout().cloned();
            for shares in [[0, 100, 0], [0, 100, 0], [0, 10, 90]] {
                assert_eq!(read(&mut mara, shares), Vec::<&str>::new(), "{names:?} {dated}: {shares:?}");
            }
            assert_eq!(mara.model.checklist.rollout().cloned(), before);
            // What nobody tried before is a candidate still.
            assert_eq!(mara.model.candidates_now().len(), usize::from(baseline_known));
        }
    }
}

/// All traffic to a revision that is newer than those it leaves is a way forward, whatever it was asked for by.
#[test]
fn what_is_newer_than_all_that_it_left_is_a_candidate_also_after_a_rollback_to_it() {
    for names in NAMES {
        let mut mara = keeper();
        read(&mut mara, names, true, [0, 100, 0]);
        back(&mut mara, names[0], &[share(names[1], 100)]);
        let told = read(&mut mara, names, true, [100, 0, 0]);
        assert_eq!(told, ["candidate"], "{names:?}");
    }
}

/// A rollback of mara's that took effect.
fn back(mara: &mut Console, to: &str, before: &[TrafficTarget]) {
    let traffic = mara.model.traffic(ServiceIx(0)).expect("traffic").clone();
    let head = mara.model.journal.head();
    let op = OpId(format!("op{head}"));
    let change = TrafficChange {
        service: ServiceIx(0),
        resource: traffic.name.clone(),
        to: to.to_owned(),
        before: before.to_vec(),
        after: vec![share(to, 100)],
        etag: traffic.etag.clone(),
        generation: traffic.generation,
        frozen_at: wall(mara.at),
    };
    let (reason, evidence) = (Clean::default(), Vec::new());
    let intent = Entry::Intent { op: op.clone(), act: OpKind::Rollback(change), reason, evidence };
    let effective = Entry::progress(op, OpState::Effective, Clean::new("serves"));
    for (seq, entry) in (head + 1..).zip([intent, effective]) {
        let draft = Draft { by: Clean::new("mara"), role: Clean::default(), entry };
        written(&mut [&mut *mara], seq, &draft);
    }
}
