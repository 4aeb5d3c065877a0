//! What lies over the panels. One thing at a time; the panels run on behind it.

use ratatui::buffer::Buffer;

use crate::domain::OpKind;
use crate::keymap::Context;
use crate::model::Model;
use crate::model::modal::Modal;

use super::dialogs::{ask, flip, progress, prompt, rollback, run, trust};
use super::sheet::Stage;
use super::{Ctx, findings, help, page, palette};

/// Draws it, if there is one. The line of a prompt is in the row of hints.
pub fn draw(stage: Stage, buf: &mut Buffer, ctx: &Ctx<'_>, model: &Model) {
    match &model.ui.modal {
        // What is edited is drawn where it stands.
        None | Some(Modal::Arrange(_)) => {}
        Some(Modal::Prompt(prompt)) => prompt::draw(stage, buf, ctx, &model.about(prompt)),
        Some(Modal::Help(help)) => help::draw(stage, buf, ctx, help, &model.room),
        Some(Modal::Palette(palette)) => {
            palette::draw(stage, buf, ctx, palette, &model.offers(), model.ui.commands());
        }
        Some(Modal::Page(page)) => page::draw(stage, buf, ctx, model, page),
        Some(Modal::Findings(list)) => findings::draw(stage, buf, ctx, model, list),
        Some(Modal::Trust(trusting)) => trust::draw(stage, buf, ctx, model, trusting),
        Some(Modal::Ask(question)) => ask::draw(stage, buf, ctx, model, question),
        Some(Modal::Progress(id)) => {
            if let Some(op) = model.ops.get(id) {
                progress::draw(stage, buf, ctx, model, op);
            }
        }
        Some(Modal::Confirm(confirm)) => match &confirm.act {
            OpKind::Rollback(change) | OpKind::Traffic(change) => {
                rollback::draw(stage, buf, ctx, (model, confirm), change);
            }
            OpKind::Run(change) => run::draw(stage, buf, ctx, (model, confirm), change),
            OpKind::Flag(change) => flip::draw(stage, buf, ctx, (model, confirm), change),
        },
    }
}

/// Whose keys work now; `None` while letters are text or answer a question.
pub fn context(model: &Model) -> Option<Context> {
    match &model.ui.modal {
        _ if model.ui.takes_letters() => None,
        Some(Modal::Progress(_)) => Some(Context::Dialog),
        Some(Modal::Findings(_)) => Some(Context::Findings),
        Some(_) => Some(Context::Everywhere),
        None if model.size.0 < 100 && model.ui.focus.full().is_none() => Some(Context::Room),
        None => Some(model.ui.focus.panel().into()),
    }
}
