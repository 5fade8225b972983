//! `resend SESSION ID --to URL`: a captured request again, as it came or changed.

use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use serde_json::json;

use super::saved::Saved;
use super::send::wire::{Asking, Wire};
use crate::app::args::ResendArgs;
use crate::app::console::{Console, Done};
use crate::app::folders::Folders;
use crate::app::reach::is_local;
use crate::app::resend::{HostChoice, Plan, Signing, Wish, plan};
use crate::app::settings::merge::{self, ForSending};
use crate::app::{clock, secrets, words};
use crate::domain::credentials;
use crate::domain::delivery::Place;
use crate::domain::delivery::set::Change;
use crate::domain::draft::Draft;
use crate::domain::exchange::{Attempt, AttemptKind, AttemptOutcome, ExchangeId, Request, SignatureChoice};
use crate::domain::forward::is_taken;
use crate::domain::printable::{visible, visible_str};
use crate::domain::quantity::duration_us;
use crate::domain::target_rules::host_of;

/// Sends; the answer is no when the receiver did not take it.
pub fn run(args: &ResendArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    let ForSending { targets, routes, .. } =
        merge::sending(args.config.as_deref(), &mut console.surroundings(&folders))?;
    let saved = Saved::open(&args.session, args.config.as_deref(), console)?;
    let exchange = saved.exchange(ExchangeId(args.id))?;
    let request = &exchange.request;
    let signing = signing(args, &saved, request, console)?;
    let draft = changed(request, &args.set)?;
    let place = Place::parse(&args.to).map_err(|words| anyhow!("--to: {words}"))?;
    let asking = Asking { yes: args.yes, has_stdin: true, timeout: args.timeout.0 }.with_secret(args.secret.as_ref());
    let wire = Wire::open(&asking, targets, &place)?.trusting(routes);
    let signature = args.resign.then_some(SignatureChoice::Resigned);
    let mut all_taken = true;
    for number in 0..args.times {
        let wish = Wish {
            request,
            target: &args.to,
            draft: draft.as_ref(),
            signature,
            signing: signing.as_ref(),
            host: HostChoice::Captured,
            keeps_back: keeps_back(&wire, request),
            now: clock::now(),
        };
        let plan = plan(&wish).map_err(|words| anyhow!(words))?;
        if number == 0 {
            plan.words.iter().for_each(|words| (console.warn)(words));
        }
        all_taken &= once(args, (&saved, request), plan, &wire, console)?;
    }
    Ok(if all_taken { Done::Yes } else { Done::No })
}

/// Whether the receiver took it.
fn once(
    args: &ResendArgs,
    (saved, request): (&Saved, &Request),
    plan: Plan,
    wire: &Wire,
    console: &mut Console<'_>,
) -> anyhow::Result<bool> {
    let at = clock::now();
    let (outcome, timing) = wire.send_again(&plan.outgoing, request)?;
    let (status, error) = status_of(&outcome);
    if args.json {
        let line = json!({ "id": args.id, "status": status, "error": error, "total_us": timing.total_us, "signature": plan.signature.as_str() });
        writeln!(console.out, "{}", words::safe_json(&line.to_string()))?;
    } else {
        let took = duration_us(timing.total_us);
        match (&outcome, error) {
            (AttemptOutcome::Answered { status, reason, .. }, _) => {
                writeln!(console.out, "#{}  {status} {}  in {took}", args.id, visible(reason))?;
            }
            (_, error) => writeln!(console.out, "#{}  {}", args.id, visible_str(&error.unwrap_or_default()))?,
        }
    }
    let attempt = Attempt {
        exchange: ExchangeId(args.id),
        number: 0,
        at,
        kind: AttemptKind::Resend,
        sent: plan.outgoing,
        signature: plan.signature,
        outcome,
        timing,
    };
    if let Err(error) = saved.store.append_attempt(attempt) {
        (console.warn)(&format!("sent, but not kept in the session: {error}"));
    }
    Ok(status.is_some_and(is_taken))
}

/// The status, or why there is none.
pub fn status_of(outcome: &AttemptOutcome) -> (Option<u16>, Option<String>) {
    match outcome {
        AttemptOutcome::Answered { status, .. } => (Some(*status), None),
        AttemptOutcome::Failed { message } => (None, Some(message.clone())),
    }
}

/// Captured logins stay here when the target is another host than the sender named.
pub fn keeps_back(wire: &Wire, request: &Request) -> bool {
    let is_other = credentials::host_named(request).is_none_or(|named| named != host_of(&wire.found().host()));
    is_other && !is_local(wire.found())
}

/// What it is signed with: what was typed goes before what is configured.
fn signing(
    args: &ResendArgs,
    saved: &Saved,
    request: &Request,
    console: &mut Console<'_>,
) -> anyhow::Result<Option<Signing>> {
    let known = saved.judge.signing(request);
    let scheme = match &args.scheme {
        Some(name) => Some(saved.judge.profiles().resolve(name).map_err(|words| anyhow!("--scheme: {words}"))?),
        None => known.as_ref().map(|known| Arc::clone(&known.profile)),
    };
    let typed: Vec<_> = args.secret.iter().cloned().collect();
    let typed = secrets::fetch_typed(&typed, console.warn).context("--secret")?.into_iter().next();
    let (secret, public_url) = known.map(|known| (known.secret, known.public_url)).unwrap_or_default();
    Ok(scheme.map(|profile| Signing { profile, secret: typed.or(secret), public_url }))
}

/// A copy with these changes of its body; none: as it came.
fn changed(request: &Request, changes: &[String]) -> anyhow::Result<Option<Draft>> {
    if changes.is_empty() {
        return Ok(None);
    }
    let mut draft = Draft::from_request(request);
    for text in changes {
        let change = Change::parse(text).map_err(|words| anyhow!("--set: {words}"))?;
        draft.body = change.apply(&draft.headers, &draft.body).map_err(|words| anyhow!("--set: {words}"))?.into();
    }
    Ok(Some(draft))
}
