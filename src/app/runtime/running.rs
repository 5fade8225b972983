//! Where exchanges come from, while the interface runs: a listener, or a saved session.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use crate::app::callbacks::Callbacks;
use crate::app::capture::Capture;
use crate::app::index;
use crate::app::judge::Judge;
use crate::app::look;
use crate::app::settings::{Settings, Source};
use crate::domain::printable::visible_str;
use crate::io::inbox::{Inbox, InboxLimits};
use crate::io::listener::SharedReplies;
use crate::io::store::Store;
use crate::tui::msg::Identity;

/// Where exchanges come from, while it runs.
pub(super) enum Running {
    Listening(Box<Capture>),
    Saved(Store, Vec<String>),
}

impl Running {
    pub(super) fn store(&self) -> &Store {
        match self {
            Self::Listening(capture) => &capture.store,
            Self::Saved(store, _) => store,
        }
    }

    pub(super) fn url(&self) -> String {
        match self {
            Self::Listening(capture) => capture.url.clone(),
            Self::Saved(..) => String::new(),
        }
    }

    pub(super) fn replies(&self) -> Option<SharedReplies> {
        match self {
            Self::Listening(capture) => Some(capture.replies.clone()),
            Self::Saved(..) => None,
        }
    }

    pub(super) fn callbacks(&self) -> Option<Callbacks> {
        match self {
            Self::Listening(capture) => Some(capture.callbacks.clone()),
            Self::Saved(..) => None,
        }
    }

    pub(super) fn said(&self) -> Vec<String> {
        match self {
            Self::Listening(capture) => capture.said.clone(),
            Self::Saved(_, said) => said.clone(),
        }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Listening(capture) => Some(capture.address),
            Self::Saved(..) => None,
        }
    }

    pub(super) fn identity(&self, settings: &Settings, judge: &Judge) -> Identity {
        let exposed = matches!(self, Self::Listening(capture) if !capture.address.ip().is_loopback());
        Identity {
            url: self.url(),
            exposed,
            session: self.store().path().as_deref().map(look::session_title).unwrap_or_default(),
            durability: settings.store.durability,
            forward: settings.forward.clone(),
            targets: endpoint_targets(settings),
            providers: judge.profiles().iter().map(|profile| profile.name.clone()).collect(),
            public_url: settings.checks.public_url.clone(),
        }
    }
}

fn endpoint_targets(settings: &Settings) -> Vec<(String, String)> {
    let with_target = settings.checks.endpoints.iter().filter_map(|one| Some((one.path.clone(), one.target.clone()?)));
    with_target.collect()
}

/// Starts the listener, or opens the session.
pub(super) fn start_source(
    settings: &Settings,
    judge: &Arc<Judge>,
) -> anyhow::Result<(Running, Inbox, Option<index::Saved>)> {
    match &settings.source {
        Source::Listen { .. } => {
            let capture = Capture::start(settings, judge)?;
            let (inbox, saved) = (capture.inbox.clone(), capture.saved.clone());
            Ok((Running::Listening(Box::new(capture)), inbox, saved))
        }
        Source::Open(path) => {
            let (store, mut said) = open_saved(path)?;
            said.splice(..0, settings.said.iter().cloned());
            let saved = index::Saved { path: path.clone(), last: store.last_id(), is_followed: true };
            Ok((Running::Saved(store, said), Inbox::new(InboxLimits::default()), Some(saved)))
        }
    }
}

fn open_saved(path: &Path) -> anyhow::Result<(Store, Vec<String>)> {
    let (store, report) = Store::open(path)?;
    let said = report.said.iter().map(|words| visible_str(words).into_owned()).collect();
    Ok((store, said))
}
