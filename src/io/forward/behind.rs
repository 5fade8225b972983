//! What goes on behind an answer, or later: a queue on a thread of its own, so that neither capture nor the interface waits.
//!
//! Each target has a line of its own: an app that hangs holds up nobody else's. What fails is tried again by the route's policy;
//! every try is an attempt in the session file.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until, timeout};

pub use job::Job;

use super::{ANSWER_BYTES_KEPT, Forwarder, Sent};
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{Attempt, AttemptKind, AttemptOutcome, SignatureChoice, Timing};
use crate::domain::forward::retry::TRIES_MAX;
use crate::domain::forward::{Course, Retry, Route, is_taken, retry};
use crate::domain::time::Timestamp;
use crate::io::clock;
use crate::io::inbox::Notice;
use crate::io::store::Store;
use crate::io::survive::survive;

mod course;
mod job;
mod line;
mod one_try;

use course::{Came, InOrder};
use line::{Later, Line, LineKey, Waiting};
use one_try::{Done, send, try_words};

/// Requests that wait to go on to one target, those under way and retries included. One more is not forwarded, and that is kept as a
/// failed attempt. Each target has its own: one that hangs must not take the place of another's.
pub const WAITING_MAX: usize = 10_000;
/// The same for a shadow: nobody misses what it does not get.
pub const SHADOW_WAITING_MAX: usize = 1_000;
/// Requests to one target at once.
const AT_ONCE_MAX: usize = 8;
/// How often an app that does not answer is asked whether it listens again.
const PROBE_EVERY: Duration = Duration::from_secs(2);
/// For what is under way when the program ends.
const LAST_WORDS: Duration = Duration::from_millis(500);

enum Ask {
    Job(Job),
    /// It is not tried again.
    Once(Job),
    /// One after the other to each app, each when the one before was answered.
    InOrder(Vec<Job>),
    Stop,
}

/// The running queue. Clones share it.
#[derive(Clone)]
pub struct Behind(Arc<Shared>);

struct Shared {
    asks: UnboundedSender<Ask>,
    waiting: AtomicUsize,
    course: Mutex<Option<Course>>,
    forwarder: Forwarder,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Behind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Behind").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

impl Behind {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread or no runtime.
    pub fn start(forwarder: Forwarder, store: Store) -> std::io::Result<Self> {
        let (asks, mut asked) = unbounded_channel();
        let shared = Arc::new(Shared {
            asks,
            waiting: AtomicUsize::new(0),
            course: Mutex::default(),
            forwarder: forwarder.clone(),
            thread: Mutex::default(),
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut worker = Worker {
            forwarder,
            store,
            shared: Arc::clone(&shared),
            lines: BTreeMap::new(),
            running: FuturesUnordered::new(),
            later: BinaryHeap::new(),
            delayed: 0,
            course: None,
            chance: clock::now().micros().unsigned_abs(),
        };
        let thread = std::thread::Builder::new().name("forward".into()).spawn(move || {
            // Apps wait in it that have nothing to do with each other: what goes wrong with one of them ends nothing.
            while survive(|| runtime.block_on(worker.run(&mut asked))).is_none() {}
        })?;
        *shared.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
        Ok(Self(shared))
    }

    /// What sends.
    pub fn forwarder(&self) -> &Forwarder {
        &self.0.forwarder
    }

    /// Lets a request go on as soon as its turn comes. Never waits.
    pub fn add(&self, job: Job) {
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
        let _ = self.0.asks.send(Ask::Job(job));
    }

    /// As [`Self::add`], for what is not tried again.
    pub fn add_once(&self, job: Job) {
        self.0.waiting.fetch_add(1, Ordering::Relaxed);
        let _ = self.0.asks.send(Ask::Once(job));
    }

    /// Lets requests go on in this order, each when its app has answered the one before. An app that does not answer gets no more
    /// of them; those of others go on. One course at a time: whether this one begins.
    pub fn add_in_order(&self, jobs: Vec<Job>) -> bool {
        let mut course = self.0.course.lock().unwrap_or_else(PoisonError::into_inner);
        if course.is_some() || jobs.is_empty() {
            return false;
        }
        *course = Some(Course { done: 0, of: jobs.len() });
        drop(course);
        let is_running = self.0.asks.send(Ask::InOrder(jobs)).is_ok();
        self.0.forwarder.healths().tell();
        is_running
    }

    /// How many wait, retries included.
    pub fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::Relaxed)
    }

    /// How far the requests are that go on in order; `None`: none do.
    pub fn course(&self) -> Option<Course> {
        *self.0.course.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends it: what is under way has a moment, what still waits is kept as failed. Blocks for about a second at most.
    pub fn stop(&self) {
        let _ = self.0.asks.send(Ask::Stop);
        let thread = self.0.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

type Running = Pin<Box<dyn Future<Output = Option<Done>> + Send>>;

struct Worker {
    forwarder: Forwarder,
    store: Store,
    shared: Arc<Shared>,
    lines: BTreeMap<LineKey, Line>,
    running: FuturesUnordered<Running>,
    later: BinaryHeap<Later>,
    /// Counts up: what is due at the same time goes in the order in which it failed.
    delayed: u64,
    course: Option<InOrder>,
    chance: u64,
}

impl Worker {
    async fn run(&mut self, asked: &mut UnboundedReceiver<Ask>) {
        let mut probes = interval(PROBE_EVERY);
        probes.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.begin();
            let due = self.later.peek().map(|later| later.0.0.0);
            let is_due = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                ask = asked.recv() => match ask {
                    Some(Ask::Job(job)) => self.take(job, false),
                    Some(Ask::Once(job)) => self.take(job, true),
                    Some(Ask::InOrder(jobs)) => self.begin_course(jobs),
                    Some(Ask::Stop) | None => break,
                },
                Some(done) = self.running.next(), if !self.running.is_empty() => {
                    if let Some(done) = done {
                        self.done(done);
                    }
                }
                () = is_due => self.due(),
                _ = probes.tick() => self.probe(),
            }
        }
        asked.close();
        while let Ok(ask) = asked.try_recv() {
            if let Ask::Job(job) | Ask::Once(job) = ask {
                self.take(job, false);
            }
        }
        self.end().await;
    }

    fn take(&mut self, job: Job, is_once: bool) {
        let max = if job.kind == AttemptKind::Shadow { SHADOW_WAITING_MAX } else { WAITING_MAX };
        let line = self.lines.entry(job.line()).or_default();
        if line.count >= max {
            let was_said = std::mem::replace(&mut line.is_full_said, true);
            if !was_said {
                self.store.say(format!("{max} requests wait for {}: more are not forwarded to it for now", job.to));
            }
            self.not_forwarded(&job, format!("not forwarded: {max} requests wait for {} already", job.to));
            self.waits_no_more();
            return;
        }
        line.is_full_said = false;
        line.count += 1;
        line.waiting.push_back(Waiting { job, failed: 0, is_in_order: false, is_once });
        self.forwarder.healths().tell();
    }

    /// Lets go on what may.
    fn begin(&mut self) {
        let mut ready = Vec::new();
        for line in self.lines.values_mut() {
            while line.running < AT_ONCE_MAX
                && let Some(waiting) = line.waiting.pop_front()
            {
                line.running += 1;
                ready.push(waiting);
            }
        }
        self.lines.retain(|_, line| line.count > 0);
        for waiting in ready {
            let sending = send(self.forwarder.clone(), self.store.clone(), waiting);
            self.running.push(Box::pin(async move { Some(sending.await) }));
        }
    }

    /// What waited for its next try, and waits no more.
    fn due(&mut self) {
        let now = Instant::now();
        while self.later.peek().is_some_and(|later| later.0.0.0 <= now) {
            let Some(Later(_, waiting)) = self.later.pop() else { return };
            self.lines.entry(waiting.job.line()).or_default().waiting.push_back(waiting);
        }
    }

    fn done(&mut self, done: Done) {
        let Done { waiting, at, mut sent } = done;
        if !waiting.is_in_order
            && let Some(line) = self.lines.get_mut(&waiting.job.line())
        {
            line.running = line.running.saturating_sub(1);
        }
        let answered = match &sent.outcome {
            AttemptOutcome::Answered { status, headers, .. } => {
                Some((*status, headers.get_str("retry-after").and_then(|value| value.trim().parse::<u64>().ok())))
            }
            AttemptOutcome::Failed { .. } => None,
        };
        let is_late = sent.is_late;
        if waiting.is_in_order {
            self.keep(&waiting.job, at, sent);
            let came = match answered {
                Some((status, _)) => Came::Answer(status),
                None if is_late => Came::Late,
                None => Came::Nothing,
            };
            self.next_in_order(&waiting.job.to.origin, came);
            return;
        }
        let may_change = answered.is_none_or(|(status, _)| retry::may_change(status));
        let failed = waiting.failed + 1;
        // SplitMix64's step: any sequence that does not repeat soon.
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let Route { retry, shadow_tries, .. } = *waiting.job.route;
        let retry = match (waiting.is_once, waiting.job.kind) {
            (true, _) => Retry { tries: 1, ..retry },
            (false, AttemptKind::Shadow) => Retry { tries: shadow_tries, ..retry },
            (false, _) => retry,
        };
        let wait = retry.wait_after(failed, self.chance >> 33).filter(|_| may_change).map(|wait_ms| {
            let asked_ms = answered.and_then(|(_, seconds)| seconds).unwrap_or(0).saturating_mul(1000);
            Duration::from_millis(wait_ms.max(asked_ms.min(retry.wait_ms_max)))
        });
        let is_taken = answered.is_some_and(|(status, _)| is_taken(status));
        sent.notes.extend(try_words(failed, retry.tries.clamp(1, TRIES_MAX), wait, (is_taken, may_change)));
        self.keep(&waiting.job, at, sent);
        match wait {
            Some(wait) => {
                self.delayed += 1;
                self.later.push(Later(Reverse((Instant::now() + wait, self.delayed)), Waiting { failed, ..waiting }));
            }
            None => self.finished(&waiting.job),
        }
    }

    /// One is done with, whatever came of it.
    fn finished(&mut self, job: &Job) {
        if let Some(line) = self.lines.get_mut(&job.line()) {
            line.count = line.count.saturating_sub(1);
        }
        self.waits_no_more();
    }

    fn waits_no_more(&self) {
        self.shared.waiting.fetch_sub(1, Ordering::Relaxed);
        self.forwarder.healths().tell();
    }

    /// Keeps what came of a try.
    fn keep(&self, job: &Job, at: Timestamp, mut sent: Sent) {
        if let AttemptOutcome::Answered { body, .. } = &mut sent.outcome
            && body.bytes.len() > ANSWER_BYTES_KEPT
        {
            // A copy: a slice would hold the whole.
            body.bytes = bytes::Bytes::copy_from_slice(body.bytes.get(..ANSWER_BYTES_KEPT).unwrap_or_default());
        }
        let (outgoing, outcome, timing) = sent.noted();
        let attempt = Attempt {
            exchange: job.exchange,
            number: 0,
            at,
            kind: job.kind,
            sent: outgoing,
            signature: SignatureChoice::Kept,
            outcome,
            timing,
        };
        match self.store.append_attempt(attempt) {
            Ok(attempt) => self.store.inbox().push(Notice::Attempted(attempt)),
            Err(error) => {
                self.store.say(format!("what came of forwarding {} could not be kept: {error}", job.exchange))
            }
        }
    }

    fn not_forwarded(&self, job: &Job, message: String) {
        let outgoing = Outgoing { origin: job.to.origin.clone(), head: bytes::Bytes::new(), body: bytes::Bytes::new() };
        let outcome = AttemptOutcome::Failed { message };
        let sent = Sent { outgoing, outcome, timing: Timing::default(), is_late: false, notes: Vec::new() };
        self.keep(job, clock::now(), sent);
    }

    fn begin_course(&mut self, jobs: Vec<Job>) {
        self.course = Some(InOrder::new(jobs));
        self.continue_course();
    }

    fn next_in_order(&mut self, origin: &str, came: Came) {
        if let Some(course) = &mut self.course {
            course.came(origin, came);
        }
        self.continue_course();
    }

    /// Lets go on in order what may, and says what came of it when nothing is left.
    fn continue_course(&mut self) {
        let Some(course) = &mut self.course else { return };
        let jobs = course.next();
        let now = (!course.is_over()).then(|| course.course());
        *self.shared.course.lock().unwrap_or_else(PoisonError::into_inner) = now;
        if now.is_none() {
            self.store.say(course.words());
            self.course = None;
        }
        self.forwarder.healths().tell();
        for job in jobs {
            let waiting = Waiting { job, failed: 0, is_in_order: true, is_once: false };
            let sending = send(self.forwarder.clone(), self.store.clone(), waiting);
            self.running.push(Box::pin(async move { Some(sending.await) }));
        }
    }

    /// Asks apps that do not answer whether they listen again.
    fn probe(&mut self) {
        self.forwarder.sweep();
        for origin in self.forwarder.healths().down() {
            let forwarder = self.forwarder.clone();
            self.running.push(Box::pin(async move {
                forwarder.probe(&origin).await;
                None
            }));
        }
    }

    /// The last moment of what is under way; what still waits is kept as failed, so that it is found next time.
    async fn end(&mut self) {
        let until = Instant::now() + LAST_WORDS;
        while !self.running.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            match timeout(left, self.running.next()).await {
                Ok(Some(Some(done))) => {
                    self.keep(&done.waiting.job, done.at, done.sent);
                }
                Ok(Some(None)) => {}
                Ok(None) | Err(_) => break,
            }
        }
        let lines = std::mem::take(&mut self.lines);
        let later = std::mem::take(&mut self.later).into_vec();
        let left = lines.into_values().flat_map(|line| line.waiting).chain(later.into_iter().map(|Later(_, one)| one));
        for waiting in left.collect::<Vec<_>>() {
            self.not_forwarded(&waiting.job, "not forwarded: hooksight was stopped before its turn came".to_owned());
            self.waits_no_more();
        }
    }
}
