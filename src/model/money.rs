//! Money at risk: the figure that the team states, times the candidate's share of the traffic, for the time in which the
//! verdict spoke against it. What nobody watched, and time in which the share was not known, is in no sum.

use chrono::TimeDelta;

use crate::domain::{Entry, ServiceIx, SourceId, VerdictState, Wall};

use super::Model;

/// What is at risk.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtRisk {
    /// The largest share of the traffic that a candidate has now, 0 to 1.
    pub share: Option<f64>,
    /// Lost in a minute now.
    pub now: Option<f64>,
    /// Lost since the rollout began; `None`: no rollout is known, or nothing of that time.
    pub so_far: Option<f64>,
    /// The time behind that.
    pub against: TimeDelta,
    /// For so long nobody watched, or the share was not known.
    pub unknown: TimeDelta,
}

impl Model {
    /// What is at risk by the figure of `[money]`; `None`: there is none.
    pub fn money_at_risk(&self) -> Option<AtRisk> {
        let figure = self.room.money.as_ref()?.per_minute;
        let share = self.candidate_share();
        let verdict = &self.verdicts.room;
        let now = match verdict.state {
            VerdictState::NoGo | VerdictState::RollBack => share.map(|share| share * figure),
            VerdictState::Go => Some(0.0),
            VerdictState::Hold => (!verdict.blind).then_some(0.0),
        };
        let mut risk =
            AtRisk { share, now, so_far: None, against: TimeDelta::zero(), unknown: TimeDelta::zero() };
        let Some(begun) = self.checklist.rollout().map(|rollout| rollout.begun_at) else { return Some(risk) };
        let (against, unwatched) = self.verdict_line.against(begun, self.now.wall);
        let shares = self.shares_since();
        let mut lost = 0.0;
        for (from, until) in against {
            for (begin, end, share) in pieces(&shares, from, until) {
                match share {
                    Some(share) => {
                        lost += minutes(end - begin) * share * figure;
                        risk.against += end - begin;
                    }
                    None => risk.unknown += end - begin,
                }
            }
        }
        let all = self.now.wall - begun;
        risk.unknown += unwatched;
        // Of a time of which nothing is known nothing is said, and not nought.
        risk.so_far = (risk.unknown < all).then_some(lost);
        Some(risk)
    }

    /// The largest share of its service that a candidate has, as seen now.
    fn candidate_share(&self) -> Option<f64> {
        let shares = self.services.iter().filter_map(|service| {
            let revision = self.candidate_of(service.ix)?;
            let live = self.links.is_live(&SourceId::CloudRun { service: service.ix }, self.now.mono);
            let traffic = service.traffic.as_ref()?.traffic.as_ref().filter(|_| live)?;
            Some(f64::from(traffic.effective_percent(&revision)) / 100.0)
        });
        shares.reduce(f64::max)
    }

    /// What a service rolls out: as the rollout tells, else as the traffic shows.
    pub fn candidate_of(&self, ix: ServiceIx) -> Option<String> {
        let service = self.room.service(ix)?;
        let told = self.checklist.rollout().and_then(|rollout| rollout.candidates.get(&service.name));
        let seen = || self.traffic_state(ix)?.canary().map(str::to_owned);
        told.map(|seen| seen.revision.clone()).or_else(seen)
    }

    fn traffic_state(&self, ix: ServiceIx) -> Option<&super::traffic::TrafficState> {
        self.service(ix)?.traffic.as_ref()
    }

    /// From when on which share was the largest, by the records, oldest first.
    fn shares_since(&self) -> Vec<(Wall, f64)> {
        let candidates: Vec<(String, Option<String>)> =
            self.room.service_ixs().map(|ix| (self.service_name(ix), self.candidate_of(ix))).collect();
        let mut each: Vec<Option<f64>> = vec![None; candidates.len()];
        let mut shares = Vec::new();
        for record in self.journal.newest().rev() {
            let Entry::Split { service, split, .. } = &record.entry else { continue };
            let found = candidates.iter().zip(&mut each).find(|((name, _), _)| name == service);
            let Some(((_, Some(candidate)), share)) = found else { continue };
            let of = |revision: Option<&String>| revision.is_some_and(|revision| revision == candidate);
            let percent: u32 = split
                .iter()
                .filter(|target| of(target.revision.as_ref()))
                .map(|target| u32::from(target.percent))
                .sum();
            *share = Some(f64::from(percent) / 100.0);
            if let Some(most) = each.iter().flatten().copied().reduce(f64::max) {
                shares.push((record.at, most));
            }
        }
        shares
    }
}

/// The time from `from` until `until` by the share in it.
fn pieces(shares: &[(Wall, f64)], from: Wall, until: Wall) -> Vec<(Wall, Wall, Option<f64>)> {
    let after = shares.partition_point(|(at, _)| *at <= from);
    let before = after.checked_sub(1).and_then(|at| shares.get(at)).map(|(_, share)| *share);
    let mut out = Vec::new();
    let (mut begin, mut share) = (from, before);
    for (at, next) in shares.get(after..).unwrap_or_default().iter().take_while(|(at, _)| *at < until) {
        out.push((begin, *at, share));
        (begin, share) = (*at, Some(*next));
    }
    out.push((begin, until, share));
    out
}

fn minutes(length: TimeDelta) -> f64 {
    length.num_milliseconds() as f64 / 60_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_cut_where_the_share_changed_and_unknown_before_the_first() {
        let at = |minute: i64| Wall::default() + TimeDelta::minutes(minute);
        let shares = [(at(10), 0.1), (at(20), 1.0)];
        assert_eq!(
            pieces(&shares, at(5), at(25)),
            [(at(5), at(10), None), (at(10), at(20), Some(0.1)), (at(20), at(25), Some(1.0))]
        );
        assert_eq!(pieces(&shares, at(12), at(13)), [(at(12), at(13), Some(0.1))]);
        assert_eq!(pieces(&[], at(1), at(2)), [(at(1), at(2), None)]);
    }
}
