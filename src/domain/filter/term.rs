//! The single tests of a filter: fields with a value, flags, free words.

use super::pattern::Pattern;

/// What one writes before the colon and what it looks at; for help, completion and the docs.
pub const FIELDS: &[(&str, &str)] = &[
    ("method", "method: POST"),
    ("path", "path: /acme anywhere in it, /acme* from its beginning; decoded too"),
    ("status", "status answered: 404, 5xx, >=400, 400-499, none"),
    ("verdict", "signature: valid, invalid, unsigned, unknown, none"),
    ("cause", "why a signature is not valid: bad-* or one of the words of `verify`"),
    (
        "judged",
        "what the provider thinks of the answer: accepted, depends, too-late, redirect, disables, failed, no-answer, none",
    ),
    ("provider", "provider: stripe, none"),
    ("event", "event type: invoice.*, none; `type:` is the same"),
    ("delivery", "delivery id: evt_1*, none"),
    ("peer", "sender's address: 10.*"),
    ("id", "number: 7, 3-9, >100"),
    ("size", "body size: >10kb, 0, 1kb-1mb"),
    ("header", "anywhere in a header line: \"x-event: push\""),
    ("body", "anywhere in the body"),
    ("is", "marked, refused, cut, answered, retried, resent, handshake"),
];

/// How terms are put together; for help and the docs.
pub const SYNTAX: &[(&str, &str)] = &[
    ("word", "anywhere: method, target, type, delivery, provider, headers, body"),
    ("a b", "both; a or b: one of them; (a or b) c"),
    ("! -", "turns the term behind it round: !status:2xx"),
    ("\"...\"", "taken literally, blanks and all"),
];

/// A single test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// A field of the row whose whole text fits.
    Text(TextField, Pattern),
    /// The path: whole with a `*` in the pattern, else anywhere in it.
    Path(Pattern),
    /// The status that was answered.
    Status(StatusTest),
    /// A number of the row.
    Number(NumberField, Range),
    /// Somewhere in a header line.
    Header(Pattern),
    /// Somewhere in the body.
    Body(Pattern),
    /// Somewhere in any of the texts.
    Free(Pattern),
    /// A flag.
    Is(Flag),
}

/// A field that is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextField {
    Method,
    Verdict,
    Cause,
    Provider,
    Type,
    Delivery,
    Peer,
    Judged,
}

impl TextField {
    pub(super) const ALL: [(Self, &'static str); 8] = [
        (Self::Method, "method"),
        (Self::Verdict, "verdict"),
        (Self::Cause, "cause"),
        (Self::Provider, "provider"),
        (Self::Type, "event"),
        (Self::Delivery, "delivery"),
        (Self::Peer, "peer"),
        (Self::Judged, "judged"),
    ];

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(field, _)| *field == self).map_or("", |(_, name)| name)
    }
}

/// A field that is a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberField {
    Id,
    Size,
}

impl NumberField {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Size => "size",
        }
    }
}

/// A test of a number: both ends belong to it. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub from: u64,
    pub to: u64,
}

impl Range {
    pub(super) const fn holds(self, number: u64) -> bool {
        self.from <= number && number <= self.to
    }
}

/// A test of the status answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StatusTest {
    /// No status went back.
    None,
    /// One of these.
    Range(Range),
}

/// A flag of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    Marked,
    Refused,
    Cut,
    Answered,
    Retried,
    Resent,
    Handshake,
}

impl Flag {
    pub(super) const ALL: [(Self, &'static str); 7] = [
        (Self::Marked, "marked"),
        (Self::Refused, "refused"),
        (Self::Cut, "cut"),
        (Self::Answered, "answered"),
        (Self::Retried, "retried"),
        (Self::Resent, "resent"),
        (Self::Handshake, "handshake"),
    ];

    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(flag, _)| *flag == self).map_or("", |(_, name)| name)
    }
}
