//! The palette: every command by its name.
//!
//! Names are found fuzzily, but only a line that stands there in full is ever run: enter on anything less completes it.
//! No prefix and no guess is executed, and the commands that act dangerously open their dialog and no more.

use strum::IntoEnumIterator;
use tui_input::Input;

use crate::domain::flag::Wanted;
use crate::domain::room::Mode;
use crate::domain::{Accepts, Action, Clean, Key, KeyPress, PanelId, Room, ServiceIx, VerdictState, rollout};

use super::checklist::Show;
use super::forward::Way;
use super::stages::StageAct;
use super::{field, fuzzy};
use line::{filled, free, takes, text_after};

mod actions;
pub(super) mod dashboards;
mod line;
mod rules;
mod traffic;

use actions::action_lines;
use dashboards::dashboard_lines;
use rules::rule_lines;
use traffic::{COMPARE, TAG, compare_lines, group_lines, movable, traffic_lines};
pub(super) use traffic::{SHIFT, in_cloud};

/// What a line of the palette asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The same as a key.
    Act(Action),
    /// Open the logs of `SERVICE`, or of `SERVICE REVISION`.
    Logs(String),
    /// Open a panel at full size.
    Panel(PanelId),
    /// Open the checklist and list these items.
    Show(Show),
    /// Open the rollback dialog for a service: to this revision, else to the one that is proposed.
    Rollback(ServiceIx, Option<String>),
    /// Open the dialog that rolls a group back; going on or stopping when one fails, else as configured.
    Group(String, Option<bool>),
    /// Open the dialog that goes forward: to the newer revision, or back to the latest.
    Forward(ServiceIx, Way),
    /// Open the dialog that shifts traffic: `SERVICE REV=PERCENT …`.
    Shift(String),
    /// The same by a step: this share for this revision.
    Step(ServiceIx, String, u8),
    /// Open the dialog that sets a tag or takes it away: `SERVICE TAG=REV`.
    Tag(String),
    /// Walk the whole path of a rollback of a service, without moving anything; `None`: of the one that `R` opens on.
    Rehearse(Option<ServiceIx>),
    /// The same of each service of a group.
    RehearseGroup(String),
    /// Ask to release the lock of a service.
    Unlock(ServiceIx),
    /// Open the dialog that flips a flag (its index in the room).
    Flip(usize),
    /// Open the dialog that sets a flag (its index in the room).
    SetFlag(usize, Wanted),
    /// The same, as a line: `NAME VALUE`.
    FlagLine(String),
    /// Run a gate, by its id.
    Gate(String),
    /// Show the commands of a document, to trust them.
    Trust(String),
    /// Compare two revisions, or two services: `REV REV`.
    Compare(String),
    /// Compare the cohorts of this name; without one, what serves here with the other environment.
    Sides(Option<String>),
    /// Tick the item of this id or text.
    TickItem(String),
    /// Write a note.
    Note(String),
    /// Write down what a metric is: its name, the number, and a note.
    Reading(String),
    /// Begin the active runs now.
    ProbeRun,
    /// Acknowledge an alert, by its number.
    Acknowledge(u64),
    /// Silence alerts: `NAME TIME REASON`.
    Mute(String),
    /// End the mute of this.
    Unmute(String),
    /// Write the report: into this file, else into one called after the rollout.
    Report(Option<String>),
    /// Show what was read out of the documents.
    Plan,
    /// Show the dashboard of this name.
    Dashboard(String),
    /// Begin a rollout: of this candidate, else of what the traffic shows.
    RolloutBegin(Option<String>),
    /// Mark now as T0.
    T0,
    /// End the rollout.
    RolloutEnd(rollout::Outcome),
    /// Override the verdict with this one; `None`: take the override back.
    Override(Option<VerdictState>),
    /// Do this with the stage under way.
    Stage(StageAct),
    /// Open the dialog that gives the candidate the share of the stage.
    StageTraffic(ServiceIx),
    /// Accept this of the condition of this name; `None`: it counts again.
    Accept(String, Option<Accepts>),
}

/// A command that can be asked for, as one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The whole line, as it must stand there to be run.
    pub line: String,
    /// What it does.
    pub about: Clean,
    /// What it asks for.
    pub command: Command,
    /// The action whose key does the same.
    pub key: Option<Action>,
    /// Why it cannot be done now.
    pub blocked: Option<Clean>,
}

/// The open palette.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// The line.
    pub input: Input,
    /// Which of the found commands is chosen.
    pub chosen: usize,
    recalled: Option<usize>,
}

/// A command that fits what is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// The command.
    pub offer: &'a Offer,
    /// Letters of its line that were typed, by position.
    pub hits: Vec<usize>,
}

/// What a key made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Still choosing.
    Waiting,
    /// Closed.
    Closed,
    /// Run this; the line goes into the history.
    Run(Command, String),
}

const NOTE: &str = "note";
const LOGS: &str = "logs";
const FLAG: &str = "flag";
const READING: &str = "reading";
const BEGIN: &str = "rollout begin";
const REPORT: &str = "report";
/// Alerts are muted by `mute NAME TIME REASON`.
pub(super) const MUTE: &str = "mute";

impl Command {
    /// Whether it changes anything outside this console.
    fn acts(&self) -> bool {
        match self {
            Self::Act(action) => action.acts(),
            // A report changes nothing that the room is about; who only watches is told why it is not written.
            Self::Logs(_)
            | Self::Panel(_)
            | Self::Dashboard(_)
            | Self::Show(_)
            | Self::Plan
            | Self::Compare(_)
            | Self::Sides(_)
            | Self::Report(_) => false,
            Self::Rollback(..)
            | Self::Group(..)
            | Self::Forward(..)
            | Self::Shift(_)
            | Self::Step(..)
            | Self::Tag(_)
            | Self::Rehearse(_)
            | Self::RehearseGroup(_)
            | Self::Unlock(_)
            | Self::Flip(_)
            | Self::SetFlag(..)
            | Self::FlagLine(_)
            | Self::RolloutBegin(_)
            | Self::T0
            | Self::Gate(_)
            | Self::Trust(_)
            | Self::RolloutEnd(_)
            | Self::Override(_)
            | Self::Stage(_)
            | Self::StageTraffic(_)
            | Self::Accept(..)
            | Self::Reading(_)
            | Self::ProbeRun
            | Self::Acknowledge(_)
            | Self::Mute(_)
            | Self::Unmute(_)
            | Self::TickItem(_)
            | Self::Note(_) => true,
        }
    }
}

/// A line, what it does, what it asks for, and the key that does the same.
pub(super) type Line = (String, &'static str, Command, Option<Action>);

/// All commands of a room, in the order in which an empty palette shows them. `blocked` says why one cannot be done.
pub fn offers(room: &Room, blocked: impl Fn(&Command) -> Option<Clean>) -> Vec<Offer> {
    let watches = room.operator.mode == Mode::ReadOnly;
    let lines =
        act_lines(room).into_iter().chain(rule_lines()).chain(traffic_lines(room)).chain(look_lines(room));
    let possible = lines.filter(|(_, _, command, _)| !(watches && command.acts()));
    let offer = |(line, about, command, key): Line| {
        let blocked = blocked(&command);
        Offer { line, about: about.into(), command, key, blocked }
    };
    possible.map(offer).collect()
}

fn act_lines(room: &Room) -> Vec<Line> {
    let rollback = |(name, ix): (&str, ServiceIx)| {
        let command = Command::Rollback(ix, None);
        (format!("rollback {name}"), "opens the dialog, asks", command, Some(Action::Rollback))
    };
    let mut lines: Vec<Line> = movable(room).chain(in_cloud(room)).map(rollback).collect();
    lines.extend(group_lines(room));
    for (n, flag) in room.flags.iter().enumerate() {
        let (flip, key) = (Command::Flip(n), Some(Action::Flip));
        lines.push((format!("flip {}", flag.name), "opens the dialog, asks", flip, key));
        for (word, wanted) in [("on", Wanted::On), ("off", Wanted::Off), ("previous", Wanted::Previous)] {
            let about = if wanted == Wanted::Previous { "what it was before, asks" } else { "asks" };
            lines.push((format!("{FLAG} {} {word}", flag.name), about, Command::SetFlag(n, wanted), None));
        }
    }
    if !room.flags.is_empty() {
        let line = Command::FlagLine(String::new());
        lines.push((format!("{FLAG} NAME PERCENT"), "on for a share, 0 to 100, asks", line, None));
    }
    let note = Command::Note(String::new());
    lines.push((format!("{NOTE} TEXT"), "into the journal", note, Some(Action::Note)));
    let reading = Command::Reading(String::new());
    lines.push((format!("{READING} NAME VALUE"), "what a metric is that a person reads", reading, None));
    let mut streams = room.services.iter().filter_map(|service| service.events.as_ref());
    if streams.any(|events| events.active.is_some()) {
        let about = "sends a message as a user would, and judges its run";
        lines.push(("probe run".to_owned(), about, Command::ProbeRun, None));
    }
    lines.push((BEGIN.to_owned(), "of what the traffic shows", Command::RolloutBegin(None), None));
    let named = Command::RolloutBegin(Some(String::new()));
    lines.push((format!("{BEGIN} CANDIDATE"), "of this digest or commit", named, None));
    lines.push(("t0".to_owned(), "the candidate gets its first traffic now", Command::T0, None));
    for outcome in rollout::Outcome::iter() {
        let command = Command::RolloutEnd(outcome);
        lines.push((format!("rollout end {outcome}"), "and what is left over", command, None));
    }
    lines
}

fn look_lines(room: &Room) -> Vec<Line> {
    let panel = |panel: PanelId| (panel.to_string(), "panel at full size", Command::Panel(panel), None);
    let mut lines: Vec<Line> = PanelId::iter().map(panel).collect();
    lines.extend(dashboard_lines(room));
    let show = |show: Show| (format!("show {show}"), show.about(), Command::Show(show), show.key());
    lines.extend(Show::iter().map(show));
    lines.extend(compare_lines(room));
    lines.push(("plan".to_owned(), "what was read out of the documents", Command::Plan, None));
    let about = "the validation report, into a file called after the rollout";
    lines.push((REPORT.to_owned(), about, Command::Report(None), None));
    let named = Command::Report(Some(String::new()));
    lines.push((format!("{REPORT} FILE"), "into this file; JSON if it ends in .json", named, None));
    lines.extend(action_lines());
    lines
}

impl Palette {
    /// A palette with `line` in it.
    pub fn new(line: &str) -> Self {
        Self { input: Input::from(line), ..Self::default() }
    }

    /// The commands that fit what is typed, best first.
    pub fn find<'a>(&self, offers: &'a [Offer]) -> Vec<Found<'a>> {
        // Also as the verdict writes it.
        let typed = &self.input.value().replace("roll back", "rollback");
        let mut found: Vec<(i32, Found<'a>)> = offers
            .iter()
            .filter_map(|offer| {
                // What follows `note` is the note, not a part of the name.
                let query =
                    free(&offer.command).filter(|name| text_after(typed, name).is_some()).unwrap_or(typed);
                let (score, hits) = fuzzy::find(query, &offer.line)?;
                // A rehearsal never stands before the act that it rehearses.
                let rehearses = matches!(offer.command, Command::Rehearse(_) | Command::RehearseGroup(_));
                let score = if rehearses { score - 10 } else { score };
                Some((score, Found { offer, hits }))
            })
            .collect();
        // In a hurry `ro` and enter is the rollback, whatever else begins so.
        let back = |offer: &Offer| matches!(offer.command, Command::Rollback(..));
        let urgent = |it: &Found<'_>| !typed.is_empty() && back(it.offer) && it.offer.line.starts_with(typed);
        found.sort_by_key(|(score, found)| {
            (!urgent(found), std::cmp::Reverse(*score), found.offer.blocked.is_some())
        });
        found.into_iter().map(|(_, found)| found).collect()
    }

    /// The command that stands there in full, if one does.
    pub fn whole(&self, offers: &[Offer]) -> Option<(Command, String)> {
        let line = self.input.value().split_whitespace().collect::<Vec<_>>().join(" ");
        let with = |offer: &Offer| {
            let text = text_after(self.input.value().trim(), free(&offer.command)?)?;
            let placeholder = text.is_empty() || offer.line.ends_with(&format!(" {text}"));
            (!placeholder && takes(&offer.command, text)).then(|| filled(&offer.command, text))
        };
        let free_text = offers.iter().find_map(|offer| Some((offer, with(offer)?)));
        let whole = || offers.iter().find(|offer| offer.line == line && free(&offer.command).is_none());
        let (offer, command) = free_text.or_else(|| whole().map(|offer| (offer, offer.command.clone())))?;
        offer.blocked.is_none().then_some((command, line))
    }

    /// Takes a key. `history` holds the lines run before, oldest first.
    #[expect(clippy::wildcard_enum_match_arm, reason = "every other key edits the line")]
    pub fn press(&mut self, press: KeyPress, offers: &[Offer], history: &[String]) -> Outcome {
        match press.chord.key {
            Key::Esc => return Outcome::Closed,
            Key::Enter => match self.whole(offers) {
                Some((command, line)) => return Outcome::Run(command, line),
                None => self.complete(offers),
            },
            Key::Tab => self.complete(offers),
            Key::Down | Key::BackTab if self.recalled.is_none() => {
                self.chosen = (self.chosen + 1).min(self.find(offers).len().saturating_sub(1));
            }
            Key::Up if self.chosen > 0 => self.chosen -= 1,
            Key::Up => self.recall(history, 1),
            Key::Down => self.recall(history, -1),
            Key::Backspace if self.input.value().is_empty() => return Outcome::Closed,
            _ => {
                let before = self.input.value().to_owned();
                field::edit(&mut self.input, press.chord);
                if self.input.value() != before {
                    (self.chosen, self.recalled) = (0, None);
                }
            }
        }
        Outcome::Waiting
    }

    /// Takes pasted text; it is only ever shown, enter is still to be pressed.
    pub fn paste(&mut self, text: &str) {
        field::paste(&mut self.input, text);
        (self.chosen, self.recalled) = (0, None);
    }

    /// Puts the command at `index` of those found into the line; enter is still to be pressed.
    pub fn choose(&mut self, index: usize, offers: &[Offer]) {
        self.chosen = index;
        self.complete(offers);
    }

    fn complete(&mut self, offers: &[Offer]) {
        let line = match self.find(offers).get(self.chosen) {
            Some(found) => match free(&found.offer.command) {
                Some(name) if text_after(self.input.value(), name).is_some() => return,
                Some(name) => format!("{name} "),
                None => found.offer.line.clone(),
            },
            None => return,
        };
        self.input = Input::from(line);
        (self.chosen, self.recalled) = (0, None);
    }

    fn recall(&mut self, history: &[String], step: isize) {
        let back = self.recalled.map_or(0, |at| at + 1);
        let Some(next) = back.checked_add_signed(step) else { return };
        let line = next.checked_sub(1).map(|at| history.iter().rev().nth(at));
        match line {
            Some(Some(line)) => {
                self.recalled = Some(next - 1);
                self.input = Input::from(line.as_str());
            }
            Some(None) => {}
            None => {
                self.recalled = None;
                self.input = Input::default();
            }
        }
    }
}

#[cfg(test)]
mod tests;
