//! Overlays: a stack of windows; the top one gets the keys. One file an overlay under `overlays/`, and here which action opens it.
//!
//! An overlay is opened with [`Overlay::open`], told keys with [`Overlay::update`] and messages with [`Overlay::tell`],
//! and answers with a [`Step`] that the interface takes. It keeps what it needs of the context that it was opened in.

use super::action::Action;
use crate::domain::exchange::ExchangeId;

mod computed;
mod confirm;
mod copy;
mod draft;
mod elsewhere;
mod field_row;
mod filter;
mod frame;
mod help;
mod line;
mod list;
mod palette;
mod probe;
mod public_url;
mod reply;
mod rules;
mod save;
mod search;
mod secret;
mod target;
mod text_box;
mod window;

#[cfg(test)]
mod tests;

pub use computed::ComputedPrompt;
pub use confirm::Confirm;
pub use copy::CopyMenu;
pub use draft::DraftEditor;
pub use elsewhere::ElsewherePrompt;
pub use filter::FilterPrompt;
pub use help::Help;
pub use palette::Palette;
pub use probe::Probe;
pub use public_url::PublicUrlPrompt;
pub use reply::ReplyChooser;
pub use rules::Rules;
pub use save::SavePrompt;
pub use search::SearchPrompt;
pub use secret::SecretPrompt;
pub use target::TargetPrompt;
pub use window::{Hint, Overlay, OverlayContext, Step, Window};

impl Overlay {
    /// What an action comes to that needs an overlay: mostly [`Step::Open`], or [`Step::Refuse`] when it cannot be opened
    /// now. `None`: the action needs none.
    pub fn open(action: Action, context: &OverlayContext<'_>) -> Option<Step> {
        Some(match action {
            Action::Help => Step::open(Ok(Help::new(context))),
            Action::Palette => Step::open(Ok(Palette::new(context))),
            Action::Search => Step::open(Ok(SearchPrompt::new(context))),
            Action::Filter => Step::open(Ok(FilterPrompt::new(context))),
            Action::Save => Step::open(Ok(SavePrompt::new(context))),
            Action::Decide => Step::open(ReplyChooser::open_held(context)),
            Action::Reply => Step::open(ReplyChooser::open(context)),
            Action::Rules => Step::open(Rules::open(context)),
            Action::Probe => Step::open(Probe::open(context)),
            Action::Secret => Step::open(SecretPrompt::open(context)),
            Action::Computed => Step::open(ComputedPrompt::open(context)),
            Action::PublicUrl => Step::open(PublicUrlPrompt::open(context)),
            Action::Copy => Step::open(CopyMenu::open(context)),
            Action::Edit => Step::open(DraftEditor::open(context)),
            Action::Target => Step::open(Ok(TargetPrompt::choose(context))),
            Action::Resend => TargetPrompt::resend(context),
            _ => return None,
        })
    }

    /// The editor over a text that came back from $EDITOR, so that what goes out is seen before it does.
    pub fn edited(id: ExchangeId, text: &str, context: &OverlayContext<'_>) -> Step {
        Step::open(DraftEditor::with_text(id, text, context))
    }
}
