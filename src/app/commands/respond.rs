//! `respond --dry-run SESSION ID`: what would be answered to a request that was captured, and why.

use serde_json::json;

use super::saved::Saved;
use crate::app::args::{ListenArgs, LookArgs, RespondArgs};
use crate::app::console::{Console, Done};
use crate::app::folders::Folders;
use crate::app::judge::Judge;
use crate::app::settings::Settings;
use crate::app::words;
use crate::domain::callback::{Call, url_of};
use crate::domain::exchange::ExchangeId;
use crate::domain::printable::{visible_str, visible_within};
use crate::domain::reply::show_delay;

/// Decides as the listener would. Nothing is sent, and nothing is counted.
pub fn run(args: &RespondArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    if !args.dry_run {
        anyhow::bail!("only --dry-run is possible: the sender of a captured request waits no more");
    }
    let folders = Folders::find()?;
    let look = LookArgs { config: args.config.clone(), ..LookArgs::default() };
    let listen =
        ListenArgs { headless: true, no_session: true, respond: args.respond.clone(), look, ..ListenArgs::default() };
    let settings = Settings::listen(&listen, &mut console.surroundings(&folders))?;
    let saved = Saved::open(&args.session, args.config.as_deref(), console)?;
    let exchange = saved.exchange(ExchangeId(args.id))?;
    let judge = Judge::new(settings.checks.clone());
    let before = args.nth.saturating_sub(1);
    let mut decision = settings.rules.decide(&exchange.request, &judge, &mut |_| before);
    decision.reply.to_mut().echo(&exchange.request);
    let choice = decision.choice.clone().unwrap_or_default();
    if args.json {
        let object = json!({
            "id": args.id,
            "rule": decision.rule,
            "by": choice.by.as_str(),
            "step": choice.step.map(|step| step.number),
            "steps": choice.step.map(|step| step.of),
            "reply": decision.reply.to_string(),
            "status": decision.reply.fault.is_none_or(|fault| !fault.is_wordless()).then_some(decision.reply.status),
            "delay_ms": decision.reply.delay_ms,
            "body": String::from_utf8_lossy(&decision.reply.body),
            "calls": decision.calls.iter().map(call_json).collect::<Vec<_>>(),
            "passed": choice.passed,
            "notes": choice.notes,
        });
        writeln!(console.out, "{}", words::safe_json(&object.to_string()))?;
        return Ok(Done::Yes);
    }
    let mut line = |label: &str, text: &str| writeln!(console.out, "{label:<12} {text}");
    line("chosen by", &visible_within(decision.rule.as_bytes(), 200))?;
    for (label, texts) in [("passed over", &choice.passed), ("note", &choice.notes)] {
        for text in texts {
            line(label, &visible_str(text))?;
        }
    }
    if let Some(step) = choice.step {
        line("step", &format!("{} of {}", step.number, step.of))?;
    }
    line("reply", &visible_within(decision.reply.to_string().as_bytes(), 4000))?;
    for call in &decision.calls {
        match &call.outgoing {
            Err(why) => line("not called", why)?,
            Ok(outgoing) => {
                let after = show_delay(call.after_ms, " ");
                line("calls", &format!("{} {after} after the answer", url_of(outgoing)))?;
                line("with", &visible_within(&outgoing.body, 4000))?;
            }
        }
    }
    Ok(Done::Yes)
}

fn call_json(call: &Call) -> serde_json::Value {
    match &call.outgoing {
        Err(why) => json!({ "error": why }),
        Ok(outgoing) => json!({
            "call": url_of(outgoing),
            "after_ms": call.after_ms,
            "head": String::from_utf8_lossy(&outgoing.head),
            "body": String::from_utf8_lossy(&outgoing.body),
        }),
    }
}
