use std::collections::HashSet;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::oneshot::error::TryRecvError;

use crate::domain::durability::Durability;
use crate::domain::exchange::{ExchangeId, HttpVersion, Request};
use crate::domain::record::Event;
use crate::io::inbox::{Inbox, Notice};
use crate::io::journal::{self, Journal};
use crate::io::recording::Recording;
use crate::io::session_file::SessionReader;
use crate::io::store::index::Index;
use crate::io::store::kept::State;
use crate::io::store::{Kept, Place, Store, StoreLimits};

use super::*;

const DEADLINE: Duration = Duration::from_secs(20);

fn store(folder: &std::path::Path, durability: Durability, sync: Arc<SyncData>) -> Store {
    let limits = StoreLimits { durability, ..StoreLimits::default() };
    let journal = Journal::new(journal::create_in(folder).unwrap(), limits.backlog_bytes);
    Store::start_with(Place::File(Box::new(journal)), Index::default(), limits, Inbox::default(), sync).unwrap()
}

fn keep(store: &Store, target: &str) -> Kept {
    let request = Request {
        id: ExchangeId(0),
        peer: None,
        first_byte: crate::io::clock::now(),
        body_complete_us: 0,
        version: HttpVersion::Http11,
        method: "POST".into(),
        target: target.to_owned().into(),
        headers: Default::default(),
        pseudo: Default::default(),
        raw_head: None,
        body: Default::default(),
        trailers: Default::default(),
        marks: vec![],
    };
    store.keep(request)
}

fn waits(kept: &mut Kept) -> bool {
    let State::Syncing(_, durable) = &mut kept.0 else { return false };
    durable.try_recv() == Err(TryRecvError::Empty)
}

fn finish(mut kept: Kept) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(DEADLINE, kept.durable()).await }).expect("kept within the deadline");
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < DEADLINE, "not in time: {what}");
        std::thread::yield_now();
    }
}

/// Targets of the requests in the file, in order; every line is readable.
fn targets(path: &std::path::Path) -> Vec<String> {
    let mut reader = SessionReader::open(path).unwrap();
    let lines = std::iter::from_fn(|| reader.next_line().unwrap());
    lines
        .filter_map(|line| match line.event.unwrap() {
            Event::Request(request) => Some(String::from_utf8_lossy(&request.target).into_owned()),
            _ => None,
        })
        .collect()
}

/// Syncs that tell which file they are for, and end when they are told to.
fn stepwise() -> (Arc<SyncData>, Receiver<u64>, Sender<()>) {
    let (begun, begins) = channel();
    let (go, gone) = channel();
    let gone = Mutex::new(gone);
    let sync = move |file: &File| {
        begun.send(file.metadata()?.ino()).map_err(io::Error::other)?;
        gone.lock().unwrap().recv().map_err(io::Error::other)
    };
    (Arc::new(sync), begins, go)
}

#[test]
fn those_that_wait_share_one_sync_that_began_after_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let (sync, begins, go) = stepwise();
    let store = store(folder.path(), Durability::Disk, sync);
    begins.recv_timeout(DEADLINE).expect("the new file's entry is synced");
    let mut early: Vec<Kept> = (0..20).map(|number| keep(&store, &format!("/{number}"))).collect();
    go.send(()).unwrap();
    begins.recv_timeout(DEADLINE).expect("a sync for the twenty");
    assert!(early.iter_mut().all(waits), "a sync that began before the line is no sync of it");
    let mut late = keep(&store, "/late");
    go.send(()).unwrap();
    early.into_iter().for_each(finish);
    assert!(waits(&mut late), "its line came after that sync began");
    begins.recv_timeout(DEADLINE).expect("a sync for the late one");
    assert!(waits(&mut late));
    go.send(()).unwrap();
    finish(late);
    assert_eq!(begins.try_iter().count(), 0, "three syncs for everything");
    // Whatever is synced at the end.
    drop(go);
}

#[test]
fn a_file_made_anew_during_a_sync_is_synced_before_anybody_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (sync, begins, go) = stepwise();
    let store = store(folder.path(), Durability::Disk, sync);
    let path = store.path().unwrap();
    begins.recv_timeout(DEADLINE).unwrap();
    go.send(()).unwrap();
    let mut kept = keep(&store, "/1");
    let old = begins.recv_timeout(DEADLINE).unwrap();
    std::fs::remove_file(&path).unwrap();
    store.0.shared.tick();
    go.send(()).unwrap();
    let new = begins.recv_timeout(DEADLINE).unwrap();
    assert_eq!((new, new == old), (std::fs::metadata(&path).unwrap().ino(), false));
    assert!(waits(&mut kept), "only the removed file is synced");
    go.send(()).unwrap();
    finish(kept);
    drop(go);
}

#[test]
fn a_failed_sync_is_said_and_what_it_left_in_doubt_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let fails = Arc::new(AtomicBool::new(false));
    let failing = fails.clone();
    let sync = move |_: &File| {
        if failing.load(Ordering::SeqCst) { Err(io::Error::from_raw_os_error(5)) } else { Ok(()) }
    };
    let store = store(folder.path(), Durability::Disk, Arc::new(sync));
    let path = store.path().unwrap();
    finish(keep(&store, "/1"));
    let good = std::fs::metadata(&path).unwrap().len();
    fails.store(true, Ordering::SeqCst);
    finish(keep(&store, "/2"));
    let Recording::Not { reason, unrecorded } = store.recording() else { panic!("recording") };
    assert!(reason.contains("cannot sync") && reason.contains(path.to_str().unwrap()), "{reason}");
    assert_eq!(unrecorded, 1);
    assert_eq!(store.request(ExchangeId(2)).unwrap().target, "/2");
    let mut third = keep(&store, "/3");
    assert!(!waits(&mut third), "nobody waits for a disk that fails");
    assert!(matches!(store.recording(), Recording::Not { unrecorded: 2, .. }), "{:?}", store.recording());
    // What the kernel may do: the pages that it could not write are gone.
    let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
    let bad = file.metadata().unwrap().len() - good;
    file.write_all_at(&vec![0; bad as usize], good).unwrap();
    fails.store(false, Ordering::SeqCst);
    until("recording again", || store.recording() == Recording::On);
    finish(keep(&store, "/4"));
    assert_eq!(targets(&path), ["/1", "/2", "/3", "/4"]);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("cannot sync") && text.contains("Recorded late: 2. Lost: 0."), "{text}");
    let said = store.inbox().drain().notices;
    assert!(said.iter().any(|notice| matches!(notice, Notice::Recording(Recording::Not { .. }))), "{said:?}");
    assert!(said.iter().any(|notice| matches!(notice, Notice::Recording(Recording::On))), "{said:?}");
}

#[test]
fn the_last_lines_are_synced_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let lengths = Arc::new(Mutex::new(HashSet::new()));
    let seen = lengths.clone();
    let sync = move |file: &File| {
        seen.lock().unwrap().insert(file.metadata()?.len());
        Ok(())
    };
    let store = store(folder.path(), Durability::Disk, Arc::new(sync));
    let path = store.path().unwrap();
    store.append_note(None, "the end").unwrap();
    drop(store);
    assert!(lengths.lock().unwrap().contains(&std::fs::metadata(&path).unwrap().len()));
}

#[test]
fn gathered_lines_are_written_soon_in_order_and_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path(), Durability::None, Arc::new(|_: &File| Err(io::Error::other("no sync is wanted"))));
    let path = store.path().unwrap();
    keep(&store, "/alone");
    until("a line for which nothing else happens", || targets(&path) == ["/alone"]);
    let long = "x".repeat(100 * 1024);
    for number in 0..10 {
        keep(&store, &format!("/{number}{long}"));
        keep(&store, &format!("/{number}"));
    }
    // At once: what waits has a bound.
    let waiting = (10 * long.len() as u64).saturating_sub(std::fs::metadata(&path).unwrap().len());
    assert!(waiting <= super::super::shared::GATHER_BYTES_MAX as u64, "{waiting} bytes wait");
    assert_eq!(store.recording(), Recording::On);
    drop(store);
    let found = targets(&path);
    assert_eq!(found.len(), 21);
    assert!(found[1..].iter().step_by(2).zip(0..).all(|(target, number)| target.starts_with(&format!("/{number}xx"))));
    assert!(found[2..].iter().step_by(2).zip(0..).all(|(target, number)| *target == format!("/{number}")));
}

#[test]
fn gathered_lines_that_left_memory_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut limits = StoreLimits { durability: Durability::None, ..StoreLimits::default() };
    limits.ring.count = 1;
    let store = Store::create(folder.path(), limits, Inbox::default()).unwrap();
    for number in 1..=50 {
        let kept = keep(&store, &format!("/{number}"));
        let before = ExchangeId(kept.now().unwrap().id.0.saturating_sub(1).max(1));
        assert_eq!(store.request(before).unwrap().id, before);
    }
}

#[test]
fn a_panic_of_a_sync_is_a_sync_that_failed() {
    let folder = tempfile::tempdir().unwrap();
    let fails = Arc::new(AtomicBool::new(false));
    let failing = fails.clone();
    let (synced, syncs) = channel();
    let sync = move |_: &File| {
        assert!(!failing.load(Ordering::SeqCst), "on purpose");
        synced.send(()).map_err(io::Error::other)
    };
    let store = store(folder.path(), Durability::Disk, Arc::new(sync));
    finish(keep(&store, "/1"));
    fails.store(true, Ordering::SeqCst);
    finish(keep(&store, "/2"));
    let Recording::Not { reason, .. } = store.recording() else { panic!("it is believed to be on the disk") };
    assert!(reason.contains("cannot sync"), "{reason}");
    fails.store(false, Ordering::SeqCst);
    until("recording again", || store.recording() == Recording::On);
    let _ = syncs.try_iter().count();
    finish(keep(&store, "/3"));
    assert!(syncs.try_recv().is_ok(), "the thread is gone, and nobody syncs");
}
