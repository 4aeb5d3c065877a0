//! `[alerts]`, `[[alert]]` and `[[route]]`: what goes out, and where to.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::problem::suggestion;
use super::section::Section;
use super::service::check_unique;
use super::{probe, secret};
use crate::domain::ConditionSpec;
use crate::domain::alert::matches;
use crate::domain::room::{
    AlertRule, AlertsSpec, EmailSpec, Identity, RouteKind, RouteSpec, Security, SeveritySpec, Value,
};

/// Most rules and routes.
const MOST: usize = 500;

const KINDS: [&str; 5] = ["webhook", "slack", "pagerduty", "alertmanager", "email"];

/// Where `PagerDuty` takes events.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

/// Answer within, and escalate after, of severities 1 to 3; zero: never.
const TIMES: [(Duration, Duration); 3] = [
    (Duration::from_mins(5), Duration::from_mins(10)),
    (Duration::from_mins(30), Duration::from_hours(1)),
    (Duration::from_hours(4), Duration::ZERO),
];

/// `None` where the file has nothing of it.
pub(super) fn read(
    top: &Section<'_>,
    base: &Path,
    conditions: &[ConditionSpec],
    documents: bool,
) -> Option<AlertsSpec> {
    let there = ["alerts", "alert", "route"].iter().any(|key| top.has(key));
    let section = top.section("alerts");
    let routes = routes(top, base);
    let severities = severities(&section, &routes);
    let names: Vec<&str> = routes.iter().map(|route| route.name.as_str()).collect();
    let rules =
        top.sections("alert", MOST).iter().map(|table| rule(table, &names, conditions, documents)).collect();
    let spec = AlertsSpec {
        triggers: level(&section, "triggers", 1),
        criteria: level(&section, "criteria", 2),
        no_go: level(&section, "no_go", 0),
        roll_back: level(&section, "roll_back", 0),
        unseen: level(&section, "unseen", 0),
        unseen_after: section.duration("unseen_after", Duration::from_mins(2)),
        severities,
        stated: BTreeMap::new(),
        rules,
        routes,
    };
    there.then_some(spec)
}

fn level(section: &Section<'_>, key: &'static str, default: u64) -> u8 {
    section.whole(key, default, 0..=3) as u8
}

/// Severities that are not written have their times, and go to all routes but those that only hear of escalations.
fn severities(section: &Section<'_>, routes: &[RouteSpec]) -> [SeveritySpec; 3] {
    let tables = section.sections("severity", 3);
    let names: Vec<&str> = routes.iter().map(|route| route.name.as_str()).collect();
    let mut written: [Option<SeveritySpec>; 3] = [None, None, None];
    let mut later: Vec<String> = Vec::new();
    let mut to_all = [true; 3];
    for table in &tables {
        let at = table.whole("level", 0, 0..=3) as usize;
        let Some(((within, after), slot)) =
            at.checked_sub(1).and_then(|at| TIMES.get(at).zip(written.get_mut(at)))
        else {
            let what = format!("`{}` is missing", table.dotted("level"));
            table.wrong("level", &what, "severities are 1, 2 and 3", "write level = 1");
            continue;
        };
        if slot.is_some() {
            let what = format!("severity {at} is written twice");
            table.wrong("level", &what, "one of them would be lost", "remove one");
        }
        let escalate = table.duration_from("escalate_after", *after, Duration::ZERO);
        let escalate_to = known(table, "escalate_to", &names);
        no_alertmanager(table, &escalate_to, routes);
        later.extend(escalate_to.iter().cloned());
        if let Some(to_all) = to_all.get_mut(at - 1) {
            *to_all = !table.has("routes");
        }
        *slot = Some(SeveritySpec {
            respond_within: table.duration("respond_within", *within),
            escalate_after: (!escalate.is_zero()).then_some(escalate),
            routes: known(table, "routes", &names),
            escalate_to,
            asks_documents: !table.has("respond_within"),
            stands_for: table.texts("stands_for", &[]),
        });
    }
    let mut all = written.into_iter().zip(TIMES).zip(to_all).map(|((written, (within, after)), to_all)| {
        let mut severity = written.unwrap_or(SeveritySpec {
            respond_within: within,
            escalate_after: (!after.is_zero()).then_some(after),
            ..SeveritySpec::default()
        });
        if to_all {
            let first = names.iter().filter(|name| later.iter().all(|later| later != *name));
            severity.routes = first.map(|name| (*name).to_owned()).collect();
        }
        severity
    });
    std::array::from_fn(|_| all.next().unwrap_or_default())
}

fn no_alertmanager(table: &Section<'_>, escalate_to: &[String], routes: &[RouteSpec]) {
    let is_one = |name: &&String| {
        routes.iter().any(|it| it.name == **name && matches!(it.kind, RouteKind::Alertmanager { .. }))
    };
    if let Some(name) = escalate_to.iter().find(is_one) {
        let what = format!("`{}` has \"{name}\"", table.dotted("escalate_to"));
        let next = "name it in `routes`, and let it escalate by its own rules";
        table.wrong("escalate_to", &what, "an Alertmanager has no word for an escalation", next);
    }
}

fn rule(table: &Section<'_>, routes: &[&str], conditions: &[ConditionSpec], documents: bool) -> AlertRule {
    let condition = table.required("condition", "write condition = \"errors*\" under [[alert]]");
    let fits = conditions.iter().any(|known| matches(&condition, &known.name));
    // Documents bring conditions of their own, which are read later.
    if !condition.is_empty() && !fits && !documents {
        let names: Vec<&str> = conditions.iter().map(|known| known.name.as_str()).collect();
        let what = format!("`{}` is \"{condition}\"", table.dotted("condition"));
        table.wrong("condition", &what, "no condition is called so", &suggestion(&condition, &names));
    }
    AlertRule {
        condition,
        severity: table.has("severity").then(|| level(table, "severity", 0)),
        unseen: table.has("unseen").then(|| level(table, "unseen", 0)),
        routes: table.has("routes").then(|| known(table, "routes", routes)),
    }
}

/// The routes that `key` names.
fn known(table: &Section<'_>, key: &'static str, routes: &[&str]) -> Vec<String> {
    let names = table.texts(key, &[]);
    for name in names.iter().filter(|name| !routes.contains(&name.as_str())) {
        let what = format!("`{}` has \"{name}\"", table.dotted(key));
        table.wrong(key, &what, "no [[route]] has this name", &suggestion(name, routes));
    }
    names
}

fn routes(top: &Section<'_>, base: &Path) -> Vec<RouteSpec> {
    let tables = top.sections("route", MOST);
    let routes: Vec<RouteSpec> = tables.iter().map(|table| route(table, base)).collect();
    let spanned = routes.iter().zip(&tables).map(|(route, table)| (route.name.as_str(), table.span("name")));
    check_unique(top.problems, "route", spanned);
    routes
}

fn route(table: &Section<'_>, base: &Path) -> RouteSpec {
    let name = table.required("name", "write name = \"…\" under [[route]]");
    let kind = match table.word("kind", "webhook", &KINDS) {
        "slack" => slack(table, base),
        "pagerduty" => RouteKind::PagerDuty {
            key: required_secret(table, "key", base),
            url: if table.has("url") {
                secret::url(table, "url", &["https", "http"])
            } else {
                PAGERDUTY.to_owned()
            },
        },
        "alertmanager" => RouteKind::Alertmanager {
            url: secret::url(table, "url", &["http", "https"]),
            identity: identity(table, base),
        },
        "email" => RouteKind::Email(email(table, base)),
        _ => RouteKind::Webhook {
            url: secret::url_value(table, "url", &["http", "https"], base),
            headers: probe::headers(table, base),
            token: secret::secret(table, "token", base),
        },
    };
    let (text, template) = (table.raw_text("text"), table.text("template"));
    if text.is_some() && template.is_some() {
        let what = format!("`{}` stands beside `text`", table.dotted("template"));
        table.wrong("template", &what, "a route sends one of them", "keep one");
    }
    RouteSpec {
        name,
        kind,
        timeout: table.duration("timeout", Duration::from_secs(10)),
        text,
        title: table.text("title"),
        template,
        stands_for: table.texts("stands_for", &[]),
    }
}

fn slack(table: &Section<'_>, base: &Path) -> RouteKind {
    let url = if table.has("url") {
        secret::url_value(table, "url", &["https"], base)
    } else {
        Value::Secret(required_secret(table, "url", base))
    };
    if let Value::Plain(plain) = &url
        && !plain.is_empty()
    {
        let why = "who knows the address of a Slack webhook may write there";
        let what = format!("`{}` is written in plain", table.dotted("url"));
        table.wrong(
            "url",
            &what,
            why,
            "write { env = \"NAME\" }, { file = \"PATH\" } or { command = [\"program\"] }",
        );
    }
    RouteKind::Slack { url }
}

fn required_secret(table: &Section<'_>, key: &'static str, base: &Path) -> crate::domain::room::SecretRef {
    secret::secret(table, key, base).unwrap_or_else(|| {
        if !table.has(key) {
            let what = format!("`{}` is missing", table.dotted(key));
            let next = format!("write {key} = {{ env = \"NAME\" }}");
            table.wrong(key, &what, "there is no default for it", &next);
        }
        crate::domain::room::SecretRef::Env(String::new())
    })
}

fn identity(table: &Section<'_>, base: &Path) -> Identity {
    let token = secret::secret(table, "token", base);
    match (token, login(table, base)) {
        (Some(token), None) => Identity::Bearer(token),
        (None, Some((user, password))) => Identity::Basic { user, password },
        (None, None) => Identity::Nobody,
        (Some(_), Some(_)) => {
            let what = format!("`{}` stands beside `user`", table.dotted("token"));
            table.wrong("token", &what, "one identity posts", "keep the one that the server knows");
            Identity::Nobody
        }
    }
}

fn login(table: &Section<'_>, base: &Path) -> Option<(String, crate::domain::room::SecretRef)> {
    let (user, password) = (table.text("user"), secret::secret(table, "password", base));
    for (there, missing) in [("user", "password"), ("password", "user")] {
        if table.has(there) && !table.has(missing) {
            let what = format!("`{}` stands without `{missing}`", table.dotted(there));
            table.wrong(there, &what, "signing in needs both", "write the other one too");
        }
    }
    user.zip(password)
}

fn email(table: &Section<'_>, base: &Path) -> EmailSpec {
    let security = match table.word("security", "starttls", &["starttls", "tls", "none"]) {
        "tls" => Security::Tls,
        "none" => Security::Nothing,
        _ => Security::Starttls,
    };
    let port = match security {
        Security::Starttls => 587,
        Security::Tls => 465,
        Security::Nothing => 25,
    };
    let login = login(table, base);
    if login.is_some() && security == Security::Nothing {
        let what = format!("`{}` goes over an open connection", table.dotted("password"));
        table.wrong(
            "password",
            &what,
            "everybody on the way could read it",
            "write security = \"starttls\" or \"tls\"",
        );
    }
    let (from, to) = (table.required("from", "write from = \"warroom@example.com\""), table.texts("to", &[]));
    if to.is_empty() {
        let what = format!("`{}` is missing", table.dotted("to"));
        table.wrong("to", &what, "a mail needs a recipient", "write to = [\"on-call@example.com\"]");
    }
    for (key, address) in std::iter::once(("from", &from)).chain(to.iter().map(|to| ("to", to))) {
        if !address.is_empty() && address.parse::<lettre::message::Mailbox>().is_err() {
            let what = format!("`{}` has \"{address}\"", table.dotted(key));
            table.wrong(
                key,
                &what,
                "it is no mail address",
                "write \"name@example.com\" or \"Name <name@example.com>\"",
            );
        }
    }
    EmailSpec {
        host: table.required("host", "write host = \"smtp.example.com\""),
        port: table.whole("port", port, 1..=65_535) as u16,
        security,
        login,
        from,
        to,
    }
}
