//! Floor 1: the world, one resource a file.

pub mod clipboard;
pub mod clock;
pub mod editor;
pub mod forward;
pub mod highlighter;
pub mod inbox;
pub mod journal;
pub mod listener;
pub mod provoke;
pub mod recording;
pub mod reply;
pub mod sender;
pub mod session_file;
pub mod store;
mod store_error;
pub mod survive;
pub mod tap;
pub mod terminal;
