//! The pieces that panels are made of. All draw into one row or one box of a buffer, and know roles, not colours.

pub mod bullet;
pub mod chart;
pub mod frame;
pub mod gauge;
pub mod mark;
pub mod parts;
pub mod pen;
pub mod plot;
pub mod spark;
pub mod text;

pub use bullet::Bullet;
pub use chart::Chart;
pub use frame::{Age, Title, folded, panel};
pub use gauge::gauge;
pub use mark::Mark;
pub use parts::parts;
pub use pen::{Align, Pen};
pub use plot::Plot;
pub use spark::Spark;
