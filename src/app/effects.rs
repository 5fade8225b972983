//! Does what the interface wishes. The only place that spawns work besides the listener and the threads of the runtime.
//!
//! Nothing here waits on the interface's thread: files and bodies are read on blocking threads, the network in tasks, and
//! the outcome comes back as a message.

pub mod forwarding;
mod probing;
pub mod rules;
mod sending;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc::Sender;
use tokio::sync::watch;

use crate::domain::draft::Draft;
use crate::domain::exchange::{AttemptKind, ExchangeId, Request};
use crate::domain::export::{headers, url};
use crate::domain::filter::Filter;
use crate::domain::forward::Routes;
use crate::domain::reply::{Reply, ReplyRules, Scope};
use crate::domain::rule::Hold;
use crate::domain::signature::Secret;
use crate::io::clipboard::{Clipboard, Copied};
use crate::io::listener::SharedReplies;
use crate::io::listener::desk::{Held, Verdict};
use crate::io::store::Store;
use crate::tui::effect::{CopyWhat, Effect, HELD_LONGER, HandDecision, SendWish};
use crate::tui::model::Model;
use crate::tui::msg::{CopiedTo, HeldRow, Level, Msg, Notice, SavedAs};

use super::clock;
use super::detail_worker::DetailWorker;
use super::index::{Index, IndexCommand, Told};
use super::judge::Judge;
use super::loop_input::Input;
use super::reach::Reach;
use super::settings::rules::RuleSource;

use sending::{Ended, Sending};

/// Sends under way at once; one more is refused with a notice.
const IN_FLIGHT_MAX: usize = 32;

/// Tries of a delivery that are shown with one of them.
const TRIES_MAX: usize = 64;

/// What the loop must do itself, because it owns the terminal.
#[derive(Debug, PartialEq)]
pub enum TerminalWish {
    /// Give the terminal to $EDITOR with this draft text of an exchange.
    Editor(ExchangeId, Option<String>),
    /// Paint every cell again.
    Redraw,
    /// Stop as Ctrl-Z does.
    Suspend,
    /// Leave.
    Quit,
}

/// What effects are done with.
pub struct Effects {
    /// What was captured.
    pub store: Store,
    /// Profiles and secrets.
    pub judge: Arc<Judge>,
    /// The rows' thread.
    pub index: Index,
    /// The detail pane's thread.
    pub detail: DetailWorker,
    /// The replies in force; `None` over a saved session.
    pub replies: Option<SharedReplies>,
    /// Where the configuration forwards to, for a saved session.
    pub routes: Routes,
    /// What rules are made with; `None` over a saved session.
    pub rule_source: Option<RuleSource>,
    /// The clipboard.
    pub clipboard: Arc<Clipboard>,
    /// `--forward`.
    pub forward: Option<String>,
    /// `http://127.0.0.1:7070`; empty over a saved session.
    pub base_url: String,
    /// Where saved sessions are.
    pub sessions_folder: PathBuf,
    /// Where resends may go.
    pub reach: Arc<Reach>,
    /// To the loop.
    pub out: Sender<Input>,
    /// Sends under way, each with what ends it.
    pub under_way: Mutex<Vec<(ExchangeId, watch::Sender<bool>)>>,
}

impl Effects {
    /// Does one; what needs the terminal is handed back.
    pub fn perform(&self, effect: Effect, model: &Model) -> Option<TerminalWish> {
        match effect {
            Effect::Load { id } => self.detail.load(id),
            Effect::Render(key) => {
                let row = model.list.row(key.id).cloned();
                let tries = row.as_ref().map(|row| model.list.tries(row, TRIES_MAX)).unwrap_or_default();
                self.detail.render(key, row, tries, clock::now());
            }
            Effect::Search { key, needle } => self.detail.search(key, needle),
            Effect::Filter { version, filter } => self.index.tell(IndexCommand::Filter { version, filter }),
            Effect::SetSecret { provider, id, secret, replaces } => self.set_secret(provider, id, secret, replaces),
            Effect::ForgetSecret { number, id } => self.forget_secret(number, id),
            Effect::SetPublicUrl { url, id } => self.set_public_url(url, id),
            Effect::ListSecrets => self.tell(Msg::Secrets(self.judge.known_secrets())),
            Effect::Computed { id, value } => self.detail.computed(id, value),
            Effect::SetReply { scope, reply } => self.set_reply(scope, reply),
            Effect::SetReplyText { scope, text } => self.set_reply_text(scope, text),
            Effect::PutRule { number, written } => self.put_rule(number, written),
            Effect::ChangeRule { number, change } => self.change_rule(number, change),
            Effect::Hold { on, filter } => self.hold(on, filter),
            Effect::Decide { id, decision } => self.decide(id, decision),
            Effect::DecideText { id, text } => self.decide_text(id, text),
            Effect::HoldLonger { id } => self.hold_longer(id),
            Effect::ReleaseAll => {
                if let Some(replies) = &self.replies {
                    replies.desk().let_all_go();
                }
            }
            Effect::ResetScripts => {
                if let Some(replies) = &self.replies {
                    replies.reset_counters();
                    let text = "All scripts begin anew".to_owned();
                    self.tell(Msg::Notice(Notice { level: Level::Good, text }));
                }
            }
            Effect::ClearReply { path } => self.clear_reply(&path),
            Effect::Send(wish) => self.send(wish),
            Effect::Forward { ids } => self.forward(ids),
            Effect::Probe(wish) => self.probe(wish),
            Effect::StopSending { id } => self.stop_sending(id),
            Effect::Copy { id, what } => self.copy(id, what, model),
            Effect::CopyText { what, text } => self.put_in_clipboard(what, move || Ok((text, Vec::new()))),
            Effect::SaveSession { name } => self.save(name),
            Effect::SetMark { id, marked } => self.set_mark(id, marked),
            Effect::OpenEditor { id, text } => return Some(TerminalWish::Editor(id, text)),
            Effect::Redraw => return Some(TerminalWish::Redraw),
            Effect::Suspend => return Some(TerminalWish::Suspend),
            Effect::Quit => return Some(TerminalWish::Quit),
        }
        None
    }

    /// The text that $EDITOR begins with.
    ///
    /// # Errors
    /// In words, when the exchange cannot be read.
    pub fn draft_text(&self, id: ExchangeId) -> Result<String, String> {
        self.store.request(id).map(|request| Draft::from_request(&request).to_text()).map_err(|error| error.to_string())
    }

    fn set_secret(&self, provider: String, id: ExchangeId, secret: Secret, replaces: Option<u32>) {
        let (store, judge, out) = (self.store.clone(), Arc::clone(&self.judge), self.out.clone());
        let (detail, index) = (self.detail.handle(), self.index.handle());
        tokio::task::spawn_blocking(move || {
            let request = store.request(id).ok();
            if judge.add_secret(&provider, secret, request.as_deref()) {
                if let Some(number) = replaces {
                    judge.forget_secret(number);
                }
                detail.judge_again();
                let _ = out.blocking_send(Input::Msg(Msg::Secrets(judge.known_secrets())));
                index.tell(IndexCommand::Recheck { provider: Some(provider), first: id, told: Some(Told::Secret) });
            } else {
                let result = Err(format!("there is no provider {provider}"));
                let _ = out.blocking_send(Input::Msg(Msg::SecretSet { provider, result }));
            }
        });
    }

    fn forget_secret(&self, number: u32, id: ExchangeId) {
        let Some(provider) = self.judge.forget_secret(number) else { return };
        self.detail.judge_again();
        self.tell(Msg::Secrets(self.judge.known_secrets()));
        self.index.tell(IndexCommand::Recheck { provider, first: id, told: None });
    }

    fn set_public_url(&self, url: Option<String>, id: ExchangeId) {
        let (store, judge, out) = (self.store.clone(), Arc::clone(&self.judge), self.out.clone());
        let (detail, index) = (self.detail.handle(), self.index.handle());
        tokio::task::spawn_blocking(move || {
            judge.set_public_url(url.clone(), store.request(id).ok().as_deref());
            detail.judge_again();
            let _ = out.blocking_send(Input::Msg(Msg::PublicUrl(url)));
            index.tell(IndexCommand::Recheck { provider: None, first: id, told: Some(Told::PublicUrl) });
        });
    }

    fn set_reply(&self, scope: Scope, reply: Reply) {
        let words = match &scope {
            Scope::All => format!("all: {reply}"),
            Scope::Path(path) => format!("{path}: {reply}"),
        };
        self.change_replies(words, |rules| rules.set(scope, reply));
    }

    fn hold(&self, on: bool, filter: Option<Filter>) {
        let Some(replies) = &self.replies else { return };
        replies.change(|rules| rules.hold = on.then(|| Hold { filter, ..Hold::default() }));
        self.tell(held_now(replies));
    }

    fn decide(&self, id: ExchangeId, decision: HandDecision) {
        let Some(replies) = &self.replies else { return };
        let verdict = match decision {
            HandDecision::Answer(reply) => Verdict::Answer(reply),
            HandDecision::LetGo => Verdict::LetGo,
            HandDecision::Kill => Verdict::Kill,
        };
        if !replies.desk().decide(id, verdict) {
            let text = format!("{id} is held no more");
            self.tell(Msg::Notice(Notice { level: Level::Info, text }));
        }
    }

    fn hold_longer(&self, id: ExchangeId) {
        let Some(replies) = &self.replies else { return };
        let (level, text) = match replies.desk().prolong(id, HELD_LONGER) {
            true => (Level::Good, format!("Request {id} is held for a minute more, if its sender waits")),
            false => (Level::Info, format!("{id} is held no more")),
        };
        self.tell(Msg::Notice(Notice { level, text }));
    }

    fn clear_reply(&self, path: &str) {
        self.change_replies(format!("{path}: as all others"), |rules| rules.clear(path));
    }

    /// Puts changed rules in force; `words` go into the session file.
    fn change_replies(&self, words: String, change: impl FnOnce(&mut ReplyRules)) {
        let Some(replies) = &self.replies else { return };
        let in_force = replies.change(|rules| {
            change(&mut rules.replies);
            reply_in_force(&rules.replies)
        });
        let store = self.store.clone();
        tokio::task::spawn_blocking(move || store.append_mode("reply", &words));
        self.tell(in_force);
    }

    fn set_mark(&self, id: ExchangeId, marked: bool) {
        self.index.tell(IndexCommand::Marked(id, marked));
        let (store, out) = (self.store.clone(), self.out.clone());
        tokio::task::spawn_blocking(move || {
            if let Err(error) = store.append_mark(id, marked) {
                notice(&out, Level::Bad, format!("could not keep the mark of {id}: {error}"));
            }
        });
    }

    fn save(&self, name: String) {
        let (store, folder, out) = (self.store.clone(), self.sessions_folder.clone(), self.out.clone());
        tokio::task::spawn_blocking(move || {
            // The session may be kept elsewhere: then nobody has looked at this folder yet.
            let closed = super::privacy::close_folder(&folder);
            let result = super::saving::save(&store, &folder, &name).map_err(|error| format!("{error:#}"));
            let result = result
                .map(|(path, is_moved)| SavedAs { session: is_moved.then(|| super::look::session_title(&path)), path });
            let _ = out.blocking_send(Input::Msg(Msg::Saved { result }));
            if let Some(closed) = closed {
                notice(&out, Level::Info, closed);
            }
        });
    }

    /// What sends, and can be stopped by the exchange; `None`: too much is under way, which is said.
    fn sending(&self, id: ExchangeId, kind: AttemptKind) -> Option<Sending> {
        let (stopper, stop) = watch::channel(false);
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.retain(|(_, stopper)| !stopper.is_closed());
        if under_way.len() >= IN_FLIGHT_MAX {
            let text = format!("{IN_FLIGHT_MAX} requests are being sent already: wait for one to end");
            self.tell(Msg::Notice(Notice { level: Level::Bad, text }));
            return None;
        }
        under_way.push((id, stopper));
        Some(Sending {
            store: self.store.clone(),
            judge: Arc::clone(&self.judge),
            reach: Arc::clone(&self.reach),
            forward: self.forward.clone(),
            replies: self.replies.clone(),
            routes: self.routes.clone(),
            out: self.out.clone(),
            kind,
            stop,
        })
    }

    fn send(&self, wish: SendWish) {
        let Some(sending) = self.sending(wish.id, AttemptKind::Resend) else { return };
        let index = self.index.handle();
        tokio::spawn(async move {
            let id = wish.id;
            let ended = sending.run(wish).await;
            let msg = match ended {
                // Answered or not, it is kept, and counts.
                Ended::Sent(result, _) => {
                    index.tell(IndexCommand::Attempted(id));
                    Msg::AttemptDone { id, result }
                }
                Ended::NotSent(reason) => Msg::NotSent { id, reason },
                Ended::Asked(question) => Msg::Elsewhere(question),
            };
            let _ = sending.out.send(Input::Msg(msg)).await;
        });
    }

    fn forward(&self, ids: Vec<ExchangeId>) {
        let Some(replies) = self.replies.clone() else { return };
        let (store, out) = (self.store.clone(), self.out.clone());
        // Paths are read back from the session file.
        tokio::task::spawn_blocking(move || {
            let said = forwarding::forward(&replies, &store, &ids);
            let _ = out.blocking_send(Input::Msg(Msg::Notice(said)));
        });
    }

    /// Ends what is under way for this exchange; each attempt tells its end as always.
    fn stop_sending(&self, id: ExchangeId) {
        let under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, stopper) in under_way.iter().filter(|(sent, _)| *sent == id) {
            stopper.send_replace(true);
        }
    }

    /// A command goes where a resend would go; when that is not known, to where the sender sent it: to us.
    fn copy(&self, id: ExchangeId, what: CopyWhat, model: &Model) {
        let (store, judge) = (self.store.clone(), Arc::clone(&self.judge));
        let typed = model.target.clone();
        let forward = self.forward.clone();
        let own = (!self.base_url.is_empty()).then(|| self.base_url.clone());
        let words = copy_words(&what).to_owned();
        self.put_in_clipboard(words, move || {
            let request = store.request(id).map_err(|error| error.to_string())?;
            let origin = match what {
                CopyWhat::Shape(shape) if shape.is_command => {
                    typed.or_else(|| judge.target(&request)).or(forward).and_then(|target| origin_of(&target)).or(own)
                }
                _ => own,
            };
            copied_bytes(&request, &what, origin.as_deref())
        });
    }

    fn put_in_clipboard(
        &self,
        what: String,
        bytes: impl FnOnce() -> Result<(Bytes, Vec<String>), String> + Send + 'static,
    ) {
        let (clipboard, out) = (Arc::clone(&self.clipboard), self.out.clone());
        tokio::task::spawn_blocking(move || {
            let (mut what, mut said) = (what, Vec::new());
            let copied = bytes().and_then(|(bytes, caveats)| {
                said = caveats;
                clipboard.copy(&what, &bytes)
            });
            if !said.is_empty() {
                what = format!("{what} ({})", said.join("; "));
            }
            let result = match copied {
                Ok(Copied::WriteToTerminal(sequence)) => {
                    let _ = out.blocking_send(Input::Osc52 { what, sequence });
                    return;
                }
                Ok(Copied::Accepted(method)) => Ok(CopiedTo::Method(method.to_owned())),
                Ok(Copied::File(path)) => Ok(CopiedTo::File(path)),
                Err(error) => Err(error),
            };
            let _ = out.blocking_send(Input::Msg(Msg::Copied { what, result }));
        });
    }

    /// To the interface, from its own thread: never waits, because the loop that reads is the one that calls.
    fn tell(&self, msg: Msg) {
        if let Err(full) = self.out.try_send(Input::Msg(msg)) {
            let out = self.out.clone();
            tokio::spawn(async move {
                let _ = out.send(full.into_inner()).await;
            });
        }
    }
}

fn copy_words(what: &CopyWhat) -> &'static str {
    match what {
        CopyWhat::Shape(shape) => shape.words,
        CopyWhat::Headers => "headers",
        CopyWhat::Body => "body",
        CopyWhat::HeaderValue(_) => "header value",
        CopyWhat::Url => "URL",
    }
}

/// `http://host:port` of a target.
fn origin_of(target: &str) -> Option<String> {
    ::url::Url::parse(target).ok().map(|target| target.origin().ascii_serialization())
}

/// The bytes, and what they do not do as the captured request did.
fn copied_bytes(request: &Request, what: &CopyWhat, origin: Option<&str>) -> Result<(Bytes, Vec<String>), String> {
    let bytes = match what {
        CopyWhat::Shape(shape) => return Ok(((shape.make)(request, origin)?.into(), (shape.caveats)(request))),
        CopyWhat::Headers => headers::lines(request).into(),
        CopyWhat::Body => request.body.bytes.clone(),
        CopyWhat::HeaderValue(index) => {
            let value = headers::value(request, *index).ok_or("that header is not there")?;
            Bytes::copy_from_slice(value)
        }
        CopyWhat::Url => url::url(request, origin).into(),
    };
    Ok((bytes, Vec::new()))
}

/// What is held, for the interface.
pub fn held_now(replies: &SharedReplies) -> Msg {
    let row = |held: Held| HeldRow { id: held.id, since: held.since, until: held.until, default: held.default };
    Msg::Held { holding: replies.get().hold.is_some(), held: replies.desk().held().into_iter().map(row).collect() }
}

/// What the top line says of the replies in force.
pub fn reply_in_force(rules: &ReplyRules) -> Msg {
    Msg::ReplyInForce {
        all: rules.all.describe(),
        text: if rules.all.is_short() { rules.all.to_string() } else { String::new() },
        paths: rules.paths.iter().chain(&rules.endpoints).cloned().collect(),
    }
}

fn notice(out: &Sender<Input>, level: Level, text: String) {
    let _ = out.blocking_send(Input::Msg(Msg::Notice(Notice { level, text })));
}
