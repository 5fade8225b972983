//! Floor 1: the world, one resource a file.

pub mod highlighter;
