//! Text with `*` in it, compared without case.

use std::borrow::Cow;

use crate::domain::caseless;

/// A pattern: literal pieces with "anything" between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// From left to right. Never two of a kind side by side, no empty literal.
    pieces: Vec<Piece>,
}

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Anything, or nothing.
    Any,
    /// This text; case does not matter.
    Literal(Literal),
}

/// A text and what it is compared as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// As it was written.
    pub shown: String,
    folded: String,
}

impl Piece {
    pub(super) fn literal(text: impl Into<String>) -> Self {
        let shown = text.into();
        Self::Literal(Literal { folded: shown.to_lowercase(), shown })
    }
}

impl Pattern {
    /// From pieces, joined where they can be.
    pub(super) fn new(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (joined.last_mut(), piece) {
                (Some(Piece::Any), Piece::Any) => {}
                (_, Piece::Literal(literal)) if literal.shown.is_empty() => {}
                (Some(Piece::Literal(before)), Piece::Literal(after)) => {
                    before.shown.push_str(&after.shown);
                    before.folded = before.shown.to_lowercase();
                }
                (_, piece) => joined.push(piece),
            }
        }
        Self { pieces: joined }
    }

    /// From left to right.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The text when there is no `*` in it.
    pub(super) fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(literal)] => Some(&literal.shown),
            _ => None,
        }
    }

    /// Whether it is the whole text.
    pub(super) fn is_whole(&self, text: &str) -> bool {
        fits(&self.pieces, fold(text).as_bytes(), true)
    }

    /// Whether it is somewhere in the text.
    pub(super) fn is_within(&self, text: &str) -> bool {
        fits(&self.pieces, fold(text).as_bytes(), false)
    }

    /// Whether it is somewhere in these bytes. Letters outside ASCII are found as written or in lower case: bytes have no
    /// language, and a large body is not copied to fold it.
    pub(super) fn is_within_bytes(&self, bytes: &[u8]) -> bool {
        let as_written = || {
            let pieces = self.pieces.iter().map(|piece| match piece {
                Piece::Any => Piece::Any,
                Piece::Literal(Literal { shown, .. }) => {
                    Piece::Literal(Literal { shown: shown.clone(), folded: shown.clone() })
                }
            });
            fits(&pieces.collect::<Vec<_>>(), bytes, false)
        };
        fits(&self.pieces, bytes, false) || as_written()
    }
}

/// Lower case where ASCII comparison is not enough.
fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Walks the pieces through the text, each literal at its first place; the last one must end the text when `whole`.
fn fits(pieces: &[Piece], text: &[u8], whole: bool) -> bool {
    let mut rest = text;
    let mut free = !whole;
    let last = pieces.len().saturating_sub(1);
    for (at, piece) in pieces.iter().enumerate() {
        let Piece::Literal(Literal { folded, .. }) = piece else {
            free = true;
            continue;
        };
        let literal = folded.as_bytes();
        if whole && at == last {
            let Some(start) = rest.len().checked_sub(literal.len()) else { return false };
            let ends = rest.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(literal));
            return ends && (free || start == 0);
        }
        let found = if free { caseless::find(rest, literal) } else { starts(rest, literal).then_some(0) };
        let Some(found) = found else { return false };
        rest = rest.get(found + literal.len()..).unwrap_or_default();
        free = !whole;
    }
    free || rest.is_empty()
}

fn starts(text: &[u8], literal: &[u8]) -> bool {
    text.get(..literal.len()).is_some_and(|start| start.eq_ignore_ascii_case(literal))
}
