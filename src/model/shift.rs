//! Shifting traffic by steps or freely, and tags: `chat-backend 00418=10`. Shares, sums and revisions are checked before
//! anything is asked; then it is the dialog, journal and operation of every act that moves traffic.

use crate::domain::revision::{named, typed_suffix};
use crate::domain::{Clean, OpKind, ServiceIx, Traffic, TrafficChange};

use super::Model;
use super::confirm::{Confirm, Note};
use super::effect::Effect;
use super::modal::Modal;
use super::palette::{Command, Offer, SHIFT};

/// Shares that are offered for a canary.
const STEPS: [u8; 6] = [1, 5, 10, 25, 50, 100];

/// What follows the latest revision instead of naming one.
const LATEST: &str = "latest";

/// A share by the revision's short name; `None`: the latest ready one.
pub type Share = (Option<String>, u8);

impl Model {
    /// `SERVICE REV=PERCENT …`, as typed: opens the dialog, or says what is wrong with it.
    pub(super) fn shift(&mut self, text: &str, effects: &mut Vec<Effect>) {
        match self.service_and_words(text).and_then(|(ix, words)| self.freeze_shift(ix, &words)) {
            Ok(change) => self.open_shift(change, effects),
            Err(why) => self.say(&why),
        }
    }

    /// `SERVICE TAG=REV`, or `SERVICE TAG=` to take a tag away.
    pub(super) fn tag(&mut self, text: &str, effects: &mut Vec<Effect>) {
        let words = self.service_and_words(text);
        let change = words.and_then(|(ix, words)| match words.as_slice() {
            [one] => self.freeze_tag(ix, one),
            _ => Err(Clean::new("write SERVICE TAG=REVISION, or SERVICE TAG= to take the tag away")),
        });
        match change {
            Ok(change) => self.open_shift(change, effects),
            Err(why) => self.say(&why),
        }
    }

    /// The palette's lines for the next shares of the canary of `ix`.
    pub(super) fn step_offers(&self, ix: ServiceIx) -> Vec<Offer> {
        let state = self.service(ix).and_then(|service| service.traffic.as_ref());
        let known = state.and_then(|state| Some((state.canary()?, state.traffic.as_ref()?)));
        let Some((canary, traffic)) = known else { return Vec::new() };
        let now = traffic.effective_percent(canary);
        let (name, short) = (self.service_name(ix), self.short_revision(ix, canary));
        let offer = |percent: u8| Offer {
            line: format!("{SHIFT} {name} {short}={percent}"),
            about: Clean::new(&format!("of the traffic, {now} % now, asks")),
            command: Command::Step(ix, canary.to_owned(), percent),
            key: None,
            blocked: self.freeze_shift(ix, &[&format!("{canary}={percent}")]).err(),
        };
        STEPS.into_iter().filter(|percent| *percent != now).map(offer).collect()
    }

    fn service_and_words<'t>(&self, text: &'t str) -> Result<(ServiceIx, Vec<&'t str>), Clean> {
        let mut words = text.split_whitespace();
        let name = words.next().unwrap_or_default();
        let ix = self
            .room
            .service_called(name)
            .ok_or_else(|| Clean::new(&format!("there is no service {name}")))?;
        Ok((ix, words.collect()))
    }

    /// The split that these words ask for, frozen now: `00418=10` gives the rest to the one other that serves.
    pub fn freeze_shift(&self, ix: ServiceIx, words: &[&str]) -> Result<TrafficChange, Clean> {
        let traffic = self.read_traffic(ix)?;
        let mut shares: Vec<Share> = Vec::new();
        for word in words {
            let wrong = || Clean::new(&format!("{word} is no share: write REVISION=PERCENT"));
            let (name, percent) = word.split_once('=').ok_or_else(wrong)?;
            let percent: u8 = percent.trim_end_matches('%').parse().map_err(|_no_number| wrong())?;
            let revision = if name == LATEST { None } else { Some(self.revision_named(ix, name)?) };
            if percent > 100 {
                return Err(Clean::new(&format!("{word}: a share is at most 100")));
            }
            if shares.iter().any(|(known, _)| *known == revision) {
                return Err(Clean::new(&format!("{name} stands there twice")));
            }
            shares.push((revision, percent));
        }
        if shares.is_empty() {
            return Err(Clean::new("write REVISION=PERCENT, for instance 00418=10"));
        }
        fill(traffic, &mut shares)?;
        let state = self.service(ix).and_then(|service| service.traffic.as_ref());
        let state = state.ok_or_else(unread)?;
        let shares: Vec<(Option<&str>, u8)> =
            shares.iter().map(|(name, percent)| (name.as_deref(), *percent)).collect();
        self.checked(state.freeze_split(ix, &shares, self.now.wall)?)
    }

    /// The tag that this word asks for, frozen now; the split stays.
    pub fn freeze_tag(&self, ix: ServiceIx, word: &str) -> Result<TrafficChange, Clean> {
        self.read_traffic(ix)?;
        let (tag, name) = word.split_once('=').ok_or_else(|| Clean::new("write TAG=REVISION"))?;
        let to = if name.is_empty() { None } else { Some(self.revision_named(ix, name)?) };
        let state = self.service(ix).and_then(|service| service.traffic.as_ref()).ok_or_else(unread)?;
        self.checked(state.freeze_tag(ix, tag, to.as_deref(), self.now.wall)?)
    }

    fn checked(&self, change: TrafficChange) -> Result<TrafficChange, Clean> {
        match self.refusal_of(&OpKind::Traffic(change.clone())) {
            Some(why) => Err(why),
            None if change.etag.is_empty() => {
                Err(Clean::new("Cloud Run told no etag, so it could overwrite somebody else's change"))
            }
            None => Ok(change),
        }
    }

    fn read_traffic(&self, ix: ServiceIx) -> Result<&Traffic, Clean> {
        self.traffic(ix).ok_or_else(unread)
    }

    /// The one revision of this whole name, of what follows the service's in it, or of the word that confirms it.
    pub fn revision_named(&self, ix: ServiceIx, name: &str) -> Result<String, Clean> {
        let cloud = self.room.service(ix).and_then(|service| service.cloud_run.as_ref());
        let service = cloud.map_or("", |cloud| &cloud.service);
        let revisions = self.traffic(ix).map(|traffic| traffic.revisions.as_slice()).unwrap_or_default();
        let names = revisions.iter().map(|revision| revision.name.as_str());
        named(service, names, name).map(str::to_owned).map_err(|wrong| Clean::new(&wrong))
    }

    pub(super) fn open_shift(&mut self, change: TrafficChange, effects: &mut Vec<Effect>) {
        let ix = change.service;
        if let Some(holding) = self.ops.acting_on(ix).filter(|op| !op.frees_resource()) {
            let id = holding.id.clone();
            return self.show(Modal::Progress(id));
        }
        let Some(cloud) = self.room.service(ix).and_then(|service| service.cloud_run.as_ref()) else {
            return;
        };
        let word = typed_suffix(&cloud.service, &change.to).to_owned();
        let notes = self.shift_notes(&change);
        let reason = self.shift_words(&change);
        let act = OpKind::Traffic(change);
        let token = self.token();
        effects.push(Effect::Validate { token, act: act.clone() });
        let mut confirm = Confirm::new(act, word, &reason, token, self.now);
        confirm.notes = notes;
        self.show(Modal::Confirm(Box::new(confirm)));
    }

    /// What a change of the traffic is, in words.
    pub fn shift_words(&self, change: &TrafficChange) -> String {
        let short = |name: &str| self.short_revision(change.service, name).to_owned();
        if let Some((tag, revision)) = change.new_tag() {
            return format!("tag {tag} on {}", revision.map_or_else(|| "the latest".to_owned(), short));
        }
        if let Some(tag) = change.gone_tag() {
            return format!("tag {tag} taken away");
        }
        let shares = change.after.iter().filter(|target| target.percent > 0);
        let share = |target: &crate::domain::TrafficTarget| {
            let name = target.revision.as_deref().map_or_else(|| "the latest".to_owned(), short);
            format!("{name} {} %", target.percent)
        };
        format!("traffic {}", shares.map(share).collect::<Vec<_>>().join(", "))
    }

    fn shift_notes(&self, change: &TrafficChange) -> Vec<Note> {
        let note = |subject: &str, detail: &str| Note {
            unknown: false,
            subject: Clean::new(subject),
            detail: Clean::new(detail),
            consequence: Clean::default(),
        };
        let mut notes = Vec::new();
        let pins = change.after.iter().all(|target| target.revision.is_some() || target.percent == 0);
        if pins && change.moves() {
            notes.push(note("the split is pinned", "a new deploy gets 0 % until :to-latest"));
        }
        if let Some((tag, _)) = change.new_tag() {
            let had = change.before.iter().find(|target| target.tag.as_deref() == Some(tag));
            let had = had.and_then(|target| target.revision.as_deref());
            let had = had.map_or_else(
                || "a new one, with an address of its own".to_owned(),
                |had| format!("is on {} now", self.short_revision(change.service, had)),
            );
            notes.push(note(&format!("tag {tag}"), &had));
        }
        notes.extend(self.left_note(change).filter(|_| self.goes_forward(change)));
        notes
    }

    /// Freezes the same shares anew, after the service was changed.
    pub(super) fn reshift(&mut self, change: &TrafficChange, effects: &mut Vec<Effect>) {
        let ix = change.service;
        let words: Vec<String> = match (change.new_tag(), change.gone_tag()) {
            (Some((tag, revision)), _) => vec![format!("{tag}={}", revision.unwrap_or(LATEST))],
            (None, Some(tag)) => vec![format!("{tag}=")],
            (None, None) => {
                let shares = change.after.iter().filter(|target| target.percent > 0);
                let name = |target: &crate::domain::TrafficTarget| {
                    format!("{}={}", target.revision.as_deref().unwrap_or(LATEST), target.percent)
                };
                shares.map(name).collect()
            }
        };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let frozen = match words.as_slice() {
            [one] if !change.moves() => self.freeze_tag(ix, one),
            words => self.freeze_shift(ix, words),
        };
        match frozen {
            Ok(change) => self.open_shift(change, effects),
            Err(why) => self.say(&why),
        }
    }
}

fn unread() -> Clean {
    Clean::new("Cloud Run was not read yet; D says why")
}

/// Gives the rest to the one other entry that serves; several have to be named.
fn fill(traffic: &Traffic, shares: &mut Vec<Share>) -> Result<(), Clean> {
    let sum: u32 = shares.iter().map(|(_, percent)| u32::from(*percent)).sum();
    let rest = 100_u32.checked_sub(sum).and_then(|rest| u8::try_from(rest).ok());
    let Some(rest) = rest else {
        return Err(Clean::new(&format!("the shares add up to {sum}, not 100")));
    };
    if rest == 0 {
        return Ok(());
    }
    let resolved = |name: Option<&str>| name.or(traffic.latest_ready.as_deref()).map(str::to_owned);
    let named: Vec<Option<String>> = shares.iter().map(|(name, _)| resolved(name.as_deref())).collect();
    let mut others: Vec<Option<String>> = Vec::new();
    for target in traffic.desired.iter().filter(|target| target.percent > 0) {
        if !named.contains(&resolved(target.revision.as_deref())) && !others.contains(&target.revision) {
            others.push(target.revision.clone());
        }
    }
    match others.as_slice() {
        [only] => {
            shares.push((only.clone(), rest));
            Ok(())
        }
        [] => Err(Clean::new(&format!("the shares add up to {sum}, not 100, and nothing else serves"))),
        several => {
            let names: Vec<&str> = several.iter().map(|name| name.as_deref().unwrap_or(LATEST)).collect();
            let names = names.join(", ");
            Err(Clean::new(&format!("the shares add up to {sum}, not 100: name also {names}")))
        }
    }
}
