//! Agent runs: each begins, thinks, calls tools and completes, and sends an event at every step.

use std::collections::BTreeMap;

use super::counters::log_normal;

/// What an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// A run began.
    AgentStarted,
    /// The agent thinks.
    AgentThinking,
    /// A tool was called.
    ToolExecuting,
    /// A tool answered.
    ToolCompleted,
    /// The run is over.
    AgentCompleted,
}

/// One event of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Index of the revision that serves the run.
    pub revision: usize,
    /// What it says.
    pub kind: Kind,
    /// The run.
    pub run: u64,
    /// Pairs a call with its answer.
    pub call: Option<u64>,
    /// Position in the run, from 1; a lost event leaves its number out.
    pub seq: u32,
    /// Who runs.
    pub agent: &'static str,
    /// Which tool, or what is thought about.
    pub detail: &'static str,
    /// Milliseconds between the event and its sending.
    pub delay_ms: u16,
}

const AGENTS: [&str; 4] = ["triage", "researcher", "writer", "scheduler"];
const TOOLS: [&str; 6] = ["search_orders", "fetch_page", "summarize", "lookup", "send_mail", "book_slot"];
const THOUGHTS: [&str; 4] = ["planning", "reading results", "choosing a tool", "writing the answer"];

/// Runs under way: what they are going to send, by the step at which they send it.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    due: BTreeMap<u64, Vec<Event>>,
}

impl Runs {
    /// Plans a whole run on `revision`, beginning at `step` with `per_second` steps a second; gives its id.
    pub fn begin(&mut self, rng: &mut fastrand::Rng, revision: usize, step: u64, per_second: f64) -> u64 {
        let run = rng.u64(..);
        let agent = AGENTS.get(rng.usize(..AGENTS.len())).copied().unwrap_or("triage");
        let mut at = step as f64;
        let mut seq = 0;
        let mut plan = |rng: &mut fastrand::Rng, kind: Kind, call: Option<u64>, pause: f64| {
            at += pause * per_second;
            seq += 1;
            let detail = match kind {
                Kind::ToolExecuting | Kind::ToolCompleted => TOOLS
                    .get(usize::try_from(call.unwrap_or(0) % 6).unwrap_or(0))
                    .copied()
                    .unwrap_or("lookup"),
                Kind::AgentStarted | Kind::AgentThinking | Kind::AgentCompleted => {
                    THOUGHTS.get(rng.usize(..THOUGHTS.len())).copied().unwrap_or("planning")
                }
            };
            let delay_ms = log_normal(rng, 18.0, 0.5).min(400.0) as u16;
            let event = Event { revision, kind, run, call, seq, agent, detail, delay_ms };
            self.due.entry(at as u64).or_default().push(event);
        };
        plan(rng, Kind::AgentStarted, None, 0.0);
        for _ in 0..rng.u32(1..=3) {
            let pause = log_normal(rng, 0.5, 0.6).min(3.0);
            plan(rng, Kind::AgentThinking, None, pause);
            let call = Some(rng.u64(..));
            plan(rng, Kind::ToolExecuting, call, 0.15);
            let pause = log_normal(rng, 0.4, 0.8).min(4.0);
            plan(rng, Kind::ToolCompleted, call, pause);
        }
        let pause = log_normal(rng, 0.6, 0.5).min(3.0);
        plan(rng, Kind::AgentCompleted, None, pause);
        run
    }

    /// The events of `step` and of all before it that were not taken.
    pub fn take(&mut self, step: u64) -> Vec<Event> {
        let later = self.due.split_off(&(step + 1));
        std::mem::replace(&mut self.due, later).into_values().flatten().collect()
    }
}
