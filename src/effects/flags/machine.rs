//! One change of a flag as a pure state machine: what to ask next, and what an answer means.
//!
//! It is written once. Whatever the provider says to it, what is read back afterwards is what counts: providers take a
//! change and keep another one, and a time-out says nothing.

use std::time::Duration;

use crate::clients::flags::Fault;
use crate::domain::flag::{FlagRead, LiveChange};
use crate::domain::{Clean, OpState};

/// A request that was sent does not arrive any more after this.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);

/// So many answers in a row must agree before bad news is believed.
const AGREE: u32 = 3;

/// Rests between readings: the first, and the longest.
const FIRST_REST: Duration = Duration::from_millis(500);
const LONGEST_REST: Duration = Duration::from_secs(5);

/// What to ask the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Write,
    Read,
}

/// What it answered.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    Written(Result<(), Fault>),
    /// It was too late to send, or somebody wrote its end down before.
    Unsent,
    Read(Result<FlagRead, Clean>),
}

/// A state reached, in words.
pub(super) type Report = (OpState, Clean);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Unsent,
    Sending,
    Reading,
    /// Refused, for this: it is read once, since somebody else may have done what was asked.
    Comparing(Clean),
    Over,
}

/// A change on its way.
#[derive(Debug, Clone)]
pub(super) struct Run {
    change: LiveChange,
    phase: Phase,
    rest: Duration,
    /// It is not known whether the change was made.
    doubt: bool,
    /// So long before this run it was sent, at least.
    ago: Duration,
    /// So far into this run its last request may have left.
    sent: Duration,
    bad: u32,
    unseen: u32,
}

impl Run {
    /// A change to be made.
    pub(super) fn new(change: LiveChange) -> Self {
        let rest = Duration::ZERO;
        Self { change, phase: Phase::Unsent, rest, doubt: false, ago: rest, sent: rest, bad: 0, unseen: 0 }
    }

    /// One that was sent `ago` and whose outcome is not known; nothing is written for it any more.
    pub(super) fn recheck(change: LiveChange, ago: Duration) -> Self {
        Self { phase: Phase::Reading, doubt: true, ago, ..Self::new(change) }
    }

    pub(super) fn change(&self) -> &LiveChange {
        &self.change
    }

    /// What to ask next and after which rest; `None` when it is over. Writing is handed out only once.
    pub(super) fn next(&mut self) -> Option<(Ask, Duration)> {
        match &self.phase {
            Phase::Unsent => {
                self.phase = Phase::Sending;
                Some((Ask::Write, self.rest))
            }
            Phase::Sending | Phase::Over => None,
            Phase::Reading | Phase::Comparing(_) => Some((Ask::Read, self.rest)),
        }
    }

    /// Takes in an answer, `elapsed` after the start of this run.
    pub(super) fn take(&mut self, answer: Answer, elapsed: Duration) -> Vec<Report> {
        let report = match answer {
            Answer::Unsent => Some(
                self.end("too late to be sent after it was written down: nothing was changed; start again"),
            ),
            Answer::Written(_) if self.phase != Phase::Sending => None,
            Answer::Written(Ok(())) => {
                self.phase = Phase::Reading;
                Some((OpState::Accepted, Clean::new("the provider took it; reading it back")))
            }
            Answer::Written(Err(Fault::Refused(why))) => {
                self.phase = Phase::Comparing(why);
                None
            }
            Answer::Written(Err(Fault::Open(why))) => {
                self.phase = Phase::Reading;
                self.doubt = true;
                self.sent = elapsed;
                self.rest = FIRST_REST;
                Some((OpState::Unknown, why))
            }
            Answer::Read(read) if let Phase::Comparing(why) = &self.phase => {
                Some(self.compared(&why.clone(), read.ok()))
            }
            Answer::Read(_) if self.phase != Phase::Reading => None,
            Answer::Read(Ok(read)) => self.seen(&read, self.ago + elapsed.saturating_sub(self.sent)),
            Answer::Read(Err(why)) => self.unseen(&why),
        };
        report.into_iter().collect()
    }

    /// It was refused. Where another change, since it was frozen, brought just what was asked, there is nothing left to do.
    fn compared(&mut self, why: &Clean, read: Option<FlagRead>) -> Report {
        let other = read.filter(|read| read.version != self.change.version);
        let Some(read) = other.filter(|read| self.change.after.is_met_by(&read.setting)) else {
            return self.end(&format!("nothing was changed: {why}"));
        };
        self.phase = Phase::Over;
        let by = if read.changed_by.is_empty() { "somebody" } else { &*read.changed_by };
        let now = read.setting.words();
        (OpState::Effective, Clean::new(&format!("is as asked, changed by {by}: {now}, {}", read.place)))
    }

    fn seen(&mut self, read: &FlagRead, since: Duration) -> Option<Report> {
        self.unseen = 0;
        let now = read.setting.words();
        if self.change.after.is_met_by(&read.setting) {
            self.phase = Phase::Over;
            return Some((OpState::Effective, Clean::new(&format!("read back: {now}, {}", read.place))));
        }
        self.bad += 1;
        self.grow();
        if self.bad < AGREE || (self.doubt && since < ARRIVES_WITHIN) {
            return None;
        }
        let untouched = read.version == self.change.version;
        Some(match (self.doubt, untouched) {
            (true, true) => self.end("not changed: it is as it was before"),
            (true, false) => {
                self.end(&format!("not as asked: it reads {now}; look at it before anything else"))
            }
            (false, _) => self.end(&format!("the provider took it, and it reads back as {now}")),
        })
    }

    fn unseen(&mut self, why: &Clean) -> Option<Report> {
        self.unseen += 1;
        self.grow();
        if self.unseen < AGREE {
            return None;
        }
        self.phase = Phase::Over;
        let words = format!("cannot be read back: {why}; check again");
        Some((OpState::Unknown, Clean::new(&words)))
    }

    fn grow(&mut self) {
        self.rest = self.rest.mul_f64(1.5).clamp(FIRST_REST, LONGEST_REST);
    }

    fn end(&mut self, words: &str) -> Report {
        self.phase = Phase::Over;
        (OpState::Failed, Clean::new(words))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::flag::{Provider, Setting};

    fn setting(percent: u8) -> Setting {
        Setting { enabled: true, percent: Some(percent), stickiness: None }
    }

    fn change() -> LiveChange {
        LiveChange {
            provider: Provider::Unleash,
            place: "production".into(),
            before: setting(10),
            after: setting(50),
            version: "v1".into(),
            share: None,
        }
    }

    fn read(percent: u8, version: &str) -> Answer {
        Answer::Read(Ok(FlagRead {
            setting: setting(percent),
            place: "production".into(),
            version: version.into(),
            ..FlagRead::default()
        }))
    }

    fn play(mut run: Run, answers: Vec<Answer>, each: Duration) -> (Vec<OpState>, u32) {
        let (mut states, mut writes, mut elapsed) = (Vec::new(), 0, Duration::ZERO);
        for answer in answers {
            match run.next() {
                None => break,
                Some((Ask::Write, _)) => writes += 1,
                Some((Ask::Read, _)) => {}
            }
            elapsed += each;
            states.extend(run.take(answer, elapsed).into_iter().map(|(state, _)| state));
        }
        (states, writes)
    }

    const SOON: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_read_back_counts() {
        let run = || Run::new(change());
        let good = play(run(), vec![Answer::Written(Ok(())), read(50, "v2")], SOON);
        assert_eq!(good, (vec![OpState::Accepted, OpState::Effective], 1));
        let other = vec![Answer::Written(Ok(())), read(10, "v1"), read(10, "v1"), read(10, "v1")];
        assert_eq!(play(run(), other, SOON), (vec![OpState::Accepted, OpState::Failed], 1));
        let refused = || Answer::Written(Err(Fault::Refused("HTTP 403".into())));
        for answer in [read(10, "v1"), read(10, "v2"), read(50, "v1"), Answer::Read(Err("gone".into()))] {
            assert_eq!(play(run(), vec![refused(), answer], SOON), (vec![OpState::Failed], 1));
        }
        // Somebody else did it meanwhile.
        let done = vec![refused(), read(50, "v2"), read(10, "v3")];
        assert_eq!(play(run(), done, SOON), (vec![OpState::Effective], 1));
        assert_eq!(play(run(), vec![Answer::Unsent], SOON), (vec![OpState::Failed], 1));
    }

    #[test]
    fn silence_is_unknown_until_it_is_seen_or_cannot_arrive_any_more() {
        let open = || Answer::Written(Err(Fault::Open("no answer".into())));
        let came = vec![open(), read(10, "v1"), read(10, "v1"), read(10, "v1"), read(50, "v2")];
        let states = vec![OpState::Unknown, OpState::Effective];
        assert_eq!(play(Run::new(change()), came, SOON), (states, 1));
        let never: Vec<Answer> = std::iter::once(open()).chain((0..4).map(|_| read(10, "v1"))).collect();
        let states = vec![OpState::Unknown, OpState::Failed];
        assert_eq!(play(Run::new(change()), never, Duration::from_secs(12)), (states, 1));
        // Its last request may have left as late as its answer was given up: it has its whole time from then on.
        let late: Vec<Answer> = std::iter::once(open()).chain((0..6).map(|_| read(10, "v1"))).collect();
        let mut run = Run::new(change());
        let mut states = Vec::new();
        for (answer, second) in late.into_iter().zip([20, 25, 30, 35, 40, 49, 50]) {
            run.next();
            let reports = run.take(answer, Duration::from_secs(second));
            states.extend(reports.into_iter().map(|(state, _)| (second, state)));
        }
        assert_eq!(states, [(20, OpState::Unknown), (50, OpState::Failed)]);
        let blind: Vec<Answer> =
            std::iter::once(open()).chain((0..9).map(|_| Answer::Read(Err("refused".into())))).collect();
        let states = vec![OpState::Unknown, OpState::Unknown];
        assert_eq!(play(Run::new(change()), blind, SOON), (states, 1));
    }

    fn answers() -> impl Strategy<Value = Answer> {
        prop_oneof![
            Just(Answer::Written(Ok(()))),
            Just(Answer::Written(Err(Fault::Refused("no".into())))),
            Just(Answer::Written(Err(Fault::Open("lost".into())))),
            Just(Answer::Unsent),
            Just(Answer::Read(Err("gone".into()))),
            (0_u8..=100, prop_oneof![Just("v1"), Just("v2")])
                .prop_map(|(percent, version)| read(percent, version)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_sequence_writes_twice_or_calls_effective_what_was_not_read(
            answers in prop::collection::vec(answers(), 0..12),
            recheck in any::<bool>(),
        ) {
            let asked = answers.iter().any(|answer| {
                matches!(answer, Answer::Read(Ok(read)) if read.setting == setting(50))
            });
            let run = if recheck { Run::recheck(change(), SOON) } else { Run::new(change()) };
            let (states, writes) = play(run, answers, SOON);
            prop_assert!(writes <= u32::from(!recheck));
            prop_assert!(asked || !states.contains(&OpState::Effective));
        }
    }
}
