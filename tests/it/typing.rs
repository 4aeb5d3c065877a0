//! What is typed is on the screen at once, whatever else waits for its frame.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;
use warroom::config::{self, Overrides};
use warroom::domain::event::EventsDelta;
use warroom::domain::{Action, Chord, KeyPress, Mono, Now, ServiceIx};
use warroom::lanes::lanes;
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;
use warroom::runtime::{self, Changed, Exit, Face, Perform};

const CONFIG: &str = r#"
[room]
name = "typing"
environment = "production"

[[service]]
name = "api"

[service.events]
url = "ws://127.0.0.1:9/"
"#;

/// Pairs of an event and a key; nearly each of them comes before the frame of the event is due.
const PAIRS: usize = 60;

/// After each frame that shows events, the next ones come, and a key with them.
struct Typist {
    keys: mpsc::Sender<Msg>,
    events: mpsc::Sender<Msg>,
    frames: Vec<Changed>,
    left: usize,
}

fn press(chord: Chord) -> Msg {
    Msg::Pressed { press: KeyPress { chord, at: Mono(0), repeat: false }, action: None }
}

impl Face for Typist {
    fn show(&mut self, _model: &Model, changed: Changed) -> io::Result<usize> {
        self.frames.push(changed);
        if changed != Changed::Line && self.left > 0 {
            self.left -= 1;
            let delta = EventsDelta { service: ServiceIx(0), received: 1_000_000, ..EventsDelta::default() };
            self.events.try_send(Msg::Streamed(Box::new(delta))).expect("room for events");
            self.keys.try_send(press(Chord::char('~'))).expect("room for a key");
        }
        Ok(0)
    }

    fn action(&self, _model: &Model, chord: Chord) -> Option<Action> {
        (chord == Chord::char('n')).then_some(Action::Note)
    }

    fn finished(&self, _model: &Model) -> Option<Exit> {
        (self.left == 0 && self.frames.last() != Some(&Changed::Line)).then_some(Exit::Quit)
    }
}

struct Nothing;

impl Perform for Nothing {
    fn perform(&mut self, _effect: Effect) {}
}

#[tokio::test]
async fn a_typed_character_waits_for_no_flood() {
    let loaded =
        config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara").expect("a config");
    let mut model = Model::new(Arc::new(loaded.room), "console".into(), Now::default(), (160, 48));
    let (lanes, mut receivers) = lanes();
    lanes.control.try_send(press(Chord::char('n'))).expect("room for a key");
    let mut face = Typist { keys: lanes.control, events: lanes.data, frames: vec![], left: PAIRS };

    let never = std::future::pending();
    assert_eq!(runtime::run(&mut model, &mut receivers, &mut Nothing, &mut face, never).await, Exit::Quit);

    let before_the_events =
        face.frames.windows(2).filter(|pair| pair == &[Changed::Line, Changed::Events]).count();
    assert!(before_the_events > PAIRS / 2, "{before_the_events} of {PAIRS}: {:?}", face.frames);
}
