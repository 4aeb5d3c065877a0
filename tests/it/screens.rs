//! What lies over the panels and what fills the screen, reached by keys as a person would reach it.

use std::sync::LazyLock;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

use warroom::domain::room::Mode;
use warroom::domain::{
    Action, Chord, Clean, Entry, Key, KeyPress, Mono, Now, OpState, PanelId, Record, Refusal,
};
use warroom::keymap::hints::Place;
use warroom::keymap::{Context, Keymap};
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::{Msg, Token};
use warroom::theme::{Depth, Theme};
use warroom::view::{self, Ctx};

use crate::frames::room::{Mood, room};

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

/// Rooms are told once; every person gets a copy.
static ROOMS: LazyLock<[(Mood, Model); 4]> = LazyLock::new(|| {
    [Mood::Healthy, Mood::Bad, Mood::Tripped, Mood::Lost].map(|mood| (mood, room(mood, (80, 24))))
});

/// A person at a room: presses keys, one each tenth of a second.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) model: Model,
    pub(crate) keymap: Keymap,
    pub(crate) effects: Vec<Effect>,
}

impl Person {
    pub(crate) fn at(mood: Mood, size: (u16, u16)) -> Self {
        let known = ROOMS.iter().find(|(known, _)| *known == mood).expect("a room in this mood");
        let mut model = known.1.clone();
        model.update(Msg::Resized { columns: size.0, rows: size.1 });
        Self { model, keymap: Keymap::default(), effects: Vec::new() }
    }

    pub(crate) fn watching(mood: Mood, size: (u16, u16)) -> Self {
        let mut person = Self::at(mood, size);
        let mut room = (*person.model.room).clone();
        room.operator.mode = Mode::ReadOnly;
        person.model.room = room.into();
        person.keymap = Keymap::default().read_only();
        person
    }

    pub(crate) fn wait(&mut self, millis: u64) {
        let Now { mono, wall } = self.model.now;
        let now = Now {
            mono: Mono(mono.0 + millis * 1_000),
            wall: wall + chrono::TimeDelta::milliseconds(millis.cast_signed()),
        };
        self.tell(Msg::Ticked(now));
    }

    pub(crate) fn tell(&mut self, msg: Msg) {
        self.effects.extend(self.model.update(msg));
    }

    pub(crate) fn key(&mut self, key: Key) {
        self.wait(100);
        let press = KeyPress { chord: Chord::plain(key), at: self.model.now.mono, repeat: false };
        let context = view::modal::context(&self.model);
        let action = context.and_then(|context| self.keymap.action(context, press.chord));
        self.tell(Msg::Pressed { press, action });
    }

    pub(crate) fn keys(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.key(if c == '\n' { Key::Enter } else { Key::Char(c) });
        }
        self
    }

    /// Waits until a dialog takes input.
    pub(crate) fn unguarded(&mut self) -> &mut Self {
        self.wait(600);
        self
    }

    pub(crate) fn token(&self, wanted: impl Fn(&Entry) -> bool) -> Token {
        let tokens = self.effects.iter().filter_map(|effect| match effect {
            Effect::Journal { token, draft, .. } if wanted(&draft.entry) => Some(*token),
            _ => None,
        });
        tokens.last().expect("a draft for the journal")
    }

    pub(crate) fn sent(&self) -> usize {
        self.effects.iter().filter(|effect| matches!(effect, Effect::Operate { .. })).count()
    }

    pub(crate) fn screen(&self) -> String {
        let (theme, size) = (Theme::named("dark", Depth::True), self.model.size);
        let ctx = Ctx::new(&theme, &self.keymap, self.model.now);
        let area = Rect::new(0, 0, size.0, size.1);
        let mut buf = Buffer::empty(area);
        view::draw(&self.model, &ctx, area, &mut buf);
        let rows = buf.content().chunks(usize::from(size.0));
        let row = |row: &[Cell]| row.iter().map(Cell::symbol).collect::<String>().trim_end().to_owned();
        rows.map(row).collect::<Vec<_>>().join("\n")
    }

    /// The box that is titled so, without what stands around it.
    pub(crate) fn sheet(&self, title: &str) -> String {
        let screen = self.screen();
        let rows: Vec<Vec<char>> = screen.lines().map(|row| row.chars().collect()).collect();
        let top = screen.lines().position(|row| row.contains(title)).expect("the box");
        let at = screen.lines().nth(top).and_then(|row| row.find(title)).expect("its title");
        let before = screen.lines().nth(top).map_or(0, |row| row[..at].chars().count());
        let left = (0..before).rev().find(|x| rows[top][*x] == '╭').expect("its corner");
        let right = (before..rows[top].len()).find(|x| rows[top][*x] == '╮').expect("its corner");
        let end = (top..rows.len()).find(|y| rows[*y].get(left) == Some(&'╰')).expect("its foot");
        let line = |row: &Vec<char>| row[left..=right].iter().collect::<String>();
        rows[top..=end].iter().map(line).collect::<Vec<_>>().join("\n")
    }

    /// Rolls back, until the old revision serves.
    pub(crate) fn rolls_back(&mut self) {
        self.keys("R").unguarded().keys("00417\n");
        self.goes_on();
    }

    /// What was confirmed is journaled, sent, and done.
    fn goes_on(&mut self) {
        let token = self.token(is_intent);
        assert_eq!(self.sent(), 0, "nothing is sent before the journal has it");
        self.tell(Msg::Journaled { token, seq: 219 });
        assert_eq!(self.sent(), 1);
        let op = self.model.ops.iter().last().expect("an operation").id.clone();
        for (state, detail) in [
            (OpState::Accepted, "operation 51b0c49e"),
            (OpState::Reconciling, "generation 58"),
            (OpState::Effective, "observed 100 % on 00417-hux"),
        ] {
            self.wait(1_200);
            let at = self.model.now;
            self.tell(Msg::Operated { op: op.clone(), state, detail: Clean::new(detail), at });
        }
        self.wait(1_000);
    }

    fn snapshot(&self, name: &str) {
        let (columns, rows) = self.model.size;
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), self.screen());
    }
}

fn is_intent(entry: &Entry) -> bool {
    matches!(entry, Entry::Intent { .. })
}

#[test]
fn rolling_back_from_the_key_to_the_end() {
    for size in SIZES {
        let mut ines = Person::at(Mood::Tripped, size);
        ines.keys("R");
        assert!(ines.screen().contains("wait"), "the first half second takes nothing");
        ines.unguarded().snapshot("rollback-asks");
        ines.keys("004").snapshot("rollback-partly-typed");
        ines.keys("17").snapshot("rollback-armed");
        assert_eq!(ines.sent(), 0);
        ines.keys("\n").snapshot("rollback-journaling");
        ines.goes_on();
        ines.snapshot("rollback-effective");
        ines.key(Key::Esc);
        ines.wait(6_000);
        ines.snapshot("rollback-banner");
        assert_eq!(ines.sent(), 1);
    }
}

#[test]
fn other_endings_of_the_rollback_dialog() {
    for size in SIZES {
        let mut ines = Person::at(Mood::Tripped, size);
        ines.keys("R").unguarded().keys("00417\n");
        let token = ines.token(is_intent);
        let error = Clean::new("disk is full");
        ines.tell(Msg::JournalRefused { token, refusal: Refusal::Unwritable { error } });
        ines.snapshot("rollback-unrecorded");
        ines.keys("\n");
        assert_eq!(ines.sent(), 0, "enter on the empty field cancels");

        let mut sam = Person::at(Mood::Tripped, size);
        sam.keys("R").unguarded().keys("00417\n");
        let token = sam.token(is_intent);
        let (op, by) = (warroom::domain::OpId("other-1".into()), Clean::new("ines"));
        sam.tell(Msg::JournalRefused { token, refusal: Refusal::Conflict { op, by } });
        sam.snapshot("rollback-conflict");

        let mut mara = Person::at(Mood::Tripped, size);
        mara.keys("R").unguarded();
        let service = warroom::domain::ServiceIx(0);
        let mut traffic = mara.model.traffic(service).expect("traffic").clone();
        traffic.generation += 1;
        let at = mara.model.now.mono;
        mara.tell(Msg::TrafficRead { service, at, traffic: Box::new(traffic) });
        mara.keys("00417");
        mara.snapshot("rollback-changed");
        assert_eq!(mara.sent(), 0);
    }
}

#[test]
fn flipping_a_flag() {
    for size in SIZES {
        let mut sam = Person::at(Mood::Healthy, size);
        sam.keys("f").wait(10);
        sam.snapshot("flags");
        sam.keys("f").unguarded().snapshot("flip-asks");
        sam.keys("SESSION_RESUME\n");
        assert_eq!((sam.sent(), sam.token(is_intent)), (0, sam.token(is_intent)));
    }
}

#[test]
fn ticking_undoing_and_writing_notes() {
    for size in SIZES {
        let mut mara = Person::at(Mood::Healthy, size);
        mara.keys("6");
        assert!(mara.model.ui.focus.full() == Some(PanelId::Checklist));
        mara.keys("]");
        mara.snapshot("checklist");
        mara.keys(" ").snapshot("checklist-ticked");
        let ticked = mara.token(|entry| matches!(entry, Entry::Ticked { .. }));
        mara.keys("u");
        assert!(mara.screen().contains("still being written"));
        mara.tell(Msg::Journaled { token: ticked, seq: 4 });
        mara.wait(10_000);
        mara.keys("u");
        mara.token(|entry| matches!(entry, Entry::Unticked { seq: 4, .. }));
        mara.keys("mholding for QA").snapshot("note");
        mara.keys("\n");
        mara.token(|entry| matches!(entry, Entry::Noted { text } if &**text == "holding for QA"));
        mara.keys("/load").snapshot("filter");
    }
}

#[test]
fn a_space_in_the_overview_ticks_nothing_that_is_not_seen() {
    let mut mara = Person::at(Mood::Healthy, (120, 40));
    while mara.model.ui.focus.panel() != PanelId::Checklist {
        mara.key(Key::Tab);
    }
    mara.keys(" ");
    assert!(!mara.effects.iter().any(|effect| matches!(effect, Effect::Journal { .. })));
    assert_eq!(mara.model.ui.focus.full(), Some(PanelId::Checklist));
}

#[test]
fn panels_at_full_size() {
    for size in SIZES {
        for panel in ["closes", "triggers", "health", "startup", "metrics", "traffic", "journal"] {
            let mut mara = Person::at(Mood::Bad, size);
            mara.keys(&format!(":{panel}\n")).snapshot(panel);
        }
        let mut mara = Person::at(Mood::Bad, size);
        mara.keys(":events\nn").snapshot("events");
        mara.keys("\n").snapshot("events-story");
    }
}

#[test]
fn pages_palette_and_questions() {
    for size in SIZES {
        let mut mara = Person::at(Mood::Bad, size);
        mara.keys("S").snapshot("story");
        mara.key(Key::Esc);
        mara.keys("C").snapshot("contacts");
        mara.key(Key::Esc);
        mara.keys("0").snapshot("reasons");
        mara.key(Key::Esc);
        mara.keys(":rb").snapshot("palette");
        mara.key(Key::Esc);
        mara.keys("?").snapshot("help");
        let mut lost = Person::at(Mood::Lost, size);
        lost.keys("D").snapshot("doctor");
        let mut leaving = Person::at(Mood::Tripped, size);
        leaving.keys("R").unguarded().keys("00417\n");
        let token = leaving.token(is_intent);
        leaving.tell(Msg::Journaled { token, seq: 219 });
        leaving.key(Key::Esc);
        leaving.keys("q").snapshot("quit-asks");
        leaving.unguarded().keys("\n");
        assert!(!leaving.effects.contains(&Effect::Quit));
        leaving.keys("q").unguarded().keys("y");
        assert!(leaving.effects.contains(&Effect::Quit));
    }
}

#[test]
fn what_was_read_in_the_story_is_not_new_the_next_time() {
    let mut mara = Person::at(Mood::Healthy, (120, 40));
    mara.keys("S");
    assert!(mara.screen().contains("all of it is new to you"));
    mara.key(Key::Esc);
    mara.token(|entry| matches!(entry, Entry::Looked { seq: 3 }));
    let record = |seq: u64, by: &str, entry: Entry| Record {
        seq,
        at: mara.model.now.wall,
        by: Clean::new(by),
        role: Clean::default(),
        entry,
        hash: String::new(),
        late: false,
    };
    let looked = record(4, "mara", Entry::Looked { seq: 3 });
    let note = record(5, "sam", Entry::Noted { text: Clean::new("paged the database team") });
    mara.tell(Msg::Recorded { records: vec![looked, note] });
    mara.keys("S");
    let screen = mara.screen();
    assert!(screen.contains("1 new since you looked"), "{screen}");
    assert!(screen.contains("you have read what is below"), "{screen}");
}

#[test]
fn read_only_shows_no_acting_key_and_acts_on_none() {
    for size in SIZES {
        let mut guest = Person::watching(Mood::Tripped, size);
        let keys = Keymap::default();
        let acting: Vec<Action> = Action::iter().filter(|action| action.acts()).collect();
        // This room has no alerts.
        for panel in PanelId::iter().filter(|panel| *panel != PanelId::Alerts) {
            guest.keys(&format!(":{panel}\n"));
            assert_eq!(guest.model.ui.focus.full(), Some(panel));
            let shown = guest.keymap.hints(Place::Full(panel.into()));
            let all = keys.hints(Place::Full(panel.into()));
            for hint in all.iter().filter(|hint| !shown.contains(hint)) {
                let words = format!("{} {}", hint.key, hint.label);
                assert!(!guest.screen().contains(&words), "{panel}: {words}\n{}", guest.screen());
            }
            for action in &acting {
                for chord in keys.chords(panel.into(), *action).collect::<Vec<_>>() {
                    guest.key(chord.key);
                    guest.key(Key::Esc);
                }
            }
        }
        let wrote = guest.effects.iter().find(|effect| {
            matches!(effect, Effect::Operate { .. } | Effect::Journal { .. } | Effect::Recheck { .. })
        });
        assert_eq!(wrote, None);
        let help = { guest.keys("?").screen() };
        assert!(help.contains("read-only"), "{help}");
        assert!(keys.key_for(Context::Everywhere, Action::Rollback).is_some());
        assert!(!help.contains("roll back"), "{help}");
    }
}

#[test]
fn pasted_and_hostile_text_stays_text() {
    let hostile = "\u{1b}[31mred\u{7}\u{202e}evil\u{9d}52;c;Zm9v\u{9c}\r\n00417\n";
    for size in SIZES {
        let mut mara = Person::at(Mood::Tripped, size);
        let record = Record {
            seq: 9,
            at: mara.model.now.wall,
            by: Clean::new(hostile),
            role: Clean::new(hostile),
            entry: Entry::Noted { text: Clean::new(hostile) },
            hash: String::new(),
            late: true,
        };
        mara.tell(Msg::Recorded { records: vec![record] });
        let at = mara.model.now.mono;
        for open in ["S", ":", "/", "n", "R"] {
            mara.keys(open).unguarded();
            mara.tell(Msg::Pasted { text: hostile.repeat(50), at });
            let screen = mara.screen();
            let bad = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
            assert_eq!(screen.chars().find(|c| bad(*c)), None, "{open}");
            mara.key(Key::Esc);
        }
        assert_eq!(mara.sent(), 0);
        assert!(
            !mara
                .effects
                .iter()
                .any(|effect| matches!(effect, Effect::Journal { draft, .. } if is_intent(&draft.entry)))
        );
    }
}

#[test]
fn no_size_is_too_small_for_anything_that_opens() {
    for open in [
        "R",
        "ff",
        "S",
        "C",
        "D",
        "0",
        ":",
        "?",
        "n",
        "/",
        ":events\n",
        ":closes\n",
        ":checklist\n",
        ":flags\n",
        ":health\n",
        ":startup\n",
        ":metrics\n",
        ":triggers\n",
        ":traffic\n",
        ":journal\n",
    ] {
        let mut mara = Person::at(Mood::Tripped, (120, 40));
        mara.keys(open).unguarded();
        for width in (0..130).step_by(7).chain([1, 59, 60, 99, 100]) {
            for height in (0..42).step_by(5).chain([1, 2, 3, 14, 15]) {
                mara.model.size = (width, height);
                if width > 0 {
                    mara.screen();
                }
            }
        }
    }
}
