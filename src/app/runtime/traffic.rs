//! What the index tells, on its way to the loop. It is gathered while a frame lasts, so that a flood costs the loop one turn
//! and one draw a frame, however many batches it came in.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::tui::msg::Msg;

/// Rows that wait for the loop; the index waits beyond, and what it would read waits in the inbox, which is bounded.
const ROWS_MAX: usize = 32 * 1024;

/// The messages that wait; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Traffic(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// There is room again.
    room: Condvar,
    /// Something waits.
    came: Notify,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Msg>,
    /// Rows and ids in these.
    rows: usize,
    /// Whether the user waits for one of them.
    is_urgent: bool,
    closed: bool,
}

/// What the loop takes at once.
#[derive(Debug, Default)]
pub struct Load {
    /// In order; rows of one kind are together.
    pub messages: Vec<Msg>,
    /// Rows and ids in them.
    pub rows: usize,
}

impl Traffic {
    /// Adds a message, from a plain thread. Waits while too much waits already.
    pub fn push(&self, msg: Msg) {
        let mut state = self.state();
        while state.rows >= ROWS_MAX && !state.closed {
            state = self.0.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.closed {
            return;
        }
        let was_quiet = state.waiting.is_empty();
        let was_urgent = state.is_urgent;
        state.rows += rows_in(&msg);
        state.is_urgent |= is_urgent(&msg);
        let wakes = was_quiet || state.is_urgent && !was_urgent;
        gather(&mut state.waiting, msg);
        drop(state);
        if wakes {
            self.0.came.notify_one();
        }
    }

    /// Until something waits; not `for_any`: until something does that the user waits for. For one task.
    pub async fn ready(&self, for_any: bool) {
        loop {
            {
                let state = self.state();
                if state.is_urgent || for_any && !state.waiting.is_empty() {
                    return;
                }
            }
            // A push between the look and this line leaves its permit.
            self.0.came.notified().await;
        }
    }

    /// Takes all that waits.
    pub fn take(&self) -> Load {
        let mut state = self.state();
        state.is_urgent = false;
        let load = Load { messages: std::mem::take(&mut state.waiting), rows: std::mem::take(&mut state.rows) };
        drop(state);
        self.0.room.notify_all();
        load
    }

    /// Nobody takes any more: whoever waits for room goes on.
    pub fn close(&self) {
        self.state().closed = true;
        self.0.room.notify_all();
    }

    // A poisoned lock still holds whole messages.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn rows_in(msg: &Msg) -> usize {
    match msg {
        Msg::Arrived { batch, .. } | Msg::Changed { batch } => batch.len(),
        Msg::Filtered { ids, .. } | Msg::FilterMatched { ids, .. } => ids.len(),
        _ => 0,
    }
}

/// Whether it answers the user.
pub fn is_urgent(msg: &Msg) -> bool {
    matches!(msg, Msg::Filtered { .. } | Msg::SecretSet { .. })
}

/// The order among messages that come again and again: rows, their changes, which of them a filter lets through, who answered
/// them. Each may be told later than it was, with its like, as long as it stays behind those before it here.
fn rank(msg: &Msg) -> Option<u8> {
    match msg {
        Msg::Arrived { .. } => Some(0),
        Msg::Changed { .. } => Some(1),
        Msg::FilterMatched { .. } => Some(2),
        Msg::Answered(_) => Some(3),
        _ => None,
    }
}

/// Puts a message to its like when nothing of another kind came between.
fn gather(waiting: &mut Vec<Msg>, msg: Msg) {
    let Some(mine) = rank(&msg) else {
        waiting.push(msg);
        return;
    };
    let from = waiting.iter().rposition(|known| rank(known).is_none()).map_or(0, |last| last + 1);
    let before = waiting.iter().skip(from).take_while(|known| rank(known).is_some_and(|rank| rank < mine)).count();
    match (waiting.get_mut(from + before), msg) {
        (Some(Msg::Arrived { batch, missed }), Msg::Arrived { batch: more, missed: more_missed }) => {
            batch.extend(more);
            *missed = missed.saturating_add(more_missed);
        }
        (Some(Msg::Changed { batch }), Msg::Changed { batch: more }) => batch.extend(more),
        (Some(Msg::FilterMatched { version, ids }), Msg::FilterMatched { version: of, ids: more })
            if *version == of =>
        {
            ids.extend(more);
        }
        (Some(Msg::Answered(by)), Msg::Answered(more)) => {
            for (name, count) in more {
                match by.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, sum)) => *sum += count,
                    None => by.push((name, count)),
                }
            }
        }
        (_, msg) => waiting.insert(from + before, msg),
    }
}

#[cfg(test)]
mod tests;
