//! Calls that a rule asks for behind its answer: a URL that the request brings (Slack's `response_url`, Twilio's `StatusCallback`), with a
//! body from a template.
//!
//! Whoever sends the request chooses the URL. So it is called only where it is on this machine, or among the hosts that the
//! callback names; addresses that are never sent to ([`Zone::Forbidden`]) stay out in any case.

use std::iter;
use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use url::{Host, Position, Url};

use super::draft::Outgoing;
use super::exchange::{Attempt, AttemptKind, AttemptOutcome, Request};
use super::headers::Headers;
use super::printable::{visible, visible_within, without_login};
use super::reply::{Make, Reply, Spread, draw_delay};
use super::target_rules::{Named, Zone, is_localhost, plain_host};
use super::template::{self, Given};

#[cfg(test)]
mod tests;

/// Callbacks of one rule, at most.
pub const CALLBACKS_MAX: usize = 16;

/// A longer URL is not called, in bytes.
const URL_BYTES_MAX: usize = 8 << 10;

/// What the message of an attempt begins with that stands for a call that was not made.
pub const NOT_CALLED: &str = "not called: ";

/// Why nobody was called, when the attempt stands for a call that was not made; not gated yet.
pub fn not_called(attempt: &Attempt) -> Option<&str> {
    match &attempt.outcome {
        AttemptOutcome::Failed { message } if attempt.kind == AttemptKind::Callback => message.strip_prefix(NOT_CALLED),
        _ => None,
    }
}

/// A call that a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Template of the URL: `{{ request.form.response_url }}`.
    pub url: String,
    /// Any token (RFC 9110 section 9.1).
    pub method: String,
    /// Their values are templates.
    pub headers: Headers,
    /// A template.
    pub body: Bytes,
    /// The file that the body was read from, as the configuration names it.
    pub body_file: Option<String>,
    /// So long behind the answer, in milliseconds: always, at least, or as the median, as `spread` says.
    pub after_ms: u64,
    /// How the wait differs from one call to the next.
    pub spread: Spread,
    /// Who may be called; empty: this machine alone.
    pub hosts: Vec<Named>,
}

/// A call that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The rule that asks for it, in words.
    pub rule: String,
    /// How long behind the answer, in milliseconds.
    pub after_ms: u64,
    /// What goes out; or why nothing does, visible text.
    pub outgoing: Result<Outgoing, String>,
    /// Who may be called, beside what the URL's spelling shows already.
    pub hosts: Vec<Named>,
}

impl Callback {
    /// As a reply whose first header is the URL, because that is what templates are filled in for.
    fn templates(&self) -> Reply {
        let mut headers = Headers::new();
        headers.push("url", self.url.clone());
        for header in &self.headers {
            headers.push(header.name.clone(), header.value.clone());
        }
        Reply { make: Make::Template, headers, body: self.body.clone(), ..Reply::default() }
    }

    /// Its templates that are not well formed: its field (`url`, `headers.X-A`, `body`), and which line of it, and why.
    pub fn mistakes(&self) -> Vec<(String, String)> {
        let bytes = self
            .headers
            .iter()
            .map(|header| (format!("headers.{}", String::from_utf8_lossy(&header.name)), &header.value[..]));
        let all = iter::once(("url".to_owned(), self.url.as_bytes())).chain(bytes);
        let all = all.chain(iter::once(("body".to_owned(), &self.body[..])));
        all.filter_map(|(field, text)| Some((field, template::check_text(text).err()?))).collect()
    }

    /// Whether one of its templates asks for a name.
    pub fn asks_for(&self, name: &str) -> bool {
        template::asks_for(&self.templates(), name)
    }

    /// Whether one of its templates may take so long that others would notice.
    pub fn may_take_long(&self, request: &Request) -> bool {
        template::may_take_long(&self.templates(), request)
    }

    /// The call for this request.
    pub fn call(&self, rule: &str, request: &Request, given: &Given) -> Call {
        Call {
            rule: rule.to_owned(),
            after_ms: draw_delay(self.after_ms, self.spread, given.seed),
            outgoing: self.outgoing(request, given),
            hosts: self.hosts.clone(),
        }
    }

    fn outgoing(&self, request: &Request, given: &Given) -> Result<Outgoing, String> {
        let (body, filled) = template::render(&self.templates(), request, given)?;
        let mut lines = filled.iter();
        let text = lines.next().map(|header| header.value.clone()).unwrap_or_default();
        let url = understood(&text, &self.url)?;
        may_be_called(&url, &self.hosts)?;
        let mut head = Vec::new();
        let mut line = |parts: &[&[u8]]| parts.iter().for_each(|part| head.extend_from_slice(part));
        let target = &url[Position::BeforePath..Position::AfterQuery];
        line(&[self.method.as_bytes(), b" ", target.as_bytes(), b" HTTP/1.1\r\n"]);
        let authority = &url[Position::BeforeHost..Position::AfterPort];
        if self.headers.get("host").is_none() {
            line(&[b"Host: ", authority.as_bytes(), b"\r\n"]);
        }
        if self.headers.get("user-agent").is_none() {
            line(&[b"User-Agent: hooksight\r\n"]);
        }
        for header in lines {
            line(&[&header.name, b": ", &header.value, b"\r\n"]);
        }
        if !body.is_empty() || !matches!(self.method.as_str(), "GET" | "HEAD") {
            line(&[b"Content-Length: ", body.len().to_string().as_bytes(), b"\r\n"]);
        }
        line(&[b"Connection: close\r\n\r\n"]);
        let port = url.port_or_known_default().unwrap_or(80);
        let host = &url[Position::BeforeHost..Position::AfterHost];
        Ok(Outgoing { origin: format!("{}://{host}:{port}", url.scheme()), head: head.into(), body })
    }
}

/// What the request says is a URL that can be called.
fn understood(text: &[u8], template: &str) -> Result<Url, String> {
    if text.is_empty() {
        let template = visible_within(without_login(template).as_bytes(), 80);
        return Err(format!("the request has no URL at {template}: its `url` must say where the request brings one"));
    }
    // The words stand in the session file, and a login in the file of rules is its user's.
    let shown = visible_within(without_login(&String::from_utf8_lossy(text)).as_bytes(), 80);
    let url = std::str::from_utf8(text).ok().filter(|text| text.len() <= URL_BYTES_MAX);
    let url = url.and_then(|text| Url::parse(text).ok()).filter(|url| url.has_host());
    let url = url.ok_or_else(|| format!("{shown} is no URL: expected one such as https://example.com/hook"))?;
    match (url.scheme(), url.username(), url.password()) {
        ("http" | "https", "", None) => Ok(url),
        ("http" | "https", ..) => Err(format!("{shown} holds a login: no URL of a request is called with one")),
        _ => Err(format!("{shown} is neither http nor https: nothing else can be called")),
    }
}

/// Whether a URL may be called, as far as its spelling says. What its name is looked up to is asked for later.
fn may_be_called(url: &Url, hosts: &[Named]) -> Result<(), String> {
    let host = url.host().ok_or("it names no host")?;
    let (name, address) = match host {
        Host::Domain(name) => (plain_host(name), None),
        Host::Ipv4(address) => (address.to_string(), Some(IpAddr::V4(address))),
        Host::Ipv6(address) => (address.to_string(), Some(IpAddr::V6(address))),
    };
    if let Some(Zone::Forbidden(why)) = address.map(Zone::of) {
        return Err(format!("{name} {why}: it is never called"));
    }
    let is_here = match address {
        Some(address) => Zone::of(address) == Zone::Loopback,
        None => is_localhost(&name),
    };
    let is_named = |named: &Named| match (named, address) {
        (Named::Network(..), None) => false,
        (named, address) => named.fits(&name, address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))),
    };
    let shown = visible(name.as_bytes());
    match (hosts.is_empty(), is_here, hosts.iter().any(is_named)) {
        (true, true, _) | (false, _, true) => Ok(()),
        (true, false, _) => Err(format!(
            "{shown} is not this machine, and the callback names no `hosts`: to have it called, give the callback hosts: [{shown:?}]"
        )),
        (false, _, false) => {
            Err(format!("{shown} is not among the `hosts` of the callback: to have it called, add {shown:?} to them"))
        }
    }
}

/// What a URL in an [`Outgoing`] is, for the user: visible text.
pub fn url_of(outgoing: &Outgoing) -> String {
    let line = outgoing.head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    format!("{} {}{}", visible(method), visible(outgoing.origin.as_bytes()), visible_within(target, 400))
}

/// As [`url_of`] without the query, and not as long: for one line among others.
pub fn brief_url_of(outgoing: &Outgoing) -> String {
    let line = outgoing.head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let path = target.split(|byte| *byte == b'?').next().unwrap_or_default();
    format!("{} {}{}", visible(method), visible(outgoing.origin.as_bytes()), visible_within(path, 80))
}
