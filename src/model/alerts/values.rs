//! What the template of a message can name.

use crate::domain::alert::{Alert, Moment, Values};
use crate::domain::room::RouteSpec;
use crate::domain::{Clean, ConditionSpec, VerdictState, format};
use crate::model::Model;
use crate::model::conditions::{limit_text, value_text};

impl Model {
    /// Names and what they stand for; what is not known is not among them.
    pub(super) fn alert_values(&self, alert: &Alert, moment: Moment) -> Values {
        let mut values = self.room_values();
        let condition = self.conditions.iter(&self.room).find(|(spec, _)| *spec.name == *alert.name);
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                values.insert(name.to_owned(), value.to_owned());
            }
        };
        put("id", &alert.label());
        put("alert", &alert.name);
        put("summary", &super::words::subject(&alert.name, alert.why, &alert.about));
        put("about", &alert.about);
        put("severity", &alert.severity.to_string());
        put("state", &alert.state().to_string());
        put("event", &moment.to_string());
        put("since", &alert.raised_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
        let lasted = alert.resolved.as_ref().map_or(self.now.wall, |said| said.at) - alert.raised_at;
        put("lasted", &format::age_seconds(lasted.to_std().unwrap_or_default()));
        if let Some(said) = &alert.acknowledged {
            put("acknowledged_by", &said.by);
            put("note", &said.text);
        }
        put("resolved_because", alert.resolved.as_ref().map_or("", |said| &said.text));
        let severity = self.room.alerts.as_ref().and_then(|spec| spec.severity(alert.severity));
        put("respond_within", &severity.map_or(String::new(), |it| format::stopwatch(it.respond_within)));
        if let Some((spec, state)) = condition {
            put("service", &self.service_name(spec.signal.service));
            put("value", &state.value.map_or(String::new(), |_| value_text(spec, state.value)));
            put("limit", &limit_text(spec));
        }
        values
    }

    /// What is known of the room whatever the alert.
    pub fn room_values(&self) -> Values {
        let mut values = Values::new();
        // Numbers first: no metric takes the place of one of the names.
        let number = |(spec, state): (&ConditionSpec, &crate::domain::Condition)| {
            let name = spec.signal.name.rsplit('.').next().unwrap_or_default();
            let seen = state.value.filter(|_| state.is_seen());
            seen.map(|value| (identifier(name), value_text(spec, Some(value))))
        };
        values.extend(self.conditions.iter(&self.room).filter_map(number));
        let verdict = &self.verdicts.now;
        let told = |outlook| -> Vec<String> {
            let of = verdict.reasons.iter().filter(|reason| reason.is_outlook() == outlook);
            of.map(|reason| reason.told().to_string()).collect()
        };
        let reasons = match told(false) {
            // What it was is over, and what it becomes has to stand for a while.
            none if none.is_empty() && !verdict.reasons.is_empty() => {
                // A first look that says HOLD stood for nothing.
                let first = verdict.was.is_none() && verdict.state == VerdictState::Hold;
                let over = if first { "" } else { "what it stood for is over; " };
                format!("{over}{}", told(true).join("; "))
            }
            all => all.join("; "),
        };
        let rollout = self.checklist.rollout();
        let known = [
            ("room", self.room.name.clone()),
            ("environment", self.room.environment.name.clone()),
            ("war_room", self.room.link.clone().unwrap_or_default()),
            ("operator", self.room.operator.name.clone()),
            ("time", self.now.wall.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            (
                "verdict",
                if verdict.since.is_some() { verdict.state.word().to_owned() } else { String::new() },
            ),
            ("reasons", reasons),
            ("act", verdict.act.to_string()),
            ("candidate", self.candidate().unwrap_or_default()),
            ("rollout", rollout.map_or(String::new(), |rollout| rollout.id.clone())),
        ];
        let known = known.into_iter().filter(|(_, value)| !value.is_empty());
        values.extend(known.map(|(name, value)| (name.to_owned(), value)));
        values
    }

    /// The template of a document that a route names.
    pub fn template(&self, route: &RouteSpec) -> Option<(Clean, Vec<Clean>)> {
        let name = route.template.as_ref()?.to_lowercase();
        let mut all = self.checklist.documents().iter().flat_map(|document| &document.plan.templates);
        let found = all.find(|template| template.name.to_lowercase() == name)?;
        Some((found.title.clone(), found.message.clone()))
    }
}

/// A signal's name as a template may write it.
fn identifier(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.chars().map(plain).collect()
}

/// A channel or a recipient that a document names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// As written.
    pub channel: Clean,
    /// The route of the config that stands for it; `None`: nothing goes there.
    pub route: Option<String>,
}

impl Model {
    /// Channels and recipients that documents name, each once, in their order.
    pub fn named_channels(&self) -> Vec<Named> {
        let routes = self.room.alerts.iter().flat_map(|spec| &spec.routes);
        let stands = |channel: &Clean| {
            let same = |name: &String| name.eq_ignore_ascii_case(channel);
            routes.clone().find(|route| route.stands_for.iter().any(same)).map(|route| route.name.clone())
        };
        let mut all: Vec<Named> = Vec::new();
        let plans = self.checklist.documents().iter().flat_map(|document| &document.plan.routes);
        for channel in plans.flat_map(|route| route.channels.iter().chain(&route.recipients)) {
            if all.iter().all(|known| known.channel != *channel) {
                all.push(Named { channel: channel.clone(), route: stands(channel) });
            }
        }
        all
    }
}
