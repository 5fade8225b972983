//! A request as something one can take away: a curl command, its raw bytes, its header lines, one value, its URL.
//!
//! A shape is a gate: what a stranger sent leaves as data that no shell runs. One file a shape, and its line in [`SHAPES`].

pub mod curl;
pub mod headers;
pub mod raw;
mod shape;
pub mod url;

pub use shape::{Make, Shape};

/// What `export --format` and the copy menu can make of a whole request, in the order in which they are offered.
pub static SHAPES: &[&Shape] = &[&curl::SHAPE, &raw::SHAPE];

/// The shape of that name.
pub fn shape(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.name == name).copied()
}
