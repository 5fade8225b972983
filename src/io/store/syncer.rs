//! Group commit: the thread that syncs the session file for everybody who waits.
//!
//! Requests append their lines and wait; one `fdatasync(2)` serves all whose lines stood in the file when it began. While it
//! runs the next ones gather, so batches form by themselves. No lock is held over a sync.

use std::fs::File;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::io::journal::{SyncJob, Synced};
use crate::io::survive::survive;

use super::shared::Shared;

/// The longest that a batch waits for senders that were in the one before.
const PATIENCE_MAX: Duration = Duration::from_millis(2);

/// How data reaches the disk; tests give their own.
pub type SyncData = dyn Fn(&File) -> io::Result<()> + Send + Sync;

/// Who waits for the next sync.
#[derive(Debug, Default)]
pub struct Syncs {
    queue: Mutex<Queue>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<oneshot::Sender<()>>,
    /// Lines for which nobody waits (answers, notes), or a file that failed and is to be tried again.
    wanted: bool,
    /// How many must wait for the bell to ring; 0: the syncer is busy.
    enough: usize,
    closed: bool,
}

/// Ends when the line is on the disk, or when that failed and was said.
pub type Durable = oneshot::Receiver<()>;

impl Syncs {
    /// Waits for a sync that begins from now on: call it when the line is in the file. `None`: nobody syncs any more.
    pub fn enlist(&self) -> Option<Durable> {
        let (sender, receiver) = oneshot::channel();
        let mut queue = self.queue();
        if queue.closed {
            return None;
        }
        queue.waiting.push(sender);
        let ring = queue.waiting.len() == queue.enough;
        drop(queue);
        if ring {
            self.bell.notify_one();
        }
        Some(receiver)
    }

    /// Asks for a sync for which nobody waits.
    pub fn want(&self) {
        self.queue().wanted = true;
        self.bell.notify_one();
    }

    /// Ends the syncer, after a last sync.
    pub fn close(&self) {
        self.queue().closed = true;
        self.bell.notify_one();
    }

    /// For the syncer: who waits, and whether this is the last round. Waits for the first one; then, as long as `patience`,
    /// for as many as were there before: after a sync its senders come back with their next requests, and a batch of one
    /// would make all others wait for two syncs.
    fn gather(&self, expected: usize, patience: Duration) -> (Vec<oneshot::Sender<()>>, bool) {
        let mut queue = self.queue();
        queue.enough = 1;
        let idle = |queue: &mut Queue| queue.waiting.is_empty() && !queue.wanted && !queue.closed;
        queue = self.bell.wait_while(queue, idle).unwrap_or_else(PoisonError::into_inner);
        if !queue.waiting.is_empty() && queue.waiting.len() < expected {
            queue.enough = expected;
            let too_few = |queue: &mut Queue| queue.waiting.len() < expected && !queue.closed;
            let waited = self.bell.wait_timeout_while(queue, patience, too_few);
            queue = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        queue.enough = 0;
        queue.wanted = false;
        (std::mem::take(&mut queue.waiting), queue.closed)
    }

    fn waiting(&self) -> usize {
        self.queue().waiting.len()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets everybody go when the thread ends, however it ends: a sender must not wait for ever.
struct Ends<'a>(&'a Syncs);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.closed = true;
        queue.waiting.clear();
    }
}

/// Starts the thread; it ends when the store closes `syncs`.
pub fn start(shared: &Arc<Shared>, syncs: &Arc<Syncs>, sync: Arc<SyncData>) -> io::Result<JoinHandle<()>> {
    let (shared, syncs) = (shared.clone(), syncs.clone());
    let run = move || {
        let _ends = Ends(&syncs);
        let (mut expected, mut patience) = (0, Duration::ZERO);
        loop {
            let (waiting, is_last) = syncs.gather(expected, patience);
            let begun = Instant::now();
            survive(|| sync_everything(&shared, &*sync));
            patience = (begun.elapsed() / 2).min(PATIENCE_MAX);
            expected = waiting.len() + syncs.waiting();
            // Each sender waits for the end of its channel.
            drop(waiting);
            if is_last {
                return;
            }
        }
    };
    thread::Builder::new().name("syncer".to_owned()).spawn(run)
}

/// Until what is in the file now is on the disk, or that failed.
fn sync_everything(shared: &Shared, sync: &SyncData) {
    while let Some(job) = shared.sync_job() {
        let result = do_job(&job, sync);
        // Once more when the file was made anew meanwhile: the lines that are waited for stand in the new one.
        if shared.synced(job, result) != Some(Synced::OtherFile) {
            return;
        }
    }
}

fn do_job(job: &SyncJob, sync: &SyncData) -> io::Result<()> {
    // Nobody may believe that lines are on the disk because of a sync that came to no end.
    survive(|| sync(&job.file)).unwrap_or_else(|| Err(io::Error::other("an internal error, see the log")))?;
    for folder in &job.folders {
        match File::open(folder).and_then(|folder| folder.sync_all()) {
            // A file system that does not sync folders, or one that we may not read: nothing that we could do.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::PermissionDenied) => {}
            result => result?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
