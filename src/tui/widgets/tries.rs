//! What stands in the line of one more try of a delivery, and of what was no request.

use crate::domain::summary::Summary;

use super::numbers;

/// In the place of a path.
pub const NO_REQUEST: &str = "not a request";

/// Which try it was, and how long after the one before it.
pub fn gap(row: &Summary, before: &Summary) -> String {
    format!("└ try {} +{}", row.delivery_number, numbers::duration(row.at.micros_since(before.at)))
}

/// Whether it came with the body of the first; empty where that is not known.
pub fn body(row: &Summary) -> &'static str {
    match row.same_body {
        Some(true) => "same body",
        Some(false) => "other body",
        None => "",
    }
}
