//! `replay SESSION --to URL`: captured requests again, in order, each answer beside the recorded one.

use anyhow::anyhow;
use serde_json::json;

use super::resend::keeps_back;
use super::saved::{Saved, filter, say_unchecked};
use super::send::wire::{Asking, Wire};
use crate::app::args::ReplayArgs;
use crate::app::console::{Console, Done};
use crate::app::folders::Folders;
use crate::app::resend::{HostChoice, Wish, plan};
use crate::app::settings::merge::{self, ForSending};
use crate::app::{clock, words};
use crate::domain::delivery::Place;
use crate::domain::exchange::{AttemptOutcome, Exchange, ExchangeId, SignatureChoice, Timing};
use crate::domain::forward::difference::{Difference, Side, between, recorded};
use crate::domain::forward::head;
use crate::domain::headers::Headers;
use crate::domain::printable::{visible_str, visible_within};
use crate::domain::quantity::counted;

/// How many of each.
#[derive(Default)]
struct Counts {
    sent: usize,
    differ: usize,
    better: usize,
    worse: usize,
    left_out: usize,
}

/// What another status means for the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// It was not taken, and now it is.
    Better,
    /// It was taken, and now it is not.
    Worse,
}

impl Change {
    /// From the recorded status to that of now; `None` for a status: there was no answer. What is neither better nor worse (500 and
    /// 503, 200 and 204) is `None`.
    fn between(before: Option<u16>, now: Option<u16>) -> Option<Self> {
        let is_taken = |status: Option<u16>| status.is_some_and(|status| (200..300).contains(&status));
        match (is_taken(before), is_taken(now)) {
            (false, true) => Some(Self::Better),
            (true, false) => Some(Self::Worse),
            _ => None,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Better => "better",
            Self::Worse => "worse",
        }
    }
}

/// Replays; the answer is no when one differs from the recorded one.
pub fn run(args: &ReplayArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let filter = filter(args.filter.as_deref())?;
    let folders = Folders::find()?;
    let ForSending { targets, routes, .. } =
        merge::sending(args.config.as_deref(), &mut console.surroundings(&folders))?;
    let saved = Saved::open_judging(&args.session, &args.judging, args.config.as_deref(), console)?;
    let mut chosen: Vec<ExchangeId> = Vec::new();
    // A line that cannot be read keeps none of the others from being sent; it is said at the end.
    let unchecked = saved.each(filter.as_ref(), |judged| {
        chosen.push(judged.exchange.request.id);
        Ok(())
    });
    if let (Ok(unchecked), true) = (&unchecked, args.filter.is_some()) {
        say_unchecked(*unchecked, args.filter.as_deref(), console);
    }
    let place = Place::parse(&args.to).map_err(|words| anyhow!("--to: {words}"))?;
    let asking = Asking { yes: args.yes, has_stdin: true, timeout: args.timeout.0 };
    let wire = Wire::open(&asking, targets, &place)?.trusting(routes);
    let mut counts = Counts::default();
    for id in chosen {
        one(args, &saved, &saved.exchange(id)?, &wire, &mut counts, console)?;
    }
    let left_out = match counts.left_out {
        0 => String::new(),
        count => format!(", {count} left out: not whole, or never a request"),
    };
    let sent = counted(counts.sent, "request");
    let how = match (counts.worse, counts.better) {
        (0, 0) => String::new(),
        (worse, 0) => format!(" ({worse} worse)"),
        (0, better) => format!(" ({better} better)"),
        (worse, better) => format!(" ({worse} worse, {better} better)"),
    };
    (console.warn)(&format!("{sent} replayed, {} answered otherwise than recorded{how}{left_out}", counts.differ));
    unchecked?;
    Ok(if counts.differ == 0 { Done::Yes } else { Done::No })
}

fn one(
    args: &ReplayArgs,
    saved: &Saved,
    exchange: &Exchange,
    wire: &Wire,
    counts: &mut Counts,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let request = &exchange.request;
    if !request.is_whole() {
        counts.left_out += 1;
        return Ok(());
    }
    let signing = saved.judge.signing(request);
    let wish = Wish {
        request,
        target: &args.to,
        draft: None,
        signature: args.resign.then_some(SignatureChoice::Resigned),
        signing: signing.as_ref(),
        host: HostChoice::Captured,
        keeps_back: keeps_back(wire, request),
        now: clock::now(),
    };
    let plan = plan(&wish).map_err(|words| anyhow!("#{}: {words}", request.id))?;
    let (outcome, timing) = wire.send_again(&plan.outgoing, request)?;
    counts.sent += 1;
    let now = side(outcome, timing);
    let before = recorded(exchange);
    let all = before.as_ref().map(|before| between(before, &now)).unwrap_or_default();
    let is_counted = |one: &&Difference| args.strict || matches!(one, Difference::Status { .. });
    let differs = all.iter().any(|one| is_counted(&one));
    counts.differ += usize::from(differs);
    let told: Vec<String> = all.iter().map(|one| one.to_string().replace(", shadow ", ", now ")).collect();
    let status = |side: &Side| side.status.as_ref().ok().copied();
    let change = before.as_ref().and_then(|before| Change::between(status(before), status(&now)));
    counts.worse += usize::from(change == Some(Change::Worse));
    counts.better += usize::from(change == Some(Change::Better));
    if args.json {
        let line = json!({
            "id": request.id.0,
            "recorded": before.as_ref().and_then(status),
            "status": status(&now),
            "error": now.status.as_ref().err(),
            "total_us": now.took_us,
            "same": !differs,
            "change": change.map(Change::as_str),
            "differences": told,
        });
        writeln!(console.out, "{}", words::safe_json(&line.to_string()))?;
        return Ok(());
    }
    let shown = |side: &Side| match &side.status {
        Ok(status) => status.to_string(),
        Err(why) => visible_str(why).into_owned(),
    };
    let before = before.as_ref().map_or_else(|| "none".to_owned(), shown);
    let mark = match change {
        Some(Change::Worse) => "WORSE",
        Some(Change::Better) => "better",
        None if differs => "DIFFERS",
        None => "same",
    };
    let target = visible_within(request.path_and_query(), 60);
    writeln!(console.out, "#{:<5} {target}  {before} -> {}  {mark}", request.id, shown(&now))?;
    for words in told.iter().filter(|_| differs || args.strict) {
        writeln!(console.out, "         {}", visible_within(words.as_bytes(), 200))?;
    }
    Ok(())
}

fn side(outcome: AttemptOutcome, timing: Timing) -> Side {
    let took_us = timing.total_us;
    match outcome {
        AttemptOutcome::Answered { status, headers, body, .. } => {
            Side { status: Ok(status), headers: head::back(&headers), body, took_us }
        }
        AttemptOutcome::Failed { message } => {
            let (headers, body) = (Headers::new(), Default::default());
            Side { status: Err(message), headers, body, took_us }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Change::{self, Better, Worse};

    #[test]
    fn an_answer_is_better_or_worse_when_the_delivery_is_taken_now_or_no_more() {
        let cases = [
            (Some(500), Some(200), Some(Better)),
            (None, Some(204), Some(Better)),
            (Some(200), Some(302), Some(Worse)),
            (Some(201), None, Some(Worse)),
            (Some(500), Some(503), None),
            (Some(200), Some(204), None),
            (None, None, None),
        ];
        for (before, now, change) in cases {
            assert_eq!(Change::between(before, now), change, "{before:?} -> {now:?}");
        }
    }
}
