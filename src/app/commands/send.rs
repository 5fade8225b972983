//! `send PROVIDER [EVENT]`: a sample event as its provider would send it, a handshake, or trials of a receiver.

mod hostile;
mod report;
pub(in crate::app::commands) mod wire;

use anyhow::{Context as _, anyhow, bail};
use ring::rand::SecureRandom as _;
use serde_json::json;

use self::report::{Reported, answer_of};
use self::wire::{Asking, Wire};
use super::given::{header, read_body};
use crate::app::args::{DryRun, SendArgs};
use crate::app::console::{Console, Done, Lines};
use crate::app::folders::Folders;
use crate::app::settings::merge::{self, ForSending};
use crate::app::settings::{Checks, Endpoint};
use crate::app::{clock, secrets, words};
use crate::domain::delivery::challenge::{self, Judged};
use crate::domain::delivery::fresh::Fresh;
use crate::domain::delivery::sample::{self, Chosen, Payload};
use crate::domain::delivery::set::Change;
use crate::domain::delivery::{Delivery, Order, Place};
use crate::domain::exchange::AttemptOutcome;
use crate::domain::export::curl;
use crate::domain::judgement::Fit;
use crate::domain::printable::{visible, visible_str};
use crate::domain::signature::carried::broken;
use crate::domain::signature::handshake::{Handshake, HandshakeKind};
use crate::domain::signature::scheme::Scheme;
use crate::domain::signature::template::Source;
use crate::domain::signature::{Profile, Profiles, Secret};
use crate::domain::time::Timestamp;

/// Sends; the answer is no when the receiver did not do what it should.
pub fn run(args: &SendArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let folders = Folders::find()?;
    let ForSending { checks, targets, .. } =
        merge::sending(args.config.as_deref(), &mut console.surroundings(&folders))?;
    if args.list {
        return list(args, &checks.profiles, console);
    }
    let Some(name) = args.provider.as_deref() else { bail!(what_is_needed(&checks.profiles, console.columns)) };
    let profile = checks.profiles.resolve(name).map_err(|words| anyhow!(words))?;
    if args.to.is_none() && args.dry_run.is_none() {
        let name = visible_str(name);
        bail!(
            "where to? give the receiver's URL: `hooksight send {name} --to http://localhost:3000/hooks` (or --dry-run, to see what would go)"
        );
    }
    let place =
        Place::parse(args.to.as_deref().unwrap_or("http://localhost/")).map_err(|words| anyhow!("--to: {words}"))?;
    if let Some(url) = &args.public_url {
        Place::parse(url).map_err(|words| anyhow!("--public-url: {words}"))?;
    }
    let fresh = fresh(args)?;
    let (payload, handshake) = payload(args, &profile, &fresh)?;
    let needs_secret = handshake.is_none_or(|one| one.signed || one.needs_secret());
    let secret = if needs_secret { secret(args, &profile, &checks, &place, console)? } else { None };
    let headers = args.header.iter().map(|line| header(line)).collect::<anyhow::Result<Vec<_>>>()?;
    let signs = handshake.is_none_or(|one| one.signed);
    let order = Order {
        profile: &profile,
        secret: secret.as_ref().filter(|_| signs),
        payload: &payload,
        place: &place,
        public_url: args.public_url.as_deref(),
        headers: &headers,
        id: args.id.as_deref(),
        fresh,
    };
    if let Some(format) = args.dry_run {
        return dry_run(args, format, &order, console);
    }
    let wire = Wire::open(&Asking::of(args), targets, &place)?;
    match handshake {
        Some(_) if args.hostile => bail!("--hostile tries deliveries, not handshakes: name an event"),
        None if args.hostile => hostile::run(args, &order, &wire, console),
        Some(handshake) => shake(args, &order, handshake, secret.as_ref(), &wire, console),
        None => deliver(args, &order, &wire, console),
    }
}

fn fresh(args: &SendArgs) -> anyhow::Result<Fresh> {
    let mut bytes = [0; 8];
    ring::rand::SystemRandom::new().fill(&mut bytes).map_err(|_| anyhow!("this system gives no random numbers"))?;
    let now = args.now.map_or_else(clock::now, Timestamp::from_secs);
    Ok(Fresh { now, chance: u64::from_le_bytes(bytes) })
}

/// The content, and the handshake that it is.
fn payload<'a>(
    args: &SendArgs,
    profile: &'a Profile,
    fresh: &Fresh,
) -> anyhow::Result<(Payload, Option<&'a Handshake>)> {
    let (mut payload, handshake) = match &args.body {
        Some(path) => (Payload::of_body(profile, args.event.as_deref(), read_body(path)?), None),
        None => match sample::find(profile, args.event.as_deref()).map_err(|words| anyhow!(words))? {
            Chosen::Sample(sample) => (Payload::of_sample(sample), None),
            Chosen::Handshake(one) => {
                let name = sample::named(profile).find(|(_, known)| *known == one).map(|(name, _)| name);
                let name = name.unwrap_or_default();
                (challenge::payload(profile, one, &name, fresh).map_err(|words| anyhow!(words))?, Some(one))
            }
        },
    };
    if let Some(method) = &args.method {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if method.is_empty() || !method.bytes().all(is_token) {
            bail!("--method {}: a method is one word of letters", visible_str(method));
        }
        payload.method.clone_from(method);
    }
    for text in &args.set {
        payload.changes.push(Change::parse(text).map_err(|words| anyhow!("--set: {words}"))?);
    }
    Ok((payload, handshake))
}

/// The secret that was given, else that of the configuration.
fn secret(
    args: &SendArgs,
    profile: &Profile,
    checks: &Checks,
    place: &Place,
    console: &mut Console<'_>,
) -> anyhow::Result<Option<Secret>> {
    if args.unsigned {
        return Ok(None);
    }
    if let Some(source) = &args.secret {
        return Ok(secrets::fetch_typed(std::slice::from_ref(source), console.warn).context("--secret")?.pop());
    }
    let configured = checks.provider_secrets.iter().find(|(name, _)| *name == profile.name);
    if let Some((path, secret)) = of_endpoint(checks, profile, place) {
        (console.warn)(&format!("signed with the secret of endpoint {}", visible_str(path)));
        return Ok(Some(secret.clone()));
    }
    if let Some(secret) = configured.and_then(|(_, secrets)| secrets.first()) {
        return Ok(Some(secret.clone()));
    }
    let called = if profile.secret.called.is_empty() { "secret" } else { profile.secret.called.as_str() };
    let (title, called) = (visible_str(&profile.title), visible_str(called));
    let private = match profile.is_public_key() {
        true => "; it signs with a private key: give one of your own in PEM, and its public half to the receiver",
        false => "",
    };
    bail!("{title} signs with its {called}: give --secret (env:NAME, file:PATH or -), or --unsigned{private}")
}

/// The first secret of an endpoint of that provider: of the one whose path is called, else of the first.
fn of_endpoint<'a>(checks: &'a Checks, profile: &Profile, place: &Place) -> Option<(&'a str, &'a Secret)> {
    let path = place.target.split('?').next().unwrap_or_default();
    let is_its = |endpoint: &&Endpoint| {
        endpoint.provider.as_ref().is_some_and(|known| known.name == profile.name) && !endpoint.secrets.is_empty()
    };
    let is_called = |endpoint: &&Endpoint| match endpoint.path.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == endpoint.path,
    };
    let all = || checks.endpoints.iter().filter(is_its);
    let endpoint = all().find(is_called).or_else(|| all().next())?;
    Some((&endpoint.path, endpoint.secrets.first()?))
}

/// What to say to somebody who names no provider: an example, and all there are.
fn what_is_needed(profiles: &Profiles, columns: Option<usize>) -> Lines {
    let mut names: Vec<String> = profiles.iter().map(|profile| visible_str(&profile.name).into_owned()).collect();
    names.sort();
    let names = words::wrapped(&format!("  {}", names.join(" ")), Some(columns.unwrap_or(80)), 2);
    let words = format!(
        "which provider, and where to? For example:\n  hooksight send stripe --to http://localhost:3000/hooks --secret \
         env:STRIPE_SECRET\n  hooksight send --list stripe        what can be sent\nProviders:\n{names}"
    );
    Lines(words.lines().map(str::to_owned).collect())
}

/// Prints the request and sends nothing.
fn dry_run(args: &SendArgs, format: DryRun, order: &Order<'_>, console: &mut Console<'_>) -> anyhow::Result<Done> {
    for number in 0..args.times {
        let order = Order { fresh: order.fresh.number(number), ..order.clone() };
        let made = Delivery::make(&order).map_err(|words| anyhow!(words))?;
        match format {
            DryRun::Raw => {
                let outgoing = made.outgoing();
                console.exact(&[outgoing.head.as_ref(), outgoing.body.as_ref()].concat())?;
            }
            DryRun::Curl => {
                let command =
                    curl::script_command(&made.request, Some(&made.origin)).map_err(|words| anyhow!(words))?;
                writeln!(console.out, "{command}")?;
            }
        }
    }
    Ok(Done::Yes)
}

/// Sends the event as often as asked.
fn deliver(args: &SendArgs, order: &Order<'_>, wire: &Wire, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let mut done = Done::Yes;
    for number in 0..args.times {
        let order = Order { fresh: order.fresh.number(number), ..order.clone() };
        let made = Delivery::make(&order).map_err(|words| anyhow!(words))?;
        let reported = Reported::new(order.profile, &made, order.secret.is_some(), wire.send(&made)?);
        match args.json {
            true => writeln!(console.out, "{}", words::safe_json(&reported.json().to_string()))?,
            false => writeln!(console.out, "{}", reported.line(console.columns))?,
        }
        console.out.flush()?;
        if reported.fit == Fit::No {
            done = Done::No;
        }
    }
    Ok(done)
}

/// Sends a handshake and looks at the answer; where the provider also sends bad signatures on purpose, one of those too.
fn shake(
    args: &SendArgs,
    order: &Order<'_>,
    handshake: &Handshake,
    secret: Option<&Secret>,
    wire: &Wire,
    console: &mut Console<'_>,
) -> anyhow::Result<Done> {
    let probes = handshake.kind == HandshakeKind::Probe && order.secret.is_some();
    let mut done = Done::Yes;
    for held in if probes { vec![true, false] } else { vec![true] } {
        let mut made = Delivery::make(order).map_err(|words| anyhow!(words))?;
        if !held {
            let names: Vec<String> = order.profile.schemes.iter().flat_map(signature_headers).collect();
            made = made.changed(|headers, _, _| {
                for name in &names {
                    if let Some(value) = headers.get(name).map(broken) {
                        headers.set(name, value);
                    }
                }
            });
        }
        let (outcome, timing) = wire.send(&made)?;
        let judged = match &outcome {
            AttemptOutcome::Answered { status, headers, body, .. } => {
                challenge::judge(handshake, order.profile, &made, secret, held, (*status, headers, &body.bytes))
            }
            AttemptOutcome::Failed { message } => Judged::Wrong(visible(message.as_bytes())),
        };
        let what = match (probes, held) {
            (false, _) => order.payload.name.clone(),
            (true, true) => format!("{}, rightly signed", order.payload.name),
            (true, false) => format!("{}, badly signed on purpose", order.payload.name),
        };
        let (verdict, why) = match &judged {
            Judged::Right => ("right", None),
            Judged::Wrong(why) => ("wrong", Some(why.as_str())),
            Judged::Unknown(why) => ("unknown", Some(why.as_str())),
        };
        let (status, brief, text) = answer_of(&outcome, &timing);
        if args.json {
            let object = json!({
                "provider": order.profile.name,
                "handshake": what,
                "url": made.url,
                "method": String::from_utf8_lossy(&made.request.method),
                "status": status,
                "ms": timing.total_us.div_ceil(1000),
                "verdict": verdict,
                "why": why,
                "answer": text,
            });
            writeln!(console.out, "{}", words::safe_json(&object.to_string()))?;
        } else {
            let why = why.map(|why| format!(": {why}")).unwrap_or_default();
            writeln!(console.out, "{brief}  {}  {verdict}{why}", visible_str(&what))?;
            if !handshake.note.is_empty() && held {
                writeln!(console.out, "  {}", visible_str(&handshake.note))?;
            }
        }
        if judged != Judged::Right {
            done = Done::No;
        }
    }
    Ok(done)
}

/// The headers that a scheme reads signatures from.
fn signature_headers(scheme: &Scheme) -> Vec<String> {
    let places = scheme.signature.iter().filter_map(|place| match &place.0 {
        Source::Header(name) => Some(name.replace('#', "1")),
        _ => None,
    });
    places.collect()
}

/// What can be sent.
fn list(args: &SendArgs, profiles: &Profiles, console: &mut Console<'_>) -> anyhow::Result<Done> {
    if args.hostile {
        return hostile::list(args, console);
    }
    let chosen: Vec<_> = match args.provider.as_deref() {
        Some(name) => vec![profiles.resolve(name).map_err(|words| anyhow!(words))?],
        None => {
            let mut all: Vec<_> = profiles.iter().cloned().collect();
            all.sort_by(|one, other| one.name.cmp(&other.name));
            all
        }
    };
    let width = chosen.iter().map(|profile| profile.name.len()).max().unwrap_or(0);
    for profile in &chosen {
        let events = profile.events.iter().map(|event| (event.name.clone(), None));
        let handshakes = sample::named(profile).map(|(name, one)| (name, Some(one)));
        for (name, handshake) in events.chain(handshakes) {
            if args.json {
                let object = json!({"provider": profile.name, "name": name, "handshake": handshake.is_some()});
                writeln!(console.out, "{}", words::safe_json(&object.to_string()))?;
            } else {
                let kind = handshake.map(|one| format!("  (handshake: {})", one.kind.words())).unwrap_or_default();
                writeln!(console.out, "{:<width$}  {}{kind}", visible_str(&profile.name), visible_str(&name))?;
            }
        }
    }
    Ok(Done::Yes)
}
