//! The verdict over the time of the report: stretches in which it was one thing, and those in which nobody watched.

use chrono::TimeDelta;

use super::facts::{At, Stretch};
use super::scope::{Scope, begin_of};
use crate::domain::{Measured, VerdictState, Wall};

/// Two records of one stretch lie so far apart at most: they carry wall time, and are not written at once.
const TOGETHER: TimeDelta = TimeDelta::seconds(6);

/// Cells of the line at most; a cell is no shorter than a second.
const CELLS: i64 = 72;

/// Changes that are told in words.
const TOLD: usize = 24;

/// All stretches, oldest first, without a hole between them.
pub(super) fn history(scope: &Scope<'_>) -> Vec<Stretch> {
    let Some((from, until)) = scope.from.zip(scope.until).filter(|(from, until)| from < until) else {
        return Vec::new();
    };
    let mut found: Vec<Stretch> = Vec::new();
    let mut add = |begin: Wall, end: Wall, verdict: Option<&'static str>| {
        let begin = found.last().map_or(begin, |last| last.until.0);
        match found.last_mut() {
            Some(last) if last.verdict == verdict => last.until = At(end.max(last.until.0)),
            _ if end <= begin => {}
            _ => found.push(Stretch { from: At(begin), until: At(end), verdict }),
        }
    };
    let mut seen = from;
    for (_, span) in scope.measured() {
        let begin = begin_of(span).max(from);
        if begin - seen > TOGETHER {
            add(seen, begin, None);
        }
        add(begin.min(seen.max(from)), span.until.min(until), Some(word(span)));
        seen = seen.max(span.until);
    }
    if scope.told_until().is_some_and(|told| told - seen > TOGETHER) {
        add(seen, until, None);
    }
    found
}

fn word(span: &Measured) -> &'static str {
    match span.verdict {
        VerdictState::Go => "go",
        VerdictState::Hold if span.blind_ms * 2 > span.ms => "blind",
        VerdictState::Hold => "hold",
        VerdictState::NoGo => "no_go",
        VerdictState::RollBack => "roll_back",
    }
}

/// How bad it is, as a height: the higher, the worse. What nobody watched is a point.
fn rank(verdict: Option<&str>) -> (u8, char) {
    match verdict {
        None => (0, '·'),
        Some("go") => (1, '▁'),
        Some("hold") => (2, '▃'),
        Some("blind") => (3, '▃'),
        Some("no_go") => (4, '▆'),
        Some(_) => (5, '█'),
    }
}

fn told(verdict: Option<&str>) -> &'static str {
    match verdict {
        None => "nobody watched",
        Some("go") => "GO",
        Some("hold") => "HOLD",
        Some("blind") => "HOLD (not seen)",
        Some("no_go") => "NO-GO",
        Some(_) => "ROLL BACK",
    }
}

/// A line of cells, each with the worst of its time; below it when it begins and ends.
pub(super) fn line(stretches: &[Stretch]) -> Option<[String; 2]> {
    let (from, until) = (stretches.first()?.from.0, stretches.last()?.until.0);
    let whole = (until - from).num_milliseconds();
    let cells = (whole / 1_000).clamp(1, CELLS);
    let at = |cell: i64| from + TimeDelta::milliseconds(whole * cell / cells);
    let worst = |cell: i64| {
        let inside = stretches.iter().filter(|it| it.from.0 < at(cell + 1) && it.until.0 > at(cell));
        inside.map(|it| rank(it.verdict)).max().map_or('·', |(_, glyph)| glyph)
    };
    let line: String = (0..cells).map(worst).collect();
    let time = |at: Wall| super::words::clock(at, from);
    let (begin, end) = (time(from), format!("{} UTC", time(until)));
    let gap = usize::try_from(cells).unwrap_or(0).saturating_sub(begin.len() + end.len()).max(1);
    Some([line, format!("{begin}{}{end}", " ".repeat(gap))])
}

/// When it became what, in words; `None`: there is nothing to tell.
pub(super) fn words(stretches: &[Stretch]) -> Option<String> {
    let from = stretches.first()?.from.0;
    let shown = stretches.iter().take(TOLD);
    let mut parts: Vec<String> =
        shown.map(|it| format!("{} {}", super::words::clock(it.from.0, from), told(it.verdict))).collect();
    let more = stretches.len().saturating_sub(TOLD);
    if more > 0 {
        parts.push(format!("{} more, which the JSON has", super::words::count(more as u64, "change")));
    }
    Some(format!("{}.", parts.join(" · ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> At {
        At(Wall::default() + TimeDelta::seconds(second))
    }

    fn stretch(from: i64, until: i64, verdict: Option<&'static str>) -> Stretch {
        Stretch { from: at(from), until: at(until), verdict }
    }

    #[test]
    fn a_cell_has_the_worst_of_its_time_and_the_axis_its_ends() {
        let all = [
            stretch(0, 3_600, Some("hold")),
            stretch(3_600, 3_605, Some("no_go")),
            stretch(3_605, 5_400, Some("go")),
            stretch(5_400, 7_200, None),
        ];
        let [line, axis] = line(&all).expect("a line");
        assert_eq!(line, format!("{}▆{}{}", "▃".repeat(36), "▁".repeat(17), "·".repeat(18)));
        assert_eq!(
            (axis.len(), axis.starts_with("00:00:00 "), axis.ends_with(" 02:00:00 UTC")),
            (72, true, true)
        );
        assert_eq!(
            words(&all).as_deref(),
            Some("00:00:00 HOLD · 01:00:00 NO-GO · 01:00:05 GO · 01:30:00 nobody watched.")
        );
        assert_eq!(super::line(&[]), None);
    }
}
