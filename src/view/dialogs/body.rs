//! The frame of a dialog that acts: what it shows scrolls where not all of it fits, and the lower part, which asks, is
//! pinned.
//!
//! ```text
//! │ request   PATCH /v2/projects/…/services/chat-backend?updateMask=traffic                                  │
//! │                                                                                     pagedown: more below │
//! │ reason    trigger errors > 5 % tripped 37s ago: 6.4 %, limit 5 %                                        │
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::model::confirm::Confirm;
use crate::theme::Role;
use crate::view::Ctx;
use crate::view::sheet::{Frame, Rows, Stage, open};
use crate::view::widgets::Pen;

use super::asking;

/// Columns of the sheet, borders included.
const COLUMNS: u16 = 108;

/// What stands around the body.
#[derive(Debug)]
pub(super) struct Around<'a> {
    /// Title at the left.
    pub left: Line<'a>,
    /// Title at the right.
    pub right: Line<'a>,
    /// Colour of its gravity.
    pub border: Role,
    /// What it asks for.
    pub words: asking::Words<'a>,
}

/// Draws the dialog; `body` writes the rows above, with gaps where there is room for them.
pub(super) fn draw(
    stage: Stage,
    buf: &mut Buffer,
    ctx: &Ctx<'_>,
    confirm: &Confirm,
    around: Around<'_>,
    body: &dyn Fn(&mut Rows<'_>, bool),
) {
    let inner = stage.screen.width.min(COLUMNS).saturating_sub(4);
    let all = |tall: bool, width: u16| {
        // Learned by writing it nowhere.
        let mut none = Buffer::empty(Rect::default());
        let mut rows = Rows::new(&mut none, Rect { width, ..Rect::default() }, 0);
        body(&mut rows, tall);
        rows.count()
    };
    let wanted = all(true, inner) + 1 + asking::rows(true, confirm);
    let Around { left, right, border, words } = around;
    let inside = open(stage, buf, ctx, &Frame { left, right, border, size: (COLUMNS, wanted + 3) });
    let tall = inside.height >= wanted;
    let foot = asking::rows(tall, confirm).min(inside.height);
    let mut area = Rect { height: inside.height - foot, ..inside };
    let rows = all(tall, area.width);
    if rows > area.height {
        // What tells that there is more has a row of its own.
        area.height = area.height.saturating_sub(1);
        let top = confirm.scroll.min(rows.saturating_sub(area.height));
        let more = Rect { y: area.bottom(), height: 1, ..area };
        let mut pen = Pen::new(buf, more, 0);
        if top + area.height < rows {
            pen.put_right(" pagedown: more below", ctx.theme.fill(Role::Accent)).skip_right(1);
        }
        if top > 0 {
            pen.put_right(" pageup: more above", ctx.theme.fill(Role::Accent));
        }
    }
    let top = confirm.scroll.min(rows.saturating_sub(area.height));
    body(&mut Rows::new(buf, area, top), tall);
    let lower =
        Rect { y: inside.bottom() - foot - u16::from(inside.height > wanted), height: foot, ..inside };
    asking::draw(lower, buf, ctx, confirm, &words);
}
