//! A bullet: one number between its target, warning and critical limit. Right is worse, whatever the direction. Between the
//! target and the first limit lies the grey zone, which is neither: it is dotted.

use crate::theme::Role;
use crate::view::Ctx;

use super::Pen;

/// Cells of a bullet.
pub const CELLS: u16 = 15;
/// Cell of the warning tick, from 1.
const WARNING: u16 = 8;
/// Cell of the critical tick, from 1.
const CRITICAL: u16 = 12;

/// A number and the three limits, in one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bullet {
    /// The number; none: no marker.
    pub value: Option<f64>,
    /// Where good begins.
    pub target: Option<f64>,
    /// Where warning begins.
    pub warning: Option<f64>,
    /// Where critical begins.
    pub critical: Option<f64>,
    /// The role of the marker.
    pub role: Role,
}

impl Bullet {
    /// Draws it in [`CELLS`] cells.
    pub fn draw(&self, pen: &mut Pen<'_>, ctx: &Ctx<'_>) {
        let marker = self.cell();
        for cell in 1..=CELLS {
            let tick =
                (cell == WARNING && self.warning.is_some()) || (cell == CRITICAL && self.critical.is_some());
            if marker == Some(cell) {
                pen.glyph("●", ctx.style(self.role));
            } else if tick {
                pen.glyph("┼", ctx.style(Role::Muted));
            } else if self.is_grey(cell) {
                pen.glyph("·", ctx.style(Role::Muted));
            } else {
                pen.glyph("─", ctx.style(Role::Faint));
            }
        }
    }

    /// Whether a cell lies in the grey zone: short of the target, and not at a limit yet.
    fn is_grey(&self, cell: u16) -> bool {
        let end = match (self.warning, self.critical) {
            (Some(_), _) => WARNING,
            (None, Some(_)) => CRITICAL,
            (None, None) => return false,
        };
        self.target.is_some() && cell > 1 && cell < end
    }

    /// The cell of the marker, from 1: linear between the limits that there are, and on beyond critical.
    fn cell(&self) -> Option<u16> {
        let value = self.value.filter(|v| v.is_finite())?;
        let known = [(self.target, 1), (self.warning, WARNING), (self.critical, CRITICAL)];
        let mut anchors = known.into_iter().filter_map(|(at, cell)| Some((at?, f64::from(cell))));
        let (mut a, mut b) = (anchors.next()?, anchors.next()?);
        if let Some(c) = anchors.next()
            && (value - b.0) * (c.0 - b.0) > 0.0
        {
            (a, b) = (b, c);
        }
        let step = b.0 - a.0;
        if step == 0.0 {
            return None;
        }
        let cell = a.1 + (value - a.0) / step * (b.1 - a.1);
        Some((cell.round().clamp(1.0, f64::from(CELLS))) as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: f64, target: f64, warning: f64, critical: f64) -> Option<u16> {
        let some = |v| Some(v);
        let (value, target, warning, critical) = (some(value), some(target), some(warning), some(critical));
        Bullet { value, target, warning, critical, role: Role::Good }.cell()
    }

    #[test]
    fn right_is_worse_in_both_directions() {
        // A share of errors: less is better.
        assert_eq!(cell(0.4, 1.0, 2.0, 5.0), Some(1));
        assert_eq!(cell(2.0, 1.0, 2.0, 5.0), Some(8));
        assert_eq!(cell(5.0, 1.0, 2.0, 5.0), Some(12));
        assert_eq!(cell(6.1, 1.0, 2.0, 5.0), Some(13));
        assert_eq!(cell(500.0, 1.0, 2.0, 5.0), Some(15));
        // A share of successes: more is better.
        assert_eq!(cell(97.2, 95.0, 90.0, 80.0), Some(1));
        assert_eq!(cell(92.5, 95.0, 90.0, 80.0), Some(5));
        assert_eq!(cell(78.1, 95.0, 90.0, 80.0), Some(13));
    }

    #[test]
    fn between_target_and_limit_is_grey() {
        let bullet =
            |target, warning, critical| Bullet { value: None, target, warning, critical, role: Role::Good };
        let grey = |bullet: Bullet| (1..=CELLS).filter(|cell| bullet.is_grey(*cell)).collect::<Vec<_>>();
        assert_eq!(grey(bullet(Some(1.0), Some(2.0), Some(5.0))), [2, 3, 4, 5, 6, 7]);
        assert_eq!(grey(bullet(Some(1.0), None, Some(5.0))).len(), 10);
        assert_eq!(grey(bullet(None, Some(2.0), Some(5.0))), [0; 0], "without a target there is none");
        assert_eq!(grey(bullet(Some(1.0), None, None)), [0; 0], "and none without a limit");
    }

    #[test]
    fn what_is_not_known_has_no_marker() {
        let bullet =
            Bullet { value: None, target: Some(1.0), warning: None, critical: None, role: Role::Good };
        assert_eq!(bullet.cell(), None);
        assert_eq!(Bullet { value: Some(f64::NAN), ..bullet }.cell(), None);
        assert_eq!(Bullet { value: Some(3.0), ..bullet }.cell(), None);
        assert_eq!(Bullet { value: Some(3.0), critical: Some(3.0), ..bullet }.cell(), Some(12));
    }
}
