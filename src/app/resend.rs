//! From a wish to send again to the bytes that go out, and the words that say what they are.
//!
//! Without edits the bytes are the captured ones. What may differ, and why, is in docs/decisions/resend.md.

mod head;

use std::sync::Arc;

use bytes::Bytes;
use url::Url;

use self::head::HeadLines;
use crate::domain::body::Body;
use crate::domain::credentials;
use crate::domain::draft::{Draft, Outgoing};
use crate::domain::exchange::{HttpVersion, Request, SignatureChoice};
use crate::domain::export::raw;
use crate::domain::headers::{Header, Headers};
use crate::domain::printable::{visible, visible_str, without_login};
use crate::domain::signature::Secret;
use crate::domain::signature::carried::{
    Changed, age_max_s, broken, is_signed_part_changed, signature_headers, signs_url,
};
use crate::domain::signature::profile::Profile;
use crate::domain::signature::sign::{SignInput, sign};
use crate::domain::signature::timestamp;
use crate::domain::time::Timestamp;

/// What goes out as `Host`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HostChoice {
    /// What the sender wrote (or the draft says).
    #[default]
    Captured,
    /// The target's host and port, for servers that answer to their own name only.
    Target,
}

/// What signatures are made with.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The provider.
    pub profile: Arc<Profile>,
    /// Its secret, when it is known.
    pub secret: Option<Secret>,
    /// The URL that the receiver believes it is called at, for schemes that sign it; `None`: where it is sent.
    pub public_url: Option<String>,
}

/// A resend as it is wished.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// What it is made from.
    pub request: &'a Request,
    /// Where to: `http://host:port` (the captured path and query are used), or a URL with its own path.
    pub target: &'a str,
    /// The edited copy, when there is one. When its URL is absolute and was edited, it wins over `target`.
    pub draft: Option<&'a Draft>,
    /// Which signature; `None`: re-signed when something signed was changed and the secret is known, else kept.
    pub signature: Option<SignatureChoice>,
    /// Who sent it and what it is signed with, when that is known.
    pub signing: Option<&'a Signing>,
    /// What goes out as `Host`.
    pub host: HostChoice,
    /// Whether captured credentials ([`crate::domain::credentials`]) stay here: the target is another host than the sender
    /// named. What the user wrote into the draft goes.
    pub keeps_back: bool,
    /// The time to sign for.
    pub now: Timestamp,
}

impl<'a> Wish<'a> {
    fn profile(&self) -> Option<&'a Profile> {
        self.signing.map(|signing| &*signing.profile)
    }

    fn secret(&self) -> Option<&'a Secret> {
        self.signing.and_then(|signing| signing.secret.as_ref())
    }
}

/// What will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The bytes and where they go.
    pub outgoing: Outgoing,
    /// Which signature they carry.
    pub signature: SignatureChoice,
    /// What the panel says before sending, one sentence each, visible text: the signature first, then what is not as captured.
    pub words: Vec<String>,
}

/// Where the wish goes: `http://host:port`.
///
/// # Errors
/// In words, when that is no HTTP URL.
pub fn origin(wish: &Wish<'_>) -> Result<String, String> {
    Ok(Place::of(wish)?.origin)
}

/// Makes the plan.
///
/// # Errors
/// In words, when nothing can be sent: a target that is no HTTP URL, a request that never became one or that only a file says to
/// be one ([`Request::is_one`]), no secret to sign with, no signature to break.
pub fn plan(wish: &Wish<'_>) -> Result<Plan, String> {
    if let Some(reason) = wish.request.refused() {
        return Err(format!("this never became a request ({}): there is nothing to send again", visible_str(reason)));
    }
    wish.request.is_one()?;
    let place = Place::of(wish)?;
    let mut message = Message::new(wish);
    if place.target != message.target {
        message.lines.set_target(&place.target);
    }
    if wish.host == HostChoice::Target {
        message.set("Host", place.authority.as_bytes());
    }
    let kept_back = if wish.keeps_back { message.keep_back(wish) } else { Vec::new() };
    let mut words = message.fit_length(wish);
    words.extend((!kept_back.is_empty()).then(|| {
        format!(
            "left out, because the sender meant them for another host: {} (^t in the editor sends them)",
            kept_back.join(", ")
        )
    }));
    words.extend(place.words(wish));
    let (signature, said) = message.sign(wish, &place)?;
    words.insert(0, said);
    let body = raw::framed(&message.headers, &message.body, &wish.request.trailers);
    let outgoing = Outgoing { origin: place.origin, head: message.lines.bytes().into(), body };
    Ok(Plan { outgoing, signature, words })
}

/// Where it goes.
struct Place {
    origin: String,
    /// `host:port`, the port left out where it is the scheme's own.
    authority: String,
    /// What stands in the request line.
    target: Bytes,
    /// Whether `target` is not the captured one.
    changed: bool,
}

impl Place {
    fn of(wish: &Wish<'_>) -> Result<Self, String> {
        let captured = &wish.request.target;
        let edited = wish.draft.map(|draft| &draft.url).filter(|url| *url != captured);
        let edited_text = edited.and_then(|url| std::str::from_utf8(url).ok()).filter(|url| is_absolute(url));
        if let Some(url) = edited_text {
            let (origin, authority, own) = split(url)?;
            let target = own.unwrap_or_else(|| Bytes::from_static(b"/"));
            return Ok(Self { origin, authority, changed: target != *captured, target });
        }
        let (origin, authority, own) = split(wish.target)?;
        let target = match (edited, own) {
            (Some(edited), _) => edited.clone(),
            (None, Some(own)) => own,
            (None, None) => captured.clone(),
        };
        if target.is_empty() || target.iter().any(|byte| matches!(byte, b' ' | b'\r' | b'\n' | 0)) {
            return Err(format!("{} cannot stand in a request line: write blanks as %20", visible(&target)));
        }
        Ok(Self { origin, authority, changed: target != *captured, target })
    }

    /// The URL that is called, for schemes that sign it.
    fn url(&self) -> String {
        let target = String::from_utf8_lossy(&self.target);
        if is_absolute(&target) { target.into_owned() } else { format!("{}{target}", self.origin) }
    }

    fn words(&self, wish: &Wish<'_>) -> Option<String> {
        if wish.request.version == HttpVersion::Http2 {
            return Some("captured over HTTP/2, sent as HTTP/1.1".to_owned());
        }
        (self.changed && wish.draft.is_none())
            .then(|| format!("the path is {} and not the captured one", visible(&self.target)))
    }
}

/// The header lines but those that follow the body.
fn without_length(headers: &Headers) -> impl Iterator<Item = &Header> {
    headers.iter().filter(|header| !header.name.eq_ignore_ascii_case(b"content-length"))
}

fn is_absolute(url: &str) -> bool {
    ["http://", "https://"].iter().any(|start| url.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start)))
}

/// Origin, authority, and path with query when the URL has its own.
fn split(target: &str) -> Result<(String, String, Option<Bytes>), String> {
    let target_shown = without_login(target);
    let shown = visible_str(&target_shown);
    if !is_absolute(target) {
        return Err(format!("cannot send to {shown}: the target must begin with http:// or https://"));
    }
    let url = Url::parse(target).map_err(|error| format!("{shown} is no URL: {error}; give http://host:port/path"))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{shown} holds a login: give it as a header, Authorization: Basic ..., instead"));
    }
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| format!("{shown} names no host: give http://host:port/path"))?;
    let port = url.port_or_known_default().unwrap_or(80);
    let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    // The path as it was typed: parsing would resolve dots and encode, and what is typed here is what is meant.
    let after_scheme = target.split_once("://").map_or("", |(_, rest)| rest);
    let after_scheme = after_scheme.split('#').next().unwrap_or_default();
    let own = after_scheme.find(['/', '?']).and_then(|at| after_scheme.get(at..)).filter(|path| *path != "/");
    let own = own.map(|path| if path.starts_with('?') { format!("/{path}") } else { path.to_owned() });
    Ok((format!("{}://{host}:{port}", url.scheme()), authority, own.map(Bytes::from)))
}

/// Head and body on their way out: the lines are what is sent, `headers` is what they say.
struct Message {
    lines: HeadLines,
    headers: Headers,
    method: Bytes,
    /// The target in `lines` as it was made.
    target: Bytes,
    body: Bytes,
}

impl Message {
    fn new(wish: &Wish<'_>) -> Self {
        let request = wish.request;
        let (head, headers) = raw::head(request);
        let is_head_kept = |draft: &Draft| {
            draft.method == request.method && without_length(&draft.headers).eq(without_length(&request.headers))
        };
        let (lines, headers, method) = match wish.draft {
            Some(draft) if !is_head_kept(draft) => {
                let copy = Request {
                    method: draft.method.clone(),
                    headers: draft.headers.clone(),
                    raw_head: None,
                    body: Body::whole(draft.body.clone()),
                    ..request.clone()
                };
                let (head, headers) = raw::head(&copy);
                (HeadLines::new(&head), headers.into_owned(), draft.method.clone())
            }
            _ => (HeadLines::new(&head), headers.into_owned(), request.method.clone()),
        };
        let target = request.target.clone();
        let body = wish.draft.map_or_else(|| request.body.bytes.clone(), |draft| draft.body.clone());
        let mut message = Self { lines, headers, method, target, body };
        if let Some(draft) = wish.draft
            && let Some(length) = draft.headers.get("content-length")
            && message.headers.get("content-length") != Some(length)
        {
            message.set("Content-Length", length);
        }
        message
    }

    fn set(&mut self, name: &str, value: &[u8]) {
        self.lines.set_header(name, value);
        self.headers.set(name, value.to_vec());
    }

    /// Takes captured credentials out; their names.
    fn keep_back(&mut self, wish: &Wish<'_>) -> Vec<&'static str> {
        let captured = raw::head(wish.request).1;
        let is_captured = |name: &&str| captured.get_all(name).eq(self.headers.get_all(name));
        let names: Vec<_> = credentials::carried(&self.headers).into_iter().filter(is_captured).collect();
        for name in &names {
            self.lines.remove_header(name);
            self.headers.remove(name);
        }
        names
    }

    /// Makes the head's length true where it would leave the target waiting, and says so.
    fn fit_length(&mut self, wish: &Wish<'_>) -> Vec<String> {
        let request = wish.request;
        let mut words = Vec::new();
        let edited = wish.draft.is_some_and(|draft| draft.body != request.body.bytes);
        let cut = !request.is_whole() && !edited;
        if cut {
            words.push(format!(
                "the captured body is cut: {} of {} bytes are sent",
                self.body.len(),
                request.body.length_bytes
            ));
        }
        if raw::is_chunked(&self.headers) {
            return words;
        }
        let length = self.body.len().to_string();
        match self.headers.get("content-length") {
            Some(declared) if declared == length.as_bytes() => {}
            Some(declared) if (edited || cut) && Some(declared) == raw::head(request).1.get("content-length") => {
                self.set("Content-Length", length.as_bytes());
                words.push(format!("Content-Length is made to fit: {length}"));
            }
            Some(declared) => words.push(format!(
                "Content-Length says {}, the body has {length} bytes: sent as written",
                visible(declared)
            )),
            None if !self.body.is_empty() => {
                self.set("Content-Length", length.as_bytes());
                words.push(format!("Content-Length is added: {length}"));
            }
            None => {}
        }
        words
    }

    /// Puts the signature in that the wish asks for; which one it is, and the sentence that says so.
    fn sign(&mut self, wish: &Wish<'_>, place: &Place) -> Result<(SignatureChoice, String), String> {
        let stale = self.staleness(wish, place);
        match wish.signature {
            Some(SignatureChoice::Kept) => Ok((SignatureChoice::Kept, kept(stale))),
            Some(SignatureChoice::Resigned) => self.resign(wish, place),
            Some(SignatureChoice::Broken) => {
                let stale = matches!(stale, Some(Staleness::Changed | Staleness::Old(_)));
                self.break_signature(wish, place, stale)
            }
            None => match (&stale, wish.profile(), wish.secret()) {
                (Some(Staleness::Changed), Some(profile), Some(_)) => match self.resign(wish, place) {
                    Ok(signed) => Ok(signed),
                    Err(why) => Ok((
                        SignatureChoice::Kept,
                        format!("signature of {} kept, and does not fit any more: {why}", visible_str(&profile.title)),
                    )),
                },
                _ => Ok((SignatureChoice::Kept, kept(stale))),
            },
        }
    }

    fn resign(&mut self, wish: &Wish<'_>, place: &Place) -> Result<(SignatureChoice, String), String> {
        let profile =
            wish.profile().ok_or("cannot sign: no provider is known for this request; give a secret for one")?;
        let title = visible_str(&profile.title);
        let secret =
            wish.secret().ok_or_else(|| format!("cannot sign: no secret is known for {title}; give it first"))?;
        let public_url = wish.signing.and_then(|signing| signing.public_url.clone());
        let url = public_url.unwrap_or_else(|| place.url());
        let input = SignInput {
            profile,
            secret,
            method: &self.method,
            url: &url,
            headers: &self.headers,
            body: &self.body,
            now: wish.now,
        };
        let lines = sign(&input).map_err(|error| error.to_string())?;
        for (name, value) in &lines {
            self.set(name, value);
        }
        let names: Vec<_> = lines.iter().map(|(name, _)| name.as_str()).collect();
        Ok((SignatureChoice::Resigned, format!("re-signed now as {title}: {}", names.join(", "))))
    }

    /// Where the captured signature does not fit and ours can be made, ours is broken: then the signature is all that is wrong.
    fn break_signature(
        &mut self,
        wish: &Wish<'_>,
        place: &Place,
        stale: bool,
    ) -> Result<(SignatureChoice, String), String> {
        if stale && wish.secret().is_some() {
            // When it cannot be made the captured one is broken: broken it is either way.
            let _ = self.resign(wish, place);
        }
        let names = signature_headers(wish.profile(), &self.headers);
        if names.is_empty() {
            return Err("there is no signature header to break".to_owned());
        }
        for name in &names {
            self.lines.map_header(name, broken);
        }
        Ok((SignatureChoice::Broken, format!("signature broken on purpose: one character of {}", names.join(", "))))
    }

    /// Why the captured signature may not hold at the target.
    fn staleness(&self, wish: &Wish<'_>, place: &Place) -> Option<Staleness> {
        let request = wish.request;
        let names = signature_headers(wish.profile(), &request.headers);
        if names.is_empty() {
            return Some(Staleness::None);
        }
        if names.iter().any(|name| request.headers.get(name).is_some() && self.headers.get(name).is_none())
            && wish.keeps_back
        {
            return Some(Staleness::LeftOut);
        }
        let headers = wish.draft.map(|draft| &draft.headers);
        let by_hand =
            |name: &String| headers.is_some_and(|headers| !headers.get_all(name).eq(request.headers.get_all(name)));
        if names.iter().any(by_hand) {
            return Some(Staleness::ByHand);
        }
        let profile = wish.profile()?;
        let changed = Changed {
            body: self.body != request.body.bytes,
            url: place.changed,
            method: self.method != request.method,
            headers,
        };
        if is_signed_part_changed(profile, request, &changed) {
            return Some(Staleness::Changed);
        }
        let age_s = wish.now.micros_since(request.first_byte) / 1_000_000;
        if age_max_s(profile).is_some_and(|max| age_s > max) {
            return Some(Staleness::Old(age_s));
        }
        signs_url(profile).then_some(Staleness::Url)
    }
}

/// What is to be said of a signature that is kept.
enum Staleness {
    /// There is none.
    None,
    /// It stood in a header that is left out.
    LeftOut,
    /// The user wrote it.
    ByHand,
    /// Something signed was changed.
    Changed,
    /// Seconds since it was captured, more than the provider's rule lets pass.
    Old(u64),
    /// The URL is signed.
    Url,
}

fn kept(stale: Option<Staleness>) -> String {
    match stale {
        None => "signature kept as it came".to_owned(),
        Some(Staleness::None) => "no signature in it".to_owned(),
        Some(Staleness::LeftOut) => "the signature is left out with the header that held it".to_owned(),
        Some(Staleness::ByHand) => "signature as you wrote it".to_owned(),
        Some(Staleness::Changed) => "signature kept, and does not fit any more: what it signs was changed".to_owned(),
        Some(Staleness::Old(age_s)) => {
            let age = timestamp::words(age_s);
            format!("signature kept; it is {age} old, and a receiver that looks at the age refuses it")
        }
        Some(Staleness::Url) => {
            "signature kept; it signs the URL too, and holds where the receiver believes in the captured one".to_owned()
        }
    }
}

#[cfg(test)]
mod tests;
