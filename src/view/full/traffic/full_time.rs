//! When a revision last had all the traffic, for how long, and what the room thought of it then: by the journal; of times
//! before it by Cloud Audit Logs, which know of no thought.
//!
//! ```text
//! │ at 100 %       from 11-19 09:50 to 13:38:55Z, 2d03h, healthy then                                          │
//! │ before that    from 11-12 08:10 to 11-19 09:50, 7d01h, given by ci@… (audit log, not known to this room)   │
//! ```

use crate::domain::{FullTime, ServiceIx, Wall, format};
use crate::model::Model;
use crate::model::logs::audit::Before;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::parts::{fact, long};
use crate::view::sheet::Rows;

/// What nobody of this room saw.
const NOT_OURS: &str = "audit log, not known to this room";

/// Draws what is known.
pub(super) fn draw(rows: &mut Rows<'_>, ctx: &Ctx<'_>, (model, ix): (&Model, ServiceIx), name: &str) {
    let service = model.service_name(ix);
    let known = model.journal.last_full(&service, name);
    let label = if known.is_some() { "before that" } else { "at 100 %" };
    if let Some(full) = known {
        let opened = model.journal.first_seen(&service) == Some(full.since);
        fact(rows, ctx, "at 100 %", &own(full, opened, ctx.now.wall), Role::Text);
    }
    let width = rows.width();
    match model.audited_full(ix, name) {
        // What the room saw begins where the room was opened, or where it was told of.
        Before::Was(full) if known.is_none_or(|known| full.since < known.since) => {
            let until = full.until.filter(|until| known.is_none_or(|known| *until < known.since));
            let until = until.or(known.map(|known| known.since));
            let length = span(full.since, until, ctx.now.wall);
            let most = if full.at_the_latest { " at most" } else { "" };
            let words = format!("{length}{most}, given by {} ({NOT_OURS})", full.by);
            long(rows, ctx, (label, &words), Role::Text, (width, 2));
        }
        Before::Never(since) if known.is_none() => {
            let words =
                format!("not since {}, by the audit log; not known to this room", since.format("%Y-%m-%d"));
            long(rows, ctx, (label, &words), Role::Muted, (width, 2));
        }
        Before::Unreadable(why) if known.is_none() => {
            let words = format!("not known to this room; {why}");
            long(rows, ctx, (label, &words), Role::Muted, (width, 3));
        }
        Before::NotAsked if known.is_none() => {
            fact(rows, ctx, label, "not known to this room", Role::Muted);
        }
        _ => {}
    }
}

fn own(full: FullTime, opened: bool, now: Wall) -> String {
    let thought = match full.healthy {
        Some(true) => ", healthy then",
        Some(false) => ", not healthy then",
        None => "",
    };
    let opened = if opened { "; it served when this room was opened" } else { "" };
    format!("{}{thought}{opened}", span(full.since, full.until, now))
}

/// `from 11-19 09:50 to 13:38:55Z, 2d03h`.
fn span(since: Wall, until: Option<Wall>, now: Wall) -> String {
    let end = until.map_or("now".to_owned(), |until| format::moment(until, now));
    let length = (until.unwrap_or(now) - since).to_std().unwrap_or_default();
    format!("from {} to {end}, {}", format::moment(since, now), format::age_seconds(length))
}
