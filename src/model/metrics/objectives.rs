//! Objectives: how fast a budget burns, over a longer and a shorter window at once.

use crate::domain::Reading;
use crate::domain::room::{BURN_WINDOWS, Tells};

use super::Metric;

/// `burn.NAME` and `burn.NAME.slow`: the lesser of each pair of windows, as old and as well founded as the weaker of both.
pub(super) fn burns(
    readings: &[(String, Option<Reading>)],
    panel: &[Metric],
) -> Vec<(String, Option<Reading>)> {
    let budgets = panel.iter().filter_map(|metric| metric.spec.objective.as_ref());
    let names = budgets.filter(|of| of.tells == Tells::Budget).map(|of| of.name.as_str());
    let [(long, _), (short, _), (slow_long, _), (slow_short, _)] = BURN_WINDOWS;
    let pairs = [("", long, short), (".slow", slow_long, slow_short)];
    let reading = |name: &str, window: &str| {
        let wanted = format!("burn.{name}.{window}");
        readings.iter().find(|(known, _)| *known == wanted).and_then(|(_, reading)| reading.clone())
    };
    let of = |name: &str| {
        pairs.map(|(suffix, long, short)| {
            let both = reading(name, long).zip(reading(name, short));
            (format!("burn.{name}{suffix}"), both.map(|(long, short)| lesser(long, &short)))
        })
    };
    names.flat_map(of).collect()
}

/// The lesser of both: what it says holds over both windows.
fn lesser(long: Reading, short: &Reading) -> Reading {
    Reading {
        value: long.value.min(short.value),
        at: long.at.min(short.at),
        fresh: long.fresh && short.fresh,
        samples: long.samples.min(short.samples),
        watched: long.watched.or(short.watched),
        origin: long.origin,
    }
}
