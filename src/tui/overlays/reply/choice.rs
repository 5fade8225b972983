//! What a row of the list of replies stands for.

use super::super::window::OverlayContext;
use crate::domain::reply::{Example, Preset};

/// What a row of the list stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Choice {
    /// The path is answered as all others again.
    AsOthers,
    /// A preset.
    Preset(&'static Preset),
    /// A reply that a rule or a path has, by its number among those.
    Saved(usize),
    /// An example of a kind, to be typed on.
    Example(&'static Example),
    /// The form of an own reply.
    Own,
}

/// A reply that something has already.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    /// What has it: `rule first try fails`, `path /x`.
    pub(super) name: String,
    /// The reply as one types it.
    pub(super) text: String,
}

impl Saved {
    /// Those of the rules, in their order, then those of paths that can be read as text.
    pub(super) fn all(context: &OverlayContext<'_>) -> Vec<Self> {
        let of_rules = context
            .rules
            .iter()
            .map(|rule| Self { name: format!("rule {}", rule.name), text: rule.written.reply.clone() });
        let short = context.path_replies.iter().filter(|(_, reply)| reply.is_short());
        let of_paths = short.map(|(path, reply)| Self { name: format!("path {path}"), text: reply.to_string() });
        of_rules.chain(of_paths).collect()
    }
}
