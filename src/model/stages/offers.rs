//! The traffic of a stage, offered as the usual act: a dialog that is filled in, and asks.

use crate::domain::{
    Clean, Condition, ConditionState, PanelId, Reason, ReasonKind, ServiceIx, TrafficChange,
};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::palette::{Command, Offer};

impl Model {
    /// The services whose traffic a stage moves.
    pub(super) fn stage_split_services(&self) -> impl Iterator<Item = ServiceIx> {
        let movable = |ix: &ServiceIx| self.room.service(*ix).is_some_and(|it| it.cloud_run.is_some());
        self.room.service_ixs().filter(movable)
    }

    pub(super) fn stage_split_offers(&self) -> Vec<Offer> {
        let Some(percent) = self.stages.course.open().and_then(|current| current.percent) else {
            return Vec::new();
        };
        let several = self.stage_split_services().count() > 1;
        let offer = |ix: ServiceIx| {
            let name = self.service_name(ix);
            let line = if several { format!("stage traffic {name}") } else { "stage traffic".to_owned() };
            let blocked = self.stage_split(ix).err();
            let about = Clean::new(&format!("{percent} % to the candidate, asks"));
            Offer { line, about, command: Command::StageTraffic(ix), key: None, blocked }
        };
        self.stage_split_services().map(offer).collect()
    }

    /// The split that the stage under way asks for, frozen now; or why it cannot be sent.
    fn stage_split(&self, ix: ServiceIx) -> Result<TrafficChange, Clean> {
        let current = self.stages.course.open().ok_or_else(|| Clean::new("no stage is under way"))?;
        let percent = current.percent.ok_or_else(|| Clean::new("this stage has no share of the traffic"))?;
        let candidates = self.candidates_now();
        let to =
            candidates.get(&self.service_name(ix)).ok_or_else(|| Clean::new("no candidate is in sight"))?;
        if self.traffic(ix).is_some_and(|traffic| traffic.effective_percent(&to.revision) == percent) {
            return Err(Clean::new(&format!("the candidate has {percent} % already")));
        }
        self.freeze_shift(ix, &[&format!("{}={percent}", to.revision)])
    }

    /// Opens the dialog that gives the candidate the share of the stage.
    pub(in crate::model) fn open_stage_split(&mut self, ix: ServiceIx, effects: &mut Vec<Effect>) {
        match self.stage_split(ix) {
            Ok(change) => self.open_shift(change, effects),
            Err(why) => self.say(&why),
        }
    }

    /// Whether a change brings the candidate no further than the stage under way, into which a person went on GO: it waits
    /// for what the stage itself needs, and for nothing that the next one needs.
    pub(in crate::model) fn stage_covers(&self, change: &TrafficChange) -> bool {
        let Some(current) = self.stages.course.open().filter(|current| current.paused.is_none()) else {
            return false;
        };
        let Some(percent) = current.percent else { return false };
        let room = &self.verdicts.room;
        let (done, all) = self.required_items();
        let runs = |(_, state): (_, &Condition)| {
            state.is_seen() && state.state != ConditionState::Accepted && state.is_running()
        };
        // What was not judged yet, a person's word, a stopwatch and what has to be signed are no matter of the stages.
        let ruled = self.verdicts.now.overridden.is_some();
        if room.since.is_none() || ruled || done < all || self.counted().any(runs) {
            return false;
        }
        let gets = change.after.iter().filter(|target| target.revision.as_deref() == Some(&change.to));
        let within = gets.map(|target| u32::from(target.percent)).sum::<u32>() <= u32::from(percent);
        let of_stages = |kind, panel| {
            panel == PanelId::Stages
                || matches!(kind, ReasonKind::Holding | ReasonKind::Warning | ReasonKind::Unmet)
        };
        // A console that says HOLD for this stage before all sees nothing that fails, and moves its traffic itself.
        let of_it = |it: &Reason| it.kind == ReasonKind::Waiting && it.value.contains(current.name.as_str());
        let kept = self.kept_verdict().filter(of_it).map(|it| it.subject);
        let holds = |subject: &Clean| kept.as_ref() == Some(subject);
        let covered = |it: &Reason| of_stages(it.kind, it.panel) || holds(&it.subject);
        !change.follows_latest() && within && room.reasons.iter().all(covered)
    }
}
