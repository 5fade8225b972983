//! Templates of replies: the request's parts in a body, by minijinja (the language of Jinja2), with a bound on what one costs.
//!
//! | name | what it is |
//! |---|---|
//! | `request` | `.method`, `.path`, `.target`, `.query.NAME`, `.headers["name"]` (lower case), `.body`, `.json`, `.form.NAME`, `.id`, `.peer` |
//! | `captures` | what the rule's path pattern captured |
//! | `verdict`, `provider`, `event`, `delivery` | what is known of the sender |
//! | `count` | how many times this rule answered this delivery (else this path), this time included |
//! | `now` | `.iso`, `.unix`, `.ms`, `.http`: when the request was whole |
//! | `uuid()`, `random(a, b)` | drawn for this answer; the same `seed` in the configuration draws the same |

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::exchange::Request;
use super::form::form_fields;
use super::headers::Headers;
use super::reply::Reply;
use super::time::Timestamp;

mod json;
mod work;

use json::value_of;
use work::Work;

/// Instructions that one answer may cost, unless the request is large.
const FUEL: u64 = 200_000;
/// Up to so large a request. An operator (`in`, `==`, `~`) is one instruction however long its texts are, so a larger request has less
/// fuel in proportion, but never less than a twentieth.
const FULL_FUEL_BYTES: u64 = 128 << 10;
/// Bytes that a template may make.
const OUT_BYTES_MAX: usize = 16 << 20;
/// A body over this is not parsed as JSON for a template.
const JSON_BYTES_MAX: usize = 4 << 20;

/// What a template may say, beside the request.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// What the rule's path pattern captured.
    pub captures: Vec<(String, String)>,
    /// `valid`, `invalid`, `unsigned`, `unknown`; empty when nobody asked.
    pub verdict: String,
    /// Profile name.
    pub provider: String,
    /// Event type.
    pub event: String,
    /// Delivery id.
    pub delivery: String,
    /// Which time this is, from 1.
    pub count: u32,
    /// What random values are drawn from.
    pub seed: u64,
}

/// The names that the templates of a reply ask for: `verdict` costs a check, so that it is asked only when needed.
pub fn asks_for(reply: &Reply, name: &str) -> bool {
    texts(reply).iter().any(|text| text.contains(name))
}

fn texts(reply: &Reply) -> Vec<String> {
    let values = reply.headers.iter().map(|header| &header.value[..]);
    std::iter::once(&reply.body[..]).chain(values).map(|text| String::from_utf8_lossy(text).into_owned()).collect()
}

/// Whether the templates of a reply are well formed.
///
/// # Errors
/// Which line of which one is not, and why.
pub fn check(reply: &Reply) -> Result<(), String> {
    let environment = environment(0, 0);
    for text in texts(reply) {
        environment.template_from_str(&text).map_err(|error| in_words(&error))?;
    }
    Ok(())
}

/// Whether one template is well formed.
///
/// # Errors
/// Which line is not, and why.
pub fn check_text(text: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(text);
    environment(0, 0).template_from_str(&text).map(|_| ()).map_err(|error| in_words(&error))
}

/// Body and headers of a reply, its templates filled in.
///
/// # Errors
/// In words: which line, and what happened.
pub fn render(reply: &Reply, request: &Request, given: &Given) -> Result<(Bytes, Headers), String> {
    let (context, depth) = context(request, given);
    let environment =
        environment(request.target.len() + request.headers.size_bytes() + request.body.bytes.len(), depth);
    let fill = |source: &[u8]| {
        let source = std::str::from_utf8(source).map_err(|_| "the template is not UTF-8".to_owned())?;
        let mut out = Bounded(Vec::new());
        let template = environment.template_from_str(source).map_err(|error| in_words(&error))?;
        template.render_captured_to(context.clone(), &mut out).map_err(|error| in_words(&error))?;
        // Jinja drops the newline at the very end.
        if source.ends_with('\n') {
            out.0.push(b'\n');
        }
        Ok::<_, String>(out.0)
    };
    let mut headers = Headers::new();
    for header in &reply.headers {
        let value = fill(&header.value).map_err(|error| format!("header {}: {error}", visible(&header.name)))?;
        // What came from the request must not begin another line.
        let is_clean = |byte: &u8| (*byte >= b' ' && *byte != 0x7f) || *byte == b'\t';
        let value: Vec<u8> = value.into_iter().filter(is_clean).collect();
        headers.push(header.name.clone(), value.trim_ascii().to_vec());
    }
    Ok((fill(&reply.body)?.into(), headers))
}

fn visible(bytes: &[u8]) -> String {
    super::printable::visible_within(bytes, 80)
}

/// For a request with so many bytes, whose JSON is so deep.
fn environment(request_bytes: usize, depth: usize) -> Environment<'static> {
    let mut environment = Environment::new();
    let in_proportion = FUEL * FULL_FUEL_BYTES / (request_bytes as u64).max(1);
    environment.set_fuel(Some(in_proportion.clamp(FUEL / 20, FUEL)));
    work::limit(&mut environment, &Arc::new(Work::new(request_bytes, depth)));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_recursion_limit(50);
    environment
}

/// The message without the pages that the library would print.
fn in_words(error: &minijinja::Error) -> String {
    let words = error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    match error.line() {
        Some(line) => format!("line {line} of the template: {words}"),
        None => format!("the template: {words}"),
    }
}

/// What a template may say, and how deep the request's JSON is.
fn context(request: &Request, given: &Given) -> (Value, usize) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let fields = |bytes: &[u8]| -> Value {
        // The first of a name counts, as everywhere.
        let mut map = BTreeMap::new();
        for (name, value) in form_fields(bytes) {
            map.entry(text(&name)).or_insert_with(|| Value::from(text(&value)));
        }
        Value::from(map)
    };
    let mut headers = BTreeMap::new();
    for header in &request.headers {
        headers.entry(text(&header.name).to_ascii_lowercase()).or_insert_with(|| Value::from(text(&header.value)));
    }
    let body = &request.body.bytes;
    let json = (body.len() <= JSON_BYTES_MAX).then(|| serde_json::from_slice::<serde_json::Value>(body).ok()).flatten();
    let is_form = super::body::media_type(&request.headers) == "application/x-www-form-urlencoded";
    let at = request.first_byte.plus_micros(i64::try_from(request.body_complete_us).unwrap_or(i64::MAX));
    let rng = Arc::new(Mutex::new(StdRng::seed_from_u64(given.seed)));
    let draw = Arc::clone(&rng);
    let depth = json.as_ref().map_or(0, depth_of);
    let context = minijinja::context! {
        request => minijinja::context! {
            id => request.id.0,
            method => text(&request.method),
            target => text(&request.target),
            path => text(request.path()),
            query => fields(request.query().unwrap_or_default()),
            headers => Value::from(headers),
            body => text(body),
            json => json.map_or(Value::UNDEFINED, value_of),
            form => fields(if is_form { body } else { b"" }),
            peer => request.peer.map(|peer| peer.ip().to_string()),
        },
        captures => Value::from(given.captures.iter().cloned().collect::<BTreeMap<_, _>>()),
        verdict => given.verdict.clone(),
        provider => given.provider.clone(),
        event => given.event.clone(),
        delivery => given.delivery.clone(),
        count => given.count,
        now => now(at),
        uuid => Value::from_function(move || uuid(&mut rng.lock().unwrap_or_else(PoisonError::into_inner))),
        random => Value::from_function(move |least: i64, most: i64| {
            let mut rng = draw.lock().unwrap_or_else(PoisonError::into_inner);
            rng.random_range(least.min(most)..=most.max(least))
        }),
    };
    (context, depth)
}

/// Lists and objects in each other. The parser bounds them.
fn depth_of(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        serde_json::Value::Object(fields) => 1 + fields.values().map(depth_of).max().unwrap_or(0),
        _ => 0,
    }
}

fn now(at: Timestamp) -> Value {
    let http = chrono::DateTime::from_timestamp_micros(at.micros())
        .map(|time| time.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default();
    minijinja::context! {
        iso => at.to_rfc3339(),
        unix => at.micros().div_euclid(1_000_000),
        ms => at.micros().div_euclid(1_000),
        http => http,
    }
}

/// Version 4 (RFC 9562 section 5.4).
fn uuid(rng: &mut StdRng) -> String {
    let mut bytes: [u8; 16] = rng.random();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = hex::encode(bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// Output that ends where it is too long.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > OUT_BYTES_MAX {
            return Err(std::io::Error::other(format!("it makes more than {OUT_BYTES_MAX} bytes")));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
