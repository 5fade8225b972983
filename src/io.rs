//! Floor 1: the world, one resource a file.

pub mod clipboard;
pub mod editor;
pub mod highlighter;
pub mod sender;
