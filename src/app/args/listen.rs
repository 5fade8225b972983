//! `listen` and `open`: what is captured, how it is kept, how it looks.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args as ClapArgs, ValueEnum};

use super::common::{ColorWish, SESSION};
use super::endpoint::EndpointSpec;
use super::size::{Duration, Size};
use crate::app::secrets::SecretSource;
use crate::domain::durability::Durability;

impl ValueEnum for Durability {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::Process => "It was written: what was answered survives a kill of the program (kill -9)",
            Self::Disk => {
                "It was synced to the disk too (fdatasync, shared by all that wait): what was answered survives a crash of the system"
            }
            Self::None => "Nothing: lines are written together, some milliseconds later; a kill loses the last ones",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

/// How the screen looks: for `listen` and `open`.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct LookArgs {
    /// Theme by name, or `auto`: light or dark as the terminal is [default: auto]
    #[arg(long, value_name = "NAME", env = "HOOKSIGHT_THEME")]
    pub theme: Option<String>,
    /// Leave the mouse to the terminal
    #[arg(long)]
    pub no_mouse: bool,
    /// Colours
    #[arg(long, value_name = "WHEN")]
    pub color: Option<ColorWish>,
    /// Configuration file, instead of ./hooksight.ron or config.ron in the user's configuration folder
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
    /// Signature scheme: a provider's name (see `hooksight providers`)
    #[arg(long, value_name = "SCHEME", env = "HOOKSIGHT_SCHEME")]
    pub scheme: Option<String>,
    /// Secret: env:NAME, file:PATH, - (asks), or the secret itself; again for a rotation
    #[arg(long, value_name = "SECRET")]
    pub secret: Vec<SecretSource>,
    /// Where providers call this listener, for schemes that sign the URL: an origin, or a whole URL
    #[arg(long, value_name = "URL", env = "HOOKSIGHT_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Take that URL from X-Forwarded-* or Forwarded: only behind a proxy of your own that sets them
    #[arg(long)]
    pub trust_proxy: bool,
    /// Answer the handshakes of providers (challenges, pings) like any other request
    #[arg(long)]
    pub no_handshakes: bool,
    /// A path with settings of its own.
    #[arg(
        long,
        value_name = "SPEC",
        help = "A path with its settings: PATH[,provider=NAME][,secret=SECRET][,reply=REPLY][,forward=URL][,target=URL][,public-url=URL]"
    )]
    pub endpoint: Vec<EndpointSpec>,
    /// Your app: requests are forwarded there and its answers go back; resends go there too
    #[arg(long, value_name = "URL", env = "HOOKSIGHT_FORWARD", hide_env_values = true)]
    pub forward: Option<String>,
}

/// How requests are forwarded.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct ForwardArgs {
    /// With --forward: answer at once by ourselves, and forward behind that, with retries
    #[arg(long)]
    pub ack: bool,
    /// With --forward: one more app that gets every request, behind the first one's answer
    #[arg(long, value_name = "URL")]
    pub also: Vec<String>,
    /// With --forward: one more app whose answers are compared with the first one's
    #[arg(long, value_name = "URL")]
    pub shadow: Vec<String>,
    /// With --forward: how long your app may take for one request [default: 30s]
    #[arg(long, value_name = "TIME")]
    pub forward_timeout: Option<Duration>,
    /// With --forward: Authorization and Cookie go on to another machine, too
    #[arg(long)]
    pub forward_logins: bool,
}

/// `listen`
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct ListenArgs {
    /// Port; 0 is any free one [default: 7070, or the next free one]
    #[arg(short, long, value_name = "PORT", env = "HOOKSIGHT_PORT", value_parser = port)]
    pub port: Option<u16>,
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "ADDR", env = "HOOKSIGHT_BIND", value_parser = address)]
    pub bind: Option<IpAddr>,
    /// Session file to append to, made when it is not there [default: a new one, named by date and time]
    #[arg(short, long, value_name = "FILE", conflicts_with = "no_session")]
    pub session: Option<String>,
    /// Keep nothing on disk
    #[arg(long)]
    pub no_session: bool,
    /// What must have happened to a request's line in the session file before its answer leaves [default: process]
    #[arg(long, value_name = "WHAT", env = "HOOKSIGHT_DURABILITY")]
    pub durability: Option<Durability>,
    /// No interface: print a line a request (the default when stdout is no terminal)
    #[arg(long)]
    pub headless: bool,
    /// With --headless: JSON Lines
    #[arg(long)]
    pub json: bool,
    /// What to answer: a status or a preset, then settings: `503 delay=2s header="Retry-After: 5" body=@FILE`
    #[arg(long, value_name = "REPLY", env = "HOOKSIGHT_RESPOND")]
    pub respond: Option<String>,
    /// How requests are forwarded.
    #[command(flatten)]
    pub forwarding: ForwardArgs,
    /// Requests held in memory, at most [default: 10000]
    #[arg(long, value_name = "N")]
    pub ring_count: Option<usize>,
    /// Bytes of requests held in memory, at most [default: 64MiB]
    #[arg(long, value_name = "SIZE")]
    pub ring_bytes: Option<Size>,
    /// Longest body that is kept whole; above it 413, and what came is kept [default: 10MiB]
    #[arg(long, value_name = "SIZE")]
    pub max_body: Option<Size>,
    /// Longest request head [default: 128KiB]
    #[arg(long, value_name = "SIZE")]
    pub max_head: Option<Size>,
    /// Header lines of one request, at most [default: 1000]
    #[arg(long, value_name = "N")]
    pub max_headers: Option<usize>,
    /// Time for the head to come [default: 15s]
    #[arg(long, value_name = "TIME")]
    pub head_timeout: Option<Duration>,
    /// Time for the body to come [default: 5m]
    #[arg(long, value_name = "TIME")]
    pub body_timeout: Option<Duration>,
    /// How long a sender may leave its answer untouched [default: 30s]
    #[arg(long, value_name = "TIME")]
    pub write_timeout: Option<Duration>,
    /// Connections at once, at most [default: 1024]
    #[arg(long, value_name = "N")]
    pub max_connections: Option<usize>,
    /// Look and checks
    #[command(flatten)]
    pub look: LookArgs,
}

/// `open`
#[derive(Clone, Debug, ClapArgs)]
pub struct OpenArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Look and checks
    #[command(flatten)]
    pub look: LookArgs,
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "expected a number from 0 (any free port) to 65535".to_owned())
}

/// What is often given instead is understood, so that it can be said what to give.
fn address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| match text.parse::<SocketAddr>() {
        Ok(both) => format!("the port is an option of its own: --bind {} -p {}", both.ip(), both.port()),
        Err(_) => "expected an IP address: 127.0.0.1 for this machine alone, 0.0.0.0 for the network too".to_owned(),
    })
}
