//! The line that does an act without this program, in every dialog and under every failure.
//!
//! ```text
//! │ by hand   gcloud run services update-traffic chat-backend --project=demo-chat                   y copies │
//! │           --region=europe-west1 --to-revisions=chat-backend-00417-hux=100                                │
//! ```

use crate::domain::OpKind;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::full::parts::wrapped;
use crate::view::sheet::{Rows, Stage};
use crate::view::widgets::Align;

use super::asking::LABEL;

/// Rows at most: what does not fit there is copied whole all the same.
const ROWS: usize = 4;
/// The hint at the right, after its key.
const COPIES: &str = " copies";
/// Cells between the line and the hint, and of the frame.
const GAP: u16 = 2;
const FRAME: u16 = 4;

/// Cells that the line gets in a sheet of `columns` on this stage, beside the hint with its `key`.
pub(super) fn cells(stage: Stage, columns: u16, key: &str) -> usize {
    let hint = (key.len() + COPIES.len()) as u16 + GAP;
    usize::from(stage.screen.width.min(columns).saturating_sub(FRAME + LABEL + hint))
}

/// Rows that [`draw`] takes.
pub(super) fn rows(act: &OpKind, cells: usize) -> u16 {
    act.by_hand().map_or(0, |line| wrapped(&line, cells.max(20), ROWS).len() as u16)
}

/// The line for `act` in rows of `cells`; nothing for what `gcloud` cannot do. `key` copies it.
pub(super) fn draw(rows: &mut Rows<'_>, ctx: &Ctx<'_>, act: &OpKind, cells: usize, key: &str) {
    let Some(line) = act.by_hand() else { return };
    for (text, at) in wrapped(&line, cells.max(20), ROWS).into_iter().zip(0..) {
        let mut row = rows.row();
        let label = if at == 0 { "by hand" } else { "" };
        if at == 0 {
            row.put_right(COPIES, ctx.style(Role::Muted)).put_right(key, ctx.style(Role::Key));
        }
        row.cell(label, LABEL, Align::Left, ctx.style(Role::Muted)).put(text, ctx.style(Role::Text));
    }
}
