//! The thread that makes the rows of the list: it drains the inbox, recognises senders, checks signatures and applies the
//! filter, so that neither capture nor the interface ever waits for that.
//!
//! Everything that can take long is done in slices between two looks at the inbox: reading a saved session,
//! filtering a million rows, checking all of them again with a new secret, and the autopsies of failed checks.

mod allowance;
mod event;
mod filtering;
mod follow;
mod preload;
mod recheck;
mod rows;
mod table;
mod worker;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use crate::io::inbox::{Inbox, Notice};
use crate::io::store::Store;

use super::judge::Judge;

pub use event::{IndexCommand, IndexEvent, Told};
use preload::Preload;
pub use preload::Saved;
use table::Table;
use worker::Worker;

/// The running index.
#[derive(Debug)]
pub struct Index {
    handle: IndexHandle,
    thread: Option<JoinHandle<()>>,
}

/// A way to ask the index; clones share it.
#[derive(Clone, Debug)]
pub struct IndexHandle {
    commands: Sender<IndexCommand>,
    inbox: Inbox,
}

impl IndexHandle {
    /// Asks for something.
    pub fn tell(&self, command: IndexCommand) {
        // The thread only ends once the inbox is closed: then nobody needs the answer.
        let _ = self.commands.send(command);
        // An empty line wakes the thread and is not shown.
        self.inbox.push(Notice::Said(String::new()));
    }
}

impl Index {
    /// Starts the thread and keeps all rows. `saved`: a session file whose exchanges come first. `sink` is called on the thread; while it
    /// blocks, notices gather in the inbox, which is bounded.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(
        store: Store,
        inbox: Inbox,
        judge: Arc<Judge>,
        saved: Option<Saved>,
        sink: impl FnMut(IndexEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        Self::start_bounded(store, inbox, judge, saved, usize::MAX, sink)
    }

    /// As [`Self::start`], but keeps the newest `rows_max` rows (and at times as many more): for a sink that prints and
    /// forgets. Deliveries are counted among these; there are no filters and no rechecks then, and the cause of a failed check
    /// is searched for before its row is told, not after.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_bounded(
        store: Store,
        inbox: Inbox,
        judge: Arc<Judge>,
        saved: Option<Saved>,
        rows_max: usize,
        sink: impl FnMut(IndexEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (commands, received) = channel();
        let preload = saved.and_then(|saved| Preload::open(&saved, store.clone()));
        let worker = Worker {
            inbox: inbox.clone(),
            commands: received,
            sink: Box::new(sink),
            table: Table::new(store, judge, rows_max),
            preload,
            filtering: None,
            rechecks: VecDeque::new(),
        };
        let thread = std::thread::Builder::new().name("index".into()).spawn(move || worker.run())?;
        Ok(Self { handle: IndexHandle { commands, inbox }, thread: Some(thread) })
    }

    /// Asks for something.
    pub fn tell(&self, command: IndexCommand) {
        self.handle.tell(command);
    }

    /// A way to ask from elsewhere.
    pub fn handle(&self) -> IndexHandle {
        self.handle.clone()
    }

    /// Lets it work off what is in the (closed) inbox, and ends it.
    pub fn finish(mut self) {
        self.handle.inbox.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests;
