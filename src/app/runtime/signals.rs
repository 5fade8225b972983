//! The signals that concern a program that holds a terminal.

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// SIGTERM, SIGHUP, SIGQUIT: leave cleanly, exit code 0.
    Leave,
    /// SIGINT from outside (the key itself comes as a key): leave, exit code 130.
    Interrupt,
    /// SIGTSTP from outside: give the terminal back and stop.
    Suspend,
    /// SIGWINCH: the terminal has another size. The terminal library tells it too, but loses it when a key comes in the
    /// same moment.
    Resized,
    /// SIGCONT: somebody else drew on the terminal meanwhile.
    Continued,
}

/// The signals, taken over while this lives.
pub struct Signals {
    terminate: Signal,
    hangup: Signal,
    quit: Signal,
    interrupt: Signal,
    suspend: Signal,
    continued: Signal,
    resized: Signal,
}

impl Signals {
    /// Takes them over, from within a runtime.
    ///
    /// # Errors
    /// When the system takes no handler.
    pub fn take() -> anyhow::Result<Self> {
        let take = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self {
            terminate: take(SignalKind::terminate())?,
            hangup: take(SignalKind::hangup())?,
            quit: take(SignalKind::quit())?,
            interrupt: take(SignalKind::interrupt())?,
            suspend: take(from_rustix(rustix::process::Signal::TSTP))?,
            resized: take(SignalKind::window_change())?,
            continued: take(from_rustix(rustix::process::Signal::CONT))?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Leave,
            _ = self.hangup.recv() => Asked::Leave,
            _ = self.quit.recv() => Asked::Leave,
            _ = self.interrupt.recv() => Asked::Interrupt,
            _ = self.suspend.recv() => Asked::Suspend,
            _ = self.continued.recv() => Asked::Continued,
            _ = self.resized.recv() => Asked::Resized,
        }
    }
}

fn from_rustix(signal: rustix::process::Signal) -> SignalKind {
    SignalKind::from_raw(signal.as_raw())
}

/// Stops this process as Ctrl-Z does and returns when somebody continues it. SIGSTOP, because our own SIGTSTP handler
/// would only be told again.
pub fn stop_this_process() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}
