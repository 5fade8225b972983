//! The signals that concern a program that holds a terminal.

use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::app::shutdown;

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
    /// SIGCONT: somebody else drew on the terminal meanwhile, and may have changed its modes.
    Continued,
}

/// The signals, taken over while this lives.
pub struct Signals {
    /// Those that ask for an end.
    pub end: shutdown::Signals,
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
            end: shutdown::Signals::listen()?,
            suspend: take(from_rustix(rustix::process::Signal::TSTP))?,
            resized: take(SignalKind::window_change())?,
            continued: take(from_rustix(rustix::process::Signal::CONT))?,
        })
    }

    /// The next one.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            signal = self.end.next() => match signal {
                shutdown::Signal::End => Asked::Leave,
                shutdown::Signal::Interrupt => Asked::Interrupt,
            },
            _ = self.suspend.recv() => Asked::Suspend,
            _ = self.continued.recv() => Asked::Continued,
            _ = self.resized.recv() => Asked::Resized,
        }
    }
}

fn from_rustix(signal: rustix::process::Signal) -> SignalKind {
    SignalKind::from_raw(signal.as_raw())
}

/// Whether a shell waits that can continue us. A shell puts each job in a process group of its own; in the group of the
/// session's leader (`xterm -e hooksight`, a window of tmux) nobody would, and stopping would be for ever. The kernel drops
/// SIGTSTP there for the same reason (POSIX 2.4.3).
pub fn can_be_continued() -> bool {
    use rustix::process::{getpgid, getsid};
    matches!((getpgid(None), getsid(None)), (Ok(group), Ok(session)) if group != session)
}

/// Stops the job as Ctrl-Z does and returns when somebody continues it. The whole group, as the terminal's own Ctrl-Z
/// would: a wrapper that started us (`cargo run`) must stop too, or the shell would wait for it. SIGSTOP, because our own
/// SIGTSTP handler would only be told again.
pub fn stop_this_job() {
    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
    if has_wrapper() {
        std::thread::sleep(WRAPPER_PAUSE);
    }
}

/// How long a wrapper that was continued may take to stop once more: `su` does when it hears only then that its child had
/// stopped. What we draw meanwhile would stand in the shell's terminal; after it the kernel stops us at the first try.
const WRAPPER_PAUSE: Duration = Duration::from_millis(100);

/// Whether our parent is in our group: it is no shell that gives each job a group of its own.
fn has_wrapper() -> bool {
    use rustix::process::{getpgid, getpgrp, getppid};
    getppid().is_some_and(|parent| getpgid(Some(parent)).is_ok_and(|group| group == getpgrp()))
}
