//! One try: a request sent to its target, and the words for which try it was.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;

use super::super::{Forwarder, Sent};
use super::job::Job;
use super::line::Waiting;
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Timing};
use crate::domain::quantity::duration_us;
use crate::domain::time::Timestamp;
use crate::domain::timing::micros;
use crate::io::clock;
use crate::io::store::Store;

/// What came of one.
pub(super) struct Done {
    pub(super) waiting: Waiting,
    pub(super) at: Timestamp,
    pub(super) sent: Sent,
}

/// Which try this was, and what comes behind it; nothing where there was to be one and it was taken.
pub(super) fn try_words(
    number: u32,
    of: u32,
    wait: Option<Duration>,
    (is_taken, may_change): (bool, bool),
) -> Option<String> {
    let ordinal = format!("try {number} of {of}");
    match wait {
        Some(wait) => Some(format!("{ordinal}, next in {}", duration_us(micros(wait)))),
        None if is_taken => (number > 1).then_some(ordinal),
        None if of == 1 => None,
        None if !may_change => Some(format!("{ordinal}, not tried again: such an answer stays as it is")),
        None => Some(format!("given up after {of} tries")),
    }
}

/// Sends one; the request is read back only now, so that what waits takes no memory.
pub(super) async fn send(forwarder: Forwarder, store: Store, waiting: Waiting) -> Done {
    let at = clock::now();
    let Job { exchange, route, to, .. } = &waiting.job;
    let not_sent = |why: &str| Sent {
        outgoing: Outgoing { origin: to.origin.clone(), head: bytes::Bytes::new(), body: bytes::Bytes::new() },
        outcome: AttemptOutcome::Failed { message: format!("not forwarded: {why}") },
        timing: Timing::default(),
        is_late: false,
        notes: Vec::new(),
    };
    let sent = match store.request(*exchange) {
        Ok(request) => {
            let within = Duration::from_millis(route.timeout_ms);
            let sending = async {
                crate::io::provoke::provoke("forward", &request.target);
                forwarder.send(to, &request, within, route.trusts_forwarded).await
            };
            // All others go on: it is polled by the one thread that sends them.
            let sent = AssertUnwindSafe(sending).catch_unwind().await;
            sent.unwrap_or_else(|_| not_sent("an internal error, see the log"))
        }
        Err(error) => not_sent(&error.to_string()),
    };
    Done { waiting, at, sent }
}
