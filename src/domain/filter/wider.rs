//! How many rows a filter lets through, and what it would with a `*` where none was written.

use std::sync::Arc;

use super::super::summary::Summary;
use super::Filter;
use super::node::Node;
use super::pattern::{Pattern, Piece};
use super::term::Term;

/// How many of some rows are let through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fits {
    /// Surely, by the row alone.
    pub sure: usize,
    /// Perhaps: headers or body decide.
    pub perhaps: usize,
}

impl Filter {
    /// Counts without looking into requests.
    pub fn among(&self, rows: &[Arc<Summary>]) -> Fits {
        let mut fits = Fits::default();
        for row in rows {
            match self.decide(row) {
                Some(true) => fits.sure += 1,
                Some(false) => {}
                None => fits.perhaps += 1,
            }
        }
        fits
    }

    /// The filter with a `*` behind each value that is compared whole, and how many of these rows that lets through; `None`
    /// where the filter itself lets some through, and where a `*` helps nothing.
    pub fn wider(&self, rows: &[Arc<Summary>]) -> Option<(Self, usize)> {
        if self.among(rows) != Fits::default() {
            return None;
        }
        let wider = Self { root: starred(&self.root) };
        let fits = wider.among(rows).sure;
        (fits > 0 && wider != *self).then_some((wider, fits))
    }
}

/// What stands behind a `!` stays: wider there would let through less.
fn starred(node: &Node) -> Node {
    match node {
        Node::All(nodes) => Node::All(nodes.iter().map(starred).collect()),
        Node::Any(nodes) => Node::Any(nodes.iter().map(starred).collect()),
        Node::Term(Term::Text(field, pattern)) if pattern.as_literal().is_some() => {
            let pieces = pattern.pieces().iter().cloned().chain([Piece::Any]);
            Node::Term(Term::Text(*field, Pattern::new(pieces)))
        }
        other => other.clone(),
    }
}
