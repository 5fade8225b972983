//! What the index is asked, and what it tells.

use std::sync::Arc;

use crate::app::judge::Look;
use crate::domain::exchange::{Answer, Attempt, ExchangeId, Request};
use crate::domain::filter::Filter;
use crate::domain::summary::Summary;
use crate::io::recording::Recording;

/// What the index tells. The interface turns it into messages, the headless printer into lines.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexEvent {
    /// New exchanges in order of id.
    Arrived {
        /// Their rows with their requests; `None` for rows read back from a saved session.
        rows: Vec<(Arc<Summary>, Option<Arc<Request>>)>,
        /// Exchanges that nobody can show any more: gone from memory while the session file could not be written.
        missed: u64,
    },
    /// Rows that changed.
    Changed(Vec<Arc<Summary>>),
    /// Answers that left, after the rows they belong to.
    Answered(Vec<Arc<Answer>>),
    /// What went on to apps, behind its answer or later, and calls that rules asked for.
    Attempted(Vec<Arc<Attempt>>),
    /// All ids that the filter of that version lets through so far. Comes again when rows ceased to fit.
    Filtered {
        /// As in [`IndexCommand::Filter`].
        version: u64,
        /// In order.
        ids: Vec<ExchangeId>,
    },
    /// More of them.
    FilterMatched {
        /// As in [`IndexCommand::Filter`].
        version: u64,
        /// In order among themselves; a row whose answer or verdict came later may be older than the last one known.
        ids: Vec<ExchangeId>,
    },
    /// All rows were checked with a new secret, or for another public URL.
    Rechecked {
        /// Which of the two.
        after: Told,
        /// Profile name; empty where none is known.
        provider: String,
        /// Rows of that provider that are valid now.
        valid: u64,
        /// Rows of that provider.
        checked: u64,
    },
    /// Whether the session file takes what comes.
    Recording(Recording),
    /// A line for the user.
    Said(String),
}

/// What the user gave, and wants to hear of what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// A secret.
    Secret,
    /// The URL that providers call.
    PublicUrl,
}

/// What the index is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum IndexCommand {
    /// Use this filter from now on.
    Filter {
        /// Counts up.
        version: u64,
        /// `None`: none.
        filter: Option<Filter>,
    },
    /// Secrets came or went, or the public URL is another: check rows again, this exchange first.
    Recheck {
        /// Profile name of the rows; `None`: all.
        provider: Option<String>,
        /// Where the user is.
        first: ExchangeId,
        /// What [`IndexEvent::Rechecked`] says it came after; `None`: nothing is said.
        told: Option<Told>,
    },
    /// An exchange was examined elsewhere: what came of it.
    Examined(ExchangeId, Look),
    /// An exchange was sent again.
    Attempted(ExchangeId),
    /// An exchange was marked or unmarked.
    Marked(ExchangeId, bool),
}
