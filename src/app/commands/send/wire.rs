//! The way to the receiver: through the gate that everything which sends goes through, then one delivery after the other.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, anyhow, bail};

use crate::app::args::SendArgs;
use crate::app::reach::{Reach, Way};
use crate::app::secrets::SecretSource;
use crate::domain::delivery::{Delivery, Place};
use crate::domain::draft::Outgoing;
use crate::domain::exchange::{AttemptOutcome, Request, Timing};
use crate::domain::forward::Routes;
use crate::domain::printable::visible_str;
use crate::domain::target_rules::{Approval, TargetRules, Zone};
use crate::io::sender::connect::Found;
use crate::io::sender::{self, Limits, Trust};

/// How another machine is asked about.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// Not at all: it may be sent to.
    pub yes: bool,
    /// Whether stdin is there for the answer, and not for a secret or a body.
    pub has_stdin: bool,
    /// For one request.
    pub timeout: std::time::Duration,
}

impl Asking {
    /// Of `send`.
    pub fn of(args: &SendArgs) -> Self {
        let reads_body = args.body.as_deref() == Some("-");
        Self { yes: args.yes, has_stdin: !reads_body, timeout: args.timeout.0 }.with_secret(args.secret.as_ref())
    }

    /// A secret that is prompted for where stdout is no terminal takes stdin.
    pub fn with_secret(self, secret: Option<&SecretSource>) -> Self {
        let leaves_stdin = !matches!(secret, Some(SecretSource::Prompt)) || std::io::stdout().is_terminal();
        Self { has_stdin: self.has_stdin && leaves_stdin, ..self }
    }
}

/// A receiver that may be sent to.
pub struct Wire {
    runtime: tokio::runtime::Runtime,
    found: Found,
    limits: Limits,
    routes: Routes,
}

impl Wire {
    /// Looks the receiver up and asks where that is needed.
    pub fn open(asking: &Asking, targets: TargetRules, place: &Place) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start")?;
        let limits = Limits { total: asking.timeout, ..Limits::default() };
        let reach = Reach::new(targets);
        let mut approval: Option<Approval> = None;
        let mut found = None;
        // A name is asked about before it is looked up, and addresses in a private network once more.
        for _ in 0..QUESTIONS_MAX {
            let way = runtime.block_on(reach.way(&place.origin, approval.as_ref(), &limits));
            let (host, addresses) = match way.map_err(|words| anyhow!(words))? {
                Way::Open(open) => {
                    found = Some(open);
                    break;
                }
                Way::AskName(host) => (host, Vec::new()),
                Way::Ask(found) => (found.host(), found.addresses().iter().map(|at| at.ip()).collect()),
            };
            let to = Approval { host, addresses, remember: true };
            allow(asking, &to)?;
            approval = Some(to);
        }
        let found = found.with_context(|| {
            format!("{} has other addresses each time it is looked up: nothing was sent", visible_str(&place.authority))
        })?;
        Ok(Self { runtime, found, limits, routes: Routes::default() })
    }

    /// That knows where the configuration forwards to.
    pub fn trusting(self, routes: Routes) -> Self {
        Self { routes, ..self }
    }

    /// Sends one. That nobody listens, or no connection comes about, is an error: nothing was sent.
    pub fn send(&self, delivery: &Delivery) -> anyhow::Result<(AttemptOutcome, Timing)> {
        self.send_outgoing(&delivery.outgoing(), &self.limits)
    }

    /// The receiver that was found.
    pub fn found(&self) -> &Found {
        &self.found
    }

    /// A captured request once more; where those of its path are forwarded to, the same certificates are believed as then.
    pub fn send_again(&self, outgoing: &Outgoing, request: &Request) -> anyhow::Result<(AttemptOutcome, Timing)> {
        let target = self.routes.target_at(request.path(), &outgoing.origin);
        let trust = target.map(|target| Trust::of(target)).unwrap_or_default();
        self.send_outgoing(outgoing, &Limits { trust, ..self.limits.clone() })
    }

    fn send_outgoing(&self, outgoing: &Outgoing, limits: &Limits) -> anyhow::Result<(AttemptOutcome, Timing)> {
        let (outcome, timing) = self.runtime.block_on(sender::send_to(&self.found, outgoing, limits));
        match &outcome {
            AttemptOutcome::Failed { message } if is_unreachable(message) => Err(anyhow!("{message}")),
            _ => Ok((outcome, timing)),
        }
    }
}

/// Whether the words of a failure are those of the steps before the first byte is sent.
fn is_unreachable(message: &str) -> bool {
    ["could not connect to ", "the TLS handshake ", "could not set up TLS", "refused to send "]
        .iter()
        .any(|start| message.starts_with(start))
}

/// Name, and addresses; a third look-up is for those that moved in between.
const QUESTIONS_MAX: usize = 3;

/// Asks whether a machine that is not this one may be sent to.
fn allow(asking: &Asking, to: &Approval) -> anyhow::Result<()> {
    if asking.yes {
        return Ok(());
    }
    let zones: Vec<Zone> = to.addresses.iter().map(|address| Zone::of(*address)).collect();
    let place = match zones.first() {
        Some(zone) => format!("{to} is {}", zone.words()),
        None => format!("{} is not this machine", to.host),
    };
    let stdin = std::io::stdin();
    if !stdin.is_terminal() || !asking.has_stdin {
        bail!("{place}: give --yes to send there, or name it in `targets` of the configuration");
    }
    let mut stderr = std::io::stderr();
    let place = crate::domain::printable::visible_str(&place);
    write!(stderr, "{place}. Send there? [y/N] ").and_then(|()| stderr.flush()).context("cannot ask")?;
    let mut line = String::new();
    stdin.lock().read_line(&mut line).context("cannot read the answer")?;
    match line.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => bail!("nothing was sent"),
    }
}
