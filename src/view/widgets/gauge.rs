//! A gauge: how far something is on its way to an end. `━━━━━╸─────`

use crate::theme::Role;
use crate::view::Ctx;

use super::Pen;

/// Draws `fraction` (0–1; none: nothing known) in `cells` cells; half cells count.
pub fn gauge(pen: &mut Pen<'_>, ctx: &Ctx<'_>, cells: u16, fraction: Option<f64>, role: Role) {
    let halves = halves(fraction, cells);
    let (filled, track) = (ctx.style(role), ctx.style(Role::Faint));
    let half = halves % 2;
    pen.repeat("━", halves / 2, filled);
    if half == 1 {
        pen.glyph("╸", filled);
    }
    pen.repeat("─", cells - halves / 2 - half, track);
}

fn halves(fraction: Option<f64>, cells: u16) -> u16 {
    let f = fraction.filter(|f| f.is_finite()).unwrap_or(0.0).clamp(0.0, 1.0);
    ((2.0 * f * f64::from(cells)).round() as u16).min(cells.saturating_mul(2))
}

#[cfg(test)]
mod tests {
    use super::halves;

    #[test]
    fn half_cells_are_counted_and_nothing_known_is_an_empty_track() {
        assert_eq!(halves(Some(0.79), 13), 21);
        assert_eq!(halves(Some(0.04), 13), 1);
        assert_eq!(halves(Some(9.0), 13), 26);
        assert_eq!([None, Some(f64::NAN), Some(-1.0)].map(|f| halves(f, 13)), [0; 3]);
    }
}
