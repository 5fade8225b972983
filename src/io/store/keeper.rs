//! The thread that writes answers when no request takes them along, and looks after the file.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::io::provoke::provoke_once;
use crate::io::survive::survive;

use super::shared::Shared;
use super::waiting::Wake;

/// How long an answer waits for an append to join.
const GATHER: Duration = Duration::from_millis(20);
/// How long lines wait for each other where that is wished.
const GATHER_LINES: Duration = Duration::from_millis(5);
/// How often the file is looked after.
const TICK: Duration = Duration::from_millis(500);

/// Starts it; it ends when the store closes [`Shared::waiting`]. Without the thread answers join later appends and the
/// end: nothing is lost, only later.
pub fn start(shared: &Arc<Shared>) -> Option<JoinHandle<()>> {
    let store = shared.clone();
    let run = move || {
        let mut ticked = Instant::now();
        let gather = if store.gathers { GATHER_LINES } else { GATHER };
        let mut turn = || {
            provoke_once("keeper");
            match store.waiting.wait(TICK.saturating_sub(ticked.elapsed())) {
                Wake::Closed => return false,
                Wake::Lines => {
                    thread::sleep(gather);
                    store.flush();
                }
                Wake::Quiet => {}
            }
            if ticked.elapsed() >= TICK {
                ticked = Instant::now();
                store.tick();
            }
            true
        };
        loop {
            match survive(&mut turn) {
                Some(true) => {}
                Some(false) => return,
                // What made it panic may be there still: not over and over.
                None => thread::sleep(TICK),
            }
        }
    };
    thread::Builder::new().name("keeper".to_owned()).spawn(run).ok()
}
