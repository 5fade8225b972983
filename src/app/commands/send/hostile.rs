//! `send --hostile`: what does the receiver take?

use anyhow::{anyhow, bail};
use serde_json::json;

use super::report::{answer_of, fit};
use super::wire::Wire;
use crate::app::args::SendArgs;
use crate::app::console::{Console, Done};
use crate::app::words;
use crate::domain::delivery::Order;
use crate::domain::delivery::hostile::{Case, Expected, LeftOut, NAMES, cases};
use crate::domain::exchange::{AttemptOutcome, Timing};
use crate::domain::judgement::{Fit, Success};
use crate::domain::printable::{clip, visible_str, visible_within};
use crate::domain::quantity::{counted, duration_us};

/// The trial that all others are measured by.
const VALID: &str = "valid";

/// How a receiver did in one trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// What it should.
    Ok,
    /// It took a bad one.
    Took,
    /// It refused a good one.
    Refused,
    /// Either is right: whether it took it.
    Info(bool),
    /// It refused a bad one, and the valid one before it too: that says nothing.
    Moot,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Took => "TAKEN",
            Self::Refused => "REFUSED",
            Self::Info(true) => "taken",
            Self::Info(false) => "refused",
            Self::Moot => "says nothing",
        }
    }
}

/// One trial with its answer.
struct Tried {
    case: Case,
    outcome: AttemptOutcome,
    timing: Timing,
    verdict: Verdict,
}

/// Lists the trials.
pub fn list(args: &SendArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    for (name, what) in NAMES {
        match args.json {
            true => writeln!(console.out, "{}", json!({"case": name, "what": what}))?,
            false => writeln!(console.out, "{name:<17}  {what}")?,
        }
    }
    Ok(Done::Yes)
}

/// Tries the receiver; the answer is no when it took a bad delivery or refused a good one.
pub fn run(args: &SendArgs, order: &Order<'_>, wire: &Wire, console: &mut Console<'_>) -> anyhow::Result<Done> {
    for name in args.only.iter().chain(&args.skip) {
        if !NAMES.iter().any(|(known, _)| known == name) {
            let all: Vec<_> = NAMES.iter().map(|(known, _)| *known).collect();
            bail!("there is no trial `{}`; there are: {}", visible_str(name), all.join(", "));
        }
    }
    let wanted = |name: &str| {
        let named = |list: &[String]| list.iter().any(|one| one == name);
        (args.only.is_empty() || named(&args.only)) && !named(&args.skip)
    };
    let (cases, left_out) = cases(order).map_err(|words| anyhow!(words))?;
    if !args.json {
        let event = visible_str(&order.payload.name).into_owned();
        let url = visible_str(&order.place.url()).into_owned();
        writeln!(console.out, "{} {event} to {url}\n", visible_str(&order.profile.title))?;
        writeln!(console.out, "{:<17}  {:<6}  {:<24}  verdict", "trial", "should", "answer")?;
        console.out.flush()?;
    }
    let mut all = Vec::new();
    for case in cases.into_iter().filter(|case| wanted(case.name)) {
        let is_deaf = all.iter().any(|tried: &Tried| tried.case.name == VALID && tried.verdict == Verdict::Refused);
        let mut tried = attempt(order, wire, case)?;
        if is_deaf
            && (matches!(tried.verdict, Verdict::Refused | Verdict::Info(false))
                || tried.case.expected == Expected::Refuse && tried.verdict == Verdict::Ok)
        {
            tried.verdict = Verdict::Moot;
        }
        print(args, order, &tried, console)?;
        console.out.flush()?;
        all.push(tried);
    }
    let left_out: Vec<_> = left_out.into_iter().filter(|one| wanted(one.name)).collect();
    match args.json {
        true => {
            for LeftOut { name, why } in &left_out {
                let object = json!({"provider": order.profile.name, "case": name, "left_out": why});
                writeln!(console.out, "{}", words::safe_json(&object.to_string()))?;
            }
        }
        false => summary(&all, &left_out, console)?,
    }
    let failed = all.iter().any(|tried| matches!(tried.verdict, Verdict::Took | Verdict::Refused));
    Ok(if failed { Done::No } else { Done::Yes })
}

fn attempt(order: &Order<'_>, wire: &Wire, case: Case) -> anyhow::Result<Tried> {
    let (outcome, timing) = wire.send(&case.delivery)?;
    let took = match &outcome {
        AttemptOutcome::Answered { status, .. } => Success::read_or_2xx(&order.profile.delivery.success).takes(*status),
        AttemptOutcome::Failed { .. } => false,
    };
    let took_wholly = fit(order.profile, &outcome) != Fit::No;
    // A bad one is taken when its status says so, whatever the body: a good one has to be answered as the provider wants it.
    let verdict = match case.expected {
        Expected::Accept if took_wholly => Verdict::Ok,
        Expected::Accept => Verdict::Refused,
        Expected::Refuse if took => Verdict::Took,
        Expected::Refuse => Verdict::Ok,
        Expected::Either => Verdict::Info(took),
    };
    Ok(Tried { case, outcome, timing, verdict })
}

/// `200 in 2.1 ms`, `no answer`.
fn brief(tried: &Tried) -> String {
    match &tried.outcome {
        AttemptOutcome::Answered { status, .. } => format!("{status} in {}", duration_us(tried.timing.total_us)),
        AttemptOutcome::Failed { .. } => "no answer".to_owned(),
    }
}

fn print(args: &SendArgs, order: &Order<'_>, tried: &Tried, console: &mut Console<'_>) -> anyhow::Result<()> {
    let case = &tried.case;
    if !args.json {
        let (name, should, answer) = (case.name, case.expected.as_str(), brief(tried));
        writeln!(console.out, "{name:<17}  {should:<6}  {answer:<24}  {}", tried.verdict.as_str())?;
        return Ok(());
    }
    let (status, words_of, text) = answer_of(&tried.outcome, &tried.timing);
    let failed = matches!(tried.verdict, Verdict::Took | Verdict::Refused);
    let object = json!({
        "provider": order.profile.name,
        "case": case.name,
        "what": case.what,
        "id": case.delivery.id,
        "expected": case.expected.as_str(),
        "status": status,
        "ms": tried.timing.total_us.div_ceil(1000),
        "verdict": tried.verdict.as_str().to_ascii_lowercase(),
        "ok": !failed,
        "meaning": failed.then_some(case.meaning),
        "remedy": failed.then_some(case.remedy),
        "answer": text,
        "error": status.is_none().then_some(words_of),
    });
    writeln!(console.out, "{}", words::safe_json(&object.to_string()))?;
    Ok(())
}

/// What is wrong and why that matters, what else is worth knowing, what was not tried.
fn summary(all: &[Tried], left_out: &[LeftOut], console: &mut Console<'_>) -> anyhow::Result<()> {
    let of = |verdict: Verdict| all.iter().filter(move |tried| tried.verdict == verdict);
    let (took, refused) = (of(Verdict::Took).count(), of(Verdict::Refused).count());
    writeln!(console.out)?;
    let is_deaf = of(Verdict::Refused).any(|tried| tried.case.name == VALID);
    if is_deaf {
        say(
            console,
            "The receiver did not take the valid one: is this its secret (--secret), and its URL (--public-url, where that is signed)? Does \
             it check the raw bytes, or a body that was parsed and written again before (the commonest mistake)? Until it takes that one, what it refuses says nothing: it may refuse everything.",
        )?;
    }
    for tried in of(Verdict::Refused) {
        if tried.case.name != VALID {
            say(console, &conclusion(tried, "refused"))?;
        }
        let said = match &tried.outcome {
            AttemptOutcome::Answered { body, .. } if body.bytes.is_empty() => continue,
            AttemptOutcome::Answered { body, .. } => visible_within(&body.bytes, 200),
            AttemptOutcome::Failed { message } => visible_str(message).into_owned(),
        };
        say(console, &format!("  it said: {said}"))?;
    }
    for tried in of(Verdict::Took) {
        say(console, &conclusion(tried, "took"))?;
    }
    for tried in all.iter().filter(|tried| matches!(tried.verdict, Verdict::Info(_))) {
        let did = if tried.verdict == Verdict::Info(true) { "took" } else { "refused" };
        let Case { name, what, meaning, .. } = &tried.case;
        say(
            console,
            &format!("{name}: this was {what}; the receiver {did} it ({}). {}", status(tried), sentence(meaning)),
        )?;
    }
    let broke: Vec<_> = all.iter().filter(|tried| fell(tried)).map(|tried| tried.case.name).collect();
    if !broke.is_empty() {
        let names = broke.join(", ");
        say(
            console,
            &format!(
                "These bad ones made the receiver fail (5xx or no answer) instead of refusing them: {names}. That means: what is wrong \
                 with them reaches code that does not expect it. To do: answer 400 or 401 before that."
            ),
        )?;
    }
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for LeftOut { name, why } in left_out {
        match reasons.iter_mut().find(|(known, _)| known == why) {
            Some((_, names)) => names.push(name),
            None => reasons.push((why, vec![name])),
        }
    }
    for (why, names) in &reasons {
        say(console, &format!("not tried: {} ({})", names.join(", "), visible_str(why)))?;
    }
    // What says nothing counts neither for the receiver nor against it.
    let moot = of(Verdict::Moot).count();
    let counts = |expected: Expected| {
        all.iter().filter(move |tried| tried.case.expected == expected && tried.verdict != Verdict::Moot).count()
    };
    let (bad, good) = (counts(Expected::Refuse), counts(Expected::Accept));
    let rest = if moot > 0 {
        format!("; {} nothing", if moot == 1 { "1 says".to_owned() } else { format!("{moot} say") })
    } else {
        String::new()
    };
    writeln!(
        console.out,
        "\n{took} of {} taken, {refused} of {} refused{rest}",
        counted(bad, "bad delivery").replace("deliverys", "deliveries"),
        counted(good, "good one")
    )?;
    Ok(())
}

/// What was sent, what the receiver did, what that means and what to do.
fn conclusion(tried: &Tried, did: &str) -> String {
    let Case { name, what, meaning, remedy, .. } = &tried.case;
    format!(
        "{name}: this was {what}; the receiver {did} it ({}). That means: {meaning}. To do: {remedy}.",
        status(tried)
    )
}

fn status(tried: &Tried) -> String {
    match &tried.outcome {
        AttemptOutcome::Answered { status, .. } => status.to_string(),
        AttemptOutcome::Failed { .. } => "no answer".to_owned(),
    }
}

/// With a capital letter and a full stop.
fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", characters.as_str())
}

/// A paragraph in lines of 80 columns, the later ones indented.
fn say(console: &mut Console<'_>, text: &str) -> std::io::Result<()> {
    const COLUMNS: usize = 80;
    for line in words::wrapped(text, Some(COLUMNS), 4).lines() {
        writeln!(console.out, "{}", clip(line, COLUMNS))?;
    }
    Ok(())
}

/// Whether a bad delivery made the receiver fail instead of refuse.
fn fell(tried: &Tried) -> bool {
    let by_accident = match &tried.outcome {
        AttemptOutcome::Answered { status, .. } => *status >= 500,
        AttemptOutcome::Failed { .. } => true,
    };
    tried.case.expected == Expected::Refuse && by_accident
}
