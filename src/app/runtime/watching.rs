//! What changes while it runs without a key: the configuration's files, and requests that are held.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::sync::mpsc::Sender;

use crate::app::effects::rules::rules_in_force;
use crate::app::effects::{Effects, held_now, reply_in_force};
use crate::app::index::IndexCommand;
use crate::app::loop_input::Input;
use crate::app::reload::{Reloaded, Watch};
use crate::app::settings::Settings;
use crate::domain::exchange::ExchangeId;
use crate::io::listener::SharedReplies;
use crate::tui::msg::{Level, Msg, Notice};

/// Watches the configuration: the top line shows the replies that it brings, and rows the verdicts.
pub(super) fn watch(
    settings: &Settings,
    own: Option<SocketAddr>,
    replies: SharedReplies,
    effects: &Effects,
) -> anyhow::Result<Watch> {
    let (out, in_force) = (effects.out.clone(), replies.clone());
    let (judge, index, detail) = (Arc::clone(&effects.judge), effects.index.handle(), effects.detail.handle());
    let told = move |told: Reloaded| {
        let (level, broken) = match &told {
            Reloaded::Broken(why) => (Level::Bad, Some(why.clone())),
            Reloaded::InForce { .. } => (Level::Good, None),
        };
        // A notice goes; this stays as long as the file is broken.
        let _ = out.blocking_send(Input::Msg(Msg::Configuration(broken)));
        if told.changes_secrets() {
            detail.judge_again();
            index.tell(IndexCommand::Recheck { provider: None, first: ExchangeId::default(), told: None });
            let _ = out.blocking_send(Input::Msg(Msg::Secrets(judge.known_secrets())));
        }
        let rules = in_force.get();
        let _ = out.blocking_send(Input::Msg(reply_in_force(&rules.replies)));
        let _ = out.blocking_send(Input::Msg(rules_in_force(&rules)));
        let _ = out.blocking_send(Input::Msg(Msg::Notice(Notice { level, text: told.words() })));
    };
    let judge = Arc::clone(&effects.judge);
    Watch::start((settings.rules_from.clone(), own), replies, judge, told).context("cannot watch the configuration")
}

/// Tells the interface of requests that are held, as they come and go.
pub(super) async fn tell_held(replies: SharedReplies, out: Sender<Input>) {
    let mut changes = replies.desk().changes();
    while changes.changed().await.is_ok() {
        if out.send(Input::Msg(held_now(&replies))).await.is_err() {
            return;
        }
    }
}
