//! What of the stage under way has taken effect: its share of the traffic, its flags.

use crate::domain::Revision;
use crate::domain::revision::digest;
use crate::domain::rollout::Seen;
use crate::model::Model;
use crate::model::flags::{FlagValue, FlagView, value};
use crate::model::service::ServiceState;
use crate::model::traffic::TrafficState;

impl Model {
    /// What has not taken effect, or is not known to have.
    pub fn not_there_yet(&self) -> Vec<String> {
        let Some(current) = self.stages.course.open() else { return Vec::new() };
        let wanted = current.percent.unwrap_or(0);
        let shares = self.candidate_shares();
        let few = shares.iter().filter(|(_, share)| *share < wanted);
        let mut lacking: Vec<String> =
            few.map(|(name, share)| format!("{name} gets {share} % of {wanted} %")).collect();
        if wanted > 0 && shares.is_empty() && self.stage_split_services().next().is_some() {
            lacking.push("no candidate is in sight".to_owned());
        }
        let off = self.flags_of_stage().filter(|flag| self.flag_is_on(flag) == Some(false));
        lacking.extend(off.map(|flag| format!("flag {flag} is off")));
        lacking.extend(self.flags_unknown());
        lacking
    }

    /// Flags of the stage of which nobody knows whether they are on.
    pub(super) fn flags_unknown(&self) -> Vec<String> {
        let unknown = self.flags_of_stage().filter(|flag| self.flag_is_on(flag).is_none());
        let words = |flag: &str| {
            let view = self.flag_named(flag).and_then(|index| self.flag(index));
            let why = view.as_ref().map(|view| view.fixed().unwrap_or("not known"));
            format!("flag {flag}: {}", why.unwrap_or("in no [[flag]] of the config"))
        };
        unknown.map(words).collect()
    }

    fn flags_of_stage(&self) -> impl Iterator<Item = &str> {
        let place = self.stages.course.open().and_then(|current| self.stages.place(&current.name));
        let spec = place.and_then(|at| self.stages.specs().get(at));
        spec.into_iter().flat_map(|spec| &spec.flags).map(String::as_str)
    }

    /// The share of each service's candidate, where the traffic is known.
    pub(super) fn candidate_shares(&self) -> Vec<(String, u8)> {
        let candidates = self.candidates_now();
        let of = |service: &ServiceState| {
            let name = self.service_name(service.ix);
            let (seen, state) = (candidates.get(&name)?, service.traffic.as_ref()?);
            let traffic = state.traffic.as_ref()?;
            let shares = revisions_of(state, seen).map(|it| u32::from(traffic.effective_percent(&it.name)));
            Some((name, u8::try_from(shares.sum::<u32>()).unwrap_or(100)))
        };
        self.services.iter().filter_map(of).collect()
    }

    /// Whether a flag is on for what is rolled out, where that is known. A variable that only a revision without traffic
    /// has is not on while others of the candidate serve.
    pub fn flag_is_on(&self, name: &str) -> Option<bool> {
        let flag = self.flag(self.flag_named(name)?)?;
        if let Some(read) = flag.read {
            return Some(read.setting.is_on());
        }
        let of_candidate = self.flag_of_candidate(&flag);
        let all = if of_candidate.is_empty() { vec![flag.value] } else { of_candidate };
        let on = |value: &FlagValue| match value {
            FlagValue::On => Some(true),
            FlagValue::Off | FlagValue::Other(_) | FlagValue::Unset => Some(false),
            FlagValue::Secret | FlagValue::Unknown => None,
        };
        let each: Vec<Option<bool>> = all.iter().map(on).collect();
        if each.contains(&Some(false)) {
            return Some(false);
        }
        each.iter().all(Option::is_some).then_some(true)
    }

    /// The flag as the candidate has it, else what serves: empty where no revision is known to tell.
    fn flag_of_candidate(&self, flag: &FlagView<'_>) -> Vec<FlagValue> {
        // Of the container that takes the requests alone each revision's variables are known.
        let known = flag.deploys() && flag.spec.container.is_none();
        let service = self.service(flag.spec.service).filter(|_| known);
        let Some(state) = service.and_then(|service| service.traffic.as_ref()) else { return Vec::new() };
        let Some(traffic) = &state.traffic else { return Vec::new() };
        let candidates = self.candidates_now();
        let seen = candidates.get(&self.service_name(flag.spec.service));
        let of: Vec<&Revision> = seen.into_iter().flat_map(|seen| revisions_of(state, seen)).collect();
        let serves = |it: &&Revision| traffic.effective_percent(&it.name) > 0;
        let mut told: Vec<&Revision> = of.iter().copied().filter(serves).collect();
        if told.is_empty() {
            let sole = traffic.revisions.iter().find(|it| traffic.sole() == Some(it.name.as_str()));
            told.extend(of.first().copied().or(sole));
        }
        told.iter().map(|it| value(flag.spec, it.env.get(&flag.spec.variable))).collect()
    }
}

/// The revisions of what is rolled out, newest first: the candidate, and others of its image that are newer than the stable
/// one, as turning a flag on deploys them.
fn revisions_of<'a>(state: &'a TrafficState, seen: &'a Seen) -> impl Iterator<Item = &'a Revision> {
    let all: &[Revision] = state.traffic.as_ref().map_or(&[], |traffic| &traffic.revisions);
    let place = |name: &str| all.iter().position(|it| it.name == name);
    let end = place(&seen.revision).map(|at| (at + 1).max(state.stable().and_then(place).unwrap_or(0)));
    let newer = all.iter().take(end.unwrap_or(0));
    newer.filter(|it| it.name == seen.revision || digest(&it.image) == digest(&seen.image))
}
