//! Accepting: a current-thread runtime on its own thread for each core, all of them on one listening descriptor.
//!
//! The descriptor is shared, not bound again with `SO_REUSEPORT`: that would let a second program take half of the
//! connections unnoticed. A thread that has more connections than the idlest one hands the new one over to it.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream as StdStream};
use std::os::fd::OwnedFd;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc;

use super::capture::Capture;
use super::descriptors::{self, Reserve};
use super::gone::Turn;
use super::leaving::Leaving;
use super::port::{Bound, ListenError};
use super::refused::Ear;
use super::seats::{Room, Seats, Taken};
use super::{connection, shed};
use crate::io::provoke::provoke_once;
use crate::io::survive::survive;

/// The first wait after a failed accept, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(50));
/// Connections that wait to be accepted.
const BACKLOG: u32 = 4096;
/// Between two words to the user about the same.
const SAID_INTERVAL: Duration = Duration::from_secs(30);
/// How long a new sender waits for a place that is about to be free.
const PLACE_WITHIN: Duration = Duration::from_millis(1200);

/// What all threads share.
#[derive(Debug)]
struct Shared {
    seats: Arc<Seats>,
    open: Vec<AtomicUsize>,
    turned_away: AtomicU64,
    said: Mutex<Said>,
}

/// When the user was last told of what would be said over and over.
#[derive(Debug, Default)]
struct Said {
    failed: Option<Instant>,
    turned_away: Option<Instant>,
}

/// Whether it is time to say something again; notes that it is said.
fn is_due(said: &mut Option<Instant>) -> bool {
    let due = said.is_none_or(|at| at.elapsed() > SAID_INTERVAL);
    if due {
        *said = Some(Instant::now());
    }
    due
}

/// The running threads.
#[derive(Debug)]
pub struct Threads {
    shared: Arc<Shared>,
    handles: Vec<JoinHandle<()>>,
    finish: Arc<Finish>,
    leaving: Leaving,
}

/// When the threads are to end, connections or not.
#[derive(Debug, Default)]
struct Finish {
    deadline: Mutex<Option<Instant>>,
}

/// A connection that was accepted, with its place among the open ones.
struct Accepted {
    stream: StdStream,
    peer: SocketAddr,
    taken: Taken,
}

/// One thread's view.
struct Worker {
    number: usize,
    shared: Arc<Shared>,
    capture: Arc<Capture>,
    finish: Arc<Finish>,
    others: Vec<mpsc::UnboundedSender<Accepted>>,
}

/// Starts the threads.
pub fn start(bound: Bound, capture: Arc<Capture>) -> Result<Threads, ListenError> {
    let wrong = |what: &str, error: std::io::Error| ListenError(format!("cannot {what}: {error}"));
    let count = match capture.limits().threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        count => count,
    };
    let wanted = capture.limits().connections.max(1);
    let room = descriptors::room_for(wanted);
    if room < wanted {
        capture.say(format!(
            "the limit on open files (ulimit -n) leaves room for {room} connections at once, not {wanted}"
        ));
    }
    let shared = Arc::new(Shared {
        seats: Seats::new(room),
        open: (0..count).map(|_| AtomicUsize::new(0)).collect(),
        turned_away: AtomicU64::new(0),
        said: Mutex::default(),
    });
    // Bounded by the seats: each hand-over carries one.
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..count).map(|_| mpsc::unbounded_channel()).unzip();
    let finish = Arc::new(Finish::default());
    let mut threads = Threads {
        shared: shared.clone(),
        handles: Vec::new(),
        finish: finish.clone(),
        leaving: capture.leaving().clone(),
    };
    for (number, handed) in receivers.into_iter().enumerate() {
        let listener = bound.listener.try_clone().map_err(|error| wrong("share the listening socket", error))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()
            .map_err(|error| wrong("start a runtime", error))?;
        let worker = Arc::new(Worker {
            number,
            shared: shared.clone(),
            capture: capture.clone(),
            finish: finish.clone(),
            others: senders.clone(),
        });
        let run = move || runtime.block_on(run(worker, listener, handed));
        let handle = thread::Builder::new()
            .name(format!("capture-{number}"))
            .spawn(run)
            .map_err(|error| wrong("start a thread", error))?;
        threads.handles.push(handle);
    }
    Ok(threads)
}

impl Threads {
    /// Open connections.
    pub fn connections(&self) -> usize {
        self.shared.open.iter().map(|open| open.load(Ordering::Relaxed)).sum()
    }

    /// Senders that got 503.
    pub fn turned_away(&self) -> u64 {
        self.shared.turned_away.load(Ordering::Relaxed)
    }

    /// Stops accepting, waits for answers in flight up to `grace`, ends the threads.
    pub fn stop(mut self, grace: Duration) {
        self.end(grace);
    }

    fn end(&mut self, grace: Duration) {
        *self.finish.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + grace);
        self.leaving.begin();
        self.shared.seats.wake_all();
        for handle in self.handles.drain(..) {
            // A thread that panicked is over too.
            let _ = handle.join();
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

/// One thread's life.
async fn run(worker: Arc<Worker>, listener: std::net::TcpListener, mut handed: mpsc::UnboundedReceiver<Accepted>) {
    let mut reserve = Reserve::new(&listener);
    match listen(listener) {
        Ok(listener) => tokio::select! {
            () = worker.capture.leaving().begun() => {}
            () = accept(&worker, &listener, &mut reserve) => {}
            () = take_over(&worker, &mut handed) => {}
        },
        Err(error) => worker.capture.say(format!("cannot listen on thread {}: {error}", worker.number)),
    }
    // The listening socket is closed now. Connections end by themselves once they see that it leaves.
    let open = || worker.shared.open.get(worker.number).map_or(0, |open| open.load(Ordering::Relaxed));
    let deadline = *worker.finish.deadline.lock().unwrap_or_else(PoisonError::into_inner);
    let deadline = deadline.unwrap_or_else(Instant::now);
    loop {
        // Also what another thread hands over while this one is on its way out: it is counted here.
        while let Ok(accepted) = handed.try_recv() {
            survive(|| worker.serve(accepted));
        }
        if open() == 0 || Instant::now() >= deadline {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// A tokio listener on a socket that listens already. Listening once more only makes its queue longer than std does: a burst
/// of senders that finds the queue full would wait a second for its next try.
fn listen(listener: std::net::TcpListener) -> std::io::Result<TcpListener> {
    TcpSocket::from_std_stream(StdStream::from(OwnedFd::from(listener))).listen(BACKLOG)
}

async fn take_over(worker: &Arc<Worker>, handed: &mut mpsc::UnboundedReceiver<Accepted>) {
    while let Some(accepted) = handed.recv().await {
        survive(|| worker.serve(accepted));
    }
}

async fn accept(worker: &Arc<Worker>, listener: &TcpListener, reserve: &mut Reserve) {
    let mut backoff = BACKOFF.0;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                backoff = BACKOFF.0;
                // Nobody is served any more when this ends: over one connection it does not.
                let _ = AssertUnwindSafe(worker.admit(stream, peer)).catch_unwind().await;
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                worker.say_failed(&error);
                if !descriptors::are_missing(&error) || !worker.make_do(listener, reserve).await {
                    // No descriptors, no memory: others must end before it can work again.
                    worker.wait_for_one_less(backoff).await;
                    backoff = (backoff * 2).min(BACKOFF.1);
                }
            }
        }
    }
}

/// Errors of the connection that was to be accepted: the next one may be fine (accept(2)).
fn is_of_one_connection(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionRefused
            | ErrorKind::Interrupted
    )
}

impl Worker {
    /// Takes a new connection in, or turns it away.
    async fn admit(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        provoke_once("accept");
        if !self.shared.seats.room_within(PLACE_WITHIN).await {
            self.say_turned_away();
            return shed::turn_away(stream);
        }
        let taken = self.shared.seats.take();
        // A connection that cannot leave this runtime is broken already.
        if let Ok(stream) = stream.into_std() {
            self.place(Accepted { stream, peer, taken });
        }
    }

    fn say_turned_away(&self) {
        let count = self.shared.turned_away.fetch_add(1, Ordering::Relaxed) + 1;
        if is_due(&mut self.said().turned_away) {
            let max = self.shared.seats.max();
            self.capture.say(format!(
                "all {max} connections are at work: new senders get 503 ({count} so far); --max-connections says how many there may be"
            ));
        }
    }

    /// There are no descriptors: has an idle connection closed for the sender that waits, or else tells that sender so with the
    /// descriptor in reserve. `false`: nothing could be done.
    async fn make_do(&self, listener: &TcpListener, reserve: &mut Reserve) -> bool {
        match self.shared.seats.make_one_leave() {
            Room::Free => self.wait_for_one_less(BACKOFF.0).await,
            Room::In(wait) => self.wait_for_one_less(wait.clamp(BACKOFF.0, BACKOFF.1)).await,
            Room::None => {
                if !reserve.give_up() {
                    return reserve.hold(listener);
                }
                // Another thread may have been faster: then nobody waits any more.
                if let Ok(Ok((stream, _))) = tokio::time::timeout(BACKOFF.0, listener.accept()).await {
                    self.say_turned_away();
                    shed::turn_away_now(&stream);
                }
                return reserve.hold(listener);
            }
        }
        true
    }

    /// Until a connection has gone, for so long at most.
    async fn wait_for_one_less(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.shared.seats.freed()).await;
    }

    fn say_failed(&self, error: &std::io::Error) {
        if is_due(&mut self.said().failed) {
            self.capture.say(format!("cannot accept connections: {error}; trying again"));
        }
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.shared.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves it here or hands it to the thread with the fewest connections.
    fn place(self: &Arc<Self>, accepted: Accepted) {
        let open = |number: usize| self.shared.open.get(number).map_or(0, |open| open.load(Ordering::Relaxed));
        let idlest = (0..self.shared.open.len()).min_by_key(|number| (open(*number), *number != self.number));
        match idlest.and_then(|number| self.others.get(number).filter(|_| number != self.number).map(|to| (number, to)))
        {
            Some((number, to)) => {
                // Counted at once, so that the next one is not sent there too.
                self.count(number, true);
                if to.send(accepted).is_err() {
                    self.count(number, false);
                }
            }
            None => {
                self.count(self.number, true);
                self.serve(accepted);
            }
        }
    }

    /// Serves a connection that was counted.
    fn serve(self: &Arc<Self>, accepted: Accepted) {
        let Accepted { stream, peer, taken } = accepted;
        let worker = self.clone();
        tokio::spawn(async move {
            let _counted = Counted(&worker);
            let turn = match worker.capture.gone().turn(&stream).await {
                Turn::Now => None,
                Turn::Gone(turn) => Some(turn),
                Turn::Never => return Ear { capture: worker.capture.clone(), peer }.passed_over(&stream),
            };
            // The descriptor is non-blocking already: it comes from a tokio listener.
            if let Ok(stream) = TcpStream::from_std(stream) {
                let serve = connection::serve(stream, peer, &worker.capture, &taken.seat);
                match turn {
                    None => serve.await,
                    Some(turn) => turn.beside(serve).await,
                }
            }
            // Only now is its descriptor free.
            drop(taken);
        });
    }

    fn count(&self, number: usize, opened: bool) {
        if let Some(open) = self.shared.open.get(number) {
            match opened {
                true => open.fetch_add(1, Ordering::Relaxed),
                false => open.fetch_sub(1, Ordering::Relaxed),
            };
        }
    }
}

/// Counts a connection off, also when its task is dropped.
struct Counted<'a>(&'a Worker);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.count(self.0.number, false);
    }
}
