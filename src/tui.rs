//! The interface as a pure program: no socket, file, clock, task or terminal here.

pub mod action;
pub mod effect;
pub mod key;
pub mod keymap;
pub mod msg;
pub mod overlays;
pub mod theme;
