//! The terminal's events, read on a thread of their own.
//!
//! Not by the loop: on a terminal that hung up the library spins in the middle of a poll and does not come back (crossterm
//! issue 793), and a loop that is caught in there could not leave in order.

mod late;

use std::io;
use std::sync::mpsc as std_mpsc;
use std::time::Duration;

use anyhow::Context as _;
use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use late::Sieve;

use crate::app::panics::survive;
use crate::io::provoke::provoke_once;

/// How long to wait until nobody reads the terminal any more. One that spins is not waited for.
const PAUSE_MAX: Duration = Duration::from_millis(300);
/// How often reading begins anew after a panic. What made the library panic may still stand in its buffer: then the interface ends.
const PANICS_MAX: usize = 5;

/// The running thread. It ends when this is dropped.
pub struct Keys {
    events: UnboundedReceiver<io::Result<Event>>,
    orders: UnboundedSender<Order>,
}

enum Order {
    /// Let go of the terminal's input, and say so.
    Pause(std_mpsc::Sender<()>),
    Resume,
}

impl Keys {
    /// Starts reading.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> anyhow::Result<Self> {
        let (orders, ordered) = unbounded_channel();
        let (give, events) = unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new()
            .name("keys".into())
            .spawn(move || read_on(&runtime, ordered, &give))
            .context("cannot start a thread for keys")?;
        Ok(Self { events, orders })
    }

    /// The next event; an error when there will be none.
    pub async fn next(&mut self) -> io::Result<Event> {
        self.events.recv().await.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))
    }

    /// Lets go of the terminal's input, for an editor or a shell. What was read before is still to be had.
    pub fn pause(&self) {
        let (paused, is_paused) = std_mpsc::channel();
        let _ = self.orders.send(Order::Pause(paused));
        let _ = is_paused.recv_timeout(PAUSE_MAX);
    }

    /// Reads again.
    pub fn resume(&self) {
        let _ = self.orders.send(Order::Resume);
    }
}

/// Reads until there is nothing more to read. What is pressed while it panics is lost; the next key is not.
fn read_on(runtime: &Runtime, mut ordered: UnboundedReceiver<Order>, give: &UnboundedSender<io::Result<Event>>) {
    for _ in 0..PANICS_MAX {
        if survive(|| runtime.block_on(read(&mut ordered, give))).is_some() {
            return;
        }
    }
}

async fn read(ordered: &mut UnboundedReceiver<Order>, give: &UnboundedSender<io::Result<Event>>) {
    let mut stream = Some(EventStream::new());
    let mut sieve = Sieve::default();
    let give_all = |events: Vec<Event>| events.into_iter().all(|event| give.send(Ok(event)).is_ok());
    loop {
        let patience = sieve.patience();
        tokio::select! {
            biased;
            order = ordered.recv() => match order {
                None => return,
                Some(Order::Pause(paused)) => {
                    stream = None;
                    give_all(sieve.silence());
                    let _ = paused.send(());
                }
                Some(Order::Resume) => stream = Some(EventStream::new()),
            },
            event = next(&mut stream) => match event {
                Some(Ok(event)) => {
                    provoke_once("keys");
                    if !give_all(sieve.take(event)) {
                        return;
                    }
                }
                over => {
                    give_all(sieve.silence());
                    let _ = give.send(over.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into())));
                    return;
                }
            },
            () = tokio::time::sleep(patience.unwrap_or_default()), if patience.is_some() => {
                give_all(sieve.silence());
            }
        }
    }
}

async fn next(stream: &mut Option<EventStream>) -> Option<io::Result<Event>> {
    match stream {
        Some(stream) => stream.next().await,
        None => std::future::pending().await,
    }
}
