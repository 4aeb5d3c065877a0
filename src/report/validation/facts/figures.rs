//! Figures of a report: times and values.

use serde::Serialize;

use super::{At, Said};
use crate::domain::Clean;
use crate::domain::measured::{ProbeTimes, StateTimes};

/// Key figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// When the candidate first got traffic.
    pub t0: Option<T0>,
    /// From T0 to the end.
    pub since_t0_seconds: Option<f64>,
    /// How long the verdict was what.
    pub verdicts: VerdictTimes,
    /// How long each health probe was what.
    pub uptime: Vec<Uptime>,
    /// Rollbacks that took effect.
    pub rollbacks: Vec<Said>,
    /// Changes of the traffic that no operation of this room asked for.
    pub outside_changes: Vec<Said>,
    /// People who wrote records.
    pub people: Vec<Clean>,
    /// The records that verdicts, uptime and signals were added up from.
    pub measured: Option<Records>,
}

/// From one record to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Records {
    /// The first.
    pub first_record: u64,
    /// The last.
    pub last_record: u64,
}

/// When the candidate first got traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct T0 {
    /// When.
    pub at: At,
    /// `marked` by a person, `detected` by the room, or `derived` from the first split that gave it traffic.
    pub basis: &'static str,
    /// The record.
    pub record: Option<u64>,
}

/// Seconds of the period by verdict.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct VerdictTimes {
    /// GO.
    pub go: f64,
    /// HOLD, with everything in sight.
    pub hold: f64,
    /// HOLD because something could not be seen.
    pub blind: f64,
    /// NO-GO.
    pub no_go: f64,
    /// ROLL BACK.
    pub roll_back: f64,
    /// Nobody watched.
    pub unknown: f64,
    /// The end of the period, which the console that watches has not written down yet.
    pub unwritten: f64,
}

/// A time in which the verdict was one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// Its beginning.
    pub from: At,
    /// Its end.
    pub until: At,
    /// `go`, `hold`, `blind` (HOLD because something could not be seen), `no_go`, `roll_back`; `null`: nobody watched.
    pub verdict: Option<&'static str>,
}

/// Seconds of the period by what a health probe said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Uptime {
    /// The service.
    pub service: String,
    /// The probe.
    pub probe: String,
    /// Ok.
    pub ok: f64,
    /// Starting, and saying so.
    pub starting: f64,
    /// Failing.
    pub failing: f64,
    /// Asked, and not seen.
    pub unseen: f64,
    /// Nobody watched.
    pub unknown: f64,
    /// Share of the whole period in which it was ok, in percent; the unknown time is not counted as up.
    pub ok_percent: Option<f64>,
    /// Share of the time in which it was seen.
    pub ok_percent_of_seen: Option<f64>,
}

impl Uptime {
    /// From milliseconds.
    pub(in crate::report) fn new(service: String, probe: String, ms: ProbeTimes, total: u64) -> Self {
        let seen = ms.ok + ms.starting + ms.failing;
        let share = |of: u64| (of > 0).then(|| 100.0 * ms.ok as f64 / of as f64);
        Self {
            service,
            probe,
            ok: seconds(ms.ok),
            starting: seconds(ms.starting),
            failing: seconds(ms.failing),
            unseen: seconds(ms.unseen),
            unknown: seconds(total.saturating_sub(ms.total())),
            ok_percent: share(total.max(ms.total())),
            ok_percent_of_seen: share(seen),
        }
    }
}

/// Seconds of milliseconds.
pub(in crate::report) fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

/// A condition over the time of the report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Signal {
    /// Its name.
    pub name: String,
    /// `criterion`, `trigger`; `null`: it is not in the config any more.
    pub purpose: Option<&'static str>,
    /// When it is bad, in words.
    pub limit: Option<String>,
    /// Unit of the values.
    pub unit: Option<String>,
    /// Smallest value seen.
    pub min: Option<f64>,
    /// Largest value seen.
    pub max: Option<f64>,
    /// Newest value seen.
    pub last: Option<f64>,
    /// State at the end, as in the snapshot; `null`: it was not measured then.
    pub state: Option<&'static str>,
    /// It spoke then only of a revision that a rollback had moved away from, and that served nothing any more.
    pub left_behind: bool,
    /// The worst in each part of the time, at most twelve of at least a minute: `pass`, `warn`, `fail`, `accepted`, `unseen`, or `unknown` where nobody
    /// watched.
    pub course: Vec<&'static str>,
    /// Seconds in each state.
    pub seconds: SignalSeconds,
    /// How long its limit was crossed at most, without a break.
    pub longest_breach_seconds: f64,
    /// The newest record that measured it.
    pub record: Option<u64>,
    /// Values in words: smallest, largest, newest.
    #[serde(skip)]
    pub words: [String; 3],
}

/// Seconds of a condition in each state.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct SignalSeconds {
    /// Good.
    pub pass: f64,
    /// Past the warning, or past the limit for not long enough.
    pub warn: f64,
    /// Bad.
    pub fail: f64,
    /// Bad, and accepted.
    pub accepted: f64,
    /// Between its target and its limit.
    pub grey: f64,
    /// Too few samples.
    pub inconclusive: f64,
    /// No value.
    pub no_data: f64,
    /// A value too old.
    pub stale: f64,
    /// Nobody watched.
    pub unknown: f64,
}

impl Signal {
    /// Whether it fails at the end only by a revision that serves no more.
    pub fn is_echo(&self) -> bool {
        self.left_behind && self.state == Some("fail")
    }

    /// Whether anybody watched it at all.
    pub fn is_measured(&self) -> bool {
        self.is_judged() || self.seconds.inconclusive + self.seconds.no_data + self.seconds.stale > 0.0
    }

    /// Whether it could be judged at some time.
    pub fn is_judged(&self) -> bool {
        let SignalSeconds { pass, warn, fail, accepted, grey, .. } = self.seconds;
        pass + warn + fail + accepted + grey > 0.0
    }
}

impl SignalSeconds {
    /// From milliseconds.
    pub(in crate::report) fn new(ms: &StateTimes, total: u64) -> Self {
        Self {
            pass: seconds(ms.pass),
            warn: seconds(ms.warn),
            fail: seconds(ms.fail),
            accepted: seconds(ms.accepted),
            grey: seconds(ms.grey),
            inconclusive: seconds(ms.inconclusive),
            no_data: seconds(ms.no_data),
            stale: seconds(ms.stale),
            unknown: seconds(total.saturating_sub(ms.total())),
        }
    }

    /// Seconds in which it could not be judged, watched or not.
    pub fn unseen(&self) -> f64 {
        self.inconclusive + self.no_data + self.stale + self.unknown
    }
}
