//! What stands in the line of one more try of a delivery, and of what was no request.

use std::borrow::Cow;

use crate::domain::body_change::BodyChange;
use crate::domain::quantity::counted;
use crate::domain::summary::Summary;

use super::numbers;
use super::text::width;

/// In the place of a path.
pub const NO_REQUEST: &str = "not a request";

/// Which try it was, and how long after the one before it, in so many columns.
pub fn gap(row: &Summary, before: &Summary, columns: u16) -> String {
    let (number, after) = (row.delivery_number, numbers::duration(row.at.micros_since(before.at)));
    let words = format!("└ try {number} +{after}");
    if width(&words) <= columns { words } else { format!("└ {number} +{after}") }
}

/// Whether it came with the body of the first, and what is different in it; empty where that is not known.
pub fn body(row: &Summary) -> Cow<'static, str> {
    match (row.same_body, row.body_change) {
        (Some(true), _) => Cow::Borrowed("same body"),
        (Some(false), Some(BodyChange::Fields(count))) => {
            Cow::Owned(format!("body: {}", counted(count as usize, "field")))
        }
        (Some(false), Some(BodyChange::Spelling)) => Cow::Borrowed("body: spelling"),
        (Some(false), _) => Cow::Borrowed("other body"),
        (None, _) => Cow::Borrowed(""),
    }
}
