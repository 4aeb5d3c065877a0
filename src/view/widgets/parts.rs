//! Parts of a whole: the traffic by revision. `━━━━━━━━━━━━━ ━━`

use crate::theme::Role;
use crate::view::Ctx;

use super::Pen;

/// Draws the parts above 0 as runs with one empty cell between; each has at least one cell.
pub fn parts(pen: &mut Pen<'_>, ctx: &Ctx<'_>, cells: u16, parts: &[(f64, Role)]) {
    let sizes = sizes(&parts.iter().map(|(share, _)| *share).collect::<Vec<_>>(), cells);
    let mut first = true;
    for (size, (_, role)) in sizes.into_iter().zip(parts).filter(|(size, _)| *size > 0) {
        if !first {
            pen.skip(1);
        }
        first = false;
        pen.repeat("━", size, ctx.style(*role));
    }
}

/// Cells of each part: in proportion, at least one above 0, together with the gaps exactly `cells` where that is
/// possible.
fn sizes(shares: &[f64], cells: u16) -> Vec<u16> {
    let shares: Vec<f64> = shares.iter().map(|s| if s.is_finite() { s.max(0.0) } else { 0.0 }).collect();
    let (total, shown) = (shares.iter().sum::<f64>(), shares.iter().filter(|s| **s > 0.0).count());
    let gaps = u16::try_from(shown.saturating_sub(1)).unwrap_or(u16::MAX);
    let room = cells.saturating_sub(gaps);
    if total <= 0.0 || usize::from(room) < shown {
        return vec![0; shares.len()];
    }
    let exact = |share: f64| share / total * f64::from(room);
    let mut sizes: Vec<u16> =
        shares.iter().map(|s| if *s > 0.0 { (exact(*s).round() as u16).max(1) } else { 0 }).collect();
    // Rounding and the least size may be off by a few cells; the largest part takes the difference.
    loop {
        let sum: u16 = sizes.iter().sum();
        let Some(largest) = sizes.iter_mut().max() else { return sizes };
        match sum.cmp(&room) {
            std::cmp::Ordering::Equal => return sizes,
            std::cmp::Ordering::Less => *largest += room - sum,
            std::cmp::Ordering::Greater => *largest -= 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn parts_fill_the_row_and_small_ones_stay_visible() {
        assert_eq!(sizes(&[90.0, 10.0], 42), [37, 4]);
        assert_eq!(sizes(&[99.9, 0.1, 0.0], 12), [10, 1, 0]);
        assert_eq!(sizes(&[100.0], 12), [12]);
        assert_eq!(sizes(&[1.0; 3], 3), [0; 3]);
        assert_eq!(sizes(&[0.0, f64::NAN], 9), [0, 0]);
        assert_eq!(sizes(&[1.0, 1.0, 1.0], 5), [1, 1, 1]);
    }
}
