//! The parser of either protocol.

use crate::domain::time::Timestamp;

use super::{Refusal, h1, h2};

/// What reads the bytes that come in.
pub(super) enum Parser {
    H1(Box<h1::Parser>),
    H2(Box<h2::Parser>),
}
impl Parser {
    /// How many of the bytes hyper is to have now.
    pub(super) fn read_some(&mut self, bytes: &[u8], now: Timestamp) -> usize {
        match self {
            Self::H1(parser) => parser.read_some(bytes, now),
            Self::H2(parser) => parser.read(bytes, now),
        }
    }

    /// The same of bytes that hyper will not get.
    pub(super) fn read(&mut self, bytes: &[u8], now: Timestamp) -> usize {
        match self {
            Self::H1(parser) => parser.read(bytes, now),
            Self::H2(parser) => parser.read(bytes, now),
        }
    }

    /// How many bytes hyper is to be given at a time. None: others have their turn first.
    pub(super) fn wanted_bytes(&self) -> usize {
        match self {
            Self::H1(parser) => parser.wanted_bytes(),
            Self::H2(parser) => parser.wanted_bytes(),
        }
    }

    /// What is wrong with a body that hyper would let pass.
    pub(super) fn broken(&self) -> Option<&'static str> {
        match self {
            Self::H1(parser) => parser.broken(),
            Self::H2(_) => None,
        }
    }

    /// Whether the sender owes the rest of a body, and of each that is under way.
    pub(super) fn owes_bodies(&self) -> bool {
        match self {
            Self::H1(parser) => parser.is_in_body(),
            Self::H2(parser) => parser.owes_bodies(),
        }
    }

    pub(super) fn head_begun(&self) -> Option<Timestamp> {
        match self {
            Self::H1(parser) => parser.head_begun(),
            Self::H2(parser) => parser.head_begun(),
        }
    }

    /// What hyper refuses now. Of HTTP/2 that is read from the frames that it writes.
    pub(super) fn refuse(&mut self) -> Option<Refusal> {
        match self {
            Self::H1(parser) => parser.refuse(),
            Self::H2(_) => None,
        }
    }

    /// HTTP/1: whole heads that nobody claimed.
    pub(super) fn left_heads(&mut self, reason: Option<&str>) -> Vec<Refusal> {
        match self {
            Self::H1(parser) => parser.left_heads(reason),
            Self::H2(_) => Vec::new(),
        }
    }

    pub(super) fn leftovers(&mut self, reason: Option<&str>) -> Vec<Refusal> {
        match self {
            Self::H1(parser) => parser.leftovers(reason),
            Self::H2(parser) => parser.leftovers(reason),
        }
    }

    /// Whether the sender may not know yet that nobody reads on.
    pub(super) fn is_ended_early(&self) -> bool {
        match self {
            Self::H1(parser) => parser.is_inside(),
            Self::H2(parser) => parser.is_gone(),
        }
    }
}
