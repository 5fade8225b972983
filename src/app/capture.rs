//! Starting what captures, the same for the interface and headless: bind, open the session, accept.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::callbacks::Callbacks;
use super::forward;
use super::index::Saved;
use super::judge::Judge;
use super::privacy;
use super::settings::{SessionWish, Settings, Source};
use super::shutdown::GRACE;
use crate::domain::printable;
use crate::domain::record::Mode;
use crate::domain::rule::Facts;
use crate::io::inbox::{Inbox, InboxLimits};
use crate::io::listener::{self, Listener, SharedReplies};
use crate::io::recording::Recording;
use crate::io::store::Store;

/// How long signature checks may go on when we leave; rows that are not checked by then stay without a verdict.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// A running capture.
#[derive(Debug)]
pub struct Capture {
    /// `http://127.0.0.1:7070`
    pub url: String,
    /// Where it is bound.
    pub address: SocketAddr,
    /// What is captured.
    pub store: Store,
    /// What happens.
    pub inbox: Inbox,
    /// The replies in force.
    pub replies: SharedReplies,
    /// The calls that rules ask for.
    pub callbacks: Callbacks,
    /// A session file that held requests before: they come first in the list.
    pub saved: Option<Saved>,
    /// Words for the user: the port that was taken, what of the session file was skipped. Visible text.
    pub said: Vec<String>,
    /// The session file that we made and named ourselves.
    made: Option<PathBuf>,
    judge: Arc<Judge>,
    listener: Listener,
}

impl Capture {
    /// Binds first, so that a taken port leaves no empty session file behind; then opens the session, then accepts.
    ///
    /// # Errors
    /// What could not be had, and what to do. Nothing runs then.
    pub fn start(settings: &Settings, judge: &Arc<Judge>) -> anyhow::Result<Self> {
        let Source::Listen { bind, port, session } = &settings.source else {
            bail!("a saved session has no listener");
        };
        let mut said = settings.said.clone();
        let bound = listener::bind(*bind, *port)?;
        forward::check(&settings.rules.routes, bound.addr).map_err(anyhow::Error::msg)?;
        if bound.moved {
            said.push(format!("port {} is taken: using {}", listener::DEFAULT_PORT, bound.addr.port()));
        }
        if !bound.addr.ip().is_loopback() {
            said.push(format!("{} can be reached from other machines", bound.addr));
        }
        let inbox = Inbox::new(InboxLimits::default());
        let mut saved = None;
        let store = match session {
            SessionWish::Off => Store::in_memory(settings.store, inbox.clone()),
            SessionWish::New(folder) => {
                said.extend(privacy::close_folder(folder));
                Store::create(folder, settings.store, inbox.clone())?
            }
            SessionWish::File(path) => {
                let (store, report) = Store::append_to(path, settings.store, inbox.clone())?;
                said.extend(privacy::told_of_file(path));
                said.extend(report.said.iter().map(|words| printable::visible_str(words).into_owned()));
                if report.requests > 0 {
                    saved = Some(Saved { path: path.clone(), last: store.last_id(), is_followed: false });
                }
                store
            }
        };
        let made = if matches!(session, SessionWish::New(_)) { store.path() } else { None };
        let (address, url) = (bound.addr, format!("http://{}", bound.addr));
        let replies = SharedReplies::with(settings.rules.clone(), Arc::clone(judge) as Arc<dyn Facts>);
        replies.forward_by(forward::start(store.clone(), bound.addr).context("cannot start the thread that forwards")?);
        let callbacks = Callbacks::new(store.clone(), bound.addr);
        let plans = callbacks.clone();
        replies.on_calls(move |id, calls| plans.plan(id, calls));
        let listener = Listener::start(bound, store.clone(), replies.clone(), settings.limits.clone())
            .context("cannot start the listener")?;
        // A mode that cannot be written shows as NOT RECORDING: the store says it.
        let _ = store.append_mode(Mode::LISTENING, &url);
        Ok(Self {
            url,
            address,
            store,
            inbox,
            replies,
            callbacks,
            saved,
            said,
            made,
            judge: Arc::clone(judge),
            listener,
        })
    }

    /// Stops accepting, lets answers in flight leave, and writes what waits. A session file of our own in which nothing was
    /// captured goes: a start that came to nothing must not be the newest session. Blocks for some seconds at most.
    ///
    /// Words for the user when something that was answered is in no file.
    #[must_use]
    pub fn stop(self) -> Option<String> {
        self.judge.leave(PATIENCE);
        self.listener.shutdown(GRACE);
        self.callbacks.stop();
        if let Some(behind) = self.replies.behind() {
            behind.stop();
        }
        if self.made.is_some_and(|path| self.store.remove_if_empty(&path)) {
            return None;
        }
        let _ = self.store.append_mode("stopped", "");
        self.store.flush();
        match self.store.recording() {
            Recording::Not { reason, unrecorded: 1 } => {
                Some(format!("1 request is lost, it was never recorded: {reason}"))
            }
            Recording::Not { reason, unrecorded } if unrecorded > 1 => {
                Some(format!("{unrecorded} requests are lost, they were never recorded: {reason}"))
            }
            _ => None,
        }
    }
}
