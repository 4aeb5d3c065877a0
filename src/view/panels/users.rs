//! Users: how many are connected, how long they stay, and what they meet with.

use std::time::Duration;

use crate::domain::{SourceId, format};
use crate::model::Model;
use crate::model::closes::rate_text;
use crate::model::service::ServiceState;
use crate::view::widgets::Mark;

use super::lines::{Line, Lines, worst};
use super::{age, measured, several};

pub(super) fn gather(model: &Model) -> Lines {
    let watched = || model.services.iter().filter(|service| service.events.is_some() || counts(service));
    let mut lines = Vec::new();
    let mut open = None;
    for service in watched() {
        if several(model) {
            lines.push(Line::head(model.service_name(service.ix)));
        }
        let (sum, of) = of_service(model, service);
        open = match (open, sum) {
            (Some(one), Some(two)) => Some(one + two),
            (one, two) => one.or(two),
        };
        lines.extend(of);
    }
    let words = format::or_unknown(open, people);
    let both = |ix| [SourceId::Events { service: ix }, SourceId::Metrics { service: ix }];
    Lines {
        name: "Users",
        age: age(model, watched().flat_map(|service| both(service.ix))),
        state: (worst(&lines), format!("{words} connected")),
        lines,
        foot: Vec::new(),
        empty: ("Nothing counts users.", "[service.metrics] connections_open names the gauge"),
    }
}

/// Whether the server counts its connections.
fn counts(service: &ServiceState) -> bool {
    !service.closes.connections().is_empty()
}

fn people(count: f64) -> String {
    format::count(count.max(0.0).round() as u64)
}

fn of_service(model: &Model, service: &ServiceState) -> (Option<f64>, Vec<Line>) {
    let now = model.now.mono;
    let shown = measured(model, &SourceId::Metrics { service: service.ix });
    let heard = measured(model, &SourceId::Events { service: service.ix });
    let connections = service.closes.connections();
    let open = connections.iter().filter_map(|it| it.open).reduce(|a, b| a + b).filter(|_| shown);
    let seen = |known: bool| if known { Mark::Good } else { Mark::Unknown };
    let mut lines = vec![Line::new(seen(open.is_some()), "connected", format::or_unknown(open, people))];
    for of in connections.iter().filter(|it| it.revision.is_some()) {
        let name =
            of.revision.as_ref().map(|name| model.short_revision(service.ix, name)).unwrap_or_default();
        let value = format::or_unknown(of.open.filter(|_| shown), people);
        lines.push(Line::new(Mark::Idle, format!("on {name}"), value));
    }
    let whole = connections.iter().find(|it| it.revision.is_none()).or(connections.first());
    let lived = whole.and_then(|it| it.p50).filter(|_| shown);
    let lived = lived.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    lines.push(Line::new(seen(lived.is_some()), "stay, median", format::or_unknown(lived, format::age)));
    let (_, server) = service.closes.totals(now);
    let closed = server.filter(|_| shown);
    let value = rate_text(closed, service.closes.counting_each(now)[1]);
    lines.push(Line::new(seen(closed.is_some()), "connections ended", value).note("by any code"));
    if let Some(events) = &service.events {
        let hit = events.last_event().is_some().then(|| events.incomplete_recently(now)).filter(|_| heard);
        let mark = match hit {
            None => Mark::Unknown,
            Some(0) => Mark::Good,
            Some(_) => Mark::Bad,
        };
        lines
            .push(Line::new(mark, "runs cut short", format::or_unknown(hit, format::count)).note("in 5 min"));
    }
    let refused: u64 = service.closes.handshakes().refused.values().sum();
    if refused > 0 {
        lines.push(
            Line::new(Mark::Warn, "turned away", format::count(refused)).note("since this console opened"),
        );
    }
    (open, lines)
}
