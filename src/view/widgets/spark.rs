//! A sparkline that needs no scale: with a limit, half height *is* the limit; without one it stays below `▅`.

use crate::theme::Role;
use crate::view::Ctx;

use super::Pen;

const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Samples, oldest first.
#[derive(Debug, Clone, Copy)]
pub struct Spark<'a> {
    /// The values; `None` is a sample that is missing.
    pub samples: &'a [Option<f64>],
    /// Where the limit is, if there is one.
    pub limit: Option<f64>,
    /// The role of what is over the limit.
    pub over: Role,
}

impl Spark<'_> {
    /// Draws the newest samples in `cells` cells, newest right. Before the first sample there is nothing.
    pub fn draw(&self, pen: &mut Pen<'_>, ctx: &Ctx<'_>, cells: u16) {
        let shown = &self.samples[self.samples.len().saturating_sub(usize::from(cells))..];
        pen.skip(cells.saturating_sub(shown.len() as u16));
        let most = shown.iter().flatten().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
        let (plain, over) = (ctx.style(Role::Chart), ctx.style(self.over));
        for sample in shown {
            match sample.filter(|v| !v.is_nan()) {
                None => pen.glyph("·", ctx.style(Role::Unknown)),
                Some(value) => {
                    let level = self.level(value, most);
                    let is_over = self.limit.is_some_and(|limit| value > limit);
                    let glyph = LEVELS.get(level - 1).copied().unwrap_or("█");
                    pen.glyph(glyph, if is_over { over } else { plain })
                }
            };
        }
    }

    /// Height in eighths, 1–8.
    fn level(&self, value: f64, most: f64) -> usize {
        match self.limit.filter(|limit| *limit > 0.0) {
            _ if value == f64::INFINITY => 8,
            // Just over the limit must look different from at the limit.
            Some(limit) => ((4.0 * value / limit).ceil() as usize).clamp(1, 8),
            None if most > 0.0 => ((5.0 * value / most).round() as usize).clamp(1, 5),
            None => 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(limit: Option<f64>, values: &[f64]) -> Vec<usize> {
        let spark = Spark { samples: &[], limit, over: Role::Bad };
        let most = values.iter().copied().fold(0.0, f64::max);
        values.iter().map(|v| spark.level(*v, most)).collect()
    }

    #[test]
    fn half_height_is_the_limit() {
        assert_eq!(levels(Some(5.0), &[0.0, 0.3, 2.4, 5.0, 5.1, 7.5, 12.4]), [1, 1, 2, 4, 5, 6, 8]);
    }

    #[test]
    fn without_a_limit_rows_do_not_fuse() {
        assert_eq!(levels(None, &[0.0, 50.0, 100.0]), [1, 3, 5]);
        assert_eq!(levels(None, &[0.0, 0.0]), [1, 1]);
    }

    #[test]
    fn what_is_beyond_all_numbers_is_as_high_or_low_as_can_be() {
        assert_eq!(levels(Some(5.0), &[f64::INFINITY, f64::NEG_INFINITY]), [8, 1]);
        assert_eq!(levels(None, &[f64::INFINITY]), [8]);
    }
}
