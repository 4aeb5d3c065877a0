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
use crate::view::sheet::Rows;
use crate::view::widgets::Align;
use crate::view::widgets::text::width;

use super::asking::LABEL;

/// Rows at most.
const ROWS: usize = 12;
/// Cells between the line and the hint.
const GAP: u16 = 2;

/// The line for `act` in as many rows as it needs; nothing for what `gcloud` cannot do. `key` copies it, as `words` say.
pub(super) fn draw(rows: &mut Rows<'_>, ctx: &Ctx<'_>, act: &OpKind, key: &str, words: &str) {
    let Some(line) = act.by_hand() else { return };
    drawn(rows, ctx, ("by hand", &line), (key, words));
}

/// The line that tells how the service of `act` stands now.
pub(super) fn look(rows: &mut Rows<'_>, ctx: &Ctx<'_>, act: &OpKind) {
    let Some(line) = act.look_by_hand() else { return };
    drawn(rows, ctx, ("look", &line), ("", ""));
}

fn drawn(rows: &mut Rows<'_>, ctx: &Ctx<'_>, (name, line): (&str, &str), (key, words): (&str, &str)) {
    let hint = (width(key) + width(words)) as u16 + GAP;
    let cells = rows.width().saturating_sub(LABEL + hint).max(20);
    for (text, at) in wrapped(line, usize::from(cells), ROWS).into_iter().zip(0..) {
        let mut row = rows.row();
        let label = if at == 0 { name } else { "" };
        if at == 0 {
            row.put_right(words, ctx.style(Role::Muted)).put_right(key, ctx.style(Role::Key));
        }
        row.cell(label, LABEL, Align::Left, ctx.style(Role::Muted)).put(text, ctx.style(Role::Text));
    }
}
