//! The parts of the screen. Each is a function from the model to cells of its area; none changes anything.

pub mod bottom_line;
pub mod columns;
pub mod detail;
pub mod empty;
pub mod held;
pub mod list;
pub mod tabs;
pub mod top_line;
