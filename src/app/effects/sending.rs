//! One resend: what goes out, whether it may, sending it, keeping the attempt.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;

use crate::app::clock;
use crate::app::judge::Judge;
use crate::app::loop_input::Input;
use crate::app::reach::{Reach, Way, is_local};
use crate::app::resend::{HostChoice, Plan, Wish, origin, plan};
use crate::domain::credentials;
use crate::domain::draft::Draft;
use crate::domain::exchange::{Attempt, AttemptKind, AttemptOutcome, Request};
use crate::domain::forward::Routes;
use crate::domain::printable;
use crate::domain::target_rules::{Zone, host_of};
use crate::io::listener::SharedReplies;
use crate::io::provoke::provoke;
use crate::io::sender::{self, Limits, Trust};
use crate::io::store::Store;
use crate::tui::effect::SendWish;
use crate::tui::msg::{Elsewhere, Msg};

/// One send under way, or several of a probe.
#[derive(Clone)]
pub struct Sending {
    pub store: Store,
    pub judge: Arc<Judge>,
    pub reach: Arc<Reach>,
    pub forward: Option<String>,
    /// Whose routes say how long an app may take, and whose certificates are believed; `None` over a saved session.
    pub replies: Option<SharedReplies>,
    /// Those of the configuration, for a saved session.
    pub routes: Routes,
    pub out: Sender<Input>,
    /// Why it is sent.
    pub kind: AttemptKind,
    /// Turns true when the user ends it.
    pub stop: watch::Receiver<bool>,
}

/// What came of a wish.
pub enum Ended {
    /// It was tried, and the attempt is kept: one line for the notice, what came back or why nothing did.
    Sent(Result<String, String>, Arc<Attempt>),
    /// Nothing went out: why, for the notice.
    NotSent(String),
    /// The user has to say whether it may go there.
    Asked(Box<Elsewhere>),
}

impl Sending {
    /// Does it.
    pub async fn run(&self, wish: SendWish) -> Ended {
        // Whoever waits for its end has to hear of one.
        match AssertUnwindSafe(self.try_run(wish)).catch_unwind().await {
            Ok(Ok(ended)) => ended,
            Ok(Err(words)) => Ended::NotSent(words),
            Err(_) => Ended::NotSent("an internal error, see the log".to_owned()),
        }
    }

    /// How long the app of this path may take when requests are forwarded to it: no longer when one is sent by hand.
    fn time_for(&self, request: &Request) -> Option<Duration> {
        let rules = self.replies.as_ref()?.get();
        rules.routes.of(request.path()).map(|route| Duration::from_millis(route.timeout_ms))
    }

    /// Whose certificates are believed there: where requests of this path are forwarded to, it is as then.
    fn trust_at(&self, origin: &str, request: &Request) -> Trust {
        let of = |routes: &Routes| routes.target_at(request.path(), origin).map(|target| Trust::of(target));
        match &self.replies {
            Some(replies) => of(&replies.get().routes),
            None => of(&self.routes),
        }
        .unwrap_or_default()
    }

    async fn try_run(&self, wish: SendWish) -> Result<Ended, String> {
        let id = wish.id;
        let prepared = Prepared {
            request: in_background(self.store.clone(), move |store| store.request(id)).await?,
            judge: Arc::clone(&self.judge),
            forward: self.forward.clone(),
            wish,
        };
        let total = self.time_for(&prepared.request).unwrap_or(Limits::default().total);
        let limits = Limits { total, stop: Some(self.stop.clone()), ..Limits::default() };
        if let Some(approval) = &prepared.wish.approval {
            self.reach.approve(approval);
        }
        let origin = prepared.with(origin)?;
        let request = Arc::clone(&prepared.request);
        let limits = Limits { trust: self.trust_at(&origin, &prepared.request), ..limits };
        let way = self.reach.way(&origin, prepared.wish.approval.as_ref(), &limits).await;
        let found = match way? {
            Way::AskName(host) => return Ok(Ended::Asked(Box::new(prepared.question(host, &[], &origin)))),
            Way::Ask(found) => {
                return Ok(Ended::Asked(Box::new(prepared.question(found.host(), found.addresses(), &origin))));
            }
            Way::Open(found) => found,
        };
        let keeps_back = !prepared.wish.sends_credentials && !is_local(&found) && prepared.is_other_host(&found.host());
        let plan: Plan = tokio::task::spawn_blocking(move || prepared.with(|wish| plan(&Wish { keeps_back, ..*wish })))
            .await
            .map_err(|error| format!("could not prepare the request: {error}"))??;
        if self.kind == AttemptKind::Resend {
            let to = printable::visible(plan.outgoing.origin.as_bytes());
            let _ = self.out.send(Input::Msg(Msg::AttemptBegun { id, to })).await;
        }
        provoke("resend", &request.target);
        let at = clock::now();
        let (outcome, timing) = sender::send_to(&found, &plan.outgoing, &limits).await;
        let words = outcome_words(&outcome, timing.total_us).map(|words| match plan.words.is_empty() {
            true => words,
            false => format!("{words}; {}", plan.words.join("; ")),
        });
        let attempt = Attempt {
            exchange: id,
            number: 0,
            at,
            kind: self.kind,
            sent: plan.outgoing,
            signature: plan.signature,
            outcome,
            timing,
        };
        let kept = in_background(self.store.clone(), move |store| store.append_attempt(attempt))
            .await
            .map_err(|error| format!("sent, but the attempt could not be kept: {error}"))?;
        Ok(Ended::Sent(words, kept))
    }
}

/// Reads or writes the session off the loop's thread.
pub async fn in_background<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
    store: Store,
    work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static,
) -> Result<T, String> {
    let done = tokio::task::spawn_blocking(move || work(&store).map_err(|error| error.to_string()));
    done.await.map_err(|error| error.to_string())?
}

/// A wish with what it is made from.
struct Prepared {
    request: Arc<Request>,
    judge: Arc<Judge>,
    forward: Option<String>,
    wish: SendWish,
}

impl Prepared {
    /// Understands the wish and does something with it.
    fn with<T>(&self, work: impl FnOnce(&Wish<'_>) -> Result<T, String>) -> Result<T, String> {
        let (wish, request) = (&self.wish, &*self.request);
        let draft = wish.draft.as_deref().map(|text| Draft::from_text(text, request));
        let draft = draft.transpose().map_err(|error| error.to_string())?;
        let by_default = || self.judge.target(request).or_else(|| self.forward.clone());
        // A draft that was given another URL, whole, needs no target.
        let edited = draft.as_ref().map(|draft| &draft.url).filter(|url| **url != request.target);
        let own = || edited.and_then(|url| String::from_utf8(url.to_vec()).ok()).filter(|url| url.contains("://"));
        let target = if wish.target.is_empty() { own().or_else(by_default) } else { Some(wish.target.clone()) };
        let target = target.ok_or("no target to send to: give --forward URL, or type one")?;
        let signing = self.judge.signing(request);
        work(&Wish {
            request,
            target: &target,
            draft: draft.as_ref(),
            signature: wish.signature,
            signing: signing.as_ref(),
            host: HostChoice::Captured,
            keeps_back: false,
            now: clock::now(),
        })
    }

    /// Whether the sender named another host, or none.
    fn is_other_host(&self, host: &str) -> bool {
        credentials::host_named(&self.request).is_none_or(|named| named != host_of(host))
    }

    fn question(&self, host: String, found: &[SocketAddr], origin: &str) -> Elsewhere {
        let addresses: Vec<_> = found.iter().map(|at| at.ip()).collect();
        let carried = credentials::carried(&self.request.headers);
        Elsewhere {
            wish: self.wish.clone(),
            origin: printable::visible(origin.as_bytes()),
            zone: addresses.first().map_or("", |address| Zone::of(*address).words()),
            credentials: if self.is_other_host(&host) { carried } else { Vec::new() },
            addresses,
            host,
        }
    }
}

/// `200 OK in 12 ms`, or what went wrong.
fn outcome_words(outcome: &AttemptOutcome, total_us: u64) -> Result<String, String> {
    match outcome {
        AttemptOutcome::Answered { status, reason, .. } => {
            let reason = printable::visible(reason);
            let blank = if reason.is_empty() { "" } else { " " };
            Ok(format!("{status}{blank}{reason} in {} ms", total_us.div_ceil(1000)))
        }
        AttemptOutcome::Failed { message } => Err(printable::visible(message.as_bytes())),
    }
}
