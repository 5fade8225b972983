//! Being told to stop: Ctrl-C, `kill`, a terminal that closes.

use std::future::Future;

use anyhow::Context as _;

/// Why to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT: exit code 130, so that a script stops as well.
    Interrupt,
    /// SIGTERM or SIGHUP: a clean end, exit code 0.
    End,
}

/// Waits until the process is told to stop. From the first call on these signals no longer kill it.
///
/// # Errors
/// When the system takes no handler.
#[cfg(unix)]
pub async fn requested() -> anyhow::Result<Signal> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hangup = listen(SignalKind::hangup())?;
    Ok(tokio::select! {
        _ = interrupt.recv() => Signal::Interrupt,
        _ = terminate.recv() => Signal::End,
        _ = hangup.recv() => Signal::End,
    })
}

/// Waits until the process is told to stop.
///
/// # Errors
/// When the system takes no handler.
#[cfg(not(unix))]
pub async fn requested() -> anyhow::Result<Signal> {
    tokio::signal::ctrl_c().await.context("cannot listen for signals")?;
    Ok(Signal::Interrupt)
}

/// Runs a future on this thread.
///
/// # Errors
/// The future's, or when no runtime can be had.
pub fn block_on<T>(future: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start a runtime")?
        .block_on(future)
}
