//! What goes on behind an answer.

use std::sync::Arc;

use crate::domain::exchange::{AttemptKind, ExchangeId};
use crate::domain::forward::{Route, Target};

/// One request to one target.
#[derive(Clone, Debug)]
pub struct Job {
    /// The request.
    pub exchange: ExchangeId,
    /// By which route.
    pub route: Arc<Route>,
    /// To which of its targets.
    pub to: Arc<Target>,
    /// Why.
    pub kind: AttemptKind,
}
