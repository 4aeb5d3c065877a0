//! Acts on the checklist.

use crate::domain::record::Guard;
use crate::domain::{
    Action, Approval, Attestation, Clean, Draft, Entry, Evidence, Item, ItemId, Mark, Meaning, PanelId,
    attestation,
};

use super::Model;
use super::checklist::{self, ItemState, Obstacle, Person};
use super::effect::Effect;
use super::modal::Modal;
use super::prompt::{Prompt, Purpose};

impl Model {
    pub(super) fn ask_note(&mut self) {
        let item = self.item_under_cursor();
        let purpose = match item {
            Some(item) if self.ui.focus.panel() == PanelId::Checklist && self.checklist.is_open(&item) => {
                Purpose::Say(item.id, Mark::Done)
            }
            _ => Purpose::Note,
        };
        self.show(Modal::Prompt(Prompt::new(purpose, "")));
    }

    pub(super) fn tick_under_cursor(&mut self, effects: &mut Vec<Effect>) {
        // The overview shows no cursor on an item: what is not seen is not ticked.
        if self.ui.focus.full() != Some(PanelId::Checklist) {
            self.ui.focus.open(PanelId::Checklist);
            return self.say("choose the item, then tick it");
        }
        match self.item_under_cursor() {
            Some(item) => self.toggle(&item, effects),
            None => self.open_row(effects),
        }
    }

    /// Work is ticked; what is true or not (triggers, criteria) is said to be so, and not to be so by the same key.
    fn toggle(&mut self, item: &Item, effects: &mut Vec<Effect>) {
        let state = self.checklist.state(item);
        if let ItemState::Happened(said) | ItemState::Met(said) = state {
            let Some(seq) = said.seq else { return self.say(&Obstacle::Unwritten.words()) };
            return self.take_back(item.id.clone(), item.text.clone(), seq, effects);
        }
        self.tick_item(item, effects);
    }

    /// Ticks the item that is named so, wherever the cursor is. What stands so already stays.
    pub(super) fn tick_named(&mut self, wanted: &str, effects: &mut Vec<Effect>) {
        let found: Vec<Item> = self.checklist.named(wanted).into_iter().cloned().collect();
        match found.as_slice() {
            [only] => self.tick_item(only, effects),
            [] => self.say(&format!("no item is called \"{}\"", Clean::new(wanted))),
            all => {
                let words = format!("\"{}\" is {} items: name one by its id", Clean::new(wanted), all.len());
                self.say(&words);
            }
        }
    }

    fn tick_item(&mut self, item: &Item, effects: &mut Vec<Effect>) {
        let mark = match item.meaning {
            Meaning::Trigger => Mark::Happened,
            Meaning::Criterion => Mark::Met,
            Meaning::Work | Meaning::SignOff { .. } | Meaning::Claim | Meaning::Later { .. } => Mark::Done,
        };
        // After the end a tired person may mean the next rollout: that is told, and enter says it all the same. What may be no
        // trigger at all wants a reason.
        let unclear = mark == Mark::Happened && item.below.is_some();
        if unclear || checklist::over(self.checklist.rollout(), item, mark).is_some() {
            return self.ask_to_say(item, mark);
        }
        self.say_of(&item.id, mark, "", None, effects);
    }

    /// Asks why, then says `mark` of the item under the cursor.
    pub(super) fn ask_why(&mut self, mark: Mark) {
        match self.chosen_item() {
            // The reason comes with the answer; all else that is in the way is told before.
            Ok(item) => self.ask_to_say(&item, mark),
            Err(obstacle) => self.say(&obstacle.words()),
        }
    }

    fn ask_to_say(&mut self, item: &Item, mark: Mark) {
        match self.may_say(&item.id, mark, "…", None) {
            Ok(item) => self.show(Modal::Prompt(Prompt::new(Purpose::Say(item.id, mark), ""))),
            Err(obstacle) => self.say(&obstacle.words()),
        }
    }

    /// Asks who approved the item under the cursor elsewhere, and then where that can be seen.
    pub(super) fn ask_approval(&mut self) {
        let item = match self.chosen_item() {
            Ok(item) => item,
            Err(obstacle) => return self.say(&obstacle.words()),
        };
        // Who and where come with the answers; all else that is in the way is told before.
        let someone = Approval { by: "…".into(), link: "…".into() };
        match self.may_say(&item.id, Mark::Done, "", Some(&someone)) {
            Ok(_) | Err(Obstacle::NotTheirs(..)) => {
                self.show(Modal::Prompt(Prompt::new(Purpose::ApprovedBy(item.id), "")));
            }
            Err(obstacle) => self.say(&obstacle.words()),
        }
    }

    fn chosen_item(&mut self) -> Result<Item, Obstacle> {
        if self.ui.focus.full() != Some(PanelId::Checklist) {
            self.ui.focus.open(PanelId::Checklist);
            return Err(Obstacle::NoItem);
        }
        self.item_under_cursor().ok_or(Obstacle::NoItem)
    }

    /// What was typed for an item.
    pub(super) fn typed_for_item(&mut self, purpose: &Purpose, text: &str, effects: &mut Vec<Effect>) {
        match purpose {
            Purpose::Say(item, mark) => self.say_of(item, *mark, text, None, effects),
            Purpose::ApprovedBy(item) => {
                if text.is_empty() {
                    return self.say(&Obstacle::NoLink.words());
                }
                let purpose = Purpose::ApprovedLink(item.clone(), Clean::new(text));
                self.show(Modal::Prompt(Prompt::new(purpose, "")));
            }
            Purpose::ApprovedLink(item, by) => {
                let approval = Approval { by: by.clone(), link: Clean::new(text) };
                self.say_of(item, Mark::Done, "", Some(approval), effects);
            }
            Purpose::Note
            | Purpose::Mute(_)
            | Purpose::Begin(_)
            | Purpose::End(_)
            | Purpose::Why(_)
            | Purpose::Stage(..)
            | Purpose::Until(..)
            | Purpose::Filter(_) => {}
        }
    }

    fn may_say(
        &self,
        id: &ItemId,
        mark: Mark,
        note: &str,
        approval: Option<&Approval>,
    ) -> Result<Item, Obstacle> {
        let operator = &self.room.operator;
        let who = Person { name: Clean::new(&operator.name), role: Clean::new(&operator.role) };
        let item = self.checklist.find(id);
        self.checklist.may_say(item, mark, (note, approval), &who, &self.room.signoff)
    }

    pub(super) fn say_of(
        &mut self,
        id: &ItemId,
        mark: Mark,
        note: &str,
        approval: Option<Approval>,
        effects: &mut Vec<Effect>,
    ) {
        let item = match self.may_say(id, mark, note, approval.as_ref()) {
            Ok(item) => item,
            Err(Obstacle::NoItem) => {
                let typed = if note.is_empty() { String::new() } else { format!("; you typed: {note}") };
                return self.say(&format!(
                    "nothing was written: that item was reworded or taken out meanwhile{typed}"
                ));
            }
            Err(obstacle) => return self.say(&obstacle.words()),
        };
        let said = Attestation {
            by: Clean::new(&self.room.operator.name),
            role: Clean::new(&self.room.operator.role),
            note: Clean::new(note),
            ..self.attestation(&item, mark, approval)
        };
        let words = match (mark, &said.signing.approval) {
            (Mark::Done, Some(approval)) => format!("recorded: approved by {}", approval.by),
            (Mark::Done, None) => "ticked · u takes it back".to_owned(),
            (mark, _) => format!("{} · u takes it back", mark.words()),
        };
        let over = self.checklist.rollout().filter(|rollout| !rollout.is_open());
        let words =
            over.map_or(words.clone(), |over| format!("{words} · of rollout {}, which is over", over.id));
        let unproven = said.signing.unproven().filter(|_| matches!(mark, Mark::Done | Mark::Met));
        let words = unproven.map_or(words.clone(), |unproven| format!("{words} · {unproven}"));
        self.attest(&item, said, effects);
        self.say(&words);
    }

    /// What would be said of `item` now, by nobody yet.
    fn attestation(&self, item: &Item, mark: Mark, approval: Option<Approval>) -> Attestation {
        let mut signing = self.checklist.signing(item);
        signing.images = self.images();
        signing.approval = approval;
        Attestation {
            at: self.now.wall,
            mark,
            text: item.text.clone(),
            candidate: self.candidate(),
            signing,
            ..Attestation::default()
        }
    }

    fn attest(&mut self, item: &Item, said: Attestation, effects: &mut Vec<Effect>) {
        let entry = Entry::of_item(item.id.0.clone(), said.clone());
        let draft = Draft { by: said.by.clone(), role: said.role.clone(), entry };
        let token = self.append(draft, Guard::Free, effects);
        self.checklist.ticked(token, item.id.clone(), said);
    }

    pub(super) fn untick(&mut self, effects: &mut Vec<Effect>) {
        match self.checklist.last_by(&Clean::new(&self.room.operator.name)) {
            Ok((item, text, seq)) => self.take_back(item, text, seq, effects),
            Err(obstacle) => self.say(&obstacle.words()),
        }
    }

    fn take_back(&mut self, item: ItemId, text: Clean, seq: u64, effects: &mut Vec<Effect>) {
        let beneath = self.checklist.beneath(seq);
        let words = beneath.map_or("taken back, as a new record".to_owned(), |said| {
            format!("taken back; before it {} said {}: that stands", said.who(), said.mark.words())
        });
        let draft = self.mine(Entry::Unticked { item: item.0, text, seq });
        self.append(draft, Guard::Free, effects);
        self.say(&words);
    }

    /// Once a second: what follows for the items. The keeper writes down what lapsed for bad evidence, so that it stays
    /// lapsed, and ticks what the team lets the room tick.
    pub(super) fn settle_items(&mut self, effects: &mut Vec<Effect>) {
        self.settle();
        if !self.keeper || self.journal.cannot_write().is_some() {
            return;
        }
        for (item, text, seq, why) in self.checklist.newly_bad() {
            self.checklist.lapse_sent(seq, why.clone());
            self.keep(Entry::Lapsed { item: item.0, text, seq, why }, effects);
        }
        for (item, proof) in self.checklist.self_ticking() {
            self.tick_itself(&item, proof, effects);
        }
    }

    fn tick_itself(&mut self, item: &Item, proof: Evidence, effects: &mut Vec<Effect>) {
        let mut said = self.attestation(item, Mark::Done, None);
        said.by = Clean::new(attestation::ROOM);
        said.note = Clean::new(&proof.words());
        said.signing.evidence = vec![proof];
        self.attest(item, said, effects);
    }
}

/// What the key of `action` says of an item.
pub(super) fn marked(action: Action) -> Mark {
    match action {
        Action::NotApplicable => Mark::NotApplicable,
        Action::Fail => Mark::Failed,
        _ => Mark::Waived,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{Mono, Now, Room, Wall};
    use crate::model::msg::Msg;

    #[test]
    fn what_was_typed_for_an_item_that_changed_meanwhile_is_not_lost() {
        let now = Now { mono: Mono(0), wall: Wall::default() };
        let mut model = Model::new(Arc::new(Room::default()), "t".to_owned(), now, (80, 24));
        let documents = vec![crate::document::read("d.md", b"# D\n- [ ] one\n").document.expect("a text")];
        model.update(Msg::DocumentsRead { documents, problems: vec![] });
        let mut effects = Vec::new();
        model.say_of(&ItemId("gone".into()), Mark::Failed, "it leaks", None, &mut effects);
        let said = model.ui.said(model.now.mono).map(ToString::to_string);
        assert_eq!(
            said.as_deref(),
            Some("nothing was written: that item was reworded or taken out meanwhile; you typed: it leaks")
        );
        assert!(effects.is_empty());
    }

    #[test]
    fn what_may_be_no_trigger_asks_for_no_rollback_by_one_key() {
        let now = Now { mono: Mono(0), wall: Wall::default() };
        let mut room = Room::default();
        room.operator.name = "mira".to_owned();
        let mut model = Model::new(Arc::new(room), "t".to_owned(), now, (80, 24));
        let text = b"# D\n\n## When to roll back\n\n**Hotfix if:**\n- The fix is small\n";
        let documents = vec![crate::document::read("d.md", text).document.expect("a text")];
        model.update(Msg::DocumentsRead { documents, problems: vec![] });
        let mut effects = Vec::new();
        model.tick_named("The fix is small", &mut effects);
        assert!(effects.is_empty(), "{effects:?}");
        let item = model.checklist.named("The fix is small")[0].id.clone();
        let prompt = Prompt::new(Purpose::Say(item.clone(), Mark::Happened), "");
        assert!(model.about(&prompt).warnings.iter().any(|words| words.contains("“Hotfix if”")));
        model.say_of(&item, Mark::Happened, "", None, &mut effects);
        assert!(effects.is_empty(), "without a reason: {effects:?}");
        model.say_of(&item, Mark::Happened, "it is rolled back after all", None, &mut effects);
        assert!(!effects.is_empty());
    }
}
