//! How a revision starts: seven phases, and the ways in which that can go wrong.

use super::Scenario;

/// The phases in order, with the seconds that each takes on a good day (18.2 s in all).
pub const PHASES: [(&str, f64); 7] = [
    ("INIT", 0.4),
    ("DEPENDENCIES", 1.1),
    ("DATABASE", 7.9),
    ("CACHE", 1.6),
    ("SERVICES", 4.4),
    ("WEBSOCKET", 1.9),
    ("FINALIZE", 0.9),
];

/// A start as it is going to go.
#[derive(Debug, Clone, PartialEq)]
pub struct Startup {
    plan: Vec<(&'static str, f64)>,
    ending: Ending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Completes,
    /// The last phase of the plan never ends.
    Hangs,
    /// The last phase of the plan ends in an error.
    Fails(&'static str),
}

/// How far a start has come.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Progress {
    /// Phases done, with their seconds, in the order in which they were done.
    pub done: Vec<(&'static str, f64)>,
    /// The phase that runs.
    pub running: Option<&'static str>,
    /// Why the start failed, in the running phase.
    pub failed: Option<&'static str>,
}

impl Progress {
    /// Whether the start is over and went well.
    pub fn complete(&self) -> bool {
        self.running.is_none() && self.failed.is_none()
    }
}

impl Startup {
    /// The candidate's start in `scenario`.
    pub fn of(scenario: Scenario) -> Self {
        let mut plan = PHASES.to_vec();
        let mut ending = Ending::Completes;
        match scenario {
            Scenario::SlowStart => plan.iter_mut().for_each(|(_, seconds)| *seconds *= 1.8),
            Scenario::PhaseHang => {
                plan.truncate(5);
                ending = Ending::Hangs;
            }
            Scenario::PhaseOutOfOrder => plan.swap(2, 3),
            Scenario::StartupFailed => {
                plan.truncate(3);
                ending = Ending::Fails("DATABASE: migration head 7f31 expected, found 6c02");
            }
            Scenario::BadCanary
            | Scenario::Healthy
            | Scenario::AuthStorm
            | Scenario::CrashLoop
            | Scenario::Overload
            | Scenario::Frozen
            | Scenario::FlappingHealth
            | Scenario::MissingEvents
            | Scenario::SlowHealth
            | Scenario::Garbage
            | Scenario::TargetDown => {}
        }
        Self { plan, ending }
    }

    /// A start on a good day that takes `share` of the usual time.
    pub fn quick(share: f64) -> Self {
        let plan = PHASES.map(|(name, seconds)| (name, seconds * share));
        Self { plan: plan.to_vec(), ending: Ending::Completes }
    }

    /// How far it is `age` seconds after it began.
    pub fn at(&self, age: f64) -> Progress {
        let mut progress = Progress::default();
        let mut end = 0.0;
        let last = self.plan.len().saturating_sub(1);
        for (index, (name, seconds)) in self.plan.iter().enumerate() {
            end += seconds;
            let stuck = index == last && self.ending != Ending::Completes;
            if age >= end && !stuck {
                progress.done.push((name, *seconds));
                continue;
            }
            progress.running = Some(name);
            if let (Ending::Fails(why), true) = (self.ending, stuck && age >= end) {
                progress.failed = Some(why);
            }
            break;
        }
        progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_good_start_takes_eighteen_seconds_in_order() {
        let start = Startup::of(Scenario::BadCanary);
        assert_eq!(start.at(0.0).running, Some("INIT"));
        assert_eq!(start.at(2.0).running, Some("DATABASE"));
        assert_eq!(start.at(2.0).done, [("INIT", 0.4), ("DEPENDENCIES", 1.1)]);
        assert!(!start.at(18.1).complete());
        assert!(start.at(18.3).complete());
        assert_eq!(start.at(18.3).done, PHASES);
    }

    #[test]
    fn bad_starts_are_bad_in_their_own_way() {
        let hang = Startup::of(Scenario::PhaseHang).at(500.0);
        assert_eq!((hang.running, hang.failed, hang.done.len()), (Some("SERVICES"), None, 4));
        let failed = Startup::of(Scenario::StartupFailed);
        assert_eq!(failed.at(5.0).failed, None);
        assert!(failed.at(10.0).failed.is_some());
        assert!(!failed.at(10.0).complete());
        let order = Startup::of(Scenario::PhaseOutOfOrder).at(60.0);
        assert_eq!(order.done.get(2).map(|d| d.0), Some("CACHE"));
        assert!(!Startup::of(Scenario::SlowStart).at(31.0).complete());
        assert!(Startup::of(Scenario::SlowStart).at(34.0).complete());
    }
}
