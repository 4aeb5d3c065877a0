//! What a key, a paste or a click means: first for what lies over the panels, then for the panels.

use crate::domain::record::Guard;
use crate::domain::room::Mode;
use crate::domain::{Action, Chord, Clean, Entry, KeyPress, Mono, PanelId, Reason};

use super::Model;
use super::checklist_acts::marked;
use super::effect::Effect;
use super::findings::{self, Findings};
use super::focus::Extent;
use super::held::Held;
use super::modal::{Ask, Help, Modal, Outcome, Page, Question, Topic};
use super::ops::Operation;
use super::palette::Palette;
use super::prompt::{self, Prompt, Purpose};

/// More lines than the help has.
const HELP_ROWS: usize = 100;

/// Rows that header, verdict, borders and hints take from a panel at full size.
pub(super) const CHROME: u16 = 6;

impl Model {
    /// A key. `action` is what the keymap makes of it where no field takes letters. An act rests on the journal: whatever
    /// begins to ask for one has it looked at.
    pub(super) fn pressed(&mut self, press: KeyPress, action: Option<Action>, effects: &mut Vec<Effect>) {
        let asked = self.asks_since();
        self.pressed_key(press, action, effects);
        if self.asks_since() > asked {
            effects.push(Effect::CheckJournal);
        }
    }

    /// Since when a dialog asks for an act.
    fn asks_since(&self) -> Option<Mono> {
        match &self.ui.modal {
            Some(Modal::Confirm(confirm)) => Some(confirm.opened.mono),
            _ => None,
        }
    }

    fn pressed_key(&mut self, press: KeyPress, action: Option<Action>, effects: &mut Vec<Effect>) {
        self.now.advance(press.at);
        match press.chord {
            // Raw mode makes these plain keys; they mean the same over any dialog, and never act.
            chord if chord == Chord::ctrl('c') => return effects.push(Effect::Interrupt),
            chord if chord == Chord::ctrl('z') => return effects.push(Effect::Suspend),
            _ => {}
        }
        if self.hinted(press.chord) {
            return;
        }
        match self.ui.modal.take() {
            None => {
                if let Some(action) = action {
                    self.act(action, effects);
                }
            }
            Some(modal) => self.pressed_over(modal, press, action, effects),
        }
    }

    fn pressed_over(
        &mut self,
        mut modal: Modal,
        press: KeyPress,
        action: Option<Action>,
        effects: &mut Vec<Effect>,
    ) {
        let page = usize::from(self.size.1.saturating_sub(CHROME));
        let outcome = match &mut modal {
            Modal::Help(help) => help.press(press, Extent { rows: HELP_ROWS, page }),
            Modal::Page(_) | Modal::Progress(_) if action == Some(Action::Copy) => {
                self.ui.modal = Some(modal);
                return self.copy(effects);
            }
            Modal::Page(shown) => self.read_page(shown, action, page),
            Modal::Findings(list) => {
                let extent = self.found_extent();
                let outcome = action.map_or(findings::Outcome::Waiting, |action| list.act(action, extent));
                return self.found(modal, outcome, effects);
            }
            Modal::Ask(ask) => ask.press(press),
            Modal::Arrange(_) => return self.pressed_arranging(modal, press, effects),
            Modal::Trust(trusting) => {
                let (outcome, trusting) = (trusting.press(press), trusting.clone());
                return self.trust_answered(trusting, outcome, effects);
            }
            Modal::Progress(id) => match self.read_progress(id, press, action, effects) {
                Some(outcome) => outcome,
                None => return,
            },
            Modal::Confirm(confirm) => {
                let answer = confirm.press(&press);
                self.ui.modal = Some(modal);
                return self.answered(answer, effects);
            }
            Modal::Palette(palette) => {
                let offers = self.offers();
                let outcome = palette.press(press, &offers, self.ui.commands());
                return self.chosen(modal, outcome, effects);
            }
            Modal::Prompt(prompt) => {
                let (purpose, outcome) = (prompt.purpose.clone(), prompt.press(press));
                return self.typed(modal, &purpose, outcome, effects);
            }
        };
        self.came_of(modal, outcome, effects);
    }

    /// A page scrolls: its cursor is its first row. Enter on a comparison shows values, or hides them.
    fn read_page(&mut self, shown: &mut Page, action: Option<Action>, page: usize) -> Outcome {
        if shown.topic == Topic::Comparison && action == Some(Action::Open) {
            self.toggle_values();
            return Outcome::Waiting;
        }
        let rows = self.page_rows(shown.topic).saturating_sub(page) + 1;
        action.map_or(Outcome::Waiting, |action| shown.act(action, Extent { rows, page }))
    }

    /// What is read or answered stays open, is closed, or was answered with yes.
    fn came_of(&mut self, modal: Modal, outcome: Outcome, effects: &mut Vec<Effect>) {
        match outcome {
            Outcome::Waiting => self.ui.modal = Some(modal),
            Outcome::Closed => self.closed(&modal, effects),
            Outcome::Yes(Question::Quit) => effects.push(Effect::Quit),
            Outcome::Yes(Question::ReplaceReport) => self.replace_report(effects),
            Outcome::Yes(Question::StopGate) => self.stop_asked_gate(effects),
            Outcome::Yes(Question::OnTerminal) => self.lend_terminal(effects),
            Outcome::Yes(Question::Unlock(ix)) => self.unlock(ix, effects),
            Outcome::Yes(Question::Stage(act, after)) => self.stage_confirmed(act, after, "", effects),
        }
    }

    fn closed(&mut self, modal: &Modal, effects: &mut Vec<Effect>) {
        // What was read is not new the next time; who only watches writes nothing.
        if let Modal::Page(Page { topic: Topic::Story, .. }) = modal
            && self.journal.head() > 0
            && self.room.operator.mode == Mode::Operate
        {
            let draft = self.mine(Entry::Looked { seq: self.journal.head() });
            self.append(draft, Guard::Free, effects);
        }
    }

    fn typed(
        &mut self,
        modal: Modal,
        purpose: &Purpose,
        outcome: prompt::Outcome,
        effects: &mut Vec<Effect>,
    ) {
        match (purpose, outcome) {
            (_, prompt::Outcome::Waiting) => self.ui.modal = Some(modal),
            (Purpose::Filter(panel), prompt::Outcome::Changed(text)) => {
                self.filter(*panel, text);
                self.ui.modal = Some(modal);
            }
            (_, prompt::Outcome::Changed(_)) => self.ui.modal = Some(modal),
            (Purpose::Filter(panel), prompt::Outcome::Cancelled(text) | prompt::Outcome::Entered(text)) => {
                self.filter(*panel, text);
            }
            (_, prompt::Outcome::Cancelled(_)) => {}
            (Purpose::Note, prompt::Outcome::Entered(text)) => self.note(&text, effects),
            (Purpose::Begin(asked), prompt::Outcome::Entered(text)) => {
                self.typed_candidate(*asked, &text, effects);
            }
            (Purpose::Mute(what), prompt::Outcome::Entered(text)) => {
                self.mute(&format!("{what} {text}"), effects);
            }
            (Purpose::End(outcome), prompt::Outcome::Entered(text)) => {
                self.end_rollout(*outcome, &text, effects);
            }
            (Purpose::Stage(act, after), prompt::Outcome::Entered(text)) => {
                self.stage_confirmed(*act, *after, &text, effects);
            }
            (Purpose::Why(against), prompt::Outcome::Entered(text)) => self.typed_why(against, &text),
            (Purpose::Until(against, why), prompt::Outcome::Entered(text)) => {
                self.typed_until(against, why, &text, effects);
            }
            (purpose, prompt::Outcome::Entered(text)) => self.typed_for_item(purpose, &text, effects),
        }
    }

    /// Pasted text goes into fields that take text, never into a confirmation.
    pub(super) fn pasted(&mut self, text: &str, effects: &mut Vec<Effect>) {
        match self.ui.modal.take() {
            Some(Modal::Prompt(mut prompt)) => {
                let (purpose, outcome) = (prompt.purpose.clone(), prompt.paste(text));
                self.typed(Modal::Prompt(prompt), &purpose, outcome, effects);
            }
            Some(Modal::Palette(mut palette)) => {
                palette.paste(text);
                self.ui.modal = Some(Modal::Palette(palette));
            }
            other => self.ui.modal = other,
        }
    }

    #[expect(clippy::too_many_lines, reason = "one line an action")]
    pub(super) fn act(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if self.refuses(action) {
            return;
        }
        match action {
            Action::Help => self.show(Modal::Help(Help::default())),
            Action::Palette => self.show(Modal::Palette(Palette::new(""))),
            Action::Filter => self.ask_filter(),
            Action::Reason1 => self.open_reason(0),
            Action::Reason2 => self.open_reason(1),
            Action::Reason3 => self.open_reason(2),
            Action::AllReasons | Action::Story | Action::Contacts | Action::Doctor | Action::Findings => {
                self.show_page(action);
            }
            Action::Quit => self.quit(effects),
            Action::Suspend => effects.push(Effect::Suspend),
            Action::Redraw => effects.push(Effect::Redraw),
            Action::Tick => self.tick_under_cursor(effects),
            Action::Waive | Action::NotApplicable | Action::Fail => self.ask_why(marked(action)),
            Action::Approve => self.ask_approval(),
            Action::Undo => self.untick(effects),
            Action::Note => self.ask_note(),
            Action::Gate | Action::OnTerminal | Action::StopGate => self.act_on_gate(action, effects),
            Action::Flip => self.flip_under_cursor(effects),
            Action::Rollback => self.open_rollback(None, effects),
            Action::Unlock => self.unlock_by_name(),
            Action::Hold => self.hold_stage(),
            Action::Recheck => self.recheck(None, effects),
            Action::Bell | Action::Alerts | Action::Acknowledge | Action::Mute | Action::Unmute => {
                self.act_on_alert(action, effects);
            }
            Action::Follow | Action::Pin => self.follow(action),
            Action::Logs => self.open_logs(),
            Action::Compare => self.mark_or_compare(),
            Action::Copy => self.copy(effects),
            Action::OpenOnly
            | Action::MyRole
            | Action::NextFilter
            | Action::NextOpen
            | Action::PreviousOpen
            | Action::Fold
            | Action::Unfold
            | Action::Edit => self.in_list(action, effects),
            Action::Dashboard
            | Action::EditDashboard
            | Action::ShorterWindow
            | Action::LongerWindow
            | Action::NextPanel
            | Action::PreviousPanel
            | Action::Panel4
            | Action::Panel5
            | Action::Panel6
            | Action::Panel7
            | Action::Panel8
            | Action::Panel9
            | Action::Open
            | Action::Back
            | Action::JumpBack
            | Action::Zoom
            | Action::Down
            | Action::Up
            | Action::HalfPageDown
            | Action::HalfPageUp
            | Action::First
            | Action::Last => self.move_about(action, effects),
        }
    }

    fn ask_filter(&mut self) {
        let panel = self.ui.focus.panel();
        let now = self.ui.focus.filter(panel).to_owned();
        self.show(Modal::Prompt(Prompt::new(Purpose::Filter(panel), &now)));
    }

    /// Opens what is only read.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no other action opens a page")]
    fn show_page(&mut self, action: Action) {
        match action {
            Action::AllReasons => self.show(Modal::Page(Page::new(Topic::Reasons))),
            Action::Contacts => self.show(Modal::Page(Page::new(Topic::Contacts))),
            Action::Doctor => self.show(Modal::Page(Page::new(Topic::Doctor))),
            Action::Findings => {
                // On the first finding, below the name of its file.
                let mut list = Findings::default();
                list.cursor.row = self.found_rows().len().saturating_sub(1).min(1);
                self.show(Modal::Findings(list));
            }
            _ => self.show_story(),
        }
    }

    /// Whether this console only watches and `action` acts; then it says so.
    pub(super) fn refuses(&mut self, action: Action) -> bool {
        let refuses = action.acts() && self.room.operator.mode == Mode::ReadOnly;
        if refuses {
            self.say("read-only: this console only watches");
        }
        refuses
    }

    pub(super) fn open_reason(&mut self, index: usize) {
        let Some(reason) = self.verdicts.now.reasons.get(index) else { return };
        let (panel, row) = (reason.panel, self.row_of(reason));
        self.ui.focus.open(panel);
        if let (Some(row), Some(cursor)) = (row, self.ui.focus.cursor_mut(panel)) {
            cursor.row = row;
        }
    }

    /// The row that a reason is about, where its panel lists conditions or probes.
    fn row_of(&self, reason: &Reason) -> Option<usize> {
        let names = |name: &str| reason.subject.contains(name);
        match reason.panel {
            PanelId::Triggers => self.conditions.iter(&self.room).position(|(spec, _)| names(&spec.name)),
            PanelId::Health => {
                let mut probes = self.services.iter().flat_map(|service| service.health.probes());
                probes.position(|probe| names(&format!("health {} ", probe.spec.name)))
            }
            PanelId::Closes => {
                let mut codes = self.services.iter().flat_map(|service| service.closes.rows(self.now.mono));
                codes.position(|row| names(&format!("closes {} ", row.code)))
            }
            _ => None,
        }
    }

    fn show_story(&mut self) {
        let operator = Clean::new(&self.room.operator.name);
        let mut page = Page::new(Topic::Story);
        page.read_up_to = self.journal.looked(&operator);
        self.show(Modal::Page(page));
    }

    fn quit(&mut self, effects: &mut Vec<Effect>) {
        let acts = self.ops.iter().any(|op: &Operation| op.mine && op.is_acting());
        if acts || !self.gates.runs.own().is_empty() {
            self.show(Modal::Ask(Ask::new(Question::Quit, self.now.mono)));
        } else {
            effects.push(Effect::Quit);
        }
    }

    pub(super) fn note(&mut self, text: &str, effects: &mut Vec<Effect>) {
        let text = Clean::new(text.trim());
        if text.is_empty() {
            return self.say("an empty note is not written");
        }
        let draft = self.mine(Entry::Noted { text });
        self.append(draft, Guard::Free, effects);
        self.say("noted, with your name and the time");
    }

    /// Flips the flag under the cursor; where none can be seen, shows the flags first.
    fn flip_under_cursor(&mut self, effects: &mut Vec<Effect>) {
        if self.room.flags.len() > 1 && self.ui.focus.panel() != PanelId::Flags {
            self.ui.focus.open(PanelId::Flags);
            return self.say("choose the flag, then flip it");
        }
        self.open_flip(self.ui.focus.cursor(PanelId::Flags).row, effects);
    }

    fn filter(&mut self, panel: PanelId, text: String) {
        if panel == PanelId::Gates {
            // It looks for words in the output; the list stays as it is.
            self.ui.focus.search(panel, text);
            return self.search_gate();
        }
        self.ui.focus.set_filter(panel, text);
        self.filter_lines();
        if panel == PanelId::Checklist {
            self.filter_items();
        }
    }

    pub(super) fn show(&mut self, modal: Modal) {
        self.ui.held = Held::new(self.now.mono);
        // What was said of the act before is not of this one.
        if matches!(modal, Modal::Confirm(_) | Modal::Progress(_)) {
            self.ui.hush();
        }
        self.ui.modal = Some(modal);
    }

    pub(super) fn say(&mut self, text: &str) {
        let at: Mono = self.now.mono;
        self.ui.say(text, at);
    }
}
