//! What is answered at the moment.

use crate::domain::reply::Reply;
use crate::domain::time::Timestamp;

/// The replies in force, as the top line says them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyInForce {
    /// For all.
    pub all: String,
    /// The same as one types it; empty where it is long.
    pub text: String,
    /// Paths that have their own, and which.
    pub paths: Vec<(String, Reply)>,
    /// Since when the one for all is; `None`: since the start.
    pub since: Option<Timestamp>,
}
