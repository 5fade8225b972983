//! The ways in which a body is shown: their names and their order.

/// How a body is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BodyView {
    /// Indented and coloured by its type.
    #[default]
    Pretty,
    /// The text as it came, control characters visible.
    Raw,
    /// Offset, hex, characters.
    Hex,
}

impl BodyView {
    /// All of them, in the order in which one key goes through them.
    pub const ALL: [Self; 3] = [Self::Pretty, Self::Raw, Self::Hex];

    /// What it is called.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pretty => "pretty",
            Self::Raw => "raw",
            Self::Hex => "hex",
        }
    }

    /// The next one; behind the last comes the first.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL.into_iter().cycle().skip_while(|view| *view != self).nth(1).unwrap_or_default()
    }
}
