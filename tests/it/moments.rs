//! What one frame shows is of one moment.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use warroom::clock;
use warroom::config::{self, Overrides};
use warroom::domain::health::{BodyReport, ProbeOutcome, Probed};
use warroom::domain::{LinkReport, Origin, ServiceIx, SourceId};
use warroom::lanes::{Lanes, lanes};
use warroom::model::Model;
use warroom::model::effect::Effect;
use warroom::model::msg::Msg;
use warroom::runtime::{self, Changed, Exit, Face, Perform};

const CONFIG: &str = r#"
[[service]]
name = "chat"
[[service.health]]
name = "api"
url = "http://127.0.0.1:1/health"
[[condition]]
name = "api answers"
signal = "health.api.ok"
fail = "< 1"
"#;

/// How often the probe changes its mind.
const TURNS: usize = 10;

/// Looks at each frame, and lets the probe answer otherwise once it was shown.
struct Viewer {
    lanes: Lanes,
    /// The answer, and what the condition on it says it is.
    shown: Vec<(Option<bool>, Option<f64>)>,
}

impl Viewer {
    fn answer(&self, ok: bool) {
        let (service, at) = (ServiceIx(0), clock::mono());
        let (status, latency) = (Some(if ok { 200 } else { 500 }), Duration::from_millis(9));
        let outcome = ProbeOutcome::Answered { status, latency, ok, report: BodyReport::default() };
        let source = SourceId::Health { service, probe: 0 };
        for msg in [
            Msg::Linked { source, report: LinkReport::Alive, at },
            Msg::Probed(Probed { service, probe: 0, at, origin: Origin::Unknown, outcome }),
        ] {
            self.lanes.data.try_send(msg).expect("room in the lane");
        }
    }
}

/// Whether the last answer was right, as the panel has it.
fn answered(model: &Model) -> Option<bool> {
    model.services[0].health.probes()[0].status().map(|status| status == 200)
}

impl Face for Viewer {
    fn show(&mut self, model: &Model, _: Changed) -> io::Result<usize> {
        let answered = answered(model);
        let mut all = model.conditions.iter(&model.room);
        let (_, state) = all.find(|(spec, _)| spec.name == "api answers").expect("the condition");
        if self.shown.last().is_none_or(|(before, _)| *before != answered) {
            self.answer(!answered.unwrap_or(false));
        }
        self.shown.push((answered, state.value));
        Ok(0)
    }

    fn finished(&self, _: &Model) -> Option<Exit> {
        (self.shown.len() > TURNS).then_some(Exit::Quit)
    }
}

struct Nothing;

impl Perform for Nothing {
    fn perform(&mut self, _: Effect) {}
}

#[tokio::test]
async fn what_is_judged_of_a_number_is_of_the_moment_of_the_number() {
    let loaded = config::parse(CONFIG, Path::new("config.toml"), &Overrides::default(), "mara");
    let room = Arc::new(loaded.expect("a config").room);
    let mut model = Model::new(room, "test".into(), clock::now(), (80, 24));
    let (ends, mut receivers) = lanes();
    let mut viewer = Viewer { lanes: ends, shown: Vec::new() };
    let signals = std::future::pending();
    let exit = runtime::run(&mut model, &mut receivers, &mut Nothing, &mut viewer, signals).await;
    assert_eq!(exit, Exit::Quit);
    let number = |ok| if ok { 1.0 } else { 0.0 };
    let judged: Vec<_> = viewer.shown.iter().map(|(answered, _)| answered.map(number)).collect();
    assert_eq!(viewer.shown.iter().map(|(_, value)| *value).collect::<Vec<_>>(), judged);
    assert!(viewer.shown.iter().any(|(answered, _)| *answered == Some(false)));
}
