//! What a number was, by minutes, as it was heard here, or kept by an earlier console.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::domain::Mono;
use crate::domain::trail::{millis, span_millis};

/// Minutes that are looked back on.
pub(super) const MINUTES: i64 = 60;

/// Minutes that are kept: a deployment may be a day old when the console opens.
const KEPT: i64 = 25 * MINUTES;

/// Minutes with a number below which nothing is said.
const ENOUGH: u32 = 5;

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

/// The past of a number.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Heard {
    last: Option<Mono>,
    minutes: BTreeMap<i64, Minute>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Minute {
    sum: f64,
    count: f64,
}

impl Heard {
    /// It was this then.
    pub(super) fn add(&mut self, at: Mono, value: f64) {
        if self.last.replace(at) == Some(at) || !value.is_finite() {
            return;
        }
        let number = millis(at).div_euclid(MINUTE);
        let minute = self.minutes.entry(number).or_default();
        (minute.sum, minute.count) = (minute.sum + value, minute.count + 1.0);
        self.minutes = self.minutes.split_off(&(number - KEPT));
    }

    /// An earlier console kept it of the minute that ended at `until`. What was heard here is better known.
    pub(super) fn remember(&mut self, until: i64, value: f64) {
        if value.is_finite() {
            let number = (until - MINUTE / 2).div_euclid(MINUTE);
            self.minutes.entry(number).or_insert(Minute { sum: value, count: 1.0 });
        }
    }

    /// Over the hour before that minute, of which a part lies after it, and of how many minutes. Each weighs the same, however
    /// often it was measured in it.
    pub(super) fn mean(&self, until: i64) -> Option<(f64, u32)> {
        let last = until.div_euclid(MINUTE);
        let means = self.minutes.range(last - MINUTES..last).map(|(_, it)| it.sum / it.count);
        let (sum, count) = means.fold((0.0, 0_u32), |(sum, count), mean| (sum + mean, count + 1));
        (count >= ENOUGH).then(|| (sum / f64::from(count), count))
    }
}

/// Over values of an engine, `step` apart, and of how many minutes they are.
pub(super) fn mean(values: &[Option<f64>], step: Duration) -> Option<(f64, u32)> {
    let known = values.iter().flatten().filter(|value| value.is_finite());
    let (sum, count) = known.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    let minutes = u32::try_from(span_millis(step * count) / MINUTE).unwrap_or(0);
    (minutes >= ENOUGH).then(|| (sum / f64::from(count), minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_of_minutes_in_the_last_hour_and_wants_enough_of_them() {
        let mut heard = Heard::default();
        for second in 0..240 {
            heard.add(Mono::from_secs(second), 100.0);
        }
        assert_eq!(heard.mean(240_000), None, "four minutes say nothing");
        // One number in a minute weighs as much as sixty.
        heard.add(Mono::from_secs(240), 200.0);
        heard.add(Mono::from_secs(240), 900.0);
        assert_eq!(heard.mean(300_000), Some((120.0, 5)), "the same measurement once");
        assert_eq!(heard.mean(3_660_000), None, "the first minutes are too old");
        heard.add(Mono::from_secs(200_000), 1.0);
        assert_eq!(heard.minutes.len(), 1);
    }

    #[test]
    fn what_an_earlier_console_kept_counts_for_the_minutes_that_nobody_watched_here() {
        let mut heard = Heard::default();
        heard.add(Mono::from_secs(30), 500.0);
        for minute in -9..=1 {
            heard.remember(minute * MINUTE, 20.0);
        }
        assert_eq!(heard.mean(0), Some((20.0, 10)));
        assert_eq!(heard.minutes.get(&0).map(|it| it.sum), Some(500.0), "what was heard here stays");
    }

    #[test]
    fn gaps_in_what_an_engine_tells_are_neither_zero_nor_part_of_it() {
        let values = |n: usize| (0..n).map(|at| (at % 3 != 0).then_some(at as f64)).collect::<Vec<_>>();
        let step = Duration::from_secs(5);
        let (found, minutes) = mean(&values(720), step).expect("forty minutes");
        assert_eq!((found.round(), minutes), (360.0, 40));
        assert_eq!(mean(&values(60), step), None, "three minutes and a bit");
        assert_eq!(mean(&[Some(f64::NAN); 720], step), None);
    }
}
