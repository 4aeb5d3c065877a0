//! `warroom alert`: list alerts, acknowledge, mute, and try a route.

use std::io::{self, Write};

use clap::Subcommand;
use serde_json::json;

use super::desk::{self, append, say};
use super::{Failure, Global, session};
use crate::clock;
use crate::config::Loaded;
use crate::domain::alert::{self, Alert, Book, Moment, Mute, Outcome, Sending, Step, Why};
use crate::domain::room::{AlertsSpec, Mode};
use crate::domain::{Clean, Entry, format};
use crate::effects::alerts;
use crate::model::Model;
use crate::model::alerts::words;
use crate::model::msg::Msg;
use crate::report::snapshot::alerts::{mutes_of, of_book};
use crate::sources::documents;

/// What to do with alerts.
#[derive(Debug, Subcommand)]
pub(super) enum Act {
    /// Alerts that are open and those that are over, mutes, and who was told
    List {
        /// One JSON object, schema warroom.alerts/1
        #[arg(long)]
        json: bool,
    },
    /// Acknowledge an alert: you have taken it up
    Ack {
        /// Its id, as in `warroom alert list`: a17
        id: String,
        /// A note, recorded with it
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Silence the alerts of a name for a while; the verdict stays as it is
    Mute {
        /// A condition's name; * stands for anything
        name: String,
        /// For how long: 30m, 2h
        time: String,
        /// Why
        #[arg(required = true)]
        reason: Vec<String>,
    },
    /// End a mute before its time
    Unmute {
        /// The name, as it was muted
        name: String,
    },
    /// Send a test to a route, and say what it answered
    Test {
        /// The route's name
        route: String,
    },
}

/// `warroom alert`.
pub(super) async fn run(global: &Global, act: &Act) -> Result<u8, Failure> {
    let loaded = session::load(global)?;
    match act {
        Act::List { json } => list(&loaded, *json).await,
        Act::Ack { id, note } => acknowledge(&loaded, id, note).await,
        Act::Mute { name, time, reason } => mute(&loaded, name, time, &reason.join(" ")).await,
        Act::Unmute { name } => unmute(&loaded, name).await,
        Act::Test { route } => test(&loaded, route).await,
    }
}

async fn book(loaded: &Loaded) -> Result<Book, Failure> {
    let mut book = Book::default();
    for record in desk::records(loaded).await? {
        book.record(&record);
    }
    Ok(book)
}

async fn list(loaded: &Loaded, json: bool) -> Result<u8, Failure> {
    let (book, now) = (book(loaded).await?, clock::wall());
    if json {
        let all = json!({
            "schema": "warroom.alerts/1",
            "room": loaded.room.name,
            "alerts": of_book(&book, now),
            "mutes": mutes_of(&book, now),
        });
        return super::written(writeln!(io::stdout().lock(), "{all}")).map(|()| 0);
    }
    if book.open().is_empty() && book.over().len() == 0 {
        say(if loaded.room.alerts.is_some() { "no alert" } else { "no alert; the config has no [alerts]" });
    }
    for alert in book.open().into_iter().chain(book.over()) {
        say(&line(alert));
        for told in &alert.deliveries {
            let outcome = told.outcome.to_string().replace('_', " ");
            say(&format!("      {} {} {outcome}: {}", told.route, told.moment, told.answer));
        }
    }
    for mute in book.mutes(now) {
        say(&format!("muted: {}", mute.words()));
    }
    Ok(0)
}

fn line(alert: &Alert) -> String {
    let state = match (&alert.resolved, &alert.acknowledged) {
        (Some(said), _) => format!("resolved {}: {}", format::clock(said.at), said.text),
        (None, Some(said)) => format!("acknowledged by {} at {}", said.by, format::clock(said.at)),
        (None, None) => "not acknowledged".to_owned(),
    };
    let name = if alert.why == Why::Unseen {
        format!("{} cannot be seen", alert.name)
    } else {
        alert.name.to_string()
    };
    let about = if alert.about.is_empty() { name } else { format!("{name}: {}", alert.about) };
    format!("{:<5} {} {} {about} · {state}", alert.label(), alert.severity, format::clock(alert.raised_at))
}

async fn acknowledge(loaded: &Loaded, id: &str, note: &str) -> Result<u8, Failure> {
    let next = "`warroom alert list` shows them";
    let book = book(loaded).await?;
    let found = alert::number(id).and_then(|id| book.get(id));
    let Some(found) = found else {
        return Err(Failure::usage("nothing was written", &format!("there is no alert {id}"), next));
    };
    if let Some(said) = &found.resolved {
        let why = format!("alert {} is over: {}", found.label(), said.text);
        return Err(Failure::failed("nothing was written", &why, next));
    }
    if let Some(said) = &found.acknowledged {
        let why = format!("{} acknowledged it at {}", said.by, format::clock(said.at));
        return Err(Failure::failed("nothing was written", &why, next));
    }
    let step = Step::Acknowledged { alert: found.id, note: Clean::new(note.trim()) };
    written(loaded, step).await
}

async fn written(loaded: &Loaded, step: Step) -> Result<u8, Failure> {
    let record = append(loaded, Entry::Alert(Box::new(step.clone()))).await?;
    let words = words(&step, record.at).1;
    say(&format!("{words}; by {}, record {}", record.by, record.seq));
    Ok(0)
}

async fn mute(loaded: &Loaded, name: &str, time: &str, reason: &str) -> Result<u8, Failure> {
    let book = book(loaded).await?;
    let conditions = loaded.room.conditions.iter().map(|spec| spec.name.as_str());
    let names: Vec<&str> =
        conditions.chain(book.open().into_iter().map(|alert| alert.name.as_str())).collect();
    if !names.iter().any(|known| alert::matches(name, known)) {
        let why = format!("no condition is called {name}");
        let next = "write its name, or a part of it with *: errors*";
        return Err(Failure::usage("nothing was written", &why, next));
    }
    let length = super::duration(time).ok().filter(|length| !length.is_zero());
    let Some(length) = length else {
        let why = format!("{time} is no time");
        return Err(Failure::usage("nothing was written", &why, "write 30m, 2h"));
    };
    let reason = Clean::new(reason.trim());
    if reason.is_empty() {
        return Err(Failure::usage(
            "nothing was written",
            "a mute needs a reason",
            "write why behind the time",
        ));
    }
    let until = alert::mute_end(clock::wall(), length)
        .map_err(|why| Failure::usage("nothing was written", why, "write 30m, 2h"))?;
    written(loaded, Step::Muted { what: Clean::new(name), until, reason }).await
}

async fn unmute(loaded: &Loaded, name: &str) -> Result<u8, Failure> {
    let (book, now) = (book(loaded).await?, clock::wall());
    let mut mutes = book.mutes(now);
    let Some(what) =
        mutes.find(|mute: &&Mute| mute.what.eq_ignore_ascii_case(name)).map(|mute| mute.what.clone())
    else {
        let next = "`warroom alert list` shows what is muted";
        return Err(Failure::failed("nothing was written", &format!("{name} is not muted"), next));
    };
    written(loaded, Step::Unmuted { what }).await
}

/// The route is tried as it will be used: with its own template, secrets and time-out.
async fn test(loaded: &Loaded, name: &str) -> Result<u8, Failure> {
    let routes = loaded.room.alerts.as_ref().map_or(&[][..], |spec: &AlertsSpec| &spec.routes);
    let Some(route) = routes.iter().find(|route| route.name == name) else {
        let names: Vec<&str> = routes.iter().map(|route| route.name.as_str()).collect();
        let next = match names.as_slice() {
            [] => "add a [[route]] to the config".to_owned(),
            names => format!("write one of {}", names.join(", ")),
        };
        return Err(Failure::usage("nothing was sent", &format!("no route is called {name}"), &next));
    };
    if loaded.room.operator.mode == Mode::ReadOnly {
        return Err(Failure::read_only("nothing was sent"));
    }
    let sending = sending(loaded, route);
    let answer = alerts::send(&sending).await;
    let (outcome, answer) = match answer {
        Ok(answer) => (Outcome::Sent, answer),
        Err(refused) => (Outcome::Failed, refused.why),
    };
    let step = Step::Delivered {
        alert: 0,
        moment: Moment::Test,
        route: name.to_owned(),
        outcome,
        answer: answer.clone(),
        attempt: 1,
    };
    append(loaded, Entry::Alert(Box::new(step))).await?;
    if outcome == Outcome::Sent {
        say(&format!("{name} took the test: {answer}"));
        return Ok(0);
    }
    let what = format!("route {name} did not take the test");
    Err(Failure::failed(&what, &answer, "check the route in the config, and try again"))
}

fn sending(loaded: &Loaded, route: &crate::domain::room::RouteSpec) -> Sending {
    let room = std::sync::Arc::new(loaded.room.clone());
    let now = clock::now();
    let mut model = Model::new(room.clone(), "test".to_owned(), now, (80, 24));
    let (documents, problems) = documents::read_once(&room.checklists);
    model.update(Msg::DocumentsRead { documents, problems });
    let mut values = model.room_values();
    let texts = [
        ("id", "a0"),
        ("alert", "warroom test"),
        ("summary", "a test of this route: nothing is wrong"),
        ("severity", "3"),
        ("state", "firing"),
        ("event", "test"),
    ];
    values.extend(texts.map(|(name, text)| (name.to_owned(), text.to_owned())));
    values.insert("since".to_owned(), now.wall.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
    Sending {
        alert: 0,
        key: format!("{}/{}/test {}", room.name, room.environment.name, now.wall.timestamp_millis()),
        name: Clean::new("warroom test"),
        severity: 3,
        moment: Moment::Test,
        attempt: 1,
        route: route.clone(),
        template: model.template(route),
        values,
        raised_at: now.wall,
        resolved_at: None,
    }
}
