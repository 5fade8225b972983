//! Deliveries of our own: a sample event as its provider would send it, with fresh id and time and a signature that holds,
//! handshakes, and deliveries that a receiver must not take.
//!
//! Pure: the shell gives the time and the chance that ids are made of, and sends what was made.

mod captured;
pub mod challenge;
pub mod fresh;
pub mod hostile;
pub mod sample;
pub mod set;

#[cfg(test)]
mod tests;

use self::captured::request;
use self::fresh::Fresh;
use self::sample::Payload;
use crate::domain::body::{Body, media_type};
use crate::domain::draft::Outgoing;
use crate::domain::exchange::Request;
use crate::domain::headers::Headers;
use crate::domain::printable::{visible_str, without_login};
use crate::domain::signature::material::Material;
use crate::domain::signature::template::{Part, Source, Test};
use crate::domain::signature::{Profile, Secret, SignInput, Signed, public_url, sign_whole};

/// Where a delivery goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// `http://host:port`.
    pub origin: String,
    /// What `Host` says: the port is left out where it is the scheme's own.
    pub authority: String,
    /// Path and query as they were typed.
    pub target: String,
}

impl Place {
    /// Reads a URL.
    ///
    /// # Errors
    /// In words, when it is no HTTP URL with a host.
    pub fn parse(url: &str) -> Result<Self, String> {
        let url_shown = without_login(url);
        let shown = visible_str(&url_shown);
        let is_http =
            |url: &str| ["http://", "https://"].iter().any(|start| url.to_ascii_lowercase().starts_with(start));
        if !is_http(url) {
            return Err(format!("cannot send to {shown}: the target must begin with http:// or https://"));
        }
        let parsed =
            url::Url::parse(url).map_err(|error| format!("{shown} is no URL: {error}; give http://host:port/path"))?;
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(format!("{shown} holds a login: give it as a header, Authorization: Basic ..., instead"));
        }
        let host = parsed.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| format!("{shown} names no host: give http://host:port/path"))?;
        let port = parsed.port_or_known_default().unwrap_or(80);
        // As it was typed: parsing would resolve dots and encode, and schemes that sign the URL sign what was typed.
        let typed = url.split_once("://").map_or("", |(_, rest)| rest).split('#').next().unwrap_or_default();
        let target = typed.find(['/', '?']).and_then(|at| typed.get(at..)).unwrap_or("/");
        let target = if target.starts_with('?') { format!("/{target}") } else { target.to_owned() };
        if target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err(format!("{shown} cannot stand in a request line: write blanks as %20"));
        }
        Ok(Self {
            origin: format!("{}://{host}:{port}", parsed.scheme()),
            authority: parsed.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
            target,
        })
    }

    /// The URL that is called.
    pub fn url(&self) -> String {
        let scheme = self.origin.split("://").next().unwrap_or("http");
        format!("{scheme}://{}{}", self.authority, self.target)
    }

    /// The same place with a parameter more in the query, encoded.
    #[must_use]
    pub fn with_query(&self, name: &str, value: &str) -> Self {
        let pair = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
        let joint = if self.target.contains('?') { '&' } else { '?' };
        Self { target: format!("{}{joint}{pair}", self.target), ..self.clone() }
    }
}

/// What is to be sent.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// Who it comes from.
    pub profile: &'a Profile,
    /// What it is signed with; `None`: not signed.
    pub secret: Option<&'a Secret>,
    /// The event.
    pub payload: &'a Payload,
    /// Where it goes.
    pub place: &'a Place,
    /// The URL that the receiver believes it is called at, as `--public-url` says it; `None`: where it is sent.
    pub public_url: Option<&'a str>,
    /// Headers that the user wants: they win over ours. An empty value takes the header out.
    pub headers: &'a [(String, String)],
    /// The delivery id; `None`: a fresh one.
    pub id: Option<&'a str>,
    /// Time and chance.
    pub fresh: Fresh,
}

/// A delivery, made.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Where it goes: `http://host:port`.
    pub origin: String,
    /// The request, exactly as it leaves.
    pub request: Request,
    /// The URL that was signed, where the scheme signs it.
    pub url: String,
    /// The event type in the provider's words.
    pub event: Option<String>,
    /// The delivery id.
    pub id: Option<String>,
}

impl Delivery {
    /// Makes one.
    ///
    /// # Errors
    /// In words, when the event cannot be signed or has no place for what was asked.
    pub fn make(order: &Order<'_>) -> Result<Self, String> {
        let mut body = order.payload.body.clone();
        let mut headers = common_headers(order);
        order.fresh.freshen(order.profile, &mut headers, &mut body, order.payload.is_sample);
        if let Some(id) = order.id {
            fresh::put_id(order.profile, &mut headers, &mut body, id)?;
        }
        for change in &order.payload.changes {
            body = change.apply(&headers, &body)?;
        }
        let mut place = order.place.clone();
        for (name, value) in &order.payload.query {
            place = place.with_query(name, value);
        }
        if let Some((name, value)) = digest_in_query(order.profile, &headers, &body) {
            place = place.with_query(&name, &value);
        }
        own_headers(&mut headers, order.headers);
        let mut delivery = Self::joined(order, &place, headers, body);
        if let Some(secret) = order.secret {
            let signed = delivery.sign(order, secret)?;
            let mut place = place;
            for (name, value) in &signed.query {
                place = place.with_query(name, &String::from_utf8_lossy(value));
            }
            let mut headers = delivery.request.headers;
            signed.headers.into_iter().for_each(|(name, value)| headers.set(&name, value));
            own_headers(&mut headers, order.headers);
            let body = signed.body.unwrap_or_else(|| delivery.request.body.bytes.to_vec());
            delivery = Self::joined(order, &place, headers, body);
        }
        Ok(delivery)
    }

    fn sign(&self, order: &Order<'_>, secret: &Secret) -> Result<Signed, String> {
        let input = SignInput {
            profile: order.profile,
            secret,
            method: &self.request.method,
            url: &self.url,
            headers: &self.request.headers,
            body: &self.request.body.bytes,
            now: order.fresh.now,
        };
        sign_whole(&input).map_err(|error| error.to_string())
    }

    /// Head and body put together, with the length that the body has.
    fn joined(order: &Order<'_>, place: &Place, mut headers: Headers, body: Vec<u8>) -> Self {
        let method = &order.payload.method;
        headers.remove("content-length");
        if !body.is_empty() || method == "POST" || method == "PUT" {
            headers.push("Content-Length", body.len().to_string());
        }
        let request = request(method, &place.target, headers, body, order.fresh.now);
        let set = order.public_url.map_or_else(|| origin_of(&place.url()), str::to_owned);
        let url = public_url::signed_url(Some(&set), &request).url;
        Self {
            origin: place.origin.clone(),
            url: String::from_utf8_lossy(&url).into_owned(),
            event: order.profile.event_type(&request).or_else(|| Some(order.payload.name.clone())),
            id: order.profile.delivery_id(&request),
            request,
        }
    }

    /// What goes over the wire.
    pub fn outgoing(&self) -> Outgoing {
        Outgoing {
            origin: self.origin.clone(),
            head: self.request.canonical_head().into(),
            body: self.request.body.bytes.clone(),
        }
    }

    /// The same with other headers, body or target; the length follows the body.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut Headers, &mut Vec<u8>, &mut Vec<u8>)) -> Self {
        let mut request = self.request.clone();
        let (mut body, mut target) = (request.body.bytes.to_vec(), request.target.to_vec());
        change(&mut request.headers, &mut body, &mut target);
        if request.headers.get("content-length").is_some() {
            request.headers.set("Content-Length", body.len().to_string());
        }
        request.body = Body::whole(body);
        request.target = target.into();
        Self { request, ..self.clone() }
    }
}

/// What a body that is no form brings into the query: its digest, where a scheme holds that against the body (Twilio's
/// `bodySHA256`).
fn digest_in_query(profile: &Profile, headers: &Headers, body: &[u8]) -> Option<(String, String)> {
    if media_type(headers) == "application/x-www-form-urlencoded" {
        return None;
    }
    let request = request("POST", "/", headers.clone(), body.to_vec(), Fresh::default().now);
    let material = Material::new(&request);
    profile.schemes.iter().flat_map(|scheme| &scheme.guards).find_map(|guard| match guard.right.parts.as_slice() {
        [Part::Value(Source::Query(name), _)] if guard.left.uses(&Source::Body) => {
            let value = material.render(&guard.left).ok()?;
            Some((name.clone(), String::from_utf8(value).ok()?))
        }
        _ => None,
    })
}

/// The origin of a URL, to which [`public_url::signed_url`] adds the request's own path and query. A bare origin stands for
/// the path `/` too, which that function would leave out.
fn origin_of(url: &str) -> String {
    let (origin, _) = public_url::split(url.as_bytes());
    format!("{}/", String::from_utf8_lossy(origin))
}

/// The headers that every sender writes, and those of the event.
fn common_headers(order: &Order<'_>) -> Headers {
    let mut headers = Headers::new();
    headers.push("Host", order.place.authority.clone());
    headers.push("User-Agent", user_agent(order.profile));
    headers.push("Accept", "*/*");
    if !order.payload.content_type.is_empty() {
        headers.push("Content-Type", order.payload.content_type.clone());
    }
    for (name, value) in &order.payload.headers {
        headers.set(name, value.clone());
    }
    headers
}

/// The one by which the provider is known, else ours.
fn user_agent(profile: &Profile) -> String {
    let known = profile.recognise.iter().flatten().find_map(|condition| match (&condition.source, &condition.test) {
        (Source::Header(name), Test::Is(text) | Test::Starts(text) | Test::Contains(text))
            if name.eq_ignore_ascii_case("user-agent") && !condition.negated =>
        {
            Some(text.clone())
        }
        _ => None,
    });
    known.unwrap_or_else(|| concat!("hooksight/", env!("CARGO_PKG_VERSION")).to_owned())
}

fn own_headers(headers: &mut Headers, own: &[(String, String)]) {
    for (name, value) in own {
        match value.is_empty() {
            true => headers.remove(name),
            false => headers.set(name, value.clone()),
        }
    }
}
