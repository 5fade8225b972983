//! Colours by role. A theme is a RON file in `themes/`; nothing else on this floor names a colour.

use ratatui::style::Style;

use crate::domain::pretty::Role;

/// Parts of the interface that a theme colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ui {
    /// Ordinary text and the background.
    Base,
    /// Less important text.
    Muted,
    /// Names of columns, titles of panes.
    Title,
    /// What the eye should find: the tool's name, the current tab.
    Accent,
    /// Lines between panes, frames.
    Border,
    /// The frame of the pane that has the keys.
    BorderFocused,
    /// The selected row (reverse or bold too: never by colour alone).
    Selected,
    /// The selected row of a pane that does not have the keys.
    SelectedUnfocused,
    /// Top line.
    TopLine,
    /// A key in the bottom line.
    KeyHint,
    /// What the key does.
    KeyHintText,
    /// It is right, it worked, 2xx.
    Good,
    /// It is wrong, it failed, 5xx, NOT RECORDING.
    Bad,
    /// Look here, 4xx.
    Warn,
    /// For information, 3xx.
    Info,
    /// A search hit.
    Hit,
    /// The search hit that the cursor is on.
    HitCurrent,
    /// An overlay's ground.
    Overlay,
    /// An overlay's frame.
    OverlayBorder,
    /// A text field.
    Input,
    /// The cursor cell in a text field.
    Cursor,
}

/// A theme ready for use.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
}

impl Theme {
    /// The style of a part of the interface.
    pub fn ui(&self, part: Ui) -> Style {
        let _ = part;
        Style::new()
    }

    /// The style of a piece of a document.
    pub fn role(&self, role: Role) -> Style {
        let _ = role;
        Style::new()
    }
}
