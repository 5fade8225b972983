//! What was typed. What it means is [`super::settings`]. Help, man page and completions are made from these types alone.

mod common;
pub mod endpoint;
mod listen;
pub mod said;
mod saved;
mod sending;
pub mod size;
mod waiting;

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::domain::filter;

pub use common::ColorWish;
pub use listen::{ForwardArgs, ListenArgs, LookArgs, OpenArgs};
pub use saved::{
    CheckingArgs, ExplainArgs, ExportArgs, JudgingArgs, LsArgs, RespondArgs, SessionsArgs, ShowArgs, VerifyArgs,
};
pub use sending::{DryRun, ReplayArgs, ResendArgs, SendArgs, SignArgs};
pub use waiting::WaitArgs;

/// The help of a command that takes a filter: its examples, then the language.
fn with_filters(examples: &str) -> String {
    format!("{examples}\n\n{}", filter::help())
}

const LS: &str = "Example:\n  hooksight ls latest --filter 'method:POST -status:2xx'";
const EXPORT: &str = "Examples:\n  hooksight export latest 7 --format curl --to http://localhost:3000 | sh\n  hooksight export latest 7 --format raw > request.http";
const VERIFY: &str = "Example:\n  hooksight verify latest 7 --scheme stripe --secret env:STRIPE_SECRET\n\nExits 1 when any checked request is not valid.";
const WAIT: &str = "Example:\n  hooksight listen --headless -s run.jsonl &\n  ./place-an-order && hooksight wait -s run.jsonl --count 2 --filter 'event:order.* verdict:valid'\n\nWhat matches is printed as it comes; a filter that looks at the answer waits for it. Exits 1 when not so many came in time, and says which came closest.";
const CHECK: &str =
    "Example:\n  hooksight check hooksight.ron\n\nAll that is wrong is said at once. Exits 1 when something is.";
const CHECK_JSON: &str = "\n\n--json prints one object: file, ok, mistakes (each with file, line, column, field, message; null where there is none), and how many rules, replies, guards and endpoints there are (null when the file is not understood).";

/// See webhooks arrive, know why their signature fails, answer them, send them again.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "hooksight",
    // Not by what it was called: whoever starts it chooses that.
    bin_name = "hooksight",
    version,
    args_conflicts_with_subcommands = true,
    max_term_width = 100,
    after_help = "Without a command: `hooksight listen`.\n\nExample:\n  hooksight -p 7070 --scheme github --secret env:GITHUB_WEBHOOK_SECRET",
    after_long_help = "Without a command: `hooksight listen`.\n\nExit codes: 0 done; 1 the answer is no (an invalid signature); 2 wrong use, or it could not run; 130 stopped by Ctrl-C while headless, or by SIGINT. SIGTERM and SIGHUP end it with 0.\n\nExample:\n  hooksight -p 7070 --scheme github --secret env:GITHUB_WEBHOOK_SECRET"
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
        after_long_help = "Examples:\n  hooksight send stripe invoice.paid --to http://localhost:3000/hooks --secret env:STRIPE_SECRET\n  hooksight send stripe --set data.object.amount=5 --set data.object.currency=eur \\\n    --to http://localhost:3000/hooks --secret env:STRIPE_SECRET\n  hooksight send slack url_verification --to http://localhost:3000/slack --secret env:SLACK_SECRET\n  hooksight send github --hostile --to http://localhost:3000/hooks --secret env:GITHUB_SECRET\n  hooksight send --list stripe\n\nA provider that signs with a private key: give one of your own (PEM) as the secret, and its public half to the receiver. In a sample, id and times are made anew for each delivery; what --body gives stays as it is.\n\nExit codes: 0 the receiver took it (with --hostile: the good ones, and no bad one); 1 it did not; 2 wrong use, or nothing could be sent."
    )]
    Send(Box<SendArgs>),
    /// Send a captured request again, as it came or changed
    #[command(
        after_help = "Examples:\n  hooksight resend latest 7 --to http://localhost:3000\n  hooksight resend latest 7 --to http://localhost:3000 --set data.object.amount=5 \\\n    --resign --secret env:STRIPE_SECRET\n\nExits 1 when an answer is none of 200 to 399."
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
    /// Wait until so many matching requests came: for scripts
    #[command(after_help = WAIT, after_long_help = with_filters(WAIT))]
    Wait(WaitArgs),
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
    /// The same, as other commands take it; FILE goes before it
    #[arg(long, value_name = "FILE", env = "HOOKSIGHT_CONFIG")]
    pub config: Option<PathBuf>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// `completions`
#[derive(Clone, Debug, ClapArgs)]
pub struct CompletionsArgs {
    /// bash, elvish, fish, powershell or zsh
    pub shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests;
