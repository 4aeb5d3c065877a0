//! What keys and palette lines ask of gates.

use crate::domain::room::Mode;
use crate::domain::run::RunId;
use crate::domain::{Action, Clean, PanelId, SourceId};

use super::Model;
use super::checklist::Row;
use super::effect::Effect;
use super::gate_acts::{Obstacle, Way};
use super::gates::runs::Foreign;
use super::gates::{Gate, Source};
use super::modal::{Ask, Modal, Question};
use super::palette::{Command, Offer};
use super::trusting::{Outcome, Trusting};

/// A fence of a document.
type Fence = (String, u32);

impl Model {
    /// Runs the gate under the cursor, or those of the item or the section under it, in their order.
    pub(super) fn gate_under_cursor(&mut self, effects: &mut Vec<Effect>) {
        let ids = match self.ui.focus.full() {
            Some(PanelId::Gates) => self.gate_chosen().map(|gate| vec![gate.id.clone()]).unwrap_or_default(),
            Some(PanelId::Checklist) => self.gates_of_row(),
            _ => {
                self.ui.focus.open(PanelId::Gates);
                return self.say("choose the gate, then run it");
            }
        };
        if ids.is_empty() {
            return self.say("no gate here: the gates view has all of them");
        }
        self.run_gates(&ids, effects);
    }

    /// The gates of the row under the checklist's cursor. Of a section or document only real gates: what changes
    /// something is asked for one by one.
    fn gates_of_row(&self) -> Vec<String> {
        let list = &self.checklist;
        let Some(row) = self.cursor_row() else { return Vec::new() };
        let Row::Heading(at) = row else {
            let Some(item) = self.item_under_cursor() else { return Vec::new() };
            let of = self.gates.list().iter().filter(|gate| gate.item() == Some(&item.id));
            return of.map(|gate| gate.id.clone()).collect();
        };
        let headings = list.listing().outline().headings();
        let Some(heading) = headings.get(at) else { return Vec::new() };
        let document = list.documents().get(heading.document).map(|document| document.path.clone());
        // Its own way from below the document, as sections have it.
        let mut way = Vec::new();
        let mut above = Some(heading);
        while let Some(here) = above.filter(|here| here.level > 0) {
            way.insert(0, here.name.clone());
            above = here.parent.and_then(|parent| headings.get(parent));
        }
        let below = |gate: &Gate| {
            way.is_empty() || gate.command.section.windows(way.len()).any(|part| part == way.as_slice())
        };
        let fits = |gate: &&Gate| {
            let there = document.as_ref().is_some_and(|path| gate.source == Source::Document(path.clone()));
            there && gate.is_gate() && !gate.mutates() && below(gate)
        };
        self.gates.list().iter().filter(fits).map(|gate| gate.id.clone()).collect()
    }

    /// Runs these gates in their order; the first that is in the way is told. What changes something is left out beside
    /// gates; where there is nothing else the first is asked about.
    pub(super) fn run_gates(&mut self, ids: &[String], effects: &mut Vec<Effect>) {
        let (mut begun, mut changes) = (0, Vec::new());
        let mut told = None;
        let mut shell: Option<(Fence, RunId)> = None;
        for (at, id) in ids.iter().enumerate() {
            let fence = self.fence_of(id);
            let next = ids.get(at + 1).and_then(|next| self.fence_of(next));
            let first = shell.as_ref().filter(|(known, _)| Some(known) == fence.as_ref());
            let way = match first {
                Some((_, first)) => Way::Shared(Some(first.clone())),
                None if fence.is_some() && fence == next => Way::Shared(None),
                None => Way::Alone,
            };
            match self.order_gate_as(id, way.clone(), effects) {
                Ok(run) => {
                    if way == Way::Shared(None) {
                        shell = fence.map(|fence| (fence, run));
                    }
                    begun += 1;
                }
                Err(Obstacle::Untrusted(document)) => return self.ask_trust(&document),
                Err(Obstacle::Mutation) => changes.push(id),
                Err(obstacle) => told = told.or(Some(obstacle)),
            }
        }
        if let (0, Some(first)) = (begun, changes.first()) {
            return self.ask_run(first, false);
        }
        match (begun, told) {
            (0, Some(obstacle)) => self.say(&obstacle.words()),
            (begun, _) if !changes.is_empty() => {
                let gates = if begun == 1 { "gate" } else { "gates" };
                let left = changes.len();
                self.say(&format!("{begun} {gates}, one at a time; {left} left out: changes something"));
            }
            (1, None) if self.gates.runs.waiting() > 0 => self.say("it waits for the one that runs"),
            (1, None) => self.say("it begins"),
            (begun, _) => self.say(&format!("{begun} gates, one at a time")),
        }
    }

    /// The fence that a gate stands in, with its document.
    fn fence_of(&self, id: &str) -> Option<Fence> {
        let gate = self.gates.get(id)?;
        match &gate.source {
            Source::Config => None,
            Source::Document(path) => Some((path.clone(), gate.command.fence?)),
        }
    }

    /// Shows the commands of a document and asks whether they are trusted.
    pub(super) fn ask_trust(&mut self, document: &str) {
        if self.room.operator.mode == Mode::ReadOnly {
            return self.say(&Obstacle::ReadOnly.words());
        }
        let trust = self.gates.trust();
        let Some(commands) = trust.commands(document) else {
            return self.say("this document was not read");
        };
        if trust.of(document).is_some() {
            return self.say("its commands are trusted as they are");
        }
        if let Some(why) = self.unknown_trust() {
            return self.say(&why);
        }
        let (lines, lost) = (trust.compared(document), trust.lost(document).is_some());
        let named = (document.to_owned(), commands.hash.clone());
        let dialog = Trusting::new(named, commands.count, lines, lost, self.now.mono);
        self.show(Modal::Trust(Box::new(dialog)));
    }

    /// Why it is not known what is trusted: that stands in the journal.
    fn unknown_trust(&self) -> Option<String> {
        if self.journal.checked_up_to().is_some() {
            return None;
        }
        let down = self.links.get(&SourceId::Journal).and_then(|link| link.down.as_ref());
        Some(match down {
            Some(down) => format!("what is trusted is not known, the journal cannot be read: {}", down.error),
            None => "the journal is still being read, and with it what is trusted: press it again".to_owned(),
        })
    }

    pub(super) fn trust_answered(
        &mut self,
        dialog: Box<Trusting>,
        outcome: Outcome,
        effects: &mut Vec<Effect>,
    ) {
        match outcome {
            Outcome::Waiting => self.show(Modal::Trust(dialog)),
            Outcome::Closed => self.say("not trusted: nothing of it runs"),
            Outcome::Yes => {
                if self.trust(&dialog.document, &dialog.hash, effects) {
                    self.say("trusted, with your name; now a gate of it can be run");
                }
            }
        }
    }

    /// Asks before it stops the gate under the cursor, or else the one that runs; one that waits does not run any more.
    pub(super) fn ask_stop_gate(&mut self) {
        let chosen = match self.ui.focus.full() {
            Some(PanelId::Gates) => self.gate_chosen().map(|gate| gate.id.clone()),
            _ => None,
        };
        if let Some(id) = &chosen
            && self.gates.runs.unqueue(id)
        {
            return self.say("taken out of the queue");
        }
        let runs = &self.gates.runs;
        let own = chosen.as_deref().and_then(|id| runs.own_of(id)).map(|own| own.task.run.clone());
        let orphan = chosen.as_deref().and_then(|id| runs.foreign(id)).filter(|foreign| foreign.is_orphan());
        let orphan = orphan.map(|Foreign { begun, .. }| begun.run.clone());
        let any = || runs.own().first().map(|own| own.task.run.clone());
        match own.or(orphan).or_else(any) {
            Some(run) => {
                self.gates.runs.asked = Some(run);
                self.show(Modal::Ask(Ask::new(Question::StopGate, self.now.mono)));
            }
            None => self.say("no gate runs here"),
        }
    }

    pub(super) fn stop_asked_gate(&mut self, effects: &mut Vec<Effect>) {
        if let Some(run) = self.gates.runs.asked.take() {
            self.stop_gate(&run, effects);
        }
    }

    /// The gate under the cursor of the gates view.
    pub fn gate_chosen(&self) -> Option<&Gate> {
        let list = self.gates.list();
        list.get(self.ui.focus.cursor(PanelId::Gates).row.min(list.len().saturating_sub(1)))
    }

    pub(super) fn act_on_gate(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match action {
            Action::StopGate => self.ask_stop_gate(),
            Action::OnTerminal => self.ask_on_terminal(),
            _ => self.gate_under_cursor(effects),
        }
    }

    /// The palette's lines for gates and documents.
    pub(super) fn gate_offers(&self) -> Vec<Offer> {
        if self.room.operator.mode == Mode::ReadOnly {
            return Vec::new();
        }
        let gate = |gate: &Gate| {
            let blocked = match self.permit(gate) {
                Err(obstacle @ (Obstacle::Refused(_) | Obstacle::Running)) => {
                    Some(Clean::new(&obstacle.words()))
                }
                _ => None,
            };
            let about = if gate.mutates() { "changes something, asks" } else { "runs it" };
            Offer {
                line: format!("gate {}", gate.name.split_whitespace().collect::<Vec<_>>().join(" ")),
                about: about.into(),
                command: Command::Gate(gate.id.clone()),
                key: Some(Action::Gate),
                blocked,
            }
        };
        let trust = |document: &crate::domain::Document| Offer {
            line: format!("trust {}", document.path),
            about: "shows its commands, asks".into(),
            command: Command::Trust(document.path.clone()),
            key: None,
            blocked: self
                .gates
                .trust()
                .of(&document.path)
                .map(|given| format!("trusted by {}", given.by).into()),
        };
        let of_documents = |document: &&crate::domain::Document| !document.plan.commands.is_empty();
        let documents = self.checklist.documents().iter().filter(of_documents).map(trust);
        self.gates.list().iter().map(gate).chain(documents).collect()
    }
}

impl Obstacle {
    /// In words, with what to do.
    pub fn words(&self) -> String {
        match self {
            Self::ReadOnly => "read-only: this console only watches".to_owned(),
            Self::Refused(why) => format!("refused: {why}"),
            Self::Untrusted(document) => format!("the commands of {document} are not trusted as they are"),
            Self::Mutation => "it changes something, and asks each time".to_owned(),
            Self::Running => "it runs or waits already; x stops it".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::read;
    use crate::domain::{LinkReport, Mono, Now, Room};
    use crate::model::msg::Msg;

    fn said(model: &Model) -> String {
        model.ui.said(model.now.mono).map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn nobody_is_asked_to_trust_before_the_journal_tells_what_is_trusted() {
        let mut model = Model::new(Arc::new(Room::default()), "c".into(), Now::default(), (120, 40));
        let document = read("a.md", b"# A\n- [ ] a\n```sh\npytest\n```\n").document.expect("a text");
        model.update(Msg::DocumentsRead { documents: vec![document], problems: Vec::new() });
        model.ask_trust("a.md");
        assert!(model.ui.modal.is_none() && said(&model).contains("still being read"), "{}", said(&model));
        let report =
            LinkReport::Down { error: "it is no journal".into(), attempt: 1, retry_at: Mono::default() };
        model.update(Msg::Linked { source: SourceId::Journal, report, at: Mono::default() });
        model.ask_trust("a.md");
        assert!(model.ui.modal.is_none() && said(&model).contains("it is no journal"), "{}", said(&model));
        model.update(Msg::ChainChecked { seq: 0, damage: None });
        model.ask_trust("a.md");
        assert!(matches!(model.ui.modal, Some(Modal::Trust(_))));
    }
}
