//! Lines of the Signature tab.

use crate::domain::pretty::{Line, Role};

/// Columns of a stranger's text on one line.
pub(super) const TEXT_COLUMNS_MAX: usize = 400;
/// Columns of labels.
const LABEL_COLUMNS: usize = 12;

pub(super) fn labelled(label: &str) -> Line {
    let mut line = Line::of(Role::Label, format!("{label:<LABEL_COLUMNS$}"));
    line.hang_here();
    line
}

/// The start of a point of a list.
pub(super) fn point() -> Line {
    let mut line = Line::of(Role::Dim, "· ");
    line.hang_here();
    line
}
