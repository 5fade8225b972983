//! Makes the calls that rules ask for, each so long behind its answer as its rule says. What came of it is kept as an attempt of its
//! exchange, refusals too.
//!
//! Strangers bring the URLs: so many calls may wait, so many are under way at a time, each with its limits, and each goes through
//! the gate of everything that sends.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use super::clock;
use super::panics::survive;
use super::reach::{Reach, Way};
use crate::domain::callback::{Call, NOT_CALLED};
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{Answer, Attempt, AttemptKind, AttemptOutcome, ExchangeId, SignatureChoice, Timing};
use crate::domain::quantity::counted;
use crate::domain::reply::ChosenBy;
use crate::domain::target_rules::{TargetRules, Zone, is_localhost};
use crate::io::inbox::Notice;
use crate::io::provoke::{provoke, provoke_once};
use crate::io::sender::{self, Limits};
use crate::io::store::Store;

/// Calls to one host and port that wait for their answer or their time, those under way too, at most; one more is not made. A host
/// that takes connections and never answers holds up only what goes there.
const HOST_WAITING_MAX: usize = 1_000;
/// The same of all.
const WAITING_MAX: usize = 10_000;
/// Bytes of their heads and bodies together, to one host and to all.
const HOST_WAITING_BYTES_MAX: usize = 32 << 20;
const WAITING_BYTES_MAX: usize = 64 << 20;
/// Calls under way at the same time, to one host and to all.
const HOST_AT_ONCE_MAX: usize = 4;
const AT_ONCE_MAX: usize = 64;
/// A call takes no longer.
const CALL_MAX: Duration = Duration::from_secs(30);
/// Bytes of what comes back that are kept.
const ANSWER_BYTES_MAX: usize = 1 << 20;
/// How often answers are looked for whose end nobody told: notices are given up when there are too many.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Exchanges that are looked at each time.
const LOOKS_MAX: usize = 32;
/// Why those are not made that wait when it ends.
const STOPPED: &str = "the listener stopped first";
/// How long the way out may take.
const WAY_OUT_MAX: Duration = Duration::from_secs(2);

/// The calls of this run. Clones share them.
#[derive(Clone, Debug)]
pub struct Callbacks(Arc<Shared>);

struct Shared {
    store: Store,
    /// The listener, which is never called: a call may ask for the next one, without end.
    own: SocketAddr,
    state: Mutex<State>,
    stop: watch::Sender<bool>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Callbacks(..)")
    }
}

#[derive(Default)]
struct State {
    /// Calls whose answer has not left yet.
    unanswered: BTreeMap<ExchangeId, (Instant, Vec<Call>)>,
    /// All that wait, these and those that wait for their time.
    waiting: usize,
    /// Bytes of what they and those under way send.
    waiting_bytes: usize,
    /// The same by where they go, while there are any.
    hosts: HashMap<String, Share>,
    worker: Option<Worker>,
    ended: bool,
}

/// What goes to one host and port.
struct Share {
    /// Those that wait and those under way.
    calls: usize,
    bytes: usize,
    turns: Arc<Semaphore>,
}

impl Default for Share {
    fn default() -> Self {
        Self { calls: 0, bytes: 0, turns: Arc::new(Semaphore::new(HOST_AT_ONCE_MAX)) }
    }
}

struct Worker {
    due: UnboundedSender<(ExchangeId, Call)>,
    thread: JoinHandle<()>,
}

impl Callbacks {
    /// None yet; nothing runs before the first. The listener at `own` is never called.
    pub fn new(store: Store, own: SocketAddr) -> Self {
        Self(Arc::new(Shared { store, own, state: Mutex::default(), stop: watch::Sender::new(false) }))
    }

    /// Calls that are to be made once this exchange is answered.
    pub fn plan(&self, id: ExchangeId, calls: Vec<Call>) {
        let (calls, crowded) = self.0.state.lock().unwrap_or_else(PoisonError::into_inner).parted(calls);
        if let Some(call) = crowded.first() {
            let count = counted(crowded.len(), "callback");
            let words = format!("too many wait for where {} would go", if crowded.len() == 1 { "it" } else { "they" });
            self.0.say(format!("{id}: {count} not made: {words}"));
            // One line for all of them, as below.
            self.0.keep(id, refused(&without_bytes(call), &words));
        }
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.ended || calls.is_empty() {
            return;
        }
        if state.waiting + calls.len() > WAITING_MAX {
            drop(state);
            let count = counted(calls.len(), "callback");
            self.0.say(format!("{id}: {count} not made: {WAITING_MAX} wait already"));
            // One line for all of them: there is no end to what would be kept otherwise.
            if let Some(call) = calls.first() {
                let words = format!("{WAITING_MAX} wait already, so that {count} of this request are left out");
                self.0.keep(id, refused(&without_bytes(call), &words));
            }
            return;
        }
        let bytes = calls.iter().map(size).sum::<usize>();
        if state.waiting_bytes.saturating_add(bytes) > WAITING_BYTES_MAX {
            drop(state);
            let max = WAITING_BYTES_MAX >> 20;
            let words = format!("those that wait would take more than {max} MiB");
            self.0.say(format!("{id}: {} not made: {words}", counted(calls.len(), "callback")));
            for call in calls {
                // What is kept of it must not be what there is no room for.
                self.0.keep(id, refused(&without_bytes(&call), &words));
            }
            return;
        }
        if state.worker.is_none() {
            match Worker::start(self) {
                Ok(worker) => state.worker = Some(worker),
                Err(error) => {
                    drop(state);
                    return self.0.say(format!("{id}: callbacks cannot be made: no thread: {error}"));
                }
            }
        }
        state.waiting += calls.len();
        state.waiting_bytes += bytes;
        calls.iter().for_each(|call| state.enter(call));
        state.unanswered.insert(id, (Instant::now(), calls));
    }

    /// These answers have left, or never will.
    pub fn answered(&self, answers: &[Arc<Answer>]) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.unanswered.is_empty() {
            return;
        }
        for answer in answers {
            let by_hand = answer.choice.as_ref().is_some_and(|choice| choice.by == ChosenBy::Hand);
            state.release(answer.exchange, by_hand);
        }
    }

    /// Ends it: what has not been called is kept as such, and said.
    pub fn stop(&self) {
        let (worker, unanswered) = {
            let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.ended = true;
            (state.worker.take(), std::mem::take(&mut state.unanswered))
        };
        let mut dropped = 0;
        for (id, (_, calls)) in unanswered {
            for call in calls {
                dropped += 1;
                self.0.keep(id, refused(&call, STOPPED));
            }
        }
        self.0.stop.send_replace(true);
        if let Some(Worker { due, thread }) = worker {
            dropped += self.0.state.lock().unwrap_or_else(PoisonError::into_inner).waiting.saturating_sub(dropped);
            drop(due);
            let _ = thread.join();
        }
        if dropped > 0 {
            self.0.say(format!("{} not made: the listener stopped first", counted(dropped, "callback")));
        }
    }

    fn answered_by_now(&self) {
        provoke_once("callbacks");
        let old = Instant::now().checked_sub(LOOK_EVERY);
        let ids: Vec<ExchangeId> = {
            let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
            let is_old = |(_, (since, _)): &(&ExchangeId, &(Instant, Vec<Call>))| old.is_some_and(|old| *since < old);
            state.unanswered.iter().filter(is_old).map(|(id, _)| *id).take(LOOKS_MAX).collect()
        };
        for id in ids {
            if let Some(answer) = self.0.store.exchange_in_brief(id).ok().and_then(|exchange| exchange.answer) {
                self.answered(&[answer]);
            }
        }
    }
}

impl State {
    /// The calls for which there is room where they go, and the others.
    fn parted(&self, calls: Vec<Call>) -> (Vec<Call>, Vec<Call>) {
        let mut coming: HashMap<String, (usize, usize)> = HashMap::new();
        calls.into_iter().partition(|call| {
            let Some(host) = host(call) else { return true };
            let share = self.hosts.get(&host);
            let (calls, bytes) = coming.entry(host).or_default();
            (*calls, *bytes) = (*calls + 1, *bytes + size(call));
            let (known_calls, known_bytes) = share.map_or((0, 0), |share| (share.calls, share.bytes));
            known_calls + *calls <= HOST_WAITING_MAX && known_bytes + *bytes <= HOST_WAITING_BYTES_MAX
        })
    }

    fn enter(&mut self, call: &Call) {
        if let Some(host) = host(call) {
            let share = self.hosts.entry(host).or_default();
            share.calls += 1;
            share.bytes += size(call);
        }
    }

    /// It is made, or will not be: its bytes are nowhere any more.
    fn leave(&mut self, host: Option<&str>, bytes: usize) {
        self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
        let Some(host) = host else { return };
        if let Some(share) = self.hosts.get_mut(host) {
            share.calls = share.calls.saturating_sub(1);
            share.bytes = share.bytes.saturating_sub(bytes);
            if share.calls == 0 {
                self.hosts.remove(host);
            }
        }
    }

    fn release(&mut self, id: ExchangeId, by_hand: bool) {
        let due = self.worker.as_ref().map(|worker| worker.due.clone());
        let (Some((_, calls)), Some(due)) = (self.unanswered.remove(&id), due) else { return };
        for mut call in calls {
            if by_hand {
                self.leave(host(&call).as_deref(), size(&call));
                call.outgoing = Err("the answer was given by hand: only what a rule answers calls".to_owned());
            }
            // The worker reads until it is stopped.
            let _ = due.send((id, call));
        }
    }
}

impl Worker {
    fn start(callbacks: &Callbacks) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (due, received) = unbounded_channel();
        let callbacks = callbacks.clone();
        let run = move || {
            survive(|| runtime.block_on(work(&callbacks, received)));
        };
        let thread = std::thread::Builder::new().name("callbacks".into()).spawn(run)?;
        Ok(Self { due, thread })
    }
}

/// Until it is stopped: waits for each call's time, and makes it.
async fn work(callbacks: &Callbacks, mut received: UnboundedReceiver<(ExchangeId, Call)>) {
    let turns = Arc::new(Semaphore::new(AT_ONCE_MAX));
    let mut under_way = JoinSet::new();
    let mut looks = interval(LOOK_EVERY);
    let mut stop = callbacks.0.stop.subscribe();
    loop {
        tokio::select! {
            call = received.recv() => match call {
                Some((id, call)) => {
                    under_way.spawn(one(Arc::clone(&callbacks.0), Arc::clone(&turns), id, call));
                }
                None => break,
            },
            _ = looks.tick() => {
                survive(|| callbacks.answered_by_now());
            }
            Some(_) = under_way.join_next() => {}
            () = stopped(&mut stop) => break,
        }
    }
    received.close();
    while let Some((id, call)) = received.recv().await {
        under_way.spawn(one(Arc::clone(&callbacks.0), Arc::clone(&turns), id, call));
    }
    let all = async { while under_way.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(WAY_OUT_MAX, all).await;
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Whoever stops is there for as long as this runs.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Whom it goes to, as calls share their turns: host and port, all names and addresses of this machine being one. `None`: nowhere.
fn host(call: &Call) -> Option<String> {
    let origin = &call.outgoing.as_ref().ok()?.origin;
    let url = url::Url::parse(origin).ok()?;
    let is_here = match url.host()? {
        url::Host::Domain(name) => is_localhost(name),
        url::Host::Ipv4(address) => Zone::of(address.into()) == Zone::Loopback,
        url::Host::Ipv6(address) => Zone::of(address.into()) == Zone::Loopback,
    };
    let name = if is_here { "localhost" } else { url.host_str()? };
    Some(format!("{name}:{}", url.port_or_known_default()?))
}

/// Bytes that it would send.
fn size(call: &Call) -> usize {
    call.outgoing.as_ref().map_or(0, |outgoing| outgoing.head.len() + outgoing.body.len())
}

/// One call, from the moment its answer left.
async fn one(shared: Arc<Shared>, turns: Arc<Semaphore>, id: ExchangeId, call: Call) {
    let bytes = size(&call);
    let mut stop = shared.stop.subscribe();
    let host = host(&call);
    let turn = async {
        sleep(Duration::from_millis(call.after_ms)).await;
        let own = host.as_ref().and_then(|host| {
            let state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.hosts.get(host).map(|share| Arc::clone(&share.turns))
        });
        // Its own first: who waits for that keeps no turn from others.
        let own = match own {
            Some(own) => own.acquire_owned().await.ok(),
            None => None,
        };
        (own, turns.acquire_owned().await)
    };
    let attempt = tokio::select! {
        biased;
        () = stopped(&mut stop) => {
            // It still counts as waiting: whoever stops says how many.
            shared.keep(id, refused(&call, STOPPED));
            return;
        }
        _turn = turn => {
            shared.state.lock().unwrap_or_else(PoisonError::into_inner).waiting -= 1;
            match &call.outgoing {
                Err(why) => refused(&call, why),
                Ok(outgoing) => {
                    let sending = send(&call, outgoing, shared.own, shared.stop.subscribe());
                    // Its place among those under way has to be given back, whatever becomes of it.
                    let sent = AssertUnwindSafe(sending).catch_unwind().await;
                    sent.unwrap_or_else(|_| refused(&call, "an internal error, see the log"))
                }
            }
        }
    };
    shared.keep(id, attempt);
    drop(call);
    shared.state.lock().unwrap_or_else(PoisonError::into_inner).leave(host.as_deref(), bytes);
}

/// Through the gate, and out.
async fn send(call: &Call, outgoing: &Outgoing, own: SocketAddr, stop: watch::Receiver<bool>) -> Attempt {
    let limits = Limits { total: CALL_MAX, answer_bytes_max: ANSWER_BYTES_MAX, stop: Some(stop), ..Limits::default() };
    // Nobody can be asked about a URL of a stranger: whoever is not named is not called.
    let gate = Reach::new(TargetRules { named: call.hosts.clone(), approved: Vec::new() });
    let found = match gate.way(&outgoing.origin, None, &limits).await {
        Ok(Way::Open(found)) => found.but_not(Some(own)),
        Ok(Way::AskName(host)) => {
            return refused(call, &format!("{host} is not among the `hosts`: to have it called, add {host:?} to them"));
        }
        Ok(Way::Ask(found)) => {
            let addresses: Vec<String> = found.addresses().iter().map(|at| at.ip().to_string()).collect();
            let words = format!(
                "{} is at {}, which is not named: to have it called, add {:?} to its `hosts`",
                found.host(),
                addresses.join(", "),
                found.host()
            );
            return refused(call, &words);
        }
        Err(why) => return refused(call, &why),
    };
    provoke("call", outgoing.head.split(|byte| *byte == b' ').nth(1).unwrap_or_default());
    let at = clock::now();
    let (outcome, timing) = sender::send_to(&found, outgoing, &limits).await;
    Attempt { at, outcome, timing, ..refused(call, "") }
}

/// The call without what it would send: where to is left.
fn without_bytes(call: &Call) -> Call {
    let bare = |outgoing: &Outgoing| Outgoing {
        origin: outgoing.origin.clone(),
        head: Default::default(),
        body: Default::default(),
    };
    Call { outgoing: call.outgoing.as_ref().map(bare).map_err(Clone::clone), ..call.clone() }
}

/// An attempt that did not leave: why.
fn refused(call: &Call, why: &str) -> Attempt {
    let message = format!("{NOT_CALLED}{why}");
    let nothing = || Outgoing { origin: String::new(), head: Default::default(), body: Default::default() };
    Attempt {
        exchange: ExchangeId::default(),
        number: 0,
        at: clock::now(),
        kind: AttemptKind::Callback,
        sent: call.outgoing.clone().unwrap_or_else(|_| nothing()),
        signature: SignatureChoice::Kept,
        outcome: AttemptOutcome::Failed { message },
        timing: Timing::default(),
    }
}

impl Shared {
    /// A line for the user.
    fn say(&self, text: String) {
        self.store.inbox().push(Notice::Said(text));
    }

    fn keep(&self, id: ExchangeId, attempt: Attempt) {
        match self.store.append_attempt(Attempt { exchange: id, ..attempt }) {
            Ok(attempt) => self.store.inbox().push(Notice::Attempted(attempt)),
            Err(error) => self.say(format!("{id}: a callback could not be kept: {error}")),
        }
    }
}
