//! The rules in force: one set that never changes, behind a number that does. A thread that has seen that number has the set
//! at hand, and reads it without a lock.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::Semaphore;

use super::desk::{Desk, Held};
use super::memory::{Memory, OWN_BYTES};
use super::waits::Waits;
use crate::domain::callback::Call;
use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::reply::{Choice, Reply, ReplyRules, Waiting};
use crate::domain::rule::{Counters, Decision, Facts, Nobody, RuleSet};
use crate::domain::template;
use crate::io::forward::behind::Behind;

/// Numbers of sets. One sequence for all, so that a thread never takes one listener's set for another's.
static NEXT: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The set that this thread saw last, by its number.
    static SEEN: RefCell<(u64, Option<Arc<RuleSet>>)> = const { RefCell::new((0, None)) };
}

/// Bodies below are looked into where the request came in.
const DEAR_BODY_BYTES_MIN: usize = 256 << 10;

/// Rules times bytes of the head below are gone through where the request came in.
const DEAR_HEAD_BYTES_MIN: usize = 8 << 20;

/// How many choose at the same time beside the threads that answer.
static ASIDE: Semaphore = Semaphore::const_new(ASIDE_MAX as usize);
const ASIDE_MAX: u32 = 2;
/// Who chooses for a body from this size on does it alone: a template takes several times its memory.
const ALONE_BODY_BYTES: usize = 1 << 20;

struct Shared {
    number: AtomicU64,
    current: Mutex<Arc<RuleSet>>,
    facts: Arc<dyn Facts>,
    counters: Mutex<Counters>,
    desk: Desk,
    waits: Waits,
    behind: OnceLock<Behind>,
    /// Who makes the calls that rules ask for.
    calls: OnceLock<Box<OnCalls>>,
}

/// Takes the calls that the rule which answers this exchange asks for.
type OnCalls = dyn Fn(ExchangeId, Vec<Call>) + Send + Sync;

/// The rules in force, changed while the listener runs. Clones share them.
#[derive(Clone)]
pub struct SharedReplies(Arc<Shared>);

impl fmt::Debug for SharedReplies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedReplies").field(&self.get()).finish()
    }
}

impl Default for SharedReplies {
    fn default() -> Self {
        Self::new(ReplyRules::default())
    }
}

impl SharedReplies {
    /// With these replies, for senders that nobody knows more of than their requests show.
    pub fn new(replies: ReplyRules) -> Self {
        Self::with(RuleSet { replies, ..RuleSet::default() }, Arc::new(Nobody))
    }

    /// With these rules, and who knows the senders.
    pub fn with(rules: RuleSet, facts: Arc<dyn Facts>) -> Self {
        let number = AtomicU64::new(NEXT.fetch_add(1, Ordering::Relaxed));
        Self(Arc::new(Shared {
            number,
            current: Mutex::new(Arc::new(rules)),
            facts,
            counters: Mutex::default(),
            desk: Desk::default(),
            waits: Waits::default(),
            behind: OnceLock::new(),
            calls: OnceLock::new(),
        }))
    }

    /// The rules in force now.
    pub fn get(&self) -> Arc<RuleSet> {
        let number = self.0.number.load(Ordering::Acquire);
        SEEN.with_borrow_mut(|(seen, set)| match set {
            Some(set) if *seen == number => Arc::clone(set),
            _ => {
                let current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
                // Under the lock both belong together.
                *seen = self.0.number.load(Ordering::Acquire);
                Arc::clone(set.insert(Arc::clone(&current)))
            }
        })
    }

    /// What goes back by these rules, which are those of [`Self::get`].
    pub fn decide<'a>(&self, rules: &'a RuleSet, request: &Request) -> Decision<'a> {
        if let Some(plain) = rules.plain(request) {
            return plain;
        }
        let mut count = |key: &[u8]| self.0.counters.lock().unwrap_or_else(PoisonError::into_inner).count(key);
        let mut decision = rules.decide(request, &*self.0.facts, &mut count);
        if let Some(learned) = decision.learned.take() {
            self.0.facts.learn(&learned.profile, learned.secret, request);
        }
        if let (false, Some(on_calls)) = (decision.calls.is_empty(), self.0.calls.get()) {
            on_calls(request.id, std::mem::take(&mut decision.calls));
        }
        decision
    }

    /// A reply that the user gives by hand, ready for its request; see [`RuleSet::by_hand`].
    pub async fn by_hand(
        &self,
        reply: Reply,
        captures: Vec<(String, String)>,
        request: &Arc<Request>,
    ) -> (Reply, Choice) {
        if !template::may_take_long(&reply, request) {
            return self.by_hand_here(reply, captures, request);
        }
        let (shared, request) = (self.clone(), Arc::clone(request));
        aside(request.body.bytes.len(), move || shared.by_hand_here(reply, captures, &request)).await
    }

    fn by_hand_here(&self, reply: Reply, captures: Vec<(String, String)>, request: &Request) -> (Reply, Choice) {
        let mut count = |key: &[u8]| self.0.counters.lock().unwrap_or_else(PoisonError::into_inner).count(key);
        self.get().by_hand(reply, captures, request, &*self.0.facts, &mut count)
    }

    /// Whether choosing may take so long that others would notice: a large body that rules may look into, or whose signature
    /// they may ask for, a long head that many rules look into, or a template that repeats something.
    pub fn is_dear(&self, rules: &RuleSet, request: &Request) -> bool {
        let head_bytes = || request.target.len() + request.headers.size_bytes();
        // Few rules go through any head in no time.
        let is_long = rules.rules.len() >= 64 && rules.rules.len().saturating_mul(head_bytes()) >= DEAR_HEAD_BYTES_MIN;
        let is_large = request.body.bytes.len() >= DEAR_BODY_BYTES_MIN;
        is_long || (is_large && rules.plain(request).is_none()) || rules.may_take_long(request)
    }

    /// As [`Self::decide`], on a thread of its own; a few at a time. The calling thread answers others meanwhile.
    pub async fn decide_aside(&self, rules: Arc<RuleSet>, request: Arc<Request>) -> Decision<'static> {
        let shared = self.clone();
        aside(request.body.bytes.len(), move || by_itself(shared.decide(&rules, &request).into_owned())).await
    }

    /// Who makes the calls that rules ask for, from now on; the first that is named stays.
    pub fn on_calls(&self, on_calls: impl Fn(ExchangeId, Vec<Call>) + Send + Sync + 'static) {
        let _ = self.0.calls.set(Box::new(on_calls));
    }

    /// Where requests wait that are held.
    pub fn desk(&self) -> &Desk {
        &self.0.desk
    }

    /// Where answers are told that wait.
    pub fn waits(&self) -> &Waits {
        &self.0.waits
    }

    /// What the answer of this exchange waits for, while it does.
    pub fn waiting(&self, id: ExchangeId) -> Option<Waiting> {
        let held = || self.0.desk.held().into_iter().find(|held| held.id == id);
        let by_hand = |held: Held| Waiting {
            rule: held.rule,
            what: format!("{}, unless you answer it before", held.default),
            until: Some(held.until),
        };
        self.0.waits.of(id).or_else(|| held().map(by_hand))
    }

    /// With what sends requests on to apps. Only the first one counts.
    pub fn forward_by(&self, behind: Behind) {
        let _ = self.0.behind.set(behind);
    }

    /// What sends requests on to apps.
    pub fn behind(&self) -> Option<&Behind> {
        self.0.behind.get()
    }

    /// Scripts begin anew, and what is counted is counted from the start.
    pub fn reset_counters(&self) {
        self.0.counters.lock().unwrap_or_else(PoisonError::into_inner).reset();
    }

    /// From now on these replies by path and for all.
    pub fn set(&self, replies: ReplyRules) {
        self.change(|rules| rules.replies = replies);
    }

    /// Changes what is in force, at once for all.
    pub fn change<T>(&self, change: impl FnOnce(&mut RuleSet) -> T) -> T {
        let mut current = self.0.current.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rules = RuleSet::clone(&current);
        let told = change(&mut rules);
        *current = Arc::new(rules);
        self.0.number.store(NEXT.fetch_add(1, Ordering::Relaxed), Ordering::Release);
        told
    }
}

/// A large body that was made lies in memory of its own, like that of a request: allocated here and let go on another thread it would be
/// kept for this one's next.
fn by_itself(mut decision: Decision<'static>) -> Decision<'static> {
    if decision.made_bytes >= OWN_BYTES {
        let reply = decision.reply.to_mut();
        let mut memory = Memory::default();
        memory.make_room(reply.body.len());
        memory.extend(&reply.body);
        reply.body = memory.into();
    }
    decision
}

/// Works on a thread of its own; a few at a time.
async fn aside<T: Send + 'static>(body_bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> T {
    // Never closed.
    let _permit = ASIDE.acquire_many(if body_bytes < ALONE_BODY_BYTES { 1 } else { ASIDE_MAX }).await;
    match tokio::task::spawn_blocking(work).await {
        Ok(made) => made,
        Err(error) => match error.try_into_panic() {
            // As if it had happened here.
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime leaves: nobody is answered any more.
            Err(_) => std::future::pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_head_before_many_rules_is_not_gone_through_where_others_wait() {
        use crate::domain::body::Body;
        use crate::domain::exchange::HttpVersion;
        use crate::domain::headers::Headers;
        use crate::domain::rule::Rule;
        let request = |bytes: usize| Request {
            id: ExchangeId(1),
            peer: None,
            first_byte: crate::domain::time::Timestamp::from_secs(0),
            body_complete_us: 0,
            version: HttpVersion::Http11,
            method: "POST".into(),
            target: "/".into(),
            headers: Headers::from_pairs([("X-A", "a".repeat(bytes).as_str())]),
            pseudo: Headers::new(),
            raw_head: None,
            body: Body::default(),
            trailers: Headers::new(),
            marks: Vec::new(),
        };
        let rule = Arc::new(Rule::default());
        let replies = SharedReplies::default();
        let is_dear = |rules: usize, bytes: usize| {
            let rules = RuleSet { rules: vec![Arc::clone(&rule); rules], ..RuleSet::default() };
            replies.is_dear(&rules, &request(bytes))
        };
        assert_eq!([is_dear(1, 120_000), is_dear(1_000, 200), is_dear(1_000, 100_000)], [false, false, true]);
    }

    #[test]
    fn each_thread_sees_the_last_set_of_each_listener() {
        let replying = |status| ReplyRules { all: Reply { status, ..Reply::default() }, ..ReplyRules::default() };
        let (one, other) = (SharedReplies::new(replying(201)), SharedReplies::new(replying(404)));
        let statuses = || [one.get().replies.all.status, other.get().replies.all.status];
        assert_eq!(statuses(), [201, 404]);
        let changed = one.clone();
        std::thread::spawn(move || changed.set(replying(503))).join().unwrap();
        assert_eq!(statuses(), [503, 404]);
        other.change(|rules| rules.replies.all.status = 410);
        assert_eq!(statuses(), [503, 410]);
    }
}
