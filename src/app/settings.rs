//! What the arguments, the environment and the configuration file mean together, with every default filled in.
//!
//! A flag wins over an environment variable, that over the file, the file over the default.

pub mod forward;
pub mod merge;
pub mod profiles;
pub mod rules;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::rule::RuleSet;
use crate::domain::signature::{Profile, Profiles, Secret};
use crate::domain::target_rules::TargetRules;
use crate::io::clipboard::Method;
use crate::io::listener::{ListenerLimits, PortChoice};
use crate::io::store::StoreLimits;
use crate::tui::keymap::Keymap;

use rules::RuleSource;

/// Everything that a run needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where exchanges come from.
    pub source: Source,
    /// How they are shown.
    pub output: Output,
    /// Bounds of what is held in memory; the session file holds all.
    pub store: StoreLimits,
    /// Bounds of what senders can make us take.
    pub limits: ListenerLimits,
    /// How requests are recognised and checked.
    pub checks: Checks,
    /// Everything that has a say in what goes back.
    pub rules: RuleSet,
    /// What these are made from, to make them again when the file changes.
    pub rules_from: RuleSource,
    /// Where a resend goes when neither the endpoint nor the user says.
    pub forward: Option<String>,
    /// Hosts beside this machine that requests may be sent to without asking.
    pub targets: TargetRules,
    /// How the screen looks and behaves.
    pub look: Look,
    /// Where saved sessions are: what `:save NAME` moves a session to.
    pub sessions_folder: PathBuf,
    /// Words for the user at the start: a configuration file that was not asked for.
    pub said: Vec<String>,
}

/// How requests are recognised and checked.
#[derive(Clone, Debug)]
pub struct Checks {
    /// Compiled in, and the user's own.
    pub profiles: Profiles,
    /// Paths with settings of their own; the first whose path fits is used.
    pub endpoints: Vec<Endpoint>,
    /// `--scheme`: the profile for requests that no endpoint names one for. `None`: recognised by the headers.
    pub scheme: Option<Arc<Profile>>,
    /// `--secret`: for `scheme`, or for whatever is recognised when there is no scheme. Several: a rotation.
    pub secrets: Vec<Secret>,
    /// Secrets of the configuration file by profile name.
    pub provider_secrets: Vec<(String, Vec<Secret>)>,
    /// `--public-url`: where providers call us, for requests whose endpoint has none of its own.
    pub public_url: Option<String>,
    /// `--trust-proxy`: whether forwarding headers say what was called.
    pub trust_proxy: bool,
}

/// Where exchanges come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A listener.
    Listen {
        /// Address.
        bind: IpAddr,
        /// Port.
        port: PortChoice,
        /// Where what comes is kept.
        session: SessionWish,
    },
    /// A saved session, read only but for attempts, notes and marks.
    Open(PathBuf),
}

/// Where what comes is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionWish {
    /// A new file in this folder, named by date and time.
    New(PathBuf),
    /// Append to this file, made when it is not there.
    File(PathBuf),
    /// In memory only.
    Off,
}

/// How exchanges are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// The interface.
    Interface,
    /// A line a request on stdout.
    Headless {
        /// JSON Lines.
        json: bool,
    },
}

/// A path with settings of its own. Its reply is in [`Settings::rules`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The path exactly, or its beginning where it ends in `*`.
    pub path: String,
    /// Who sends to it.
    pub provider: Option<Arc<Profile>>,
    /// Secrets, the current one first.
    pub secrets: Vec<Secret>,
    /// Where a resend goes.
    pub target: Option<String>,
    /// The URL that the provider was given, for schemes that sign it.
    pub public_url: Option<String>,
    /// Whether the configuration names it, and not the command line.
    pub is_written: bool,
}

/// How the screen looks and behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Theme by name; `auto`: light or dark as the terminal is.
    pub theme: String,
    /// Folder with the user's own themes (`*.ron`); it need not exist.
    pub themes_folder: Option<PathBuf>,
    /// Keys in force.
    pub keymap: Keymap,
    /// Whether we take mouse events.
    pub mouse: bool,
    /// Colours at all. `NO_COLOR` and `--color never` say no.
    pub color: bool,
    /// Which way a copy goes.
    pub clipboard: Method,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            theme: "auto".to_owned(),
            themes_folder: None,
            keymap: Keymap::default(),
            mouse: true,
            color: true,
            clipboard: Method::Auto,
        }
    }
}

/// Loopback: nothing is reachable from outside unless asked.
pub const DEFAULT_BIND: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
