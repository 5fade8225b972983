//! The other requests of a session that a failed signature may belong to: bounded in number and bytes, those of the same
//! path first, then the nearest in time.

use std::sync::Arc;

use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::signature::neighbours::{NEIGHBOURS_BYTES_MAX, NEIGHBOURS_MAX};
use crate::io::store::Store;

/// Requests before and after it that are fetched at most, so that a neighbour of another path does not hide one of the same.
const FETCHED_MAX: usize = 2 * NEIGHBOURS_MAX;

/// Fetches them, from memory or the session file: not on the interface's thread.
pub(super) fn of(store: &Store, request: &Request) -> Vec<Arc<Request>> {
    let last = store.last_id().0;
    let own = request.id.0;
    let reach = FETCHED_MAX as u64;
    let near = (1..=reach).flat_map(|step| [own.checked_sub(step), own.checked_add(step)]).flatten();
    let ids = near.filter(|id| (1..=last).contains(id)).take(FETCHED_MAX);
    let mut bytes = 0;
    let mut all: Vec<Arc<Request>> = Vec::new();
    for id in ids {
        let Ok(other) = store.request(ExchangeId(id)) else { continue };
        bytes += other.kept_bytes();
        if bytes > NEIGHBOURS_BYTES_MAX {
            break;
        }
        all.push(other);
    }
    all.sort_by_key(|other| (other.path() != request.path(), other.id.0.abs_diff(own)));
    all.truncate(NEIGHBOURS_MAX);
    all
}
