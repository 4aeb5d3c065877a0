//! The screen, drawn from the model: pure, without a clock, without a change to anything.

pub mod ctx;
pub mod dialogs;
pub mod help;
pub mod layout;
pub mod modal;
pub mod page;
pub mod palette;
pub mod panels;
pub mod sheet;
#[cfg(test)]
mod testing;
pub mod widgets;

pub use ctx::{Ctx, Glyphs, Motion, Trust};
