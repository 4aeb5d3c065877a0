//! Alerts as configured: what raises one, how bad it is, and where it goes.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Identity, SecretRef, Value};
use crate::domain::alert::{Moment, matches};
use crate::domain::condition::Purpose;

/// What goes out, and where to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertsSpec {
    /// Severity of a trigger that tripped; 0: none is raised.
    pub triggers: u8,
    /// Severity of a criterion that fails.
    pub criteria: u8,
    /// Severity of NO-GO.
    pub no_go: u8,
    /// Severity of ROLL BACK.
    pub roll_back: u8,
    /// Severity of a condition that cannot be seen.
    pub unseen: u8,
    /// For how long it cannot be seen before that is raised.
    pub unseen_after: Duration,
    /// Severities 1 to 3.
    pub severities: [SeveritySpec; 3],
    /// Severities of conditions that documents state below one of theirs, by the condition's name.
    pub stated: BTreeMap<String, u8>,
    /// What is said of conditions by name; the first that fits counts.
    pub rules: Vec<AlertRule>,
    /// Where alerts go.
    pub routes: Vec<RouteSpec>,
}

/// How fast people are to react, and who is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SeveritySpec {
    /// An acknowledgement is expected in this time.
    pub respond_within: Duration,
    /// Without one the alert is escalated after this time; `None`: never.
    pub escalate_after: Option<Duration>,
    /// Names of the routes.
    pub routes: Vec<String>,
    /// Names of the routes that are told of an escalation.
    pub escalate_to: Vec<String>,
    /// Severities of documents that this one is: `SEV1`, `P0`.
    pub stands_for: Vec<String>,
    /// The response time is that of these, where they state one.
    pub asks_documents: bool,
}

/// What is said of conditions by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRule {
    /// The condition's name; `*` stands for anything.
    pub condition: String,
    /// Its severity; 0: no alert.
    pub severity: Option<u8>,
    /// Its severity when it cannot be seen.
    pub unseen: Option<u8>,
    /// Other routes than those of the severity.
    pub routes: Option<Vec<String>>,
}

/// Somewhere that alerts go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouteSpec {
    /// Unique name.
    pub name: String,
    /// How it is told.
    pub kind: RouteKind,
    /// Time-out of one attempt.
    pub timeout: Duration,
    /// The text, with `{{names}}`; `None`: what the kind is told by default.
    pub text: Option<String>,
    /// The title or subject, with `{{names}}`.
    pub title: Option<String>,
    /// The name of a template of a document, used instead of `text`.
    pub template: Option<String>,
    /// Channels and recipients of documents that this route is: without that they reach nobody.
    pub stands_for: Vec<String>,
}

/// How a route is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RouteKind {
    /// A POST of JSON.
    Webhook {
        /// Where to; may be a secret.
        url: Value,
        /// Further headers.
        headers: BTreeMap<String, Value>,
        /// A bearer token.
        token: Option<SecretRef>,
    },
    /// An incoming webhook of Slack, or of what speaks as it does.
    Slack {
        /// The webhook's URL, which is a secret.
        url: Value,
    },
    /// `PagerDuty` Events API v2.
    PagerDuty {
        /// The integration's routing key.
        key: SecretRef,
        /// The API's address.
        url: String,
    },
    /// Alertmanager's `/api/v2/alerts`.
    Alertmanager {
        /// What comes before `/api/v2/alerts`.
        url: String,
        /// Who posts.
        identity: Identity,
    },
    /// E-mail.
    Email(EmailSpec),
}

/// A mail server, and whom to write to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailSpec {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Name and password, if the server wants them.
    pub login: Option<(String, SecretRef)>,
    /// The sender.
    pub from: String,
    /// The recipients.
    pub to: Vec<String>,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// TLS begins in the conversation, and must (RFC 3207).
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// None, for a server on this machine.
    Nothing,
}

impl RouteKind {
    /// As in the config.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::Slack { .. } => "slack",
            Self::PagerDuty { .. } => "pagerduty",
            Self::Alertmanager { .. } => "alertmanager",
            Self::Email(_) => "email",
        }
    }

    /// Whether it is told of such a moment. Alertmanager escalates by itself and has no word for an acknowledgement; a
    /// mail that somebody is on it helps nobody.
    pub fn tells(&self, moment: Moment) -> bool {
        match self {
            Self::Webhook { .. } | Self::Slack { .. } | Self::PagerDuty { .. } => true,
            Self::Alertmanager { .. } => !matches!(moment, Moment::Acknowledged | Moment::Escalated),
            Self::Email(_) => moment != Moment::Acknowledged,
        }
    }
}

impl AlertsSpec {
    /// The severity of a condition that fails, and of one that cannot be seen; 0: no alert.
    pub fn of_condition(&self, name: &str, purpose: Purpose) -> (u8, u8) {
        let rule = self.rule(name);
        let default = match purpose {
            Purpose::Trigger => self.triggers,
            Purpose::Criterion => self.criteria,
        };
        let stated = || self.stated.get(name).copied();
        let failing = rule.and_then(|rule| rule.severity).or_else(stated).unwrap_or(default);
        (failing, rule.and_then(|rule| rule.unseen).unwrap_or(self.unseen))
    }

    /// Where an alert of this name and severity goes.
    pub fn routes_of(&self, name: &str, severity: u8) -> Vec<String> {
        let own = self.rule(name).and_then(|rule| rule.routes.clone());
        own.unwrap_or_else(|| self.severity(severity).map(|it| it.routes.clone()).unwrap_or_default())
    }

    fn rule(&self, name: &str) -> Option<&AlertRule> {
        self.rules.iter().find(|rule| matches(&rule.condition, name))
    }

    /// What is configured of a severity from 1 to 3.
    pub fn severity(&self, severity: u8) -> Option<&SeveritySpec> {
        self.severities.get(usize::from(severity).checked_sub(1)?)
    }

    /// A route by its name.
    pub fn route(&self, name: &str) -> Option<&RouteSpec> {
        self.routes.iter().find(|route| route.name == name)
    }
}
