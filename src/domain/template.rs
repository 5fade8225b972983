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

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use minijinja::machinery::{self, CodeGenerator, Instructions};
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::exchange::Request;
use super::form::form_fields;
use super::headers::Headers;
use super::nearest;
use super::reply::{Make, Reply};
use super::time::Timestamp;

mod arithmetic;
mod bounds;
mod budget;
mod cost;
mod json;
mod language;
mod rewrite;
mod weight;

use budget::{FUEL, Work};
use json::value_of;
use weight::Fields;

/// Bytes that a template may make.
const OUT_BYTES_MAX: usize = 16 << 20;
/// Over a request from this length on, filters and operators of a template that repeats nothing may take a millisecond each.
const LARGE_BYTES_MIN: usize = 16 << 10;
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

/// Whether a template of a reply may take so long that others would notice: one that repeats something, whatever the request is, and any other
/// over a large one.
pub fn may_take_long(reply: &Reply, request: &Request) -> bool {
    let repeats = |text: &[u8]| memchr::memmem::find(text, b"{%").is_some();
    reply.make == Make::Template
        && (request_bytes(request) >= LARGE_BYTES_MIN
            || repeats(&reply.body)
            || reply.headers.iter().any(|header| repeats(&header.value)))
}

fn request_bytes(request: &Request) -> usize {
    request.target.len() + request.headers.size_bytes() + request.body.bytes.len()
}

/// Whether the templates of a reply are well formed.
///
/// # Errors
/// Which line of which one is not, and why.
pub fn check(reply: &Reply) -> Result<(), String> {
    texts(reply).iter().try_for_each(|text| Compiled::new(text).map(|_| ()))
}

/// Whether one template is well formed.
///
/// # Errors
/// Which line is not, and why.
pub fn check_text(text: &[u8]) -> Result<(), String> {
    Compiled::new(&String::from_utf8_lossy(text)).map(|_| ())
}

/// A template that can be run: within its bounds, and its operators charged.
struct Compiled<'source> {
    instructions: Instructions<'source>,
    blocks: BTreeMap<&'source str, Instructions<'source>>,
}

impl<'source> Compiled<'source> {
    /// # Errors
    /// Which line is not well formed or passes which bound, and why.
    fn new(source: &'source str) -> Result<Self, String> {
        // As it always was named: errors of the library say it.
        const NAME: &str = "<string>";
        bounds::check(source)?;
        let parsed = machinery::parse(source, NAME, Default::default()).map_err(|error| in_words(&error))?;
        let charged = rewrite::rewrite(&parsed)?;
        let mut generator = CodeGenerator::new(NAME, source);
        generator.compile_stmt(&charged);
        let (instructions, blocks) = generator.finish();
        Ok(Self { instructions, blocks })
    }
}

/// The names that templates of a reply ask for and that are not there, in words: they are empty in what is made.
pub fn unknown_names(reply: &Reply) -> Vec<String> {
    let environment = environment();
    let mut unknown = std::collections::BTreeSet::new();
    for text in texts(reply) {
        // The library computes what is constant when it compiles, and `(1,) * 100000000` is 2.4 GB. The names are the same with
        // another sign. One that is out of bounds has its own words.
        let harmless = text.replace('*', "-");
        let within = bounds::check(&text).ok().and_then(|_| environment.template_from_str(&harmless).ok());
        let Some(template) = within else { continue };
        // The functions of the language count as such names too.
        let globals: Vec<String> = environment.globals().map(|(name, _)| name.to_owned()).collect();
        for name in template.undeclared_variables(true) {
            let mut parts = name.split('.');
            let (first, second) = (parts.next().unwrap_or_default(), parts.next());
            let members: &[&str] = match first {
                "request" => &REQUEST_NAMES,
                "now" => &NOW_NAMES,
                _ => &[],
            };
            let is_root = ROOT_NAMES.contains(&first) || globals.iter().any(|global| global == first);
            let is_member = members.is_empty() || second.is_none_or(|second| members.contains(&second));
            if is_root && is_member {
                continue;
            }
            let near = match second.filter(|_| is_root) {
                Some(second) => nearest::did_you_mean(second, members.iter().copied()),
                None => nearest::did_you_mean(first, ROOT_NAMES),
            };
            unknown.insert(format!(
                "the template asks for `{}`, which is not there: it is empty{near}",
                visible(name.as_bytes())
            ));
        }
    }
    unknown.into_iter().collect()
}

/// What templates may ask for.
const ROOT_NAMES: [&str; 10] =
    ["request", "captures", "verdict", "provider", "event", "delivery", "count", "now", "uuid", "random"];
/// What `request` has.
const REQUEST_NAMES: [&str; 10] =
    ["id", "method", "target", "path", "query", "headers", "body", "json", "form", "peer"];
/// What `now` has.
const NOW_NAMES: [&str; 4] = ["iso", "unix", "ms", "http"];

/// Body and headers of a reply, its templates filled in.
///
/// # Errors
/// In words: which line, and what happened.
pub fn render(reply: &Reply, request: &Request, given: &Given) -> Result<(Bytes, Headers), String> {
    let context = context(request, given);
    let mut environment = environment();
    let mut fuel = FUEL;
    let mut fill = |source: &[u8]| {
        let source = std::str::from_utf8(source).map_err(|_| "the template is not UTF-8".to_owned())?;
        environment.set_fuel(Some(fuel));
        let (text, left) = run(&Compiled::new(source)?, &environment, &context)?;
        fuel = left;
        let mut out = text.into_bytes();
        // Jinja drops the newline at the very end.
        if source.ends_with('\n') {
            out.push(b'\n');
        }
        Ok::<_, String>(out)
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

/// What a template makes, and the fuel that is left.
fn run(template: &Compiled<'_>, environment: &Environment<'_>, context: &Value) -> Result<(String, u64), String> {
    let mut text = String::new();
    let mut out = machinery::make_string_output(&mut text);
    let Compiled { instructions, blocks } = template;
    let ran = machinery::eval(environment, instructions, context.clone(), blocks, &mut out, AutoEscape::None);
    let left =
        ran.map(|(_, state)| state.fuel_levels().map_or(0, |(_, left)| left)).map_err(|error| in_words(&error))?;
    if text.len() > OUT_BYTES_MAX {
        return Err(format!("the template makes more than {OUT_BYTES_MAX} bytes"));
    }
    Ok((text, left))
}

fn visible(bytes: &[u8]) -> String {
    super::printable::visible_within(bytes, 80)
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    language::limit(&mut environment, &Arc::new(Work::default()));
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_recursion_limit(50);
    environment
}

/// The message without the pages that the library would print.
fn in_words(error: &minijinja::Error) -> String {
    let words = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => Cow::from(format!(
            "it takes more than {FUEL} steps: loop over less of the request, or fewer times inside of another loop"
        )),
        (kind, Some(detail)) => Cow::from(format!("{kind}: {detail}")),
        (kind, None) => Cow::from(kind.to_string()),
    };
    match error.line() {
        Some(line) => format!("line {line} of the template: {words}"),
        None => format!("the template: {words}"),
    }
}

/// What a template may say.
fn context(request: &Request, given: &Given) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let fields = |bytes: &[u8]| -> Value {
        // The first of a name counts, as everywhere.
        let mut map = BTreeMap::new();
        for (name, value) in form_fields(bytes) {
            map.entry(Value::from(text(&name))).or_insert_with(|| Value::from(text(&value)));
        }
        object(map)
    };
    let mut headers = BTreeMap::new();
    for header in &request.headers {
        let name = Value::from(text(&header.name).to_ascii_lowercase());
        headers.entry(name).or_insert_with(|| Value::from(text(&header.value)));
    }
    let body = &request.body.bytes;
    let json = (body.len() <= JSON_BYTES_MAX).then(|| serde_json::from_slice::<serde_json::Value>(body).ok()).flatten();
    let is_form = super::body::media_type(&request.headers) == "application/x-www-form-urlencoded";
    let at = request.first_byte.plus_micros(i64::try_from(request.body_complete_us).unwrap_or(i64::MAX));
    let rng = Arc::new(Mutex::new(StdRng::seed_from_u64(given.seed)));
    let draw = Arc::clone(&rng);
    let request = [
        ("id", Value::from(request.id.0)),
        ("method", Value::from(text(&request.method))),
        ("target", Value::from(text(&request.target))),
        ("path", Value::from(text(request.path()))),
        ("query", fields(request.query().unwrap_or_default())),
        ("headers", object(headers)),
        // Without a copy in between: it may be large.
        ("body", Value::from(Arc::<str>::from(String::from_utf8_lossy(body)))),
        ("json", json.map_or(Value::UNDEFINED, value_of)),
        ("form", fields(if is_form { body } else { b"" })),
        ("peer", Value::from(request.peer.map(|peer| peer.ip().to_string()))),
    ];
    let captures = given.captures.iter().map(|(name, value)| (Value::from(&**name), Value::from(&**value)));
    minijinja::context! {
        request => object(request.map(|(name, value)| (Value::from(name), value)).into()),
        captures => object(captures.collect()),
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
    }
}

/// Of a request's parts: never as deep as an object may be.
fn object(fields: BTreeMap<Value, Value>) -> Value {
    Fields::value(fields).unwrap_or_default()
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

#[cfg(test)]
mod tests;
