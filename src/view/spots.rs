//! What stands where, for the mouse.
//!
//! The model knows no layout, and no layout is kept between frames: on a click the frame is drawn once more, into a
//! buffer that nobody sees, and whatever can be pointed at says so while it draws itself ([`Ctx::spot`]). What was
//! drawn last lies on top. The runtime puts the answer into the message, as it does with the meaning of a key.

use std::cell::RefCell;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::model::Model;
use crate::model::mouse::Spot;

use super::Ctx;

/// What can be pointed at, in the order of drawing.
#[derive(Debug, Default)]
pub struct Spots(RefCell<Vec<(Rect, Spot)>>);

impl Spots {
    pub(super) fn add(&self, area: Rect, spot: Spot) {
        self.0.borrow_mut().push((area, spot));
    }

    fn at(&self, position: Position) -> Option<Spot> {
        self.0.borrow().iter().rev().find(|(area, _)| area.contains(position)).map(|(_, spot)| *spot)
    }
}

/// What is under the pointer in the frame of `model`.
pub fn spot(model: &Model, ctx: &Ctx<'_>, column: u16, row: u16) -> Option<Spot> {
    let spots = Spots::default();
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let marking = Ctx { spots: Some(&spots), ..*ctx };
    super::draw(model, &marking, area, &mut Buffer::empty(area));
    spots.at(Position::new(column, row))
}
