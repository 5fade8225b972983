//! `verify SESSION [ID]`: checks signatures again, offline.

use std::collections::BTreeSet;

use anyhow::Context as _;
use serde_json::json;

use super::saved::{Brought, Saved, filter};
use crate::app::args::VerifyArgs;
use crate::app::console::{Console, Done};
use crate::app::words;
use crate::domain::exchange::{ExchangeId, Request};
use crate::domain::printable::visible_within;
use crate::domain::quantity::counted;
use crate::domain::signature::{Cause, Outcome, Verdict};

/// Columns of a target on a line.
const TARGET_COLUMNS_MAX: usize = 60;

/// Checks; the answer is no when one of the requests is not valid, or none was checked.
pub fn run(args: &VerifyArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let filter = filter(args.filter.as_deref())?;
    let brought = Brought::fetch(&args.checking, console)?;
    let saved = Saved::open(&args.session, args.config.as_deref(), console)?;
    let scheme = brought.scheme(&saved)?;
    let typed = brought.typed(scheme.as_ref());
    let (mut count, mut valid) = (0u64, 0u64);
    let mut unchecked = Unchecked::default();
    let mut take = |request: &Request, verdict: &Verdict| {
        // Nobody can sign what its provider does not sign.
        count += u64::from(verdict.cause != Some(Cause::Handshake));
        valid += u64::from(verdict.outcome == Outcome::Valid);
        unchecked.count(verdict);
        let line = match args.json {
            true => json_line(request.id, verdict),
            false => words::wrapped(&text_line(request, verdict), console.columns, 7),
        };
        writeln!(console.out, "{line}").context("cannot write the verdict")
    };
    let check = |request: &Request| saved.judge.verdict_with(request, &typed, &saved.store);
    // A line that cannot be read hides none behind it; it is said at the end.
    let mut unreadable = None;
    match args.id {
        Some(id) => {
            let request = saved.exchange(ExchangeId(id))?.request;
            take(&request, &check(&request))?;
        }
        // What is printed is what it was let through by.
        None if filter.is_some() => {
            let each = saved
                .each_with(filter.as_ref(), Some(&typed), |judged| take(&judged.exchange.request, &judged.verdict));
            unreadable = each.err();
        }
        // Without a filter no row is needed, and a row costs a check of its own.
        None => {
            let each = saved.each_exchange(|_, exchange| take(&exchange.request, &check(&exchange.request)));
            unreadable = each.err();
        }
    }
    if let Some(words) = unchecked.words() {
        (console.warn)(&words);
    }
    if count == 0 {
        (console.warn)(
            "no request was checked: the session holds none that is signed, or the filter lets none through",
        );
    }
    if let Some(error) = unreadable {
        return Err(error);
    }
    Ok(if count > 0 && valid == count { Done::Yes } else { Done::No })
}

/// Requests whose secret is not known: what to do about it is said once, and not in each line.
#[derive(Debug, Default)]
struct Unchecked {
    count: usize,
    providers: BTreeSet<String>,
}

impl Unchecked {
    fn count(&mut self, verdict: &Verdict) {
        if is_without_secret(verdict) {
            self.count += 1;
            self.providers.insert(verdict.scheme.clone());
        }
    }

    fn words(&self) -> Option<String> {
        let providers: Vec<&str> = self.providers.iter().map(String::as_str).collect();
        let (was, its) = if self.count == 1 { ("was", "its secret is") } else { ("were", "their secrets are") };
        (self.count > 0).then(|| {
            format!(
                "{} ({}) {was} not checked, because {its} not known: give --secret, with --scheme or --filter 'provider:NAME' where it is one \
                 provider's, or name them in the configuration",
                counted(self.count, "request"),
                providers.join(", ")
            )
        })
    }
}

fn is_without_secret(verdict: &Verdict) -> bool {
    verdict.outcome == Outcome::Unknown && verdict.cause == Some(Cause::NoSecret)
}

/// One line of `verify --json`.
fn json_line(id: ExchangeId, verdict: &Verdict) -> String {
    let scheme = (!verdict.scheme.is_empty()).then_some(verdict.scheme.as_str());
    let line = json!({
        "id": id.0,
        "scheme": scheme,
        "outcome": verdict.outcome.as_str(),
        "cause": verdict.cause.map(|cause| cause.as_str()),
        "belongs_to": verdict.belongs_to.map(|other| other.0),
        "detail": verdict.detail,
    });
    words::safe_json(&line.to_string()).into_owned()
}

/// One line for people: number, request, scheme, outcome, cause, detail.
fn text_line(request: &Request, verdict: &Verdict) -> String {
    let method = visible_within(&request.method, 16);
    let target = visible_within(&request.target, TARGET_COLUMNS_MAX);
    let scheme = if verdict.scheme.is_empty() { "-" } else { verdict.scheme.as_str() };
    let cause = verdict.cause.map(|cause| format!(" {}", cause.as_str())).unwrap_or_default();
    let outcome = verdict.outcome.as_str();
    // What is to be done is said at the end, once for all.
    let detail = if is_without_secret(verdict) { String::new() } else { format!(": {}", verdict.detail) };
    format!("{:>5}  {method} {target}  {scheme}  {outcome}{cause}{detail}", request.id.0)
}
