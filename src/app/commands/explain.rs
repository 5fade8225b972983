//! `explain SESSION ID`: why a signature fails, or what a digest was made from that the user's own code computed.

use serde_json::{Value, json};

use super::saved::{Brought, Saved};
use super::show;
use crate::app::args::ExplainArgs;
use crate::app::clock;
use crate::app::console::{Console, Done};
use crate::app::judge;
use crate::app::words;
use crate::domain::detail::{self, DetailContext, Reader, Tab};
use crate::domain::exchange::{Exchange, ExchangeId};
use crate::domain::printable::visible_within;
use crate::domain::signature::autopsy::computed::Computed;
use crate::domain::signature::handlers::{Difference, Handler};
use crate::domain::signature::{Explanation, Profile, Verdict};

/// Columns of a target on the first line.
const TARGET_COLUMNS_MAX: usize = 60;

/// Explains; the answer is no when nothing explains it, or when nothing makes the given digest.
pub fn run(args: &ExplainArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let brought = Brought::fetch(&args.checking, console)?;
    let saved = Saved::open(&args.session, args.config.as_deref(), console)?;
    let scheme = brought.scheme(&saved)?;
    let typed = brought.typed(scheme.as_ref());
    let exchange = saved.exchange(ExchangeId(args.id))?;
    let explanation = saved.judge.explain_with(&exchange.request, &typed, args.computed.as_deref(), &saved.store);
    if args.json {
        writeln!(console.out, "{}", words::safe_json(&json(args.id, &explanation).to_string()))?;
    } else {
        let profile = scheme.or_else(|| saved.judge.profile(&exchange.request));
        print(&exchange, profile.as_deref(), &explanation, console.colors(args.color), console)?;
    }
    Ok(if explanation.is_answer() { Done::Yes } else { Done::No })
}

/// What the Signature tab says, under a line that names the request.
fn print(
    exchange: &Exchange,
    profile: Option<&Profile>,
    explanation: &Explanation,
    color: bool,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let request = &exchange.request;
    let method = visible_within(&request.method, 16);
    let target = visible_within(&request.target, TARGET_COLUMNS_MAX);
    let title = profile.map_or("no known provider", |profile| profile.title.as_str());
    writeln!(console.out, "{}  {method} {target}  {}", request.id.0, visible_within(title.as_bytes(), 40))?;
    let context = DetailContext {
        verdict: Some(&explanation.verdict),
        explanation: Some(explanation),
        provider: profile.map(judge::provider_words),
        now: clock::now(),
        reader: Reader::Print,
        ..DetailContext::default()
    };
    Ok(show::print(detail::document(Tab::Signature, exchange, &context), color, console)?)
}

/// The same as one object. Machines and logs read it, so that the expected signature is masked.
fn json(id: u64, explanation: &Explanation) -> Value {
    let verdict = &explanation.verdict;
    let under = explanation.under.iter().map(|one| {
        json!({
            "name": one.name,
            "counts": one.counts,
            "outcome": one.outcome.as_str(),
            "cause": one.cause.map(|cause| cause.as_str()),
        })
    });
    let mut object = json!({
        "id": id,
        "scheme": (!verdict.scheme.is_empty()).then_some(verdict.scheme.as_str()),
        "outcome": verdict.outcome.as_str(),
        "cause": verdict.cause.map(|cause| cause.as_str()),
        "detail": verdict.detail,
        "rule": verdict.rule,
        "place": verdict.place,
        "belongs_to": verdict.belongs_to.map(|other| other.0),
        "came": verdict.came,
        "fitting": verdict.fitting.map(|at| at + 1),
        "expected": verdict.expected.as_ref().map(|expected| expected.masked()),
        "signed_bytes": verdict.signed_bytes,
        "signed": signed(verdict),
        "age_s": verdict.age.as_ref().map(|age| age.age_s),
        "secrets": under.collect::<Vec<_>>(),
        "handlers": explanation.handlers.iter().map(handler).collect::<Vec<_>>(),
        "tried": verdict.tried,
        "tried_count": verdict.tried_count,
        "tried_cut": verdict.tried_cut,
        "check_next": verdict.check_next,
        "notes": verdict.remarks,
    });
    if let (Some(computed), Value::Object(fields)) = (&explanation.computed, &mut object) {
        fields.insert("computed".to_owned(), computed_json(computed));
    }
    object
}

/// The pieces of what is signed; bytes that are no text as they are made visible.
fn signed(verdict: &Verdict) -> Vec<Value> {
    let piece = |piece: &crate::domain::signature::Piece| json!({ "from": piece.from, "text": String::from_utf8_lossy(&piece.bytes), "length_bytes": piece.length_bytes });
    verdict.signed.iter().map(piece).collect()
}

fn handler(one: &Handler) -> Value {
    let Handler { by, differs } = one;
    match differs {
        None => json!({ "by": by, "holds": true }),
        Some(Difference { at_byte, came, written }) => {
            json!({ "by": by, "holds": false, "first_difference": at_byte, "came": came, "written": written })
        }
    }
}

fn computed_json(computed: &Computed) -> Value {
    let origin = computed.origin.as_ref();
    json!({
        "value": computed.value,
        "found": origin.is_some(),
        "secret": origin.map(|one| one.secret.as_str()).filter(|secret| !secret.is_empty()),
        "bytes": origin.map(|one| one.bytes.as_str()),
        "algorithm": origin.map(|one| one.algorithm),
        "encoding": origin.map(|one| one.encoding),
        "first_bytes": origin.and_then(|one| one.cut).map(|(some, _)| some),
        "remedies": origin.map(|one| one.remedies.clone()),
        "detail": computed.detail,
        "tried_count": computed.tried_count,
        "tried_cut": computed.tried_cut,
    })
}
