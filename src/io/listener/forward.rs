//! A request whose answer is the one of the user's app: sent on, waited for, given back.
//!
//! Whoever waits here holds no thread: a hundred apps that hang keep nobody else waiting.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::domain::exchange::{Attempt, AttemptKind, AttemptOutcome, Request, SignatureChoice, Timing};
use crate::domain::forward::{Forwarded, Route, head};
use crate::domain::printable::visible_str;
use crate::domain::quantity::duration_us;
use crate::domain::reply::{Fault, Make, Reply, Waiting};
use crate::domain::time::Timestamp;
use crate::io::clock;
use crate::io::forward::behind::{Behind, Job};
use crate::io::forward::{ANSWER_BYTES_KEPT, Came, Coming, Forwarder, Sent, Streaming};
use crate::io::store::Store;
use crate::io::tap::Wire;

use super::answer::Outstanding;
use super::capture::Capture;

/// How long an app may still take once the listener stops.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long its answer may still take once the sender has closed its half: one that does so and reads on gets it, and of
/// one that has gone it is told without delay.
const AFTER_LEAVING: Duration = Duration::from_secs(1);

/// What goes back.
pub struct Answered<'a> {
    /// Its head, and its body where that is whole.
    pub reply: Cow<'a, Reply>,
    /// Whether its sender closed its half meanwhile.
    pub sender_left: bool,
    /// Its body where that is still coming, and where the time went until now.
    pub streaming: Option<(Coming, Timing)>,
}

/// What goes back by this reply: the app's answer where it says so, else itself.
pub async fn onward<'a>(
    capture: &Capture,
    wire: &Arc<Wire>,
    request: &Arc<Request>,
    route: Option<&Arc<Route>>,
    reply: Cow<'a, Reply>,
    outstanding: &mut Outstanding,
) -> Answered<'a> {
    if reply.make != Make::Forward {
        // What was not acknowledged is not forwarded: its sender sends it again.
        if let (Some(route), Some(behind)) = (route, capture.behind())
            && route.acknowledges
            && reply.is_success()
        {
            let first = Job {
                exchange: request.id,
                route: Arc::clone(route),
                to: Arc::clone(&route.first),
                kind: AttemptKind::Forward,
            };
            outstanding.queued();
            behind.add(first);
            add_others(behind, route, request, true);
        }
        return Answered { reply, sender_left: false, streaming: None };
    }
    let mut answered = answer(capture, wire, request, route, outstanding).await;
    if let (Some(route), Some(behind)) = (route, capture.behind()) {
        // What failed for its sender comes again.
        add_others(behind, route, request, answered.reply.is_success());
    }
    answered.reply.to_mut().delay_ms = reply.delay_ms;
    answered
}

/// The further targets get it too. `is_last`: its sender will not send it again.
fn add_others(behind: &Behind, route: &Arc<Route>, request: &Request, is_last: bool) {
    for also in &route.also {
        let job = Job {
            exchange: request.id,
            route: Arc::clone(route),
            to: Arc::clone(&also.target),
            kind: if also.is_shadow { AttemptKind::Shadow } else { AttemptKind::Copy },
        };
        if is_last { behind.add(job) } else { behind.add_once(job) }
    }
}

/// The app's answer, or why there is none.
async fn answer(
    capture: &Capture,
    wire: &Arc<Wire>,
    request: &Arc<Request>,
    route: Option<&Arc<Route>>,
    outstanding: &mut Outstanding,
) -> Answered<'static> {
    let whole = |reply, sender_left| Answered { reply: Cow::Owned(reply), sender_left, streaming: None };
    let (Some(route), Some(forwarder)) = (route, capture.behind().map(Behind::forwarder)) else {
        outstanding.note("502: there is no app to forward this path to: give --forward URL".to_owned());
        return whole(failed(502, "no app to forward to"), false);
    };
    let since = clock::now();
    let until = since.plus_micros(i64::try_from(route.timeout_ms.saturating_mul(1000)).unwrap_or(i64::MAX));
    let what = format!("what {} answers, or 504", route.first);
    let waiting = Waiting { rule: outstanding.rule().to_owned(), what, until: Some(until) };
    let _place = capture.replies().waits().wait(request.id, waiting);
    let mut going = Going::new(forwarder.clone(), capture.store().clone(), route, request);
    let (mut left, mut gone) = (false, None);
    let came = loop {
        tokio::select! {
            biased;
            came = &mut going => break Some(came),
            // It may still read the answer; the app gets the request either way.
            () = wire.sender_left(), if !left && !wire.is_h2() => {
                left = true;
                gone = Some(Box::pin(sleep(AFTER_LEAVING)));
            }
            () = async { if let Some(gone) = &mut gone { gone.await } }, if left => return {
                // Dropped, it goes on behind this, and what comes of it is an attempt.
                let waited = duration_us(clock::now().micros_since(since));
                outstanding.note(format!("the sender left; the app had been asked for {waited} and gets the request all the same"));
                outstanding.queued();
                whole(Reply { fault: Some(Fault::Close), ..Reply::default() }, true)
            },
            () = capture.leaving().begun() => {
                outstanding.cut_short();
                break timeout(LAST_WORDS, &mut going).await.ok();
            }
        }
    };
    match came {
        None => whole(failed(503, "hooksight was stopped"), left),
        Some(Came::Whole(sent)) => {
            if let AttemptOutcome::Answered { headers, status, .. } = &sent.outcome
                && (request.method == "HEAD" || *status == 304)
            {
                outstanding.would_have(head::content_length(headers));
            }
            whole(reply(route, sent, outstanding), left)
        }
        Some(Came::Streaming(streaming)) => {
            let Streaming { outgoing, head, timing, notes, coming } = *streaming;
            notes.into_iter().for_each(|note| outstanding.note(note));
            outstanding.by_app(Forwarded { origin: outgoing.origin, head: outgoing.head, timing, error: None });
            let reply = Reply { status: head.status, headers: head::back(&head.headers), ..Reply::default() };
            Answered { reply: Cow::Owned(reply), sender_left: left, streaming: Some((coming, timing)) }
        }
    }
}

/// What goes back; how it came about is noted.
fn reply(route: &Route, sent: Sent, outstanding: &mut Outstanding) -> Reply {
    let Sent { outgoing, outcome, timing, is_late, notes } = sent;
    let (reply, error) = match outcome {
        AttemptOutcome::Answered { status, headers, body, .. } => {
            (Reply { status, headers: head::back(&headers), body: body.bytes, ..Reply::default() }, None)
        }
        // The reason is the user's: a stranger gets no more than that there is none.
        AttemptOutcome::Failed { message } if is_late => (failed(504, "the app did not answer in time"), Some(message)),
        AttemptOutcome::Failed { message } => (failed(502, "the app could not be reached"), Some(message)),
    };
    if let Some(error) = &error {
        outstanding.note(format!("{} in place of the answer of {}: {}", reply.status, route.first, visible_str(error)));
    }
    notes.into_iter().for_each(|note| outstanding.note(note));
    outstanding.by_app(Forwarded { origin: outgoing.origin, head: outgoing.head, timing, error });
    reply
}

fn failed(status: u16, words: &str) -> Reply {
    let mut reply = Reply { status, body: format!("hooksight: {words}\n").into(), ..Reply::default() };
    reply.headers.push("Content-Type", "text/plain");
    reply
}

type Sending = Pin<Box<dyn Future<Output = Came> + Send>>;

/// A request on its way to the app. When whoever waits for it is no more (HTTP/2: its stream was reset), it goes on all the
/// same, and what came of it is kept as an attempt: the app must not see half a request because a sender lost patience.
struct Going {
    sending: Option<Sending>,
    store: Store,
    request: Arc<Request>,
    at: Timestamp,
}

impl Going {
    fn new(forwarder: Forwarder, store: Store, route: &Arc<Route>, request: &Arc<Request>) -> Self {
        let (route, sent) = (Arc::clone(route), Arc::clone(request));
        let sending = Box::pin(async move {
            let within = Duration::from_millis(route.timeout_ms);
            forwarder.begin(&route.first, &sent, within, route.trusts_forwarded).await
        });
        Self { sending: Some(sending), store, request: Arc::clone(request), at: clock::now() }
    }
}

impl Future for Going {
    type Output = Came;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> std::task::Poll<Came> {
        let Some(sending) = &mut self.sending else { return std::task::Poll::Pending };
        let came = std::task::ready!(sending.as_mut().poll(cx));
        self.sending = None;
        std::task::Poll::Ready(came)
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        let Some(sending) = self.sending.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let (store, exchange, at) = (self.store.clone(), self.request.id, self.at);
        runtime.spawn(async move {
            let sent = match sending.await {
                Came::Whole(sent) => sent,
                Came::Streaming(streaming) => streaming.whole(ANSWER_BYTES_KEPT).await,
            };
            let (outgoing, outcome, timing) = sent.noted();
            let attempt = Attempt {
                exchange,
                number: 0,
                at,
                kind: AttemptKind::Forward,
                sent: outgoing,
                signature: SignatureChoice::Kept,
                outcome,
                timing,
            };
            // The store says what it cannot write.
            let _ = store.append_attempt(attempt);
        });
    }
}
