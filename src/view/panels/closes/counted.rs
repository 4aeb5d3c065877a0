//! One code as the panel lists it: its rate, what that says, and its last ten minutes.

use crate::domain::{PanelId, SourceId, Watched};
use crate::model::Model;
use crate::model::closes::{Closes as State, CodeRow};
use crate::view::panels::{measured, per_minute};
use crate::view::widgets::Mark;

use super::{SPARK, TEN_MINUTES, add};

pub(super) struct Row {
    pub(super) mark: Mark,
    /// What it was when it was seen last.
    pub(super) was: Mark,
    /// Its rate then.
    pub(super) last: Option<f64>,
    pub(super) code: u16,
    pub(super) name: String,
    pub(super) rate: Option<f64>,
    pub(super) limit: Option<f64>,
    pub(super) usual: Option<f64>,
    pub(super) samples: Vec<Option<f64>>,
    /// For how much of a minute the rate was counted, while that is not all of it: then it is a count.
    pub(super) counting: Option<Watched>,
}

/// How well the counter of a code can be seen.
pub(in crate::view) struct Seen {
    /// Its numbers are young enough to be shown.
    numbers: bool,
    /// Its source is live: it can be judged.
    pub(super) live: bool,
    /// Its source is down: that nothing was counted since is not known.
    down: bool,
    source: SourceId,
}

impl Seen {
    /// Of what `source` counts.
    pub(in crate::view) fn of(model: &Model, source: SourceId) -> Self {
        let link = model.links.get(&source);
        Self {
            numbers: measured(model, &source),
            live: link.is_some_and(|link| link.freshness(model.now.mono).is_live()),
            down: link.is_some_and(|link| link.down.is_some()),
            source,
        }
    }

    /// What `code` is now, what it was when it was seen last, and the rate to show: what was bad then keeps its number
    /// for as long as nobody sees that it is good.
    pub(in crate::view) fn judge(&self, model: &Model, code: &CodeRow) -> (Mark, Mark, Option<f64>) {
        let was = judged(model, code, code.per_minute);
        let now = if self.live { was } else { Mark::Unknown };
        let known = |rate: &f64| self.numbers && (!self.down || *rate > 0.0);
        (now, was, code.per_minute.filter(|rate| is_bad(was) || known(rate)))
    }
}

/// Whether it deserves a look.
pub(super) fn is_bad(mark: Mark) -> bool {
    matches!(mark, Mark::Warn | Mark::Bad | Mark::Tripped)
}

pub(super) fn row(model: &Model, state: &State, code: CodeRow, seen: &Seen) -> Row {
    let (mark, was, rate) = seen.judge(model, &code);
    let history = state.history(code.code, model.now.mono, SPARK);
    Row {
        mark,
        was,
        last: code.per_minute,
        // Also of a source that is lost by now: what was counted in seconds becomes no rate of a minute by that.
        counting: code.counting.filter(|_| rate.is_some()),
        code: code.code,
        usual: usual(&code, rate),
        name: code.name,
        rate,
        // A limit is told where it matters: for codes of the server's or the application's own trouble.
        limit: code.limit.filter(|_| code.spike.is_some() || code.total > 0),
        samples: per_minute(&history, TEN_MINUTES, model, &seen.source, rate),
    }
}

/// What is usual of it. Of a code that never came there is nothing usual while nobody knows whether it comes.
pub(in crate::view) fn usual(code: &CodeRow, rate: Option<f64>) -> Option<f64> {
    code.usual.filter(|_| rate.is_some() || code.total > 0)
}

/// What the rate of a code says; `None`: it cannot be seen now.
fn judged(model: &Model, code: &CodeRow, rate: Option<f64>) -> Mark {
    let of_limit = code.limit.zip(rate).map(|(limit, rate)| rate / limit);
    let over = of_limit.is_some_and(|part| part > 1.0);
    // One close now and then is no news.
    let usual = code.usual.zip(rate).is_none_or(|(usual, rate)| rate <= usual * 3.0);
    let rising = !usual && of_limit.is_some_and(|part| part >= 0.5);
    match rate {
        None => Mark::Unknown,
        // Of what was rolled away from a spike is no reason any more.
        Some(_) if code.spike.is_some() && model.holds(PanelId::Closes) => Mark::Warn,
        Some(_) if code.spike.is_some() => Mark::Bad,
        Some(_) if code.limit.is_some() && (rising || over) => Mark::Warn,
        // What was not counted for a whole minute is within no limit yet.
        Some(_) if code.counting.is_some() => Mark::Idle,
        Some(_) => Mark::Good,
    }
}

impl Row {
    /// Whether it is not seen now, and was bad when it was.
    pub(super) fn was_bad(&self) -> bool {
        self.mark == Mark::Unknown && is_bad(self.was)
    }

    /// The same code of another service: rates add up, and the worse state is told.
    pub(super) fn merge(&mut self, other: &Self) {
        add(&mut self.rate, other.rate);
        add(&mut self.usual, other.usual);
        let longest = self.samples.len().max(other.samples.len());
        let from_end = |samples: &[Option<f64>], back: usize| {
            samples.len().checked_sub(back).and_then(|at| samples.get(at).copied().flatten())
        };
        let sum = |back: usize| match (from_end(&self.samples, back), from_end(&other.samples, back)) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        self.samples = (1..=longest).rev().map(sum).collect();
        self.limit = self.limit.or(other.limit);
        self.mark = self.mark.max(other.mark);
        self.was = self.was.max(other.was);
        add(&mut self.last, other.last);
        let both = self.counting.into_iter().chain(other.counting);
        self.counting = both.min_by_key(|watched| watched.had);
    }
}

/// What the numbers of the rows are: counts while none of them is of a whole minute.
pub(super) fn per(rows: &[Row]) -> &'static str {
    let whole = rows.iter().any(|row| row.rate.is_some() && row.counting.is_none());
    if !whole && rows.iter().any(|row| row.counting.is_some()) { "count" } else { "/min" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(rate: Option<f64>, counting: bool) -> Row {
        Row {
            mark: Mark::Idle,
            was: Mark::Idle,
            last: rate,
            code: 1000,
            name: String::new(),
            rate,
            limit: None,
            usual: None,
            samples: Vec::new(),
            counting: counting.then(Watched::default),
        }
    }

    #[test]
    fn a_code_that_is_counted_anew_makes_no_counts_of_the_others() {
        assert_eq!(per(&[row(Some(3.0), true), row(Some(1.0), true), row(None, false)]), "count");
        assert_eq!(per(&[row(Some(25.0), false), row(Some(1.0), true)]), "/min");
        assert_eq!([per(&[row(None, false)]), per(&[])], ["/min"; 2], "nothing is known");
    }
}
