//! How long one attempt may take: until its time is over, or until the user has seen enough.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// Why nothing more is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The time of this limit was over.
    Late(Duration),
    /// The user ended it, so long after it began.
    Stopped(Duration),
}

impl Cut {
    /// `within 30 s`, or `before it was ended by hand after 3.2 s`.
    pub fn words(self) -> String {
        match self {
            Self::Late(limit) => format!("within {}", seconds(limit)),
            Self::Stopped(after) => format!("before it was ended by hand after {}", seconds(after)),
        }
    }
}

/// What is left of it.
#[derive(Debug)]
pub struct Patience {
    begun: Instant,
    limit: Duration,
    stop: Option<watch::Receiver<bool>>,
}

impl Patience {
    /// From now on, for so long, unless `stop` turns true.
    pub fn new(limit: Duration, stop: Option<watch::Receiver<bool>>) -> Self {
        Self { begun: Instant::now(), limit, stop }
    }

    /// When its time is over.
    pub fn deadline(&self) -> Instant {
        self.begun + self.limit
    }

    /// Whether its time is not over yet.
    pub fn is_left(&self) -> bool {
        Instant::now() < self.deadline()
    }

    /// What comes of it, if that comes in time.
    pub async fn wait<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Cut> {
        let deadline = self.deadline();
        tokio::select! {
            biased;
            () = stopped(&mut self.stop) => Err(Cut::Stopped(self.begun.elapsed())),
            done = timeout_at(deadline, work) => done.map_err(|_| Cut::Late(self.limit)),
        }
    }
}

/// Until somebody says so; for ever when nobody can any more.
async fn stopped(stop: &mut Option<watch::Receiver<bool>>) {
    if let Some(stop) = stop
        && stop.wait_for(|stopped| *stopped).await.is_ok()
    {
        return;
    }
    std::future::pending().await
}

/// Whole seconds or milliseconds.
fn seconds(time: Duration) -> String {
    let ms = time.as_millis();
    if ms.is_multiple_of(1000) { format!("{} s", ms / 1000) } else { format!("{ms} ms") }
}
