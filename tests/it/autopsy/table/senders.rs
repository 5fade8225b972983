//! Deliveries as providers send them, signed by our signer, and the parts of them to sign by hand.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use hooksight::domain::body::Body;
use hooksight::domain::exchange::{ExchangeId, HttpVersion, Request};
use hooksight::domain::headers::Headers;
use hooksight::domain::signature::scheme::{Algorithm, Encoding, Form, KeyForm, Scheme};
use hooksight::domain::signature::template::{Part, Source};
use hooksight::domain::signature::{CheckInput, Outcome, Profile, Profiles, Secret, SignInput, check, sign_whole};
use hooksight::domain::time::Timestamp;
use ring::hmac;

/// When everything is sent.
pub const NOW: i64 = 1_700_000_000;
/// Where to.
pub const URL: &str = "https://hooks.example/in?b=2&a=1%202";
/// What is sent where the provider does not care: compact, with all that writers treat differently.
pub const JSON: &[u8] =
    "{\"id\":\"evt_1\",\"kind\":\"order.paid\",\"amount\":1250,\"at\":\"2023-11-14T22:13:20Z\",\"url\":\"https://x.example/a\",\"name\":\"J\u{f6}rg <b>&</b>\",\"tags\":[\"a\",\"b\"],\"nested\":{\"z\":null,\"a\":true}}"
        .as_bytes();

/// A delivery.
#[derive(Clone)]
pub struct Sent {
    pub profile: Arc<Profile>,
    /// As the user has it.
    pub secret: Vec<u8>,
    /// The URL that the provider called.
    pub url: String,
    pub headers: Headers,
    pub body: Vec<u8>,
    /// When it came.
    pub came: Timestamp,
}

impl Sent {
    /// As the capture keeps it: the target is that of the URL, the host that of this machine.
    pub fn request(&self) -> Request {
        let at = self.url.find("://").map_or(0, |at| at + 3);
        let path = self.url[at..].find(['/', '?']).map_or("/", |slash| &self.url[at + slash..]);
        let mut headers = self.headers.clone();
        if headers.get("host").is_none() {
            headers.push("Host", "127.0.0.1:7070");
        }
        Request {
            id: ExchangeId(1),
            peer: None,
            first_byte: self.came,
            body_complete_us: 0,
            version: HttpVersion::Http11,
            method: "POST".into(),
            target: path.to_owned().into(),
            headers,
            pseudo: Headers::new(),
            raw_head: None,
            body: Body::whole(self.body.clone()),
            trailers: Headers::new(),
            marks: Vec::new(),
        }
    }

    /// The same delivery with another body than the signed one.
    pub fn came_as(&self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self.clone() }
    }

    /// The header that holds the signature: its name in the profile.
    pub fn signature_header(&self) -> String {
        let schemes = self.profile.schemes.iter().flat_map(|scheme| &scheme.signature);
        let mut names = schemes.filter_map(|place| match &place.0 {
            Source::Header(name) => Some(name.replace('#', "1")),
            _ => None,
        });
        names.find(|name| self.headers.get(name).is_some()).expect("a signature in a header")
    }

    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut sent = self.clone();
        sent.headers.set(name, value.as_bytes().to_vec());
        sent
    }

    pub fn header(&self, name: &str) -> String {
        String::from_utf8(self.headers.get(name).expect(name).to_vec()).expect("text")
    }
}

/// A secret that can be read as text, hex and base64 alike: 32 hex digits behind the prefix that the provider's secrets have.
pub fn secret_of(profile: &Profile, digits: &str) -> Vec<u8> {
    let prefix = profile.secret.prefixes.first().map_or("", String::as_str);
    let parts = profile.schemes.first().map(|scheme| scheme.key.parts.clone()).unwrap_or_default();
    let parts: String = parts.iter().map(|part| format!("{part}=part;")).collect();
    format!("{parts}{prefix}{digits}").into_bytes()
}

pub const DIGITS: &str = "00112233445566778899aabbccddeeff";
pub const OTHER_DIGITS: &str = "ffeeddccbbaa99887766554433221100";

/// A delivery with this body at this time; `None` when our signer cannot make one.
pub fn signed_at(profile: &Arc<Profile>, body: &[u8], media: &str, at: Timestamp) -> Option<Sent> {
    signed(profile, body, media, &[], at)
}

fn signed(profile: &Arc<Profile>, body: &[u8], media: &str, more: &[(String, String)], at: Timestamp) -> Option<Sent> {
    let secret = secret_of(profile, DIGITS);
    let mut headers = Headers::from_pairs([("Content-Type", media)]);
    more.iter().for_each(|(name, value)| headers.set(name, value.clone().into_bytes()));
    let key = Secret::new(secret.clone());
    let input = SignInput { profile, secret: &key, method: b"POST", url: URL, headers: &headers, body, now: at };
    let made = sign_whole(&input).ok()?;
    made.headers.into_iter().for_each(|(name, value)| headers.set(&name, value));
    let body = made.body.unwrap_or_else(|| body.to_vec());
    let sent = Sent { profile: Arc::clone(profile), secret, url: URL.into(), headers, body, came: at };
    let request = sent.request();
    let input = CheckInput { public_url: Some(URL), ..CheckInput::new(profile, std::slice::from_ref(&key), &request) };
    (check(&input).outcome == Outcome::Valid).then_some(sent)
}

/// A delivery of every provider that we can sign for: the JSON above, else one of its sample events.
pub fn all() -> Vec<Sent> {
    let now = Timestamp::from_secs(NOW);
    let made = Profiles::builtin().iter().filter_map(|profile| {
        let json = signed(profile, JSON, "application/json", &[], now);
        let mut samples = profile.events.iter();
        json.or_else(|| {
            samples.find_map(|one| signed(profile, one.body.as_bytes(), &one.content_type, &one.headers, now))
        })
    });
    made.collect()
}

/// The scheme that signs a delivery, where all of its parts can be joined by hand.
pub struct Plain<'a> {
    pub scheme: &'a Scheme,
    pub key: Vec<u8>,
    pub message: Vec<u8>,
    /// The digest as it stands in the header.
    pub written: String,
}

/// The one scheme with a shared secret of a provider that signs body, timestamp and id, joined with fixed text.
pub fn plain_scheme(profile: &Profile) -> Option<&Scheme> {
    let mut shared = profile.schemes.iter().filter(|scheme| !scheme.algorithm.is_public());
    let (scheme, None) = (shared.next()?, shared.next()) else { return None };
    let parts = &scheme.message.as_ref()?.parts;
    let simple = parts.iter().all(|part| match part {
        Part::Text(_) => true,
        Part::Value(source, filters) => {
            filters.is_empty() && matches!(source, Source::Body | Source::Timestamp | Source::Id)
        }
        Part::Optional(..) => false,
    });
    let has_body = scheme.message.as_ref()?.uses(&Source::Body);
    let in_header = matches!(scheme.signature.as_slice(), [place] if matches!(&place.0, Source::Header(name) if !name.contains('#')));
    let usual = scheme.form == Form::Plain && scheme.each.is_none() && scheme.algorithm.is_hmac() && in_header;
    let written = matches!(scheme.encoding, Encoding::Hex | Encoding::Base64);
    (simple && has_body && usual && written && scheme.key.parts.is_empty()).then_some(scheme)
}

/// A provider's delivery with its signature made by hand as well; the two must agree.
pub fn plain(sent: &Sent) -> Option<Plain<'_>> {
    let scheme = plain_scheme(&sent.profile)?;
    let key = key_of(scheme, &sent.secret);
    let message = message_of(scheme, sent, &sent.body);
    let written = encoded(scheme.encoding, &mac(scheme.algorithm, &key, &message));
    let header = sent.header(&sent.signature_header());
    assert!(header.contains(&written), "{}: {header} has no {written}", sent.profile.name);
    Some(Plain { scheme, key, message, written })
}

/// Deliveries of all providers whose rule is plain.
pub fn all_plain() -> Vec<Sent> {
    let all = all().into_iter().filter(|sent| plain_scheme(&sent.profile).is_some() && sent.body == JSON);
    let all: Vec<_> = all.collect();
    assert!(all.len() >= 60, "{}", all.len());
    all
}

pub fn key_of(scheme: &Scheme, secret: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(secret).expect("text");
    let bare = scheme.key.strip.iter().find_map(|prefix| text.strip_prefix(prefix.as_str())).unwrap_or(text);
    match scheme.key.decode {
        KeyForm::Text | KeyForm::PublicOrText => bare.as_bytes().to_vec(),
        KeyForm::Base64 => STANDARD.decode(bare).or_else(|_| STANDARD_NO_PAD.decode(bare)).expect("base64"),
        KeyForm::Hex => hex::decode(bare).expect("hex"),
        KeyForm::Sha1 => {
            ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, bare.as_bytes()).as_ref().to_vec()
        }
        other => panic!("{other:?}"),
    }
}

/// The signed bytes, joined by hand.
pub fn message_of(scheme: &Scheme, sent: &Sent, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    for part in &scheme.message.as_ref().expect("a message").parts {
        match part {
            Part::Text(text) => message.extend_from_slice(text.as_bytes()),
            Part::Value(Source::Body, _) => message.extend_from_slice(body),
            Part::Value(Source::Timestamp, _) => message.extend_from_slice(stamp_of(scheme, sent).as_bytes()),
            Part::Value(Source::Id, _) => {
                let Some(Source::Header(name)) = scheme.id.as_ref().map(|id| &id.0) else {
                    panic!("an id in a header")
                };
                message.extend_from_slice(sent.header(name).as_bytes());
            }
            other => panic!("{other:?}"),
        }
    }
    message
}

/// The timestamp as it was sent.
pub fn stamp_of(scheme: &Scheme, sent: &Sent) -> String {
    match &scheme.timestamp.as_ref().expect("a timestamp").from.0 {
        Source::Header(name) => sent.header(name),
        Source::List(name) => {
            let header = sent.header(&sent.signature_header());
            let list = scheme.list.as_ref().expect("a list");
            let mut items = header.split(list.separator.as_str()).map(str::trim);
            if list.first == *name {
                return items.next().expect("a first item").to_owned();
            }
            let start = format!("{name}{}", list.assign);
            items.find_map(|item| item.strip_prefix(&start).map(str::to_owned)).expect("a timestamp in the list")
        }
        other => panic!("{other:?}"),
    }
}

pub fn mac(algorithm: Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    let algorithm = match algorithm {
        Algorithm::HmacSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::HmacSha256 => hmac::HMAC_SHA256,
        Algorithm::HmacSha384 => hmac::HMAC_SHA384,
        Algorithm::HmacSha512 => hmac::HMAC_SHA512,
        Algorithm::HmacMd5 => {
            let mut mac = <::hmac::Hmac<md5::Md5> as ::hmac::Mac>::new_from_slice(key).expect("a key of any length");
            ::hmac::Mac::update(&mut mac, message);
            return ::hmac::Mac::finalize(mac).into_bytes().to_vec();
        }
        other => panic!("{other:?}"),
    };
    hmac::sign(&hmac::Key::new(algorithm, key), message).as_ref().to_vec()
}

pub fn encoded(encoding: Encoding, bytes: &[u8]) -> String {
    match encoding {
        Encoding::Hex => hex::encode(bytes),
        Encoding::Base64 => STANDARD.encode(bytes),
        other => panic!("{other:?}"),
    }
}

/// The delivery with another text where its digest stands.
pub fn with_digest(sent: &Sent, plain: &Plain<'_>, text: &str) -> Sent {
    let name = sent.signature_header();
    sent.with_header(&name, &sent.header(&name).replace(&plain.written, text))
}
