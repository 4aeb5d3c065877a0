//! The golden path: what a user goes through, step by step, as it is seen in the stream, and as a run of our own sees it.
//!
//! ```text
//! ╭─ Golden path ✗ breaks at tool_completed ──────── live 1s ─╮
//! │ ✓ connect          live  4 connections                    │
//! │ ✓ agent_started   1,204 /min                              │
//! │ ✗ tool_completed  3,104 /min  6 missing in 5 min          │
//! ╰───────────────────────────────────────────────────────────╯
//! ```

use std::time::Duration;

use crate::domain::{SourceId, format};
use crate::model::Model;
use crate::model::events::Events;
use crate::model::service::ServiceState;
use crate::view::widgets::Mark;

use super::lines::{Line, Lines, worst};
use super::{age, measured, several, sources};

pub(super) fn gather(model: &Model) -> Lines {
    let mut lines = Vec::new();
    for service in &model.services {
        let Some(events) = &service.events else { continue };
        if several(model) {
            lines.push(Line::head(model.service_name(service.ix)));
        }
        lines.extend(steps(model, service, events));
    }
    let broken = |mark: Mark| lines.iter().find(|line| line.mark == mark).map(|line| line.label.clone());
    let state = match worst(&lines) {
        Mark::Bad => (Mark::Bad, format!("breaks at {}", broken(Mark::Bad).unwrap_or_default())),
        Mark::Unknown => {
            (Mark::Unknown, format!("{} is not seen", broken(Mark::Unknown).unwrap_or_default()))
        }
        Mark::Warn => (Mark::Warn, format!("slow at {}", broken(Mark::Warn).unwrap_or_default())),
        mark => (mark, "whole".to_owned()),
    };
    Lines {
        name: "Golden path",
        age: age(model, sources(model, |service| SourceId::Events { service })),
        state,
        lines,
        foot: Vec::new(),
        empty: ("No event stream in the config.", "[service.events] tells the steps of a user's run"),
    }
}

fn steps(model: &Model, service: &ServiceState, events: &Events) -> Vec<Line> {
    let (now, source) = (model.now.mono, SourceId::Events { service: service.ix });
    let Some(spec) = events.spec() else { return Vec::new() };
    let (live, shown) = (model.links.is_live(&source, now), measured(model, &source));
    let unless_lost = |mark: Mark| if live { mark } else { Mark::Unknown };
    let connect = if live { "live" } else { format::UNKNOWN };
    let connect = Line::new(unless_lost(Mark::Good), "connect", connect);
    let mut lines = vec![connect];
    for (kind, name) in spec.types.iter().enumerate() {
        let rate = events.type_per_minute(kind, now).filter(|_| shown);
        let missing = events.type_missing(kind, now);
        let mark = match (rate, missing) {
            (None, _) => Mark::Unknown,
            (Some(_), 0) => Mark::Good,
            (Some(_), _) => Mark::Bad,
        };
        let value = format::or_unknown(rate, |rate| match events.counting(now) {
            Some(watched) => watched.count_text(rate),
            None => format!("{} /min", format::rate(rate)),
        });
        let line = Line::new(unless_lost(mark), name, value);
        lines.push(if missing > 0 { line.note(format!("{missing} missing in 5 min")) } else { line });
    }
    let delivery = events.delivery(now).filter(|_| shown).map(|it| Duration::from_micros(it.p95_us));
    let slow = delivery.map(|p95| if p95 > spec.delivery_limit { Mark::Warn } else { Mark::Good });
    let line = Line::new(
        unless_lost(slow.unwrap_or(Mark::Unknown)),
        "delivery p95",
        format::or_unknown(delivery, format::short),
    );
    lines.push(line.note(format!("limit {}", format::short(spec.delivery_limit))));
    let incomplete = events.incomplete_recently(now);
    let heard = events.last_event().is_some() && shown;
    let (mark, value) = match (heard, incomplete) {
        (false, _) => (Mark::Unknown, format::UNKNOWN.to_owned()),
        (true, 0) => (Mark::Good, "all whole".to_owned()),
        (true, count) => (Mark::Bad, format!("{} incomplete", format::count(count))),
    };
    lines.push(Line::new(unless_lost(mark), "runs", value).note("in 5 min"));
    lines.extend(as_a_user(model, service));
    lines
}

/// The run that this console begins itself.
fn as_a_user(model: &Model, service: &ServiceState) -> Option<Line> {
    let (active, now) = (service.active.as_ref()?, model.now.mono);
    let newest = active.newest();
    let fresh = active.is_fresh(now);
    let mark = match newest {
        Some(ran) if fresh && ran.is_good() => Mark::Good,
        Some(_) if fresh => Mark::Bad,
        _ => Mark::Unknown,
    };
    let took = newest.and_then(|ran| ran.took).filter(|_| fresh);
    let note = match newest {
        Some(ran) => format!("{}, {} ago", ran.words(), format::age_seconds(now.since(ran.at))),
        None => "none has run yet".to_owned(),
    };
    Some(Line::new(mark, "as a user", format::or_unknown(took, format::short)).note(note))
}
