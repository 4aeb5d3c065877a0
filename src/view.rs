//! The screen, drawn from the model: pure, without a clock, without a change to anything.

pub mod ctx;
pub mod widgets;

pub use ctx::{Ctx, Glyphs, Motion, Trust};
