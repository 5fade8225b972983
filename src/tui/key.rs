//! Keys and mouse events in our own words, so that this floor does not know the terminal library.

/// What was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyCode {
    /// A character, with shift already applied.
    Char(char),
    /// Function key 1 to 12.
    F(u8),
    #[allow(missing_docs)]
    Enter,
    #[allow(missing_docs)]
    Esc,
    #[allow(missing_docs)]
    Tab,
    #[allow(missing_docs)]
    BackTab,
    #[allow(missing_docs)]
    Backspace,
    #[allow(missing_docs)]
    Delete,
    #[allow(missing_docs)]
    Insert,
    #[allow(missing_docs)]
    Up,
    #[allow(missing_docs)]
    Down,
    #[allow(missing_docs)]
    Left,
    #[allow(missing_docs)]
    Right,
    #[allow(missing_docs)]
    Home,
    #[allow(missing_docs)]
    End,
    #[allow(missing_docs)]
    PageUp,
    #[allow(missing_docs)]
    PageDown,
}

/// A key with its modifiers. `Char` never carries shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// What was pressed.
    pub code: KeyCode,
    /// With Control.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
    /// With Shift (only for keys that are not characters).
    pub shift: bool,
}

/// What the mouse did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MouseKind {
    /// Left button went down.
    Down,
    /// Moved with the left button down.
    Drag,
    /// Left button went up.
    Up,
    /// Wheel up.
    ScrollUp,
    /// Wheel down.
    ScrollDown,
}

/// A mouse event, in cells from the top left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mouse {
    /// What it did.
    pub kind: MouseKind,
    /// Column from 0.
    pub column: u16,
    /// Row from 0.
    pub row: u16,
}
