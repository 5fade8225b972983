//! What the arguments, the environment and the configuration file mean together, with every default filled in.
//!
//! A flag wins over an environment variable, that over the file, the file over the default.

pub mod endpoint;
pub mod size;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::domain::reply::ReplyRules;
use crate::domain::signature::Secret;

/// Everything that a run needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where exchanges come from.
    pub source: Source,
    /// How they are shown.
    pub output: Output,
    /// Bounds of what is held in memory.
    pub ring: RingBounds,
    /// Bounds of what one sender can make us take.
    pub limits: Limits,
    /// Paths with settings of their own, in the order in which they were given: the first whose path fits is used.
    pub endpoints: Vec<Endpoint>,
    /// `--scheme`: the profile for requests that no endpoint names one for. Empty: recognised by the headers.
    pub scheme: Option<String>,
    /// `--secret`: for `scheme`, or for whatever is recognised when there is no scheme. Several: a rotation.
    pub secrets: Vec<Secret>,
    /// Secrets of the configuration file by profile name.
    pub provider_secrets: Vec<(String, Vec<Secret>)>,
    /// What goes back: `--respond`, and the paths of endpoints and of the file.
    pub replies: ReplyRules,
    /// Where a resend goes when neither the endpoint nor the user says.
    pub forward: Option<String>,
    /// How the screen looks and behaves.
    pub look: Look,
    /// Folder with the user's own provider profiles (`*.ron`); it need not exist.
    pub providers_folder: Option<PathBuf>,
}

/// Where exchanges come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A listener.
    Listen {
        /// Address.
        bind: IpAddr,
        /// Port.
        port: PortWish,
        /// Where what comes is kept.
        session: SessionWish,
    },
    /// A saved session, read only but for attempts, notes and marks.
    Open(PathBuf),
}

/// Which port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortWish {
    /// This one, or the next that is free.
    Prefer(u16),
    /// This one or none; 0 is any free one.
    Exactly(u16),
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

/// Bounds of what is held in memory; the session file holds all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RingBounds {
    /// Exchanges.
    pub count_max: usize,
    /// Bytes of them.
    pub bytes_max: usize,
}

/// Bounds of what one sender can make us take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one body.
    pub body_bytes_max: usize,
    /// Bytes of one head.
    pub head_bytes_max: usize,
    /// Header lines of one head.
    pub headers_max: usize,
    /// From the first byte to the end of the head.
    pub head_timeout: Duration,
    /// From the end of the head to the end of the body.
    pub body_timeout: Duration,
    /// Connections at once.
    pub connections_max: usize,
}

/// A path with settings of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The path exactly, or its beginning where it ends in `*`.
    pub path: String,
    /// Profile name.
    pub provider: Option<String>,
    /// Secrets, the current one first.
    pub secrets: Vec<Secret>,
    /// Where a resend goes.
    pub target: Option<String>,
    /// The URL that the provider was given, for schemes that sign it.
    pub public_url: Option<String>,
}

/// How the screen looks and behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Theme by name; `auto`: light or dark as the terminal is.
    pub theme: String,
    /// Folder with the user's own themes (`*.ron`); it need not exist.
    pub themes_folder: Option<PathBuf>,
    /// Action name -> keys, over the defaults.
    pub keys: Vec<(String, Vec<String>)>,
    /// Whether we take mouse events.
    pub mouse: bool,
    /// Colours at all. `NO_COLOR` and `--color never` say no.
    pub color: bool,
    /// Which way a copy goes.
    pub clipboard: ClipboardWish,
}

/// Which way a copy goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClipboardWish {
    /// tmux inside tmux, the terminal over ssh, else the system's.
    #[default]
    Auto,
    /// The system's clipboard.
    System,
    /// `tmux load-buffer`.
    Tmux,
    /// OSC 52.
    Terminal,
    /// A file whose path is shown.
    File,
}

impl Default for RingBounds {
    fn default() -> Self {
        Self { count_max: 1_000, bytes_max: 64 << 20 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes_max: 10 << 20,
            head_bytes_max: 64 << 10,
            headers_max: 1_000,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            connections_max: 512,
        }
    }
}

impl Default for Look {
    fn default() -> Self {
        Self {
            theme: "auto".to_owned(),
            themes_folder: None,
            keys: Vec::new(),
            mouse: true,
            color: true,
            clipboard: ClipboardWish::Auto,
        }
    }
}

impl Default for Source {
    fn default() -> Self {
        Self::Listen { bind: DEFAULT_BIND, port: PortWish::Prefer(DEFAULT_PORT), session: SessionWish::Off }
    }
}

/// Loopback: nothing is reachable from outside unless asked.
pub const DEFAULT_BIND: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// The port without a wish.
pub const DEFAULT_PORT: u16 = 7070;

/// `http://127.0.0.1:7070`
pub fn url_of(address: SocketAddr) -> String {
    format!("http://{address}")
}
