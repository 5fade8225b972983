//! What was typed. What it means is [`super::settings`]. Help, man page and completions are made from these types alone.

pub mod said;

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::secrets::SecretSource;
use super::settings::endpoint::EndpointSpec;
use super::settings::size::{Duration, Size};
use crate::domain::durability::Durability;
use crate::domain::filter;

/// What may stand for a session.
const SESSION: &str = "Path, saved session's name, or `latest`: the newest that holds a request";

/// The help of a command that takes a filter: its examples, then the language.
fn with_filters(examples: &str) -> String {
    format!("{examples}\n\n{}", filter::help())
}

const LS: &str = "Example:\n  hooksight ls latest --filter 'method:POST -status:2xx'";
const EXPORT: &str = "Examples:\n  hooksight export latest 7 --format curl --to http://localhost:3000 | sh\n  hooksight export latest 7 --format raw > request.http";
const VERIFY: &str = "Example:\n  hooksight verify latest 7 --scheme stripe --secret env:STRIPE_SECRET\n\nExits 1 when any checked request is not valid.";
const CHECK: &str =
    "Example:\n  hooksight check hooksight.ron\n\nAll that is wrong is said at once. Exits 1 when something is.";
const CHECK_JSON: &str = "\n\n--json prints one object: file, ok, mistakes (each with file, line, column, field, message; null where there is\nnone), and how many rules, replies, guards and endpoints there are (null when the file is not understood).";

/// See webhooks arrive, know why their signature fails, answer them, send them again.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "hooksight",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = "Without a command: `hooksight listen`.\n\nExample:\n  hooksight -p 7070 --scheme github --secret env:GITHUB_WEBHOOK_SECRET",
    after_long_help = "Without a command: `hooksight listen`.\n\nExit codes: 0 done; 1 the answer is no (an invalid signature); 2 wrong use, or it could not run;\n130 stopped by Ctrl-C while headless, or by SIGINT. SIGTERM and SIGHUP end it with 0.\n\nExample:\n  hooksight -p 7070 --scheme github --secret env:GITHUB_WEBHOOK_SECRET"
)]
pub struct Args {
    /// The command; none is `listen`.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The flags of `listen` without its name.
    #[command(flatten)]
    pub listen: ListenArgs,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Capture webhooks and show them; the same as no command
    #[command(
        after_help = "Examples:\n  hooksight listen -p 8080 --forward http://localhost:3000\n  hooksight listen --headless --json | jq -r 'select(.event==\"request\").target'\n  hooksight listen --endpoint /stripe,provider=stripe,secret=env:STRIPE_SECRET,reply=200"
    )]
    Listen(Box<ListenArgs>),
    /// Look at a saved session in the interface, without a listener; one that is being written is followed
    #[command(after_help = "Example:\n  hooksight open latest")]
    Open(OpenArgs),
    /// List saved sessions
    #[command(after_help = "Example:\n  hooksight sessions --json | jq -r .name")]
    Sessions(SessionsArgs),
    /// List the requests of a session, one line each
    #[command(after_help = LS, after_long_help = with_filters(LS))]
    Ls(LsArgs),
    /// Show one request of a session
    #[command(after_help = "Examples:\n  hooksight show latest 7\n  hooksight show latest 7 --body | jq .")]
    Show(ShowArgs),
    /// Write requests as curl commands or as raw HTTP
    #[command(after_help = EXPORT, after_long_help = with_filters(EXPORT))]
    Export(ExportArgs),
    /// Check signatures again, offline
    #[command(after_help = VERIFY, after_long_help = with_filters(VERIFY))]
    Verify(VerifyArgs),
    /// Say why a signature fails, and what a digest was made from that your own code computed
    #[command(
        after_help = "Examples:\n  hooksight explain latest 7 --secret env:STRIPE_SECRET\n  hooksight explain latest 7 --computed 5f2b1c...\n\nExits 1 when nothing explains it, or when nothing makes that digest."
    )]
    Explain(ExplainArgs),
    /// Print the headers that make a body valid
    #[command(
        after_help = "Example:\n  hooksight sign --scheme github --secret env:GITHUB_WEBHOOK_SECRET --body payload.json"
    )]
    Sign(SignArgs),
    /// Send a sample event as a provider would, or try whether a receiver takes bad ones
    #[command(
        after_help = "Examples:\n  hooksight send stripe invoice.paid --to http://localhost:3000/hooks --secret env:STRIPE_SECRET\n  hooksight send github --hostile --to http://localhost:3000/hooks --secret env:GITHUB_SECRET",
        after_long_help = "Examples:\n  hooksight send stripe invoice.paid --to http://localhost:3000/hooks --secret env:STRIPE_SECRET\n  hooksight send stripe --set data.object.amount=5 --set data.object.currency=eur --to ... --secret ...\n  hooksight send slack url_verification --to http://localhost:3000/slack --secret env:SLACK_SECRET\n  hooksight send github --hostile --to http://localhost:3000/hooks --secret env:GITHUB_SECRET\n  hooksight send --list stripe\n\nA provider that signs with a private key: give one of your own (PEM) as the secret, and its public half to\nthe receiver. In a sample, id and times are made anew for each delivery; what --body gives stays as it is.\n\nExit codes: 0 the receiver took it (with --hostile: the good ones, and no bad one); 1 it did not;\n2 wrong use, or nothing could be sent."
    )]
    Send(Box<SendArgs>),
    /// Send a captured request again, as it came or changed
    #[command(
        after_help = "Examples:\n  hooksight resend latest 7 --to http://localhost:3000\n  hooksight resend latest 7 --to http://localhost:3000 --set data.object.amount=5 --resign --secret env:STRIPE_SECRET\n\nExits 1 when an answer is none of 200 to 399."
    )]
    Resend(Box<ResendArgs>),
    /// Send captured requests again, in order, and compare each answer with the recorded one
    #[command(
        after_help = "Example:\n  hooksight replay latest --to http://localhost:3000 --filter 'path:/stripe'\n\nExits 1 when an answer has another status than the recorded one; with --strict also for other headers or another body."
    )]
    Replay(ReplayArgs),
    /// List the provider profiles, or show one
    #[command(after_help = "Example:\n  hooksight providers stripe")]
    Providers(ProvidersArgs),
    /// Check a configuration file without starting anything
    #[command(after_help = CHECK, after_long_help = format!("{CHECK}{CHECK_JSON}"))]
    Check(CheckArgs),
    /// Say what would be answered to a captured request, and why
    #[command(
        after_help = "Example:\n  hooksight respond --dry-run latest 7\n  hooksight respond --dry-run latest 7 --nth 3"
    )]
    Respond(RespondArgs),
    /// Print shell completions
    #[command(after_help = "Example:\n  hooksight completions fish > ~/.config/fish/completions/hooksight.fish")]
    Completions(CompletionsArgs),
    /// Print the manual page
    #[command(after_help = "Example:\n  hooksight man | man -l -")]
    Man,
}

/// Whether to colour what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorWish {
    /// When stdout is a terminal and `NO_COLOR` is not set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

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
}

/// `listen`
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct ListenArgs {
    /// Port; 0 is any free one [default: 7070, or the next free one]
    #[arg(short, long, value_name = "PORT", env = "HOOKSIGHT_PORT")]
    pub port: Option<u16>,
    /// Address to listen on [default: 127.0.0.1]
    #[arg(long, value_name = "ADDR", env = "HOOKSIGHT_BIND")]
    pub bind: Option<std::net::IpAddr>,
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

/// `sessions`
#[derive(Clone, Debug, ClapArgs)]
pub struct SessionsArgs {
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
}

/// `ls`
#[derive(Clone, Debug, ClapArgs)]
pub struct LsArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Only requests that this filter lets through, such as 'path:/stripe -status:2xx' (--help has the language)
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
    /// What they are judged with
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `show`
#[derive(Clone, Debug, ClapArgs)]
pub struct ShowArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Number of the request in its session
    #[arg(value_parser = request_number)]
    pub id: u64,
    /// The request's exact bytes
    #[arg(long, conflicts_with_all = ["body", "json"])]
    pub raw: bool,
    /// The body's exact bytes
    #[arg(long, conflicts_with = "json")]
    pub body: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    pub color: ColorWish,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// The number of a request.
fn request_number(text: &str) -> Result<u64, String> {
    match text.trim_start_matches('#').parse() {
        Ok(0) | Err(_) => Err("expected the number of a request, from 1, as `hooksight ls` shows it".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// Shapes of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A command that sends the identical request from sh, bash, zsh and fish
    Curl,
    /// The request's exact bytes
    Raw,
}

/// `export`
#[derive(Clone, Debug, ClapArgs)]
pub struct ExportArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Numbers of requests [default: all]
    #[arg(value_parser = request_number)]
    pub id: Vec<u64>,
    /// Only requests that this filter lets through, such as 'path:/stripe -status:2xx' (--help has the language)
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// Shape
    #[arg(long, value_name = "FORMAT")]
    pub format: ExportFormat,
    /// Where the curl command sends to, in place of the address that the sender named
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// What they are judged with
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// What rows are judged with, where a session was recorded with more than the configuration says.
#[derive(Clone, Debug, Default, ClapArgs)]
pub struct JudgingArgs {
    /// Signature scheme [default: recognised by the headers]
    #[arg(long, value_name = "SCHEME", env = "HOOKSIGHT_SCHEME")]
    pub scheme: Option<String>,
    /// Secret: env:NAME, file:PATH, - (asks), or the secret itself; again for a rotation
    #[arg(long, value_name = "SECRET")]
    pub secret: Vec<SecretSource>,
    /// The URL that the provider was given, for schemes that sign it
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Take that URL from X-Forwarded-* or Forwarded: only when a proxy of your own set them
    #[arg(long)]
    pub trust_proxy: bool,
}

/// What `verify` and `explain` check with.
#[derive(Clone, Debug, ClapArgs)]
pub struct CheckingArgs {
    /// Signature scheme [default: recognised by the headers]
    #[arg(long, value_name = "SCHEME", env = "HOOKSIGHT_SCHEME")]
    pub scheme: Option<String>,
    /// Secret: env:NAME, file:PATH, - (asks), or the secret itself; again for a rotation
    #[arg(long, value_name = "SECRET")]
    pub secret: Vec<SecretSource>,
    /// The URL that the provider was given, for schemes that sign it
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Take that URL from X-Forwarded-* or Forwarded: only when a proxy of your own set them
    #[arg(long)]
    pub trust_proxy: bool,
    /// Judge ages at this time, in Unix seconds [default: when the request came]
    #[arg(long, value_name = "UNIX")]
    pub now: Option<i64>,
}

/// `verify`
#[derive(Clone, Debug, ClapArgs)]
pub struct VerifyArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Number of the request [default: all]
    #[arg(value_parser = request_number)]
    pub id: Option<u64>,
    /// Only requests that this filter lets through, such as 'path:/stripe -status:2xx' (--help has the language)
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true)]
    pub filter: Option<String>,
    /// How to check
    #[command(flatten)]
    pub checking: CheckingArgs,
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `explain`
#[derive(Clone, Debug, ClapArgs)]
pub struct ExplainArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Number of the request
    pub id: u64,
    /// A digest that your own code computed: hex, base64 or base64url, with or without a prefix, whole or its beginning
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub computed: Option<String>,
    /// How to check
    #[command(flatten)]
    pub checking: CheckingArgs,
    /// One JSON object; the expected signature is masked in it
    #[arg(long)]
    pub json: bool,
    /// Whether to use colours
    #[arg(long, value_name = "WHEN", default_value_t, value_enum)]
    pub color: ColorWish,
    /// Configuration file whose endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

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
    #[arg(
        long,
        value_name = "PATH=VALUE",
        help = "Change a value of the body: JSON path (data.items[0].id=7) or form field; again for more"
    )]
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
    #[arg(
        long,
        value_name = "PATH=VALUE",
        help = "Change a value of the body: JSON path (data.items[0].id=7) or form field; again for more"
    )]
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

/// `providers`
#[derive(Clone, Debug, ClapArgs)]
pub struct ProvidersArgs {
    /// Name of a profile [default: list them; ✓ marks those whose scheme an official vector or package confirmed]
    pub name: Option<String>,
    /// JSON Lines
    #[arg(long)]
    pub json: bool,
    /// Colours
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    pub color: ColorWish,
}

/// `check`
#[derive(Clone, Debug, ClapArgs)]
pub struct CheckArgs {
    /// File [default: ./hooksight.ron, else config.ron in the user's configuration folder]
    pub file: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `respond`
#[derive(Clone, Debug, ClapArgs)]
pub struct RespondArgs {
    /// The session.
    #[arg(help = SESSION)]
    pub session: String,
    /// Number of the request in its session
    pub id: u64,
    /// Only say it: nothing is sent, nothing is counted
    #[arg(long)]
    pub dry_run: bool,
    /// Which time it is for rules and scripts that count
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub nth: u32,
    /// What to answer to all, as for `listen`
    #[arg(long, value_name = "REPLY", env = "HOOKSIGHT_RESPOND")]
    pub respond: Option<String>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
    /// Configuration file whose rules, endpoints and secrets are used
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// `completions`
#[derive(Clone, Debug, ClapArgs)]
pub struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests;
