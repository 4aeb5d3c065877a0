//! Startup phases: order, seconds against budget, and what went wrong.
