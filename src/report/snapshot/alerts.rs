//! Alerts and mutes as the snapshot and `warroom alert list` tell them.

use serde_json::{Value, json};

use super::time;
use crate::domain::Wall;
use crate::domain::alert::{Alert, Book, Delivery};
use crate::model::Model;

/// One row an alert: those that are open, then those that are over.
pub(super) fn rows(model: &Model) -> Vec<Value> {
    of_book(&model.alerts.book, model.now.wall)
}

/// The rows of a book.
pub fn of_book(book: &Book, now: Wall) -> Vec<Value> {
    book.open().into_iter().chain(book.over()).map(|alert| row(book, alert, now)).collect()
}

fn row(book: &Book, alert: &Alert, now: Wall) -> Value {
    let by = alert.acknowledged.as_ref();
    let told = |told: &Delivery| {
        json!({
            "route": told.route,
            "event": told.moment,
            "outcome": told.outcome,
            "answer": told.answer,
            "attempt": told.attempt,
            "at": time(told.at),
        })
    };
    json!({
        "id": alert.id,
        "name": alert.name,
        "why": alert.why,
        "severity": alert.severity,
        "state": alert.state(),
        "text": alert.about,
        "since": time(alert.raised_at),
        "by": by.map(|said| &said.by),
        "acknowledged_at": by.map(|said| time(said.at)),
        "escalated_at": alert.escalated_at.map(time),
        "resolved_at": alert.resolved.as_ref().map(|said| time(said.at)),
        "muted": alert.is_open() && book.muted(&alert.name, now).is_some(),
        "routes": alert.routes,
        "routed": alert.deliveries.iter().map(told).collect::<Vec<_>>(),
    })
}

pub(super) fn mutes(model: &Model) -> Vec<Value> {
    mutes_of(&model.alerts.book, model.now.wall)
}

/// The mutes of a book that last.
pub fn mutes_of(book: &Book, now: Wall) -> Vec<Value> {
    let row = |mute: &crate::domain::alert::Mute| {
        json!({
            "name": mute.what,
            "since": time(mute.since),
            "until": time(mute.until),
            "by": mute.by,
            "reason": mute.reason,
        })
    };
    book.mutes(now).map(row).collect()
}
