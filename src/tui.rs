//! The interface as a pure program: no socket, file, clock, task or terminal here.
//!
//! [`update::update`] takes a [`msg::Msg`] into the [`model::Model`] and gives [`effect::Effect`]s; [`view::view`] draws the
//! model. [`layout`] says where everything is, for both. Keys go to the top of [`overlays`] first, then through
//! [`keymap`] to an [`action`].

pub mod action;
pub mod effect;
pub mod key;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
pub mod overlays;
pub mod panes;
pub mod theme;
pub mod update;
pub mod view;
pub mod widgets;

#[cfg(test)]
pub mod testing;
