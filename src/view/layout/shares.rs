//! Where the panels of a dashboard stand: columns by their shares of the width, panels by their needs, and what nobody needs
//! by their shares of the rows. Where there is no room for all columns the last ones go below the first; where there is none
//! for all panels those with the least share fold first, of equals the lowest.

use ratatui::layout::Rect;

use crate::domain::PanelId;
use crate::domain::dashboard::{Dashboard, Tile};

use super::{Need, Placed, Shape};

/// No column is narrower, whatever its share.
const NARROWEST: u16 = 30;

/// The place of every panel of `dashboard` in `body`; `has` says which the room has.
pub fn dashboard(
    body: Rect,
    shape: Shape,
    dashboard: &Dashboard,
    has: impl Fn(PanelId) -> bool,
    need: impl Fn(PanelId) -> Need,
) -> Vec<Placed> {
    let most = match shape {
        Shape::Three => 3,
        Shape::Two => 2,
        Shape::List | Shape::Tiny | Shape::Badge => return Vec::new(),
    };
    let mut columns: Vec<(u16, Vec<Tile>)> = Vec::new();
    let there = |column: &crate::domain::dashboard::Column| {
        let tiles: Vec<Tile> = column.panels.iter().filter(|tile| has(tile.panel)).copied().collect();
        (u16::from(column.width), tiles)
    };
    let known = dashboard.columns.iter().map(there).filter(|(_, tiles)| !tiles.is_empty());
    for (at, (width, tiles)) in known.enumerate() {
        match columns.get_mut(at % most) {
            Some((_, above)) if at >= most => above.extend(tiles),
            _ => columns.push((width, tiles)),
        }
    }
    let widths = widths(body.width, &columns.iter().map(|(width, _)| *width).collect::<Vec<_>>());
    let mut x = body.x;
    let mut placed = Vec::new();
    for ((_, tiles), width) in columns.iter().zip(widths) {
        let needs: Vec<(Need, u16)> =
            tiles.iter().map(|tile| (need(tile.panel), u16::from(tile.height))).collect();
        column(Rect { x, width, ..body }, &needs, &mut placed);
        x += width;
    }
    placed
}

/// Each has the least, and its share of the rest; the last one what is left over.
fn widths(all: u16, shares: &[u16]) -> Vec<u16> {
    let count = u16::try_from(shares.len()).unwrap_or(u16::MAX).max(1);
    let least = NARROWEST.min(all / count);
    let (spare, sum) = (all - least * count, shares.iter().sum::<u16>().max(1));
    let mut out: Vec<u16> = shares
        .iter()
        .map(|share| least + (u32::from(spare) * u32::from(*share) / u32::from(sum)) as u16)
        .collect();
    let taken: u16 = out.iter().sum();
    if let Some(last) = out.last_mut() {
        *last += all - taken;
    }
    out
}

fn column(area: Rect, needs: &[(Need, u16)], placed: &mut Vec<Placed>) {
    let sum = |heights: &[u16]| heights.iter().fold(0_u16, |sum, height| sum.saturating_add(*height));
    let mut heights: Vec<u16> = needs.iter().map(|(need, _)| need.least).collect();
    let mut folding: Vec<(u16, usize)> =
        needs.iter().enumerate().map(|(at, (_, share))| (*share, at)).collect();
    folding.sort_by_key(|(share, at)| (*share, std::cmp::Reverse(*at)));
    for (_, at) in folding {
        if sum(&heights) <= area.height {
            break;
        }
        if let Some(height) = heights.get_mut(at) {
            *height = 1;
        }
    }
    let mut spare = area.height.saturating_sub(sum(&heights));
    let most = |(need, _): &(Need, u16)| if need.grows { u16::MAX } else { need.wants };
    // First up to what each can use, by their shares; what is left over goes to the last one that is open.
    while spare > 0 {
        let takes = |(height, of): &(&mut u16, &(Need, u16))| **height > 1 && **height < most(of);
        let shares: u16 = heights.iter_mut().zip(needs).filter(takes).map(|(_, (_, share))| *share).sum();
        if shares == 0 {
            break;
        }
        let before = spare;
        for (height, of) in heights.iter_mut().zip(needs).filter(takes) {
            let part = (u32::from(before) * u32::from(of.1) / u32::from(shares)) as u16;
            let more = part.max(1).min(most(of).saturating_sub(*height)).min(spare);
            *height += more;
            spare -= more;
        }
    }
    let open = heights.iter().rposition(|height| *height > 1);
    if let Some(height) = open.or(heights.len().checked_sub(1)).and_then(|at| heights.get_mut(at)) {
        *height += spare;
    }
    let mut y = area.y;
    for (height, (need, _)) in heights.into_iter().zip(needs) {
        let height = height.min(area.bottom().saturating_sub(y));
        if height > 0 {
            placed.push(Placed { panel: need.panel, area: Rect { y, height, ..area } });
        }
        y += height;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(panel: PanelId) -> Need {
        Need { panel, least: 6, wants: 10, grows: matches!(panel, PanelId::Trends | PanelId::Events) }
    }

    fn placed(name: &str, width: u16, height: u16) -> Vec<(PanelId, u16, u16)> {
        let all = Dashboard::built_in();
        let one = all.iter().find(|it| it.name == name).expect("it is built in");
        let body = Rect::new(0, 6, width, height);
        let placed =
            dashboard(body, super::super::shape(Rect::new(0, 0, width, height + 7)), one, |_| true, need);
        placed.iter().map(|it| (it.panel, it.area.width, it.area.height)).collect()
    }

    #[test]
    fn rows_go_by_need_and_then_by_share_and_panels_fold_where_there_are_none() {
        use PanelId as P;
        assert_eq!(
            placed("executive", 160, 40),
            [
                (P::GoldenPath, 80, 10),
                (P::Users, 80, 10),
                (P::Trends, 80, 20),
                (P::Budget, 80, 10),
                (P::Money, 80, 10),
                (P::Stages, 80, 10),
                (P::Deployment, 80, 10),
            ]
        );
        assert_eq!(
            placed("engineering", 120, 24),
            [
                (P::Components, 54, 8),
                (P::Health, 54, 1),
                (P::Startup, 54, 1),
                (P::Closes, 54, 7),
                (P::Events, 54, 7),
                (P::Trends, 66, 15),
                (P::Metrics, 66, 9),
            ]
        );
    }

    #[test]
    fn every_size_is_filled_exactly_and_without_overlap() {
        for one in Dashboard::built_in() {
            for width in (100..=220).step_by(7) {
                for height in 10..=70 {
                    let area = Rect::new(0, 0, width, height);
                    let body = Rect::new(0, 6, width, height);
                    let placed = dashboard(body, super::super::shape(area), &one, |_| true, need);
                    let cells: u32 = placed.iter().map(|it| it.area.area()).sum();
                    assert!(placed.iter().all(|it| body.intersection(it.area) == it.area));
                    if height >= 15 {
                        assert_eq!(cells, body.area(), "{} {width}x{height}", one.name);
                    }
                }
            }
        }
    }
}
