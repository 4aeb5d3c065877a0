//! Charts as text.

use ratatui::buffer::{Buffer, Cell as Drawn};

use super::*;
use crate::domain::Now;
use crate::domain::condition::Comparator;
use crate::keymap::Keymap;
use crate::theme::{Depth, Theme};

fn drawn(values: &[Option<f64>], bad: Option<f64>, marks: &[TimeMark], size: (u16, u16)) -> Vec<String> {
    let columns: Vec<Option<Span>> =
        values.iter().map(|value| value.map(|v| Span { low: v, high: v, last: v })).collect();
    let chart = Chart {
        columns: &columns,
        bad: bad.map(|value| Limit { op: Comparator::Gt, value }),
        warn: None,
        target: None,
        unit: "",
        until: Wall::default() + chrono::TimeDelta::hours(1),
        over: Duration::from_mins(5),
        marks,
        filled: &[],
    };
    let (theme, keymap) = (Theme::named("dark", Depth::True), Keymap::default());
    let area = Rect::new(0, 0, size.0, size.1);
    let mut buf = Buffer::empty(area);
    chart.draw(area, &mut buf, &Ctx::new(&theme, &keymap, Now::default()));
    let rows = buf.content().chunks(usize::from(size.0));
    rows.map(|row| row.iter().map(Drawn::symbol).collect::<String>().trim_end().to_owned()).collect()
}

#[test]
fn a_line_a_gap_a_limit_and_a_mark() {
    let mut values: Vec<Option<f64>> = (0..20).map(|n| Some(f64::from(n) / 5.0)).collect();
    values.extend([None; 10]);
    values.extend([Some(8.0); 20]);
    let at = Wall::default() + chrono::TimeDelta::minutes(58);
    let mark =
        |kind, seconds| TimeMark { at: at + chrono::TimeDelta::seconds(seconds), kind, words: String::new() };
    let marks = [mark(MarkKind::Flag, 0), mark(MarkKind::Deploy, 1), mark(MarkKind::Rollback, 90)];
    let expected = [
        "   8                ⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉",
        "   6 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌│╌╌╌╌╌╌│╌╌",
        "   4      ⣀⡠⠔⠒⠉     │      │",
        "   2 ⣀⡠⠔⠒⠉     ·····│      │",
        "                    D      R",
        "     00:55               01:00",
    ];
    assert_eq!(drawn(&values, Some(5.0), &marks, (30, 6)), expected);
}

/// What is beyond all numbers is known: it stands above and below them, and takes nothing from their scale.
#[test]
fn what_is_beyond_all_numbers_has_a_row_of_its_own() {
    let mut values = [[Some(1.0); 10], [Some(4.0); 10]].concat();
    values.extend([Some(f64::INFINITY); 20]);
    values.extend([Some(f64::NEG_INFINITY); 10]);
    let expected = [
        "+Inf           ⡏⠉⠉⠉⠉⠉⠉⠉⠉⠉⡆",
        "   4      ⡏⠉⠉⠉⠉          ⡇",
        "   2 ⠒⠒⠒⠒⠒⠁              ⡇",
        "-Inf                     ⣇⣀⣀⣀⣀",
        "",
        "     00:55               01:00",
    ];
    assert_eq!(drawn(&values, None, &[], (30, 6)), expected);
    let all = drawn(&[Some(f64::INFINITY); 50], Some(5.0), &[], (30, 6)).join("\n");
    assert!(all.contains("+Inf ⠉⠉⠉") && !all.contains("no value in this time"), "{all}");
    for size in 0..5 {
        drawn(&[Some(f64::INFINITY), Some(f64::NEG_INFINITY)], None, &[], (12, size + 1));
    }
}

#[test]
fn nothing_known_is_said_and_no_size_is_too_small() {
    let rows = drawn(&[None; 50], Some(5.0), &[], (40, 6));
    assert!(rows.join("\n").contains("no value in this time"), "{rows:#?}");
    for width in 0..12 {
        for height in 0..5 {
            drawn(&[Some(1.0), None, Some(-3.0), Some(1e12)], Some(0.0), &[], (width.max(1), height.max(1)));
        }
    }
}
