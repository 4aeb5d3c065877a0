//! Acts on flags: what a key, a line of the palette, a command or a stage asks for becomes a frozen change; and what is
//! seen of flags is told apart into what the room did and what was changed outside.

use crate::domain::flag::{FlagSeen, Provider, Wanted};
use crate::domain::room::{Environment, FlagSpec};
use crate::domain::{Clean, Entry, FlagChange, OpKind, OpState, ServiceIx};

use super::Model;
use super::acts::{FLIP_HELD, FLIP_LOCKED, warning};
use super::confirm::{Confirm, Stage, Target};
use super::effect::Effect;
use super::flags::{self, Change, Extra, Past, Seen};
use super::modal::Modal;
use super::ops::Operation;
use super::rollback::Knowledge;

/// The choices of the image that a flip ships.
const TEMPLATE: &str = "template";
const SERVING: &str = "serving";

/// A flag that is read so long after a change of this room ended was read without it at least once.
const READ_SINCE: chrono::TimeDelta = chrono::TimeDelta::seconds(15);

impl Model {
    /// The frozen change that sets the flag called `name`; or why it cannot be done. What is locked after a rollback is
    /// refused here too.
    ///
    /// # Errors
    /// It cannot be done, in words.
    pub fn flag_change(&self, name: &str, wanted: Wanted, extra: &Extra) -> Result<OpKind, Clean> {
        let index = self.flag_named(name);
        let index = index.ok_or_else(|| Clean::new(&format!("there is no flag {name} in the config")))?;
        let change = self.freeze_flag(index, wanted, extra)?;
        let act = OpKind::Flag(change);
        match self.refusal_of(&act) {
            Some(why) => Err(why),
            None => Ok(act),
        }
    }

    fn freeze_flag(&self, index: usize, wanted: Wanted, extra: &Extra) -> Result<FlagChange, Clean> {
        let past = self.flags.last(index).map(|change| &change.before);
        self.freeze_to(index, (wanted, past), extra)
    }

    /// [`Wanted::Previous`] goes to the past that is given.
    fn freeze_to(
        &self,
        index: usize,
        wanted: (Wanted, Option<&Past>),
        extra: &Extra,
    ) -> Result<FlagChange, Clean> {
        let spec = self.room.flags.get(index).ok_or_else(|| Clean::new("there is no such flag"))?;
        match spec.provider() {
            Provider::CloudRun => {
                flags::freeze(spec, self.traffic(spec.service), wanted, extra, self.now.wall)
            }
            Provider::Unleash | Provider::Flagd | Provider::Ofrep => {
                flags::live(spec, self.flags.read(index), wanted, extra, self.now.wall)
            }
        }
    }

    /// Opens the dialog that turns flag `index` of the room the other way.
    pub(super) fn open_flip(&mut self, index: usize, effects: &mut Vec<Effect>) {
        let Some(flag) = self.flag(index) else { return };
        let on = flag.read.map_or_else(|| flag.value.as_bool() != Some(true), |read| !read.setting.is_on());
        let wanted = if on { Wanted::On } else { Wanted::Off };
        self.open_flag(index, wanted, &Extra::default(), effects);
    }

    /// Opens the dialog that sets flag `index` of the room.
    pub(super) fn open_set(&mut self, index: usize, wanted: Wanted, effects: &mut Vec<Effect>) {
        self.open_flag(index, wanted, &Extra::default(), effects);
    }

    /// Opens the dialog that sets a flag, from a line: `NAME VALUE`.
    pub(super) fn set_flag(&mut self, text: &str, effects: &mut Vec<Effect>) {
        let usage = "write: flag NAME on, off, a percentage or previous";
        // The value may be written as `25 %`.
        let text = text.trim().strip_suffix(" %").unwrap_or(text.trim());
        let Some((name, value)) = text.rsplit_once(' ') else { return self.say(usage) };
        let Some(index) = self.flag_named(name.trim()) else {
            return self.say(&format!("there is no flag {name} in the config"));
        };
        match value.parse::<Wanted>() {
            Ok(wanted) => self.open_flag(index, wanted, &Extra::default(), effects),
            Err(why) => self.say(&format!("{value}: {why}")),
        }
    }

    fn open_flag(&mut self, index: usize, wanted: Wanted, extra: &Extra, effects: &mut Vec<Effect>) {
        let frozen = self.freeze_flag(index, wanted, extra);
        self.ask_flag(frozen, effects);
    }

    fn ask_flag(&mut self, frozen: Result<FlagChange, Clean>, effects: &mut Vec<Effect>) {
        let change = match frozen {
            Ok(change) => change,
            Err(why) => return self.say(&why),
        };
        if let Some(why) = self.refusal_of(&OpKind::Flag(change.clone())) {
            return self.say(&why);
        }
        let confirm = self.flag_dialog(change, effects);
        self.show(Modal::Confirm(Box::new(confirm)));
    }

    fn flag_dialog(&mut self, change: FlagChange, effects: &mut Vec<Effect>) -> Confirm {
        let traffic = self.traffic(change.service).filter(|_| change.live.is_none());
        let consequences = match &change.live {
            Some(_) => self.live_consequences(&change),
            None => traffic.map(|traffic| flags::consequences(traffic, &change)).unwrap_or_default(),
        };
        let consequences = self.told_beside(&change).into_iter().chain(consequences);
        let targets = traffic.and_then(flags::images).map(|(template, serving)| {
            [(TEMPLATE, template), (SERVING, serving)].map(|(name, image)| Target {
                revision: name.to_owned(),
                knowledge: Knowledge::Nothing,
                about: image.clone(),
                why_not: None,
            })
        });
        let chosen = usize::from(change.image.is_some());
        // Outside production a single key says yes.
        let word = if self.guards_flag(&change) { change.flag.clone() } else { String::new() };
        let reason = format!("flip {}", change.flag);
        let forward = change.live.as_ref().is_some_and(|live| live.goes_forward());
        let beside = self.traffic(change.service).filter(|_| forward).map(|traffic| traffic.generation);
        let notes = consequences.map(warning).collect();
        let act = OpKind::Flag(change);
        let token = self.token();
        effects.push(Effect::Validate { token, act: act.clone() });
        let mut confirm = Confirm::new(act, word, &reason, token, self.now);
        confirm.beside = beside;
        confirm.notes = notes;
        confirm.targets = targets.map(Vec::from).unwrap_or_default();
        confirm.chosen = chosen;
        confirm
    }

    /// The same flip with the other image: `choice` is one of the dialog's targets.
    pub(super) fn ship(&mut self, choice: &str, effects: &mut Vec<Effect>) {
        let Some(OpKind::Flag(change)) = self.confirm_mut().map(|confirm| confirm.act.clone()) else {
            return;
        };
        let image =
            self.traffic(change.service).and_then(flags::images).map(|(_, serving)| serving.to_string());
        let change = FlagChange { image: image.filter(|_| choice == SERVING), ..change };
        let confirm = self.flag_dialog(change, effects);
        self.show(Modal::Confirm(Box::new(confirm)));
    }

    /// Whether a change of a flag asks for the flag's name: in production, be it the room's or that of the flag's own
    /// environment.
    pub fn guards_flag(&self, change: &FlagChange) -> bool {
        let spec = self.flag_named(&change.flag).and_then(|index| self.room.flags.get(index));
        let own = spec.and_then(FlagSpec::environment);
        self.room.environment.production || own.is_some_and(Environment::is_production_by_name)
    }

    /// Asks for the same change again, from the present state.
    pub(super) fn reopen_flag(&mut self, change: &FlagChange, effects: &mut Vec<Effect>) {
        let Some(index) = self.flag_named(&change.flag) else { return };
        let extra = Extra { stickiness: None, serving_image: change.image.is_some() };
        // What was asked for stays asked for, whatever it is now: no key turns into its opposite.
        let frozen = match &change.live {
            // Only the switch was meant: the share stays what it is now.
            Some(live) if live.only_switches() => {
                let wanted = if live.after.enabled { Wanted::On } else { Wanted::Off };
                self.freeze_flag(index, wanted, &extra)
            }
            _ => self.freeze_to(index, (Wanted::Previous, Some(&Past::asked(change))), &extra),
        };
        self.ask_flag(frozen, effects);
    }

    /// What a person should know before a flag of a live provider is changed, one line each.
    pub fn live_consequences(&self, change: &FlagChange) -> Vec<Clean> {
        let Some(live) = &change.live else { return Vec::new() };
        let mut lines = vec![Clean::new(&format!(
            "takes effect without a deploy, in {} ({}), as soon as clients ask again",
            live.place,
            live.provider.word()
        ))];
        let read = self.flag_named(&change.flag).and_then(|index| self.flags.read(index));
        lines.extend(read.into_iter().flat_map(|read| &read.notes).cloned());
        // A flagd flag that was on by its default variant alone: a split is put before it, and does not replace it.
        let splits = live.after.enabled && matches!(live.after.percent, Some(1..=99));
        if splits && read.is_some_and(|read| read.whole) && live.before.percent == Some(100) {
            lines.push(Clean::new(
                "who has no targeting key goes on getting it: the default variant stays on",
            ));
        }
        if live.after.enabled && !live.before.enabled && live.after.percent.is_none_or(|percent| percent > 0)
        {
            let share =
                live.after.percent.map_or("everybody its strategies let in".to_owned(), |p| format!("{p} %"));
            lines.push(Clean::new(&format!("it was off: {share} get it from now on")));
        }
        lines
    }

    /// A rollback of the flag's service that is not done, or not known to be; of a flag of no service that of any.
    fn rollback_beside(&self, change: &FlagChange) -> Option<&Operation> {
        let any = change.service == ServiceIx::NONE;
        let held = |op: &&Operation| matches!(op.act, OpKind::Rollback(_)) && !op.frees_resource();
        self.ops.all_acting().filter(held).find(|op| any || op.act.service() == change.service)
    }

    /// What a person should know of a rollback beside a change of a flag.
    fn told_beside(&self, change: &FlagChange) -> Option<Clean> {
        let op = self.rollback_beside(change)?;
        let (service, state) = (self.service_name(op.act.service()), op.state()?);
        let state = state.to_string().to_uppercase();
        Some(Clean::new(&format!("a rollback of {service} by {} is not done: it is {state}", op.by)))
    }

    /// Why a change of a flag must not be made now: forward is locked after a rollback of its service, and waits for one that
    /// is under way; back never is, and never does.
    pub(super) fn flag_refusal(&self, change: &FlagChange) -> Option<Clean> {
        let is_off = |flag: &FlagSpec| flag.name == change.flag && flag.off == change.after;
        let forward = change.live.as_ref().map_or_else(
            || !change.removes && !self.room.flags.iter().any(is_off),
            |live| live.goes_forward(),
        );
        if !forward || change.service == ServiceIx::NONE {
            return None;
        }
        // An outcome that is not known may stay so for long: there it is told, and a person decides.
        let runs = |op: &Operation| op.state() != Some(OpState::Unknown);
        if self.rollback_beside(change).is_some_and(runs) {
            return Some(Clean::new(FLIP_HELD));
        }
        self.is_locked(change.service).then(|| Clean::new(FLIP_LOCKED))
    }

    /// A live provider was read.
    pub(super) fn flag_seen(&mut self, seen: FlagSeen, effects: &mut Vec<Effect>) {
        let index = usize::from(seen.flag);
        let resource = self.room.flags.get(index).and_then(FlagSpec::resource);
        let by = seen.read.changed_by.clone();
        // The provider names a token, which may be that of each of us.
        let ours = self.did(index, &Past::Setting(seen.read.setting.clone())).map(|op| op.by.clone());
        if let Some(confirm) = self.confirm_mut()
            && let OpKind::Flag(change) = &confirm.act
            && let Some(live) = &change.live
            && Some(&change.resource) == resource.as_ref()
            && matches!(confirm.stage, Stage::Asking)
            && seen.read.version != live.version
        {
            let by = ours.unwrap_or(by.clone());
            let by = if by.is_empty() { String::new() } else { format!(", changed by {by}") };
            let how = format!("the flag is {} now{by}", seen.read.setting.words());
            confirm.stage = Stage::Changed { how: Clean::new(&how) };
        }
        self.flags.take(seen);
        self.watch_flag(index, by, effects);
    }

    /// The variables of a service were read.
    pub(super) fn watch_variables(&mut self, ix: ServiceIx, effects: &mut Vec<Effect>) {
        let by = self.traffic(ix).map(|traffic| traffic.last_modifier.clone()).unwrap_or_default();
        for index in 0..self.room.flags.len() {
            let spec = self.room.flags.get(index);
            if spec.is_some_and(|spec| spec.service == ix && spec.provider() == Provider::CloudRun) {
                self.watch_flag(index, by.clone(), effects);
            }
        }
    }

    /// Tells a flag that was changed outside, in a record.
    fn watch_flag(&mut self, index: usize, by: Clean, effects: &mut Vec<Effect>) {
        // What it was left at is known once the journal is read.
        if self.journal.checked_up_to().is_none() {
            return;
        }
        let Some(seen) = self.flag_now(index) else { return };
        let Seen { mut words, past, .. } = seen.clone();
        let how = (self.did(index, &past).is_some(), self.is_changing(index));
        let Some((from, before)) = self.flags.observe(index, seen, how, self.keeper) else { return };
        if words == from {
            words = Clean::new(&format!("{words}, for others: its definition was changed"));
        }
        let setting = |past: Past| match past {
            Past::Setting(setting) => Some(setting),
            Past::Variable(_) => None,
        };
        let Some(flag) = self.room.flags.get(index) else { return };
        let place = self
            .flags
            .read(index)
            .map_or_else(|| Clean::new(&self.service_name(flag.service)), |read| read.place.clone());
        let (before, after) = (setting(before), setting(past));
        let entry = Entry::FlagMoved { flag: flag.name.clone(), place, from, to: words, by, before, after };
        self.keep(entry, effects);
    }

    /// What a flag is now; `None`: that is not known.
    pub(super) fn flag_now(&self, index: usize) -> Option<Seen> {
        use crate::domain::revision::EnvValue;
        let spec = self.room.flags.get(index)?;
        if spec.provider() != Provider::CloudRun {
            let read = self.flags.read(index)?;
            let words = read.value.clone().unwrap_or_else(|| Clean::new(&read.setting.words()));
            // An evaluation's answer may differ each time it is asked.
            let defined = spec.provider() != Provider::Ofrep;
            let version = if defined { read.version.clone() } else { String::new() };
            return Some(Seen { words, past: Past::Setting(read.setting.clone()), version });
        }
        let text = match self.traffic(spec.service)?.env_of(spec.container.as_deref())?.get(&spec.variable) {
            None => None,
            Some(EnvValue::Plain(text)) => Some(text.clone()),
            Some(EnvValue::Secret { .. }) => return None,
        };
        let words = text.clone().unwrap_or_else(|| Clean::new(flags::NOT_SET));
        Some(Seen { words, past: Past::Variable(text), version: String::new() })
    }

    /// The newest operation on a flag, if it made it what is seen, and nobody is known to have changed it since.
    fn did(&self, index: usize, seen: &Past) -> Option<&Operation> {
        let newest = self.ops.iter().rev().find_map(|op| match &op.act {
            OpKind::Flag(change) if flags::index_of(&self.room, change) == Some(index) => Some((op, change)),
            _ => None,
        });
        let (op, change) = newest?;
        let sent = op.state().is_some_and(|state| state != OpState::Failed);
        let begun = op.steps.first().map(|step| step.at);
        let later = |change: &Change| change.outside && begun.is_none_or(|begun| change.at > begun);
        let made = sent && Past::asked(change).is_met_by(seen) && !self.flags.last(index).is_some_and(later);
        made.then_some(op)
    }

    /// Whether an operation of the room may be what changes the definition of a flag just now: one that was sent and
    /// has not ended, or ended so short ago that it may not have been read since.
    fn is_changing(&self, index: usize) -> bool {
        let of = |op: &&Operation| matches!(&op.act, OpKind::Flag(change) if flags::index_of(&self.room, change) == Some(index));
        let Some(op) = self.ops.iter().rev().find(of) else { return false };
        let ends = |state| matches!(state, OpState::Effective | OpState::Failed);
        let ended = op.steps.iter().find(|step| ends(step.state)).map(|step| step.at);
        let read = self.flags.read_at(index).map(|at| self.now.wall_at(at));
        ended.is_none_or(|ended| read.is_none_or(|read| read <= ended + READ_SINCE))
    }

    /// Flags whose time is over, with how many days.
    pub fn flag_debt(&self) -> impl Iterator<Item = (&str, i64)> {
        let flags = self.room.flags.iter();
        flags.filter_map(|spec| Some((spec.name.as_str(), flags::overdue(spec, self.now.wall)?)))
    }
}
