//! Forwarding: what goes on to the user's own app, where to, and how patiently. What it is for the user: docs/forwarding.md.

use std::sync::Arc;

use bytes::Bytes;

use super::timing::Timing;

pub mod difference;
pub mod head;
pub mod retry;
pub mod target;

#[cfg(test)]
mod tests;

pub use retry::Retry;
pub use target::Target;

/// How requests of some path go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The app: whose answer counts.
    pub first: Arc<Target>,
    /// Others that get the same request behind the first one's answer.
    pub also: Vec<Also>,
    /// Whether our own reply goes back at once and the request goes on behind it; else the first one's answer goes back.
    pub acknowledges: bool,
    /// How long a target may take for one request, from looking it up to the end of its answer, in milliseconds.
    pub timeout_ms: u64,
    /// When to try again what nobody waits for.
    pub retry: Retry,
    /// Tries in all of a shadow: what it does not take is a difference to be seen, and nobody's loss.
    pub shadow_tries: u32,
    /// Whether what came as `X-Forwarded-*` is believed and added to, not replaced.
    pub trusts_forwarded: bool,
}

/// One more target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Also {
    /// Where.
    pub target: Arc<Target>,
    /// Whether its answer is compared with the first one's.
    pub is_shadow: bool,
}

impl Route {
    /// To one target, with the defaults of everything else.
    pub fn to(target: Target) -> Self {
        Self {
            first: Arc::new(target),
            also: Vec::new(),
            acknowledges: false,
            timeout_ms: TIMEOUT_MS,
            retry: Retry::default(),
            shadow_tries: 1,
            trusts_forwarded: false,
        }
    }

    /// All targets, the first one first.
    pub fn targets(&self) -> impl Iterator<Item = &Arc<Target>> {
        std::iter::once(&self.first).chain(self.also.iter().map(|also| &also.target))
    }
}

/// How long a target may take unless it is said, in milliseconds: longer than most providers wait.
pub const TIMEOUT_MS: u64 = 30_000;

/// Which requests go where: the longest pattern that fits, as replies by path are chosen; else the route for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Routes {
    /// By path: exact, or its beginning where it ends in `*`.
    pub paths: Vec<(String, Arc<Route>)>,
    /// For all others.
    pub all: Option<Arc<Route>>,
}

impl Routes {
    /// Whether nothing is forwarded.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.all.is_none()
    }

    /// The route of a path.
    pub fn of(&self, path: &[u8]) -> Option<&Arc<Route>> {
        let weight = |pattern: &str| match pattern.strip_suffix('*') {
            Some(stem) => path.starts_with(stem.as_bytes()).then_some((stem.len(), false)),
            None => (path == pattern.as_bytes()).then_some((path.len(), true)),
        };
        let fitting = self.paths.iter().filter_map(|(pattern, route)| Some((weight(pattern)?, route)));
        fitting.max_by_key(|(weight, _)| *weight).map(|(_, route)| route).or(self.all.as_ref())
    }

    /// The target of a path's route that is at this origin (`http://host:port`), if it goes there.
    pub fn target_at(&self, path: &[u8], origin: &str) -> Option<&Arc<Target>> {
        let route = self.of(path)?;
        std::iter::once(&route.first)
            .chain(route.also.iter().map(|also| &also.target))
            .find(|target| target.origin == origin)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.all.iter().chain(self.paths.iter().map(|(_, route)| route))
    }
}

/// How an answer came about that is an app's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    /// The app: `http://localhost:3000`.
    pub origin: String,
    /// The head that it got; the body is the request's.
    pub head: Bytes,
    /// Where the time went.
    pub timing: Timing,
    /// Why the app gave no answer that could go back: what was tried, what happened, what to do.
    pub error: Option<String>,
}

/// Whether an app answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// It did, whatever it said.
    Up,
    /// It took a request and did not answer in time: what it was.
    Slow(String),
    /// It did not answer: why.
    Down(String),
}

impl Health {
    /// Whether it did.
    pub const fn is_up(&self) -> bool {
        matches!(self, Self::Up)
    }
}

/// How far requests are that go on in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// Those that the app answered.
    pub done: usize,
    /// All.
    pub of: usize,
}

/// What the last try came to that brought a request to its app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Onward {
    /// The app answered with this status.
    Answered(u16),
    /// It did not answer.
    Failed,
    /// It was acknowledged to be brought there, and there is no word of a try: the program ended before.
    Waiting,
}

impl Onward {
    /// Whether the app took it.
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Answered(status) if is_taken(status))
    }
}

/// Whether an answer with this status says that the app took it: what else there is counts as failed.
pub const fn is_taken(status: u16) -> bool {
    matches!(status, 200..=399)
}
