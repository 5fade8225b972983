//! Whether what is captured goes into a session file.

/// Whether the session file takes what comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recording {
    /// It does.
    On,
    /// By wish: no session file.
    Off,
    /// It does not.
    Not {
        /// What was tried and what happened (our own words and the system's: no stranger's bytes).
        reason: String,
        /// Exchanges that are in memory only.
        unrecorded: u64,
    },
}
