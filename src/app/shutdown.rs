//! Being told to stop: Ctrl-C, `kill`, a terminal that closes.
//!
//! One thread takes the signals for the whole life of the process and passes them on to the loop that runs. It needs nothing
//! of that loop: one that hangs (a terminal stopped by Ctrl-S, a pipe that nobody reads) cannot keep the process alive.

use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use rustix::termios::{OptionalActions, Termios, tcsetattr};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal as Stream, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::panics::survive;
use crate::io::provoke::provoke_once;
use crate::io::store::Store;
use crate::io::terminal;

/// How long answers in flight may take when we leave.
pub const GRACE: Duration = Duration::from_secs(2);
/// How long the loop may take from the signal to its end: answers in flight have [`GRACE`] of it.
const LEAVE_MAX: Duration = GRACE.saturating_add(Duration::from_millis(500));
/// How long the last things may take when the process ends in a hurry. They take some milliseconds, unless the machine is busy.
const LAST_MAX: Duration = Duration::from_secs(1);

/// Why to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: exit code 130, so that a script stops as well.
    Interrupt,
    /// SIGTERM, SIGQUIT or SIGHUP: a clean end, exit code 0.
    End,
}

/// The signals that ask for an end, for a loop that leaves in order. The second one ends the process at once, and so does
/// a loop that takes too long. SIGHUP is left alone where it was ignored at the start (`nohup`).
#[derive(Debug)]
pub struct Signals {
    told: UnboundedReceiver<Signal>,
    guard: UnboundedSender<Order>,
}

impl Signals {
    /// Takes the signals over. Do it before saying that one is ready.
    ///
    /// # Errors
    /// When the system takes no handler or gives no thread.
    pub fn listen() -> anyhow::Result<Self> {
        let guard = guard()?;
        let (tell, told) = unbounded_channel();
        let _ = guard.send(Order::Loop(tell));
        Ok(Self { told, guard })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) -> Signal {
        match self.told.recv().await {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }

    /// What is to be flushed even if the process ends in a hurry.
    pub fn keep(&self, store: &Store) {
        let _ = self.guard.send(Order::Store(store.clone()));
    }

    /// Whether SIGINT and SIGQUIT are meant for another program that has the terminal now.
    pub fn ignore_interrupts(&self, ignore: bool) {
        let _ = self.guard.send(Order::IgnoreInterrupts(ignore));
    }

    /// What another thread calls when the loop has to leave without a signal: it has as long as after one.
    pub fn leave_by_itself(&self, code: i32) -> impl FnOnce() + Send + 'static {
        let guard = self.guard.clone();
        move || drop(guard.send(Order::Leaving(code)))
    }

    /// The loop leaves by itself, to end with this exit code.
    pub fn leaving(&self, code: i32) {
        let _ = self.guard.send(Order::Leaving(code));
    }
}

/// While the terminal's echo is off: a signal switches it on again before the process ends, and off again when the process goes on
/// after Ctrl-Z, because the shell had it on meanwhile. Dropping this switches it on too.
#[derive(Debug)]
pub struct EchoOff {
    before: Termios,
    guard: UnboundedSender<Order>,
}

impl EchoOff {
    /// Switches to `quiet`; `before` comes back.
    ///
    /// # Errors
    /// When the terminal or the system refuses.
    pub fn switch(before: Termios, quiet: &Termios) -> anyhow::Result<Self> {
        let guard = guard()?;
        let _ = guard.send(Order::Echo(Some(Box::new(Echo { before: before.clone(), quiet: quiet.clone() }))));
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Flush, quiet)
            .context("cannot switch the terminal's echo off")?;
        Ok(Self { before, guard })
    }
}

impl Drop for EchoOff {
    fn drop(&mut self) {
        let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Flush, &self.before);
        let _ = self.guard.send(Order::Echo(None));
    }
}

/// What the guard is told.
#[derive(Debug)]
enum Order {
    Loop(UnboundedSender<Signal>),
    Store(Store),
    IgnoreInterrupts(bool),
    Leaving(i32),
    Echo(Option<Box<Echo>>),
}

/// How the terminal was, and how it is while somebody types what nobody else may see.
#[derive(Debug)]
struct Echo {
    before: Termios,
    quiet: Termios,
}

/// A way to the one guard of the process, started when it is first needed.
fn guard() -> anyhow::Result<UnboundedSender<Order>> {
    static GUARD: OnceLock<Result<UnboundedSender<Order>, String>> = OnceLock::new();
    GUARD.get_or_init(|| Guard::start().map_err(|error| format!("{error:#}"))).clone().map_err(|words| anyhow!(words))
}

struct Guard {
    orders: UnboundedReceiver<Order>,
    told: Option<UnboundedSender<Signal>>,
    store: Option<Store>,
    echo: Option<Box<Echo>>,
    ignores_interrupts: bool,
    /// Set once the loop is on its way out: the exit code, and until when it may take.
    leaving: Option<(i32, Instant)>,
    /// While a signal is looked at that asks for an end: the exit code, should that go wrong.
    at_once: Option<i32>,
}

impl Guard {
    fn start() -> anyhow::Result<UnboundedSender<Order>> {
        let (give, orders) = unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let caught = {
            let _inside = runtime.enter();
            Caught::take()?
        };
        let guard = Self {
            orders,
            told: None,
            store: None,
            echo: None,
            ignores_interrupts: false,
            leaving: None,
            at_once: None,
        };
        std::thread::Builder::new()
            .name("signals".into())
            .spawn(move || guard.watch(&runtime, caught))
            .context("cannot start a thread for signals")?;
        Ok(give)
    }

    /// For as long as the process lives. After a panic over a signal the process ends: nobody sends it twice.
    fn watch(mut self, runtime: &Runtime, mut caught: Caught) {
        while survive(|| runtime.block_on(self.run(&mut caught))).is_none() {
            if let Some(code) = self.at_once {
                self.end(code);
            }
        }
    }

    async fn run(&mut self, caught: &mut Caught) {
        loop {
            let deadline = self.leaving.map(|(_, deadline)| deadline);
            tokio::select! {
                // What was ordered before a signal came holds for it.
                biased;
                Some(order) = self.orders.recv() => self.obey(order),
                number = caught.next() => self.caught(number),
                () = tokio::time::sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    self.end(self.leaving.map_or(0, |(code, _)| code));
                }
            }
        }
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Loop(told) => self.told = Some(told),
            Order::Store(store) => self.store = Some(store),
            Order::IgnoreInterrupts(ignore) => self.ignores_interrupts = ignore,
            Order::Leaving(code) => self.leave(code),
            Order::Echo(before) => self.echo = before,
        }
    }

    fn leave(&mut self, code: i32) {
        self.leaving.get_or_insert_with(|| (code, Instant::now() + LEAVE_MAX));
    }

    fn caught(&mut self, kind: SignalKind) {
        if kind != continued() {
            self.at_once = Some(128 + kind.as_raw_value());
        }
        provoke_once("signals");
        self.act_on(kind);
        self.at_once = None;
    }

    fn act_on(&mut self, kind: SignalKind) {
        if kind == continued() {
            return self.hide_again();
        }
        let is_interrupt = kind == SignalKind::interrupt();
        if self.ignores_interrupts && (is_interrupt || kind == SignalKind::quit()) {
            return;
        }
        let at_once = 128 + kind.as_raw_value();
        match &self.told {
            None => self.end(at_once),
            // A terminal that closes sends it, and the shell in it once more: no hand is behind that.
            Some(_) if self.leaving.is_some() && kind == SignalKind::hangup() => {}
            Some(_) if self.leaving.is_some() => self.end(at_once),
            Some(told) => {
                let signal = if is_interrupt { Signal::Interrupt } else { Signal::End };
                let _ = told.send(signal);
                self.leave(if is_interrupt { 130 } else { 0 });
            }
        }
    }

    /// Somebody stopped us and let us go on. From the background the terminal is not ours to change.
    fn hide_again(&self) {
        let stdin = rustix::stdio::stdin();
        if let Some(echo) = &self.echo
            && rustix::termios::tcgetpgrp(stdin).is_ok_and(|group| group == rustix::process::getpgrp())
        {
            let _ = tcsetattr(stdin, OptionalActions::Now, &echo.quiet);
        }
    }

    /// Ends the process without its loop: the terminal is given back and answers that wait are written, if that does not
    /// hang as well.
    fn end(&mut self, code: i32) {
        if let Some(echo) = &self.echo {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &echo.before);
        }
        let (done, all_done) = mpsc::channel::<()>();
        let (also_done, store) = (done.clone(), self.store.take());
        std::thread::spawn(move || {
            // Not all of the time: what undoes our modes has to be written in it.
            terminal::give_back_by_force(LAST_MAX / 2);
            drop(done);
        });
        std::thread::spawn(move || {
            if let Some(store) = store {
                store.flush();
            }
            drop(also_done);
        });
        // Ends when both are dropped, or with the time.
        let _ = all_done.recv_timeout(LAST_MAX);
        std::process::exit(code);
    }
}

/// The signals themselves.
struct Caught {
    interrupt: Stream,
    terminate: Stream,
    quit: Stream,
    hangup: Option<Stream>,
    continued: Stream,
}

impl Caught {
    fn take() -> anyhow::Result<Self> {
        // Asked before: taking it over would end that.
        let is_hangup_ignored = is_ignored(SignalKind::hangup());
        let take = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self {
            interrupt: take(SignalKind::interrupt())?,
            terminate: take(SignalKind::terminate())?,
            quit: take(SignalKind::quit())?,
            hangup: if is_hangup_ignored { None } else { Some(take(SignalKind::hangup())?) },
            continued: take(continued())?,
        })
    }

    async fn next(&mut self) -> SignalKind {
        tokio::select! {
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.terminate.recv() => SignalKind::terminate(),
            _ = self.quit.recv() => SignalKind::quit(),
            _ = hung_up(&mut self.hangup) => SignalKind::hangup(),
            _ = self.continued.recv() => continued(),
        }
    }
}

/// SIGCONT.
fn continued() -> SignalKind {
    SignalKind::from_raw(rustix::process::Signal::CONT.as_raw())
}

async fn hung_up(stream: &mut Option<Stream>) {
    match stream {
        Some(stream) => drop(stream.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether the signal is ignored, as `nohup` leaves it. `/proc/self/status` says it (proc(5), `SigIgn`); where there is none,
/// no.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    kind.as_raw_value().checked_sub(1).is_some_and(|bit| mask >> bit & 1 == 1)
}
