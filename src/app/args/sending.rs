//! What signs and sends: `sign`, `resend`, `replay`, `send`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::common::{SESSION, SET};
use super::saved::JudgingArgs;
use super::saved::request_number;
use super::size::Duration;
use crate::app::secrets::SecretSource;

/// `sign`
#[derive(Clone, Debug, ClapArgs)]
pub struct SignArgs {
    /// Signature scheme: a provider's name (see `hooksight providers`)
    #[arg(long, value_name = "SCHEME")]
    pub scheme: String,
    /// Secret, or a private key of your own in PEM: env:NAME, file:PATH, - (asks), or the secret itself
    #[arg(long, value_name = "SECRET")]
    pub secret: SecretSource,
    /// The URL that it is sent to, for schemes that sign it
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Method, for schemes that sign it
    #[arg(long, value_name = "METHOD", default_value = "POST")]
    pub method: String,
    /// File with the body; - is standard input
    #[arg(long, value_name = "FILE", default_value = "-")]
    pub body: String,
    /// Header that is signed too (`Name: value`), such as an id to keep; again for more
    #[arg(long, value_name = "LINE")]
    pub header: Vec<String>,
    /// Sign for this time, in Unix seconds [default: now]
    #[arg(long, value_name = "UNIX")]
    pub now: Option<i64>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// What `send --dry-run` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// The request's exact bytes
    Raw,
    /// A curl command that sends it
    Curl,
}

/// `resend`
#[derive(Clone, Debug, ClapArgs)]
pub struct ResendArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Number of the request
    #[arg(value_parser = request_number)]
    pub id: u64,
    /// URL to send it to; without a path the captured one is used
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Sign it anew with the secret
    #[arg(long)]
    pub resign: bool,
    /// Secret for --resign: env:NAME, file:PATH, - (asks), or the secret itself [default: that of the configuration]
    #[arg(long, value_name = "SECRET")]
    pub secret: Option<SecretSource>,
    /// Signature scheme: a provider's name [default: recognised by the headers]
    #[arg(long, value_name = "SCHEME", env = "HOOKSIGHT_SCHEME")]
    pub scheme: Option<String>,
    /// Changes of the body.
    #[arg(long, value_name = "PATH=VALUE", help = SET)]
    pub set: Vec<String>,
    /// So many times, one after the other
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub times: u64,
    /// Time for the answer
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub timeout: Duration,
    /// Send to another machine without asking
    #[arg(long)]
    pub yes: bool,
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
    /// Configuration file whose secrets and targets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `replay`
#[derive(Clone, Debug, ClapArgs)]
pub struct ReplayArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// URL to send them to; without a path the captured one is used
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Only requests that this filter lets through, such as 'path:/stripe -status:2xx' (--help has the language)
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Sign each anew with --secret, or the secrets of the configuration
    #[arg(long)]
    pub resign: bool,
    /// Other headers (but Date and its like) and another body are a difference too
    #[arg(long)]
    pub strict: bool,
    /// Time for each answer
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub timeout: Duration,
    /// Send to another machine without asking
    #[arg(long)]
    pub yes: bool,
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
    /// What they are judged with, and signed with by --resign
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Configuration file whose secrets and targets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `send`
#[derive(Clone, Debug, ClapArgs)]
pub struct SendArgs {
    /// Who it comes from: a provider's name (see `hooksight providers`)
    pub provider: Option<String>,
    /// Sample event or handshake [default: the first sample]; with --body the event type
    pub event: Option<String>,
    /// URL of the receiver
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// Secret, or private key in PEM: env:NAME, file:PATH, - (asks), or the secret itself [default: that of the configuration]
    #[arg(long, value_name = "SECRET")]
    pub secret: Option<SecretSource>,
    /// Send without a signature
    #[arg(long, conflicts_with_all = ["secret", "hostile"])]
    pub unsigned: bool,
    /// Changes of the body.
    #[arg(long, value_name = "PATH=VALUE", help = SET)]
    pub set: Vec<String>,
    /// Header to add or replace (`Name: value`), or to leave out (`Name:`); again for more
    #[arg(long, value_name = "LINE")]
    pub header: Vec<String>,
    /// Delivery id, for a duplicate [default: a fresh one]
    #[arg(long, value_name = "ID", visible_alias = "event-id")]
    pub id: Option<String>,
    /// File with a body of your own, in place of the sample; - is standard input
    #[arg(long, value_name = "FILE")]
    pub body: Option<String>,
    /// Method [default: the provider's]
    #[arg(long, value_name = "METHOD")]
    pub method: Option<String>,
    /// The URL that the receiver believes it is called at, for schemes that sign it [default: that of --to]
    #[arg(long, value_name = "URL", env = "HOOKSIGHT_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Sign for this time, in Unix seconds [default: now]
    #[arg(long, value_name = "UNIX")]
    pub now: Option<i64>,
    /// So many deliveries, one after the other, each with an id of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub times: u64,
    /// Time for the answer
    #[arg(long, value_name = "TIME", default_value = "30s")]
    pub timeout: Duration,
    /// Send to another machine without asking
    #[arg(long)]
    pub yes: bool,
    /// Send nothing: print the request
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "raw", conflicts_with = "hostile")]
    pub dry_run: Option<DryRun>,
    /// Try the receiver with good and bad deliveries: what does it take?
    #[arg(long, conflicts_with = "times")]
    pub hostile: bool,
    /// With --hostile: only these trials, separated by commas
    #[arg(long, value_name = "TRIALS", value_delimiter = ',', requires = "hostile")]
    pub only: Vec<String>,
    /// With --hostile: all but these trials, separated by commas
    #[arg(long, value_name = "TRIALS", value_delimiter = ',', requires = "hostile", conflicts_with = "only")]
    pub skip: Vec<String>,
    /// List the sample events of the provider, or of all; with --hostile the trials
    #[arg(long)]
    pub list: bool,
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
    /// Configuration file whose secrets and targets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}
