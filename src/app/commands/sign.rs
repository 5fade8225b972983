//! `sign`: the headers that make a body valid.

use anyhow::{Context as _, anyhow, bail};
use serde_json::{Map, Value};

use super::given::{header, read_body};
use crate::app::args::SignArgs;
use crate::app::console::{Console, Done};
use crate::app::folders::Folders;
use crate::app::settings::profiles::load_profiles;
use crate::app::{secrets, words};
use crate::domain::headers::Headers;
use crate::domain::printable::visible_str;
use crate::domain::signature::template::Source;
use crate::domain::signature::{Profile, SignError, SignInput, sign};
use crate::domain::time::Timestamp;

/// Prints the headers: `Name: value` lines, or one JSON object.
pub fn run(args: &SignArgs, console: &mut Console<'_>) -> anyhow::Result<Done> {
    let profiles = load_profiles(&Folders::find()?)?;
    let profile = profiles.resolve(&args.scheme).map_err(|words| anyhow::anyhow!("--scheme: {words}"))?;
    if args.url.is_none() && signs_url(&profile) {
        bail!("{} signs the URL: give --url with the whole URL that the receiver is called at", profile.title);
    }
    let typed = secrets::fetch_typed(std::slice::from_ref(&args.secret), console.warn)?;
    let secret = typed.first().context("no secret was given")?;
    let body = read_body(&args.body)?;
    let now = match args.now {
        Some(seconds) => Timestamp::from_secs(seconds),
        None => crate::app::clock::now(),
    };
    let mut headers = assumed_headers(&body);
    for line in &args.header {
        let (name, value) = header(line)?;
        headers.set(&name, value);
    }
    let signed = sign(&SignInput {
        profile: &profile,
        secret,
        method: args.method.as_bytes(),
        url: args.url.as_deref().unwrap_or("http://localhost/"),
        headers: &headers,
        body: &body,
        now,
    })
    .map_err(|error| match error {
        SignError::NotAHeader { .. } => {
            let name = visible_str(&profile.name);
            anyhow!("{error}: `hooksight send {name} --body FILE --dry-run` prints the whole request")
        }
        error => anyhow!(error),
    })?;
    if args.json {
        let object: Map<String, Value> =
            signed.iter().map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into())).collect();
        writeln!(console.out, "{}", words::safe_json(&Value::Object(object).to_string()))?;
    } else {
        for (name, value) in &signed {
            writeln!(console.out, "{name}: {}", String::from_utf8_lossy(value))?;
        }
    }
    Ok(Done::Yes)
}

fn signs_url(profile: &Profile) -> bool {
    let messages = profile.schemes.iter().filter_map(|scheme| scheme.message.as_ref());
    messages.into_iter().any(|message| message.uses(&Source::Url) || message.uses(&Source::Path))
}

/// A scheme that signs form fields must know that the body is a form.
fn assumed_headers(body: &[u8]) -> Headers {
    let json = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
    let media_type = match (json, body.contains(&b'=')) {
        (true, _) => "application/json",
        (false, true) => "application/x-www-form-urlencoded",
        (false, false) => "text/plain",
    };
    Headers::from_pairs([("Content-Type", media_type)])
}
