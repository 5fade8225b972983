//! What a theme colours.

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

/// The ground that a theme was made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ground {
    /// A dark terminal.
    Dark,
    /// A light terminal.
    Light,
    /// Either: it uses the terminal's own colours, or paints its own ground.
    #[default]
    Any,
}

/// A theme ready for use.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// The ground that it was made for.
    pub ground: Ground,
    pub(super) ui: [Style; Ui::ALL.len()],
    pub(super) roles: [Style; ROLES.len()],
}

impl Ui {
    /// Every part, in the order of its numbers.
    pub const ALL: [Self; 21] = [
        Self::Base,
        Self::Muted,
        Self::Title,
        Self::Accent,
        Self::Border,
        Self::BorderFocused,
        Self::Selected,
        Self::SelectedUnfocused,
        Self::TopLine,
        Self::KeyHint,
        Self::KeyHintText,
        Self::Good,
        Self::Bad,
        Self::Warn,
        Self::Info,
        Self::Hit,
        Self::HitCurrent,
        Self::Overlay,
        Self::OverlayBorder,
        Self::Input,
        Self::Cursor,
    ];
}

/// Every role of a document, in the order of its numbers.
pub const ROLES: [Role; 18] = [
    Role::Plain,
    Role::Dim,
    Role::Heading,
    Role::Label,
    Role::Key,
    Role::Text,
    Role::Number,
    Role::Literal,
    Role::Punctuation,
    Role::Keyword,
    Role::Comment,
    Role::Control,
    Role::Note,
    Role::Good,
    Role::Bad,
    Role::Warn,
    Role::Offset,
    Role::Link,
];

impl Theme {
    /// The style of a part of the interface.
    pub fn ui(&self, part: Ui) -> Style {
        self.ui.get(part as usize).copied().unwrap_or_default()
    }

    /// The style of a piece of a document.
    pub fn role(&self, role: Role) -> Style {
        self.roles.get(role as usize).copied().unwrap_or_default()
    }

    /// No style at all.
    pub(super) fn plain(name: &str) -> Self {
        let (ui, roles) = ([Style::new(); Ui::ALL.len()], [Style::new(); ROLES.len()]);
        Self { name: name.to_owned(), ground: Ground::Any, ui, roles }
    }
}
