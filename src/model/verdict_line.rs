//! The verdicts of a rollout over its time, folded from the records: what it was, and when somebody watched.

use std::collections::VecDeque;
use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::{
    Clean, Entry, Mono, Now, PanelId, Reason, ReasonKind, Record, Rollout, VerdictState, Wall,
};

use super::Model;
use super::effect::Effect;
use super::verdict::LATELY;

/// Changes and stretches that are remembered; the oldest go first.
const MOST: usize = 4_000;

/// Stretches that lie no further apart are one: records are written in whole milliseconds, and not at once.
const TOGETHER: TimeDelta = TimeDelta::seconds(6);

/// A verdict that stands for so long is no flicker, and its own record would have come.
const STOOD: Duration = Duration::from_secs(10);

/// The running stretch is written down within this time.
const UNWRITTEN: TimeDelta = TimeDelta::seconds(150);

/// The line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VerdictLine {
    rollout: Option<String>,
    begun: Option<Wall>,
    changes: VecDeque<(Wall, VerdictState)>,
    watched: VecDeque<(Wall, Wall)>,
    /// Since when this console watches.
    opened: Option<Wall>,
    /// The room is left soon: what a command sees in a few seconds is not its verdict.
    pub glimpses: bool,
    /// Who keeps the journal at another console.
    elsewhere: Option<Clean>,
    /// Whether the verdict of this console changed at all.
    turned: bool,
    /// When it wrote down last what the records lacked.
    mended: Option<Mono>,
}

impl VerdictLine {
    /// What it was last, as the records say. A room begins with HOLD.
    fn last(&self) -> VerdictState {
        self.changes.back().map_or(VerdictState::Hold, |(_, state)| *state)
    }

    /// Who keeps the journal: a console is called by its operator, its process and when it began.
    pub(super) fn kept_by(&mut self, mine: bool, holder: &str) {
        let name = holder.rsplitn(3, '-').nth(2).unwrap_or(holder);
        self.elsewhere = (!mine).then(|| Clean::new(name));
    }

    /// This console's verdict changed to `state`: whether that is its first change, and what the records have already.
    pub(super) fn returns_to(&mut self, state: VerdictState) -> bool {
        !std::mem::replace(&mut self.turned, true) && self.last() == state
    }

    /// Since when the verdict is `state` by the records, and what it was before for how long. What stood long before this
    /// console is not known to have stood all the time, unless somebody watched until then, or what it stands for (`oldest`)
    /// is as old.
    fn stood(
        &self,
        state: VerdictState,
        oldest: Option<Wall>,
    ) -> Option<(Wall, Option<(VerdictState, u64)>)> {
        let mut newest = self.changes.iter().rev();
        let (at, _) = newest.next().filter(|(_, known)| *known == state)?;
        let opened = self.opened.unwrap_or(*at);
        let watched = self.watched.back().is_some_and(|(_, end)| opened - *end <= UNWRITTEN);
        let whole = *at >= opened || opened - *at <= UNWRITTEN || watched;
        let before = newest.next().map(|(before, was)| (*was, (*at - *before).num_seconds().unsigned_abs()));
        (whole || oldest.is_some_and(|oldest| oldest < opened)).then_some((*at, before))
    }

    /// Takes in a record; `rollout` is the one that is current with it.
    pub fn record(&mut self, record: &Record, rollout: Option<&Rollout>) {
        if self.rollout.as_deref() != rollout.map(|rollout| rollout.id.as_str()) {
            self.rollout = rollout.map(|rollout| rollout.id.clone());
            self.begun = rollout.map(|rollout| rollout.begun_at);
            // What the verdict was as it began, it still is.
            let last = self.changes.pop_back();
            self.changes = last.into_iter().collect();
            self.watched.clear();
        }
        if let Entry::Verdict { to, .. } = &record.entry {
            self.changes.push_back((record.at, *to));
        }
        if let Entry::Measured(span) = &record.entry {
            let length = i64::try_from(span.ms).map_or(TimeDelta::zero(), TimeDelta::milliseconds);
            let (from, until) = (span.until - length, span.until);
            match self.watched.back_mut() {
                Some((_, end)) if from - *end <= TOGETHER => *end = until.max(*end),
                _ => self.watched.push_back((from, until)),
            }
        }
        for _ in MOST..self.changes.len() {
            self.changes.pop_front();
        }
        for _ in MOST..self.watched.len() {
            self.watched.pop_front();
        }
    }

    /// When the rollout began.
    pub fn begun(&self) -> Option<Wall> {
        self.begun
    }

    /// The changes, oldest first.
    pub fn changes(&self) -> impl Iterator<Item = (Wall, VerdictState)> {
        self.changes.iter().copied()
    }

    /// The worst verdict in each of `parts` equal parts of the time from `from` to `until`; `None`: nobody watched then.
    /// `now` is what it is now, and how long somebody has watched for sure.
    pub fn parts(&self, from: Wall, until: Wall, parts: usize, now: Wall) -> Vec<Option<VerdictState>> {
        let whole = (until - from).num_milliseconds().max(1);
        let at = |n: usize| {
            let share = i128::from(whole) * n as i128 / parts.max(1) as i128;
            from + TimeDelta::milliseconds(i64::try_from(share).unwrap_or(0))
        };
        (0..parts).map(|n| self.worst(at(n), at(n + 1), now)).collect()
    }

    /// When it spoke against the candidate (NO-GO or ROLL BACK) from `from` until `now` while somebody watched, and for how
    /// long nobody did.
    pub fn against(&self, from: Wall, now: Wall) -> (Vec<(Wall, Wall)>, TimeDelta) {
        let last = self.watched.len().saturating_sub(1);
        let clipped = self.watched.iter().enumerate().map(|(at, (begin, end))| {
            // The keeper has not written down the last minute yet.
            let end = if at == last && now - *end <= UNWRITTEN { now } else { *end };
            ((*begin).max(from), end.min(now))
        });
        let watched: Vec<(Wall, Wall)> = clipped.filter(|(begin, end)| begin < end).collect();
        let seen = watched.iter().fold(TimeDelta::zero(), |sum, (begin, end)| sum + (*end - *begin));
        let ends = self.changes.iter().skip(1).map(|(at, _)| *at).chain([now]);
        let mut bad = Vec::new();
        for ((begin, state), end) in self.changes.iter().zip(ends) {
            if !matches!(state, VerdictState::NoGo | VerdictState::RollBack) {
                continue;
            }
            let first = watched.partition_point(|(_, until)| until <= begin);
            let within =
                watched.get(first..).unwrap_or_default().iter().take_while(|(since, _)| *since < end);
            bad.extend(within.map(|(since, until)| ((*since).max(*begin), (*until).min(end))));
        }
        (bad, (now - from - seen).max(TimeDelta::zero()))
    }

    fn worst(&self, from: Wall, until: Wall, now: Wall) -> Option<VerdictState> {
        let last = self.watched.len().saturating_sub(1);
        let watched = self.watched.iter().enumerate().any(|(at, (begin, end))| {
            // The keeper has not written down the last minute yet.
            let end = if at == last && now - *end <= UNWRITTEN { now.max(*end) } else { *end };
            *begin < until && end > from
        });
        if !watched && self.opened.is_none_or(|opened| opened >= until || now <= from) {
            return None;
        }
        // What it was before the first change that is known is known of a room that never had more.
        let first = (self.changes.len() < MOST).then_some(VerdictState::Hold);
        let before = self.changes.iter().rev().find(|(at, _)| *at <= from).map(|(_, state)| *state);
        let within = self.changes.iter().filter(|(at, _)| *at > from && *at < until).map(|(_, state)| *state);
        within.chain(before.or(first)).max()
    }
}

impl Model {
    /// What speaks against going on at the console that keeps the journal, for a command that has hardly looked: it cannot
    /// know what was good again a moment ago and bad before, so it is never of a better opinion.
    pub fn kept_verdict(&self) -> Option<Reason> {
        let by = self.verdict_line.elsewhere.as_ref().filter(|_| self.verdict_line.glimpses)?;
        if self.now.mono.since(Mono::default()) >= LATELY {
            return None;
        }
        let (at, to, reasons) = self.journal.newest().find_map(|record| match &record.entry {
            Entry::Verdict { to, reasons, .. } => Some((record.at, *to, reasons)),
            _ => None,
        })?;
        let kind = match to {
            VerdictState::Go => return None,
            VerdictState::Hold => ReasonKind::Waiting,
            VerdictState::NoGo => ReasonKind::Failing,
            VerdictState::RollBack => ReasonKind::Tripped,
        };
        let ago = (self.now.wall - at).to_std().unwrap_or_default();
        Some(Reason {
            kind,
            subject: Clean::new(&format!("the console of {by} says {}", to.word())),
            value: reasons.first().cloned().unwrap_or_default(),
            context: Clean::new("it watches for longer: this look goes by it"),
            since: Some(Now { mono: self.now.mono.before(ago), wall: at }),
            panel: PanelId::Triggers,
            condition: None,
        })
    }

    /// A verdict that the records have for longer than this console began when they say.
    pub(super) fn date_verdict(&mut self) {
        let room = &self.verdicts.room;
        let oldest = room.reasons.iter().filter_map(|reason| reason.since).map(|since| since.wall).min();
        let told = self.verdict_line.stood(room.state, oldest);
        let Some((at, was)) = told.filter(|(at, _)| room.since.is_some_and(|since| since.wall > *at)) else {
            return;
        };
        let since = Some(self.at_wall(at));
        (self.verdicts.room.since, self.verdicts.room.was) = (since, was);
        if self.verdicts.now.overridden.is_none() {
            (self.verdicts.now.since, self.verdicts.now.was) = (since, was);
        }
    }

    /// The verdict changed while nobody kept the journal, over a restart or before a lease was over: what it is now is
    /// written down, once it has stood for a while.
    pub(super) fn mend_verdict_line(&mut self, effects: &mut Vec<Effect>) {
        // What cannot be written now waits, and is no gap in the records.
        let faulty = self.journal_fault().is_some();
        let (now, line, room) = (self.now, &mut self.verdict_line, &self.verdicts.room);
        if faulty {
            line.mended = Some(now.mono);
        }
        line.opened.get_or_insert(now.wall);
        let long = |since: Mono, least| now.mono.since(since) >= least;
        let stands = room.since.is_some_and(|since| long(since.mono, STOOD));
        let asked = line.mended.is_some_and(|at| !long(at, STOOD * 3));
        let (from, to) = (line.last(), room.state);
        if from == to
            || faulty
            || line.glimpses
            || !stands
            || asked
            || !self.keeper
            || self.journal.checked_up_to().is_none()
        {
            return;
        }
        line.mended = Some(now.mono);
        let reasons = room.reasons.iter().take(5).map(Reason::told).collect();
        self.keep(Entry::Verdict { from, to, reasons }, effects);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Measured;

    fn at(second: i64) -> Wall {
        Wall::default() + TimeDelta::seconds(second)
    }

    fn record(second: i64, entry: Entry) -> Record {
        let (by, role) = ("room".into(), Clean::default());
        Record { seq: 1, at: at(second), by, role, entry, hash: String::new(), late: false }
    }

    fn turned(to: VerdictState) -> Entry {
        Entry::Verdict { from: VerdictState::Hold, to, reasons: Vec::new() }
    }

    fn watched(from: i64, until: i64) -> Entry {
        let ms = u64::try_from((until - from) * 1_000).expect("forward");
        Entry::Measured(Measured { until: at(until), ms, ..Measured::default() })
    }

    fn line(entries: &[(i64, Entry)]) -> VerdictLine {
        let rollout = Rollout { id: "r1".into(), begun_at: at(0), ..Rollout::default() };
        let mut line = VerdictLine::default();
        for (second, entry) in entries {
            line.record(&record(*second, entry.clone()), Some(&rollout));
        }
        line
    }

    #[test]
    fn each_part_has_the_worst_of_its_time_and_none_where_nobody_watched() {
        use VerdictState::{Go, Hold, NoGo};
        let line = line(&[
            (0, turned(Hold)),
            (60, watched(0, 60)),
            (100, turned(Go)),
            (110, turned(NoGo)),
            (112, turned(Go)),
            (120, watched(60, 120)),
            (420, watched(360, 420)),
        ]);
        let parts = line.parts(at(0), at(480), 8, at(900));
        assert_eq!(parts, [Some(Hold), Some(NoGo), None, None, None, None, Some(Go), None]);
        let parts = line.parts(at(360), at(480), 2, at(480));
        assert_eq!(parts, [Some(Go), Some(Go)], "the last minute is not written down yet");
    }

    #[test]
    fn the_first_minute_of_a_room_is_watched_although_nothing_was_written_down() {
        let mut line = line(&[]);
        assert_eq!(line.parts(at(0), at(40), 2, at(40)), [None, None]);
        line.opened = Some(at(20));
        assert_eq!(line.parts(at(0), at(40), 2, at(40)), [None, Some(VerdictState::Hold)]);
    }

    #[test]
    fn the_time_against_the_candidate_is_that_which_somebody_watched() {
        use VerdictState::{Go, NoGo, RollBack};
        let line = line(&[
            (0, turned(Go)),
            (60, watched(0, 60)),
            (100, turned(NoGo)),
            (120, watched(60, 120)),
            (330, turned(RollBack)),
            (360, watched(300, 360)),
            (400, turned(Go)),
            (420, watched(360, 420)),
        ]);
        let (bad, unwatched) = line.against(at(0), at(900));
        assert_eq!(bad, [(at(100), at(120)), (at(300), at(330)), (at(330), at(400))]);
        assert_eq!(unwatched, TimeDelta::seconds(180 + 480));
    }

    #[test]
    fn it_stands_as_long_as_the_records_say_while_somebody_watched_or_what_it_stands_for_is_as_old() {
        use VerdictState::{Go, NoGo, RollBack};
        let told = |opened, oldest: Option<i64>| {
            let mut line = line(&[(0, turned(Go)), (100, turned(RollBack)), (160, watched(0, 160))]);
            line.opened = Some(at(opened));
            (line.stood(RollBack, oldest.map(at)), line.stood(NoGo, oldest.map(at)))
        };
        let since = Some((at(100), Some((Go, 100))));
        assert_eq!(told(170, None), (since, None));
        assert_eq!(told(90, None), (since, None), "it came while this console looked");
        assert_eq!(told(4_000, None), (None, None), "an hour that nobody watched");
        assert_eq!(told(4_000, Some(4_001)), (None, None), "another reason of its own");
        assert_eq!(told(4_000, Some(120)), (since, None), "the same reason as then");
    }

    #[test]
    fn the_first_change_of_a_console_to_what_the_records_have_is_none() {
        let mut line = line(&[(0, turned(VerdictState::RollBack))]);
        assert!(line.returns_to(VerdictState::RollBack));
        assert!(!line.returns_to(VerdictState::RollBack), "what turned since came back");
    }

    #[test]
    fn another_rollout_begins_with_the_verdict_that_is() {
        let mut line = line(&[(10, turned(VerdictState::Go)), (60, watched(0, 60))]);
        let next = Rollout { id: "r9".into(), begun_at: at(90), ..Rollout::default() };
        line.record(&record(150, watched(90, 150)), Some(&next));
        assert_eq!(line.begun(), Some(at(90)));
        assert_eq!(line.parts(at(90), at(150), 2, at(1_000)), [Some(VerdictState::Go); 2]);
    }
}
