//! Sliding windows and counts: the arithmetic under every panel.
