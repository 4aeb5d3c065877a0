//! Where everything stands, from the size alone: no state moves a panel.
//!
//! From 150 columns three columns of panels, from 100 two, from 60 a list of panels, below that (or below 15 rows)
//! one line a panel, and below 12×3 only the verdict's badge. A panel that does not fit is folded to its title row,
//! in a fixed order; what is left over goes to those that can use it.

use ratatui::layout::Rect;

use crate::domain::PanelId;

/// What fits on a screen of some size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Three columns of panels.
    Three,
    /// Two columns of panels.
    Two,
    /// A list, one line a panel.
    List,
    /// Verdict and one line for several panels.
    Tiny,
    /// The verdict's badge, cut to fit.
    Badge,
}

/// The rows of a screen, above and below its panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bands {
    /// Where, links, operator, clock.
    pub header: Rect,
    /// The verdict.
    pub verdict: Rect,
    /// What is pinned or under way; no height when there is nothing.
    pub banner: Rect,
    /// The way of the rollout; no height outside the overview.
    pub rail: Rect,
    /// Panels.
    pub body: Rect,
    /// Keys.
    pub hints: Rect,
}

/// How much room a panel asks for, borders included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Which panel.
    pub panel: PanelId,
    /// With less it is folded.
    pub least: u16,
    /// With more there would be nothing to draw, unless it grows.
    pub wants: u16,
    /// Whether it can use what is left over.
    pub grows: bool,
}

/// A panel's place; one of one row is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Which panel.
    pub panel: PanelId,
    /// Where.
    pub area: Rect,
}

/// First to last: who folds when it gets tight.
const FOLDING: [PanelId; 10] = [
    PanelId::Journal,
    PanelId::Flags,
    PanelId::Startup,
    PanelId::Health,
    PanelId::Metrics,
    PanelId::Traffic,
    PanelId::Triggers,
    PanelId::Checklist,
    PanelId::Closes,
    PanelId::Events,
];

/// Before close codes are folded, the worst of them are shown in so many rows.
const TIGHT: u16 = 6;

/// Before that, the newest lines of the event stream give way, so many rows of what it needs: its rates say more.
pub const TAIL: u16 = 4;

const LEFT: [PanelId; 5] =
    [PanelId::Startup, PanelId::Health, PanelId::Traffic, PanelId::Flags, PanelId::Journal];
const MIDDLE: [PanelId; 2] = [PanelId::Closes, PanelId::Events];
const RIGHT: [PanelId; 3] = [PanelId::Triggers, PanelId::Metrics, PanelId::Checklist];
const FIRST: [PanelId; 6] =
    [PanelId::Closes, PanelId::Events, PanelId::Startup, PanelId::Health, PanelId::Flags, PanelId::Journal];
const SECOND: [PanelId; 4] = [PanelId::Triggers, PanelId::Metrics, PanelId::Traffic, PanelId::Checklist];

/// Of a room of checklists alone.
const DOCUMENTS: [PanelId; 1] = [PanelId::Checklist];
const BESIDE_DOCUMENTS: [PanelId; 9] = [
    PanelId::Journal,
    PanelId::Closes,
    PanelId::Events,
    PanelId::Triggers,
    PanelId::Metrics,
    PanelId::Health,
    PanelId::Startup,
    PanelId::Traffic,
    PanelId::Flags,
];

/// What fits on a screen of this size.
pub fn shape(area: Rect) -> Shape {
    match (area.width, area.height) {
        (w, h) if w < 12 || h < 3 => Shape::Badge,
        (w, h) if w < 60 || h < 15 => Shape::Tiny,
        (150.., _) => Shape::Three,
        (100.., _) => Shape::Two,
        _ => Shape::List,
    }
}

/// The rows of a screen: the verdict has 4 in the overview and 1 elsewhere, whatever it says.
pub fn bands(area: Rect, overview: bool, banner: bool) -> Bands {
    let mut left = area;
    let mut take = |rows: u16| {
        let rows = rows.min(left.height);
        let band = Rect { height: rows, ..left };
        left = Rect { y: left.y + rows, height: left.height - rows, ..left };
        band
    };
    let header = take(1);
    let verdict = take(if overview { 4 } else { 1 });
    let banner = take(u16::from(banner));
    let rail = take(u16::from(overview));
    let body_height = left.height.saturating_sub(1);
    let body = Rect { height: body_height, ..left };
    let hints = Rect { y: left.y + body_height, height: left.height - body_height, ..left };
    Bands { header, verdict, banner, rail, body, hints }
}

/// The place of every panel in the columns of `body`.
pub fn columns(body: Rect, shape: Shape, need: impl Fn(PanelId) -> Need) -> Vec<Placed> {
    let (sizes, columns): (Vec<u16>, Vec<&[PanelId]>) = match shape {
        Shape::Three => (three(body.width).to_vec(), vec![&LEFT, &MIDDLE, &RIGHT]),
        Shape::Two => (vec![body.width / 2, body.width - body.width / 2], vec![&FIRST, &SECOND]),
        Shape::List | Shape::Tiny | Shape::Badge => return Vec::new(),
    };
    let mut x = body.x;
    let mut placed = Vec::new();
    for (width, panels) in sizes.into_iter().zip(columns) {
        let needs: Vec<Need> = panels.iter().map(|panel| need(*panel)).collect();
        column(Rect { x, width, ..body }, &needs, &mut placed);
        x += width;
    }
    placed
}

/// 46, 60 and 54 of 160; spare cells go to the middle up to 80, then to the right up to 74, then to both.
fn three(width: u16) -> [u16; 3] {
    let left = 46;
    let rest = width.saturating_sub(left);
    let right = 54.min(rest);
    let middle = rest - right;
    if middle <= 80 {
        return [left, middle, right];
    }
    let more = middle - 80;
    let to_right = if more <= 20 { more } else { 20 + (more - 20) / 2 };
    [left, middle - to_right, right + to_right]
}

/// The place of every panel in a room of checklists alone: theirs, and beside it the journal over the titles of all that
/// is not set up.
pub fn documents(body: Rect, need: impl Fn(PanelId) -> Need) -> Vec<Placed> {
    let wide = body.width - body.width * 2 / 5;
    let mut placed = Vec::new();
    column(Rect { width: wide, ..body }, &DOCUMENTS.map(&need), &mut placed);
    let beside = BESIDE_DOCUMENTS.map(|panel| match panel {
        PanelId::Journal => need(panel),
        panel => Need { panel, least: 1, wants: 1, grows: false },
    });
    column(Rect { x: body.x + wide, width: body.width - wide, ..body }, &beside, &mut placed);
    placed
}

fn column(area: Rect, needs: &[Need], placed: &mut Vec<Placed>) {
    let mut heights: Vec<u16> = needs.iter().map(|need| need.least).collect();
    let sum = |heights: &[u16]| heights.iter().fold(0_u16, |sum, h| sum.saturating_add(*h));
    let tail = needs.iter().find(|need| need.panel == PanelId::Events).map_or(0, |need| need.least);
    let tight = [(PanelId::Events, tail.saturating_sub(TAIL).max(1)), (PanelId::Closes, TIGHT)];
    let steps = FOLDING.iter().flat_map(|panel| {
        let before = tight.into_iter().filter(|_| *panel == PanelId::Closes);
        before.chain([(*panel, 1)])
    });
    for (panel, rows) in steps {
        if sum(&heights) <= area.height {
            break;
        }
        for (height, _) in heights.iter_mut().zip(needs).filter(|(_, need)| need.panel == panel) {
            *height = rows.min(*height);
        }
    }
    let mut spare = area.height.saturating_sub(sum(&heights));
    let open = |height: u16| height > 1;
    for (height, need) in heights.iter_mut().zip(needs).filter(|(height, _)| open(**height)) {
        let more = need.wants.saturating_sub(*height).min(spare);
        *height += more;
        spare -= more;
    }
    let growing = heights.iter().zip(needs).filter(|(h, need)| open(**h) && need.grows).count();
    let any = heights.iter().any(|height| open(*height));
    // The last panel that can use it takes what is left over; without one the last open panel; when all had to be
    // folded, a list, which may be short.
    let last = heights.iter().zip(needs).rposition(|(height, need)| match (any, growing) {
        (true, 0) => open(*height),
        (true, _) => open(*height) && need.grows,
        (false, _) => need.grows,
    });
    if let Some(height) = last.and_then(|at| heights.get_mut(at)) {
        *height += spare;
    }
    let mut y = area.y;
    for (height, need) in heights.into_iter().zip(needs) {
        let height = height.min(area.bottom().saturating_sub(y));
        if height > 0 {
            placed.push(Placed { panel: need.panel, area: Rect { y, height, ..area } });
        }
        y += height;
    }
}

mod shares;

pub use shares::dashboard;

#[cfg(test)]
mod tests {
    use super::*;

    fn need(panel: PanelId) -> Need {
        let (least, wants, grows) = match panel {
            PanelId::Closes => (13, 13, false),
            PanelId::Events => (12, 16, true),
            PanelId::Triggers => (8, 8, false),
            PanelId::Metrics => (12, 12, false),
            PanelId::Traffic => (10, 10, false),
            PanelId::Checklist => (9, 14, true),
            PanelId::Health => (7, 7, false),
            PanelId::Startup => (9, 9, false),
            PanelId::Flags => (6, 6, false),
            PanelId::Journal => (5, 9, true),
            _ => (4, 8, true),
        };
        Need { panel, least, wants, grows }
    }

    fn heights(width: u16, height: u16) -> Vec<(PanelId, u16)> {
        let area = Rect::new(0, 0, width, height);
        let placed = columns(bands(area, true, false).body, shape(area), need);
        placed.iter().map(|p| (p.panel, p.area.height)).collect()
    }

    #[test]
    fn three_columns_of_a_large_screen_are_those_of_the_drawing() {
        assert_eq!(
            heights(160, 48),
            [
                (PanelId::Startup, 9),
                (PanelId::Health, 7),
                (PanelId::Traffic, 10),
                (PanelId::Flags, 6),
                (PanelId::Journal, 9),
                (PanelId::Closes, 13),
                (PanelId::Events, 28),
                (PanelId::Triggers, 8),
                (PanelId::Metrics, 12),
                (PanelId::Checklist, 21),
            ]
        );
        assert_eq!(three(160), [46, 60, 54]);
        assert_eq!(three(150), [46, 50, 54]);
        assert_eq!(three(200), [46, 80, 74]);
    }

    #[test]
    fn two_columns_fold_in_order() {
        assert_eq!(
            heights(120, 40),
            [
                (PanelId::Closes, 13),
                (PanelId::Events, 16),
                (PanelId::Startup, 1),
                (PanelId::Health, 1),
                (PanelId::Flags, 1),
                (PanelId::Journal, 1),
                (PanelId::Triggers, 8),
                (PanelId::Metrics, 1),
                (PanelId::Traffic, 10),
                (PanelId::Checklist, 14),
            ]
        );
    }

    #[test]
    fn the_newest_lines_of_the_stream_give_way_before_close_codes_do() {
        let left =
            |height| -> Vec<u16> { heights(100, height).iter().take(2).map(|(_, rows)| *rows).collect() };
        assert_eq!(left(40), [13, 16]);
        assert_eq!(left(36), [13, 12]);
        assert_eq!(left(34), [13, 10], "the codes keep all their rows");
        assert_eq!(left(30), [11, 8], "and more of them than the lines had");
    }

    #[test]
    fn checklists_alone_have_the_room_of_what_is_not_set_up() {
        let placed = documents(Rect::new(0, 6, 120, 33), need);
        let areas: Vec<_> = placed.iter().map(|p| (p.panel, p.area.width, p.area.height)).take(3).collect();
        assert_eq!(
            areas,
            [(PanelId::Checklist, 72, 33), (PanelId::Journal, 48, 25), (PanelId::Closes, 48, 1)]
        );
    }

    #[test]
    fn every_size_is_filled_exactly_and_without_overlap() {
        for width in 0..=220 {
            for height in 0..=70 {
                let area = Rect::new(0, 0, width, height);
                let rows = bands(area, true, height % 2 == 0);
                let sum = [rows.header, rows.verdict, rows.banner, rows.rail, rows.body, rows.hints];
                assert_eq!(sum.iter().map(|band| band.height).sum::<u16>(), height);
                let placed = columns(rows.body, shape(area), need);
                let cells: u32 = placed.iter().map(|p| p.area.area()).sum();
                assert!(placed.iter().all(|p| rows.body.intersection(p.area) == p.area), "{width}x{height}");
                if matches!(shape(area), Shape::Three | Shape::Two) && rows.body.height > 10 {
                    assert_eq!(cells, rows.body.area(), "{width}x{height}");
                }
            }
        }
    }
}
