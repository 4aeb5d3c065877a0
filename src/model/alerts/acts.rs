//! What people do with alerts: look at them, acknowledge, mute, let them be heard again.

use crate::domain::alert::{self, Alert, Mute, Step};
use crate::domain::record::Guard;
use crate::domain::{Action, Clean, Entry, PanelId, format};
use crate::model::Model;
use crate::model::effect::Effect;
use crate::model::modal::Modal;
use crate::model::palette::{Command, MUTE, Offer};
use crate::model::prompt::{Prompt, Purpose};

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row<'a> {
    /// An alert, open or over.
    Alert(&'a Alert),
    /// A mute that lasts.
    Mute(&'a Mute),
}

impl Model {
    /// Whether there is anything of alerts to see.
    pub fn shows_alerts(&self) -> bool {
        self.room.alerts.is_some()
    }

    pub(in crate::model) fn act_on_alert(&mut self, action: Action, effects: &mut Vec<Effect>) {
        if action == Action::Bell {
            return self.toggle_bell(effects);
        }
        if !self.shows_alerts() && self.alert_rows().is_empty() {
            return self.say("no alerts here: [alerts] in the config raises them");
        }
        let there = self.ui.focus.panel() == PanelId::Alerts;
        if !there {
            self.ui.focus.open(PanelId::Alerts);
        }
        match action {
            Action::Acknowledge if there => self.acknowledge_chosen(effects),
            Action::Mute if there => self.ask_mute(),
            Action::Unmute if there => self.unmute_chosen(effects),
            Action::Acknowledge => self.say("choose the alert, then acknowledge it"),
            _ => {}
        }
    }

    fn toggle_bell(&mut self, effects: &mut Vec<Effect>) {
        self.ui.loud = !self.ui.loud;
        effects.push(Effect::Loud { on: self.ui.loud });
        let on = "bell and notification are on: for another verdict, and for alerts";
        self.say(if self.ui.loud { on } else { "bell and notification are off" });
    }

    fn ask_mute(&mut self) {
        let what = match self.alert_row() {
            Some(Row::Alert(alert)) => alert.name.clone(),
            Some(Row::Mute(mute)) => mute.what.clone(),
            None => return self.say("there is no alert to mute; :mute NAME 30m reason mutes any"),
        };
        self.show(Modal::Prompt(Prompt::new(Purpose::Mute(what), "30m ")));
    }

    fn unmute_chosen(&mut self, effects: &mut Vec<Effect>) {
        let of = match self.alert_row() {
            Some(Row::Mute(mute)) => Some(mute.what.clone()),
            Some(Row::Alert(alert)) => {
                self.alerts.book.muted(&alert.name, self.now.wall).map(|mute| mute.what.clone())
            }
            None => None,
        };
        match of {
            Some(what) => self.unmute(&what, effects),
            None => self.say("nothing is muted here"),
        }
    }

    /// What the palette offers of alerts now.
    pub(in crate::model) fn alert_offers(&self) -> Vec<Offer> {
        let offer = |line: String, about: String, command, key| Offer {
            line,
            about: Clean::new(&about),
            command,
            key: Some(key),
            blocked: None,
        };
        let open = self.alerts.book.open().into_iter().filter(|alert| alert.acknowledged.is_none());
        let mut offers: Vec<Offer> = open
            .map(|alert| {
                let line = format!("acknowledge {}", alert.label());
                offer(line, alert.name.to_string(), Command::Acknowledge(alert.id), Action::Acknowledge)
            })
            .collect();
        if self.shows_alerts() {
            let (line, about) = (format!("{MUTE} NAME TIME REASON"), "no alerts of it for so long, and why");
            offers.push(offer(line, about.to_owned(), Command::Mute(String::new()), Action::Mute));
        }
        offers.extend(self.alerts.book.mutes(self.now.wall).map(|mute| {
            let command = Command::Unmute(mute.what.to_string());
            offer(format!("unmute {}", mute.what), format!("muted by {}", mute.by), command, Action::Unmute)
        }));
        offers
    }

    /// Open alerts, then mutes that last, then what is over; those that the filter takes.
    pub fn alert_rows(&self) -> Vec<Row<'_>> {
        let book = &self.alerts.book;
        let filter = self.ui.focus.filter(PanelId::Alerts).to_lowercase();
        let takes = |text: &Clean| filter.is_empty() || text.to_lowercase().contains(&filter);
        let mut rows: Vec<Row<'_>> = book.open().into_iter().map(Row::Alert).collect();
        rows.extend(book.mutes(self.now.wall).map(Row::Mute));
        rows.extend(book.over().map(Row::Alert));
        rows.retain(|row| match row {
            Row::Alert(alert) => takes(&alert.name),
            Row::Mute(mute) => takes(&mute.what),
        });
        rows
    }

    /// The row under the cursor.
    pub fn alert_row(&self) -> Option<Row<'_>> {
        let rows = self.alert_rows();
        let at = self.ui.focus.cursor(PanelId::Alerts).row.min(rows.len().saturating_sub(1));
        rows.get(at).copied()
    }

    /// Names that can be muted: of what is watched, and of alerts.
    pub fn alert_names(&self) -> impl Iterator<Item = &str> {
        let conditions = self.room.conditions.iter().map(|spec| spec.name.as_str());
        conditions.chain(self.alerts.book.open().into_iter().map(|alert| alert.name.as_str()))
    }

    fn acknowledge_chosen(&mut self, effects: &mut Vec<Effect>) {
        match self.alert_row() {
            Some(Row::Alert(alert)) if alert.is_open() => {
                let id = alert.id;
                self.acknowledge(id, effects);
            }
            Some(Row::Alert(_)) => self.say("this alert is over"),
            Some(Row::Mute(_)) => self.say("a mute is not acknowledged: M ends it"),
            None => self.say("there is no alert"),
        }
    }

    /// Acknowledges an alert in the operator's name.
    pub(in crate::model) fn acknowledge(&mut self, id: u64, effects: &mut Vec<Effect>) {
        let Some(alert) = self.alerts.book.get(id).filter(|alert| alert.is_open()) else {
            return self.say(&format!("there is no open alert a{id}"));
        };
        if let Some(said) = &alert.acknowledged {
            let words = format!("{} acknowledged it already", said.by);
            return self.say(&words);
        }
        let draft =
            self.mine(Entry::Alert(Box::new(Step::Acknowledged { alert: id, note: Clean::default() })));
        self.append(draft, Guard::Free, effects);
        self.say(&format!("alert a{id} acknowledged, with your name and the time"));
    }

    /// `NAME TIME REASON`: silences the alerts of a name for a while.
    pub(in crate::model) fn mute(&mut self, text: &str, effects: &mut Vec<Effect>) {
        let (what, time, reason) = match alert::split(text, self.alert_names()) {
            Ok(parts) => parts,
            Err(why) => return self.say(why),
        };
        if !self.alert_names().any(|name| alert::matches(&what, name)) {
            return self
                .say(&format!("nothing is called {what}: the name of a condition, or with * a part of it"));
        }
        let until = match alert::mute_end(self.now.wall, time) {
            Ok(until) => until,
            Err(why) => return self.say(why),
        };
        let (what, reason) = (Clean::new(&what), Clean::new(&reason));
        let words = format!("{what} is muted until {}", format::moment(until, self.now.wall));
        let draft = self.mine(Entry::Alert(Box::new(Step::Muted { what, until, reason })));
        self.append(draft, Guard::Free, effects);
        self.say(&words);
    }

    /// Ends a mute before its time.
    pub(in crate::model) fn unmute(&mut self, what: &str, effects: &mut Vec<Effect>) {
        let lasting = self.alerts.book.mutes(self.now.wall).find(|mute| mute.what.eq_ignore_ascii_case(what));
        let Some(what) = lasting.map(|mute| mute.what.clone()) else {
            return self.say(&format!("{what} is not muted"));
        };
        let words = format!("{what} is heard again");
        let draft = self.mine(Entry::Alert(Box::new(Step::Unmuted { what })));
        self.append(draft, Guard::Free, effects);
        self.say(&words);
    }
}
