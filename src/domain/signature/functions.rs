//! The named functions: rules of single providers that cannot be said as data. Each is listed in
//! [`Function::ALL`](super::template::Function::ALL) and so in docs/providers.md.

use ring::signature::Ed25519KeyPair;

use super::crypto::{self, keys};
use super::material::Material;
use super::scheme::Algorithm;
use super::template::Function;
use super::{json, public_url};
use crate::domain::form::{form_fields, hex_pair};

mod canonical;
mod escape;

use escape::escape;

/// Applies one to a value; `None` when the request lacks what it needs.
pub(super) fn apply(function: Function, value: &[u8], material: &Material<'_>) -> Option<Vec<u8>> {
    match function {
        Function::HubspotUnescape => Some(hubspot_unescape(value)),
        Function::ContentfulPath => Some(contentful_path(value)),
        Function::ContentfulHeaders => contentful_headers(value, material),
        Function::HeaderValues => header_values(value, material),
        Function::PaddleSerialise => Some(paddle_serialise(value)),
        Function::VonagePairs => Some(vonage_pairs(value)),
        Function::PlivoUrl => Some(plivo_url(value, material)),
        Function::QqSignature => qq_signature(value, material),
        Function::EbayChallenge => ebay_challenge(value, material),
        Function::CavageLines => canonical::cavage_lines(material),
        Function::BodyDigest => canonical::body_digest(value, material),
        Function::JwsDetached => canonical::jws_detached(value, material),
        Function::AtlassianQsh => Some(canonical::atlassian_qsh(value, material)),
    }
}

/// HubSpot's documentation has twelve escapes of the URL decoded before signing.
fn hubspot_unescape(url: &[u8]) -> Vec<u8> {
    const DECODED: &[u8] = b":/?@!$'()*,;";
    let mut out = Vec::with_capacity(url.len());
    let mut at = 0;
    while let Some(byte) = url.get(at) {
        let decoded = (*byte == b'%').then(|| hex_pair(url, at + 1)).flatten().filter(|byte| DECODED.contains(byte));
        out.push(decoded.unwrap_or(*byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    out
}

/// `encodeURI(path + "?" + querystring.escape(query))` of @contentful/node-apps-toolkit, `getNormalizedEncodedURI`.
fn contentful_path(target: &[u8]) -> Vec<u8> {
    const ENCODE_URI_KEPT: &[u8] = b"-_.!~*'();/?:@&=+$,#";
    let mut halves = target.splitn(2, |byte| *byte == b'?');
    let (path, query) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let mut out = escape(path, ENCODE_URI_KEPT);
    if !query.is_empty() {
        out.push(b'?');
        // Letters, digits and `%XX` of the first escaping: only the percent signs change.
        out.extend(escape(&escape(query, b"-_.!~*'()"), ENCODE_URI_KEPT));
    }
    out
}

/// The names of a list, parted by commas or blanks, lower case.
fn names(list: &[u8]) -> impl Iterator<Item = String> {
    let parted = list.split(|byte| matches!(byte, b',' | b' ')).filter(|name| !name.is_empty());
    parted.map(|name| String::from_utf8_lossy(name).to_ascii_lowercase())
}

fn contentful_headers(list: &[u8], material: &Material<'_>) -> Option<Vec<u8>> {
    let mut names: Vec<String> = names(list).collect();
    names.sort();
    let mut lines = Vec::new();
    for name in &names {
        lines.push([name.as_bytes(), b":", material.headers.get(name)?.trim_ascii()].concat());
    }
    Some(lines.join(&b';'))
}

fn header_values(list: &[u8], material: &Material<'_>) -> Option<Vec<u8>> {
    let values: Option<Vec<&[u8]>> = names(list).map(|name| material.headers.get(&name)).collect();
    Some(values?.join(&b'.'))
}

/// Paddle's classic webhooks: "ksort the fields without p_signature, serialize, verify" of its documentation.
fn paddle_serialise(form: &[u8]) -> Vec<u8> {
    let mut fields: Vec<_> = form_fields(form).filter(|(name, _)| name != b"p_signature").collect();
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    let mut out = format!("a:{}:{{", fields.len()).into_bytes();
    for (name, value) in &fields {
        for text in [name, value] {
            out.extend_from_slice(format!("s:{}:\"", text.len()).as_bytes());
            out.extend_from_slice(text);
            out.extend_from_slice(b"\";");
        }
    }
    out.push(b'}');
    out
}

/// Vonage's SMS signatures: sorted `&name=value` without `sig` (nexmo-ruby, `Vonage::SMS::Signature`).
fn vonage_pairs(form: &[u8]) -> Vec<u8> {
    let mut fields: Vec<_> = form_fields(form).filter(|(name, _)| name != b"sig").collect();
    fields.sort();
    let mut out = Vec::with_capacity(form.len());
    for (name, value) in fields {
        out.push(b'&');
        out.extend_from_slice(&name);
        out.push(b'=');
        out.extend(value.into_iter().map(|byte| if matches!(byte, b'&' | b'=') { b'_' } else { byte }));
    }
    out
}

/// `construct_get_url` and `construct_post_url` of npm plivo, lib/utils/v3Security.
fn plivo_url(url: &[u8], material: &Material<'_>) -> Vec<u8> {
    let (origin, rest) = public_url::split(url);
    let mut halves = rest.splitn(2, |byte| *byte == b'?');
    let (path, query) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let mut out = [origin, path].concat();
    let mut pairs: Vec<_> = form_fields(query).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| [name, value].join(&b'=')).collect();
    let params = match material.method {
        b"GET" => Vec::new(),
        _ => material.params(false).into_owned(),
    };
    if !pairs.is_empty() || !params.is_empty() {
        out.push(b'?');
        out.extend(pairs.join(&b'&'));
    }
    if !pairs.is_empty() && !params.is_empty() {
        out.push(b'.');
    }
    out.extend(params);
    out
}

/// QQ's bot documentation, validation of the callback URL: Ed25519 over `event_ts` and `plain_token`, in hex.
fn qq_signature(token: &[u8], material: &Material<'_>) -> Option<Vec<u8>> {
    let time = json::scalar(material.body, &["d".to_owned(), "event_ts".to_owned()])?;
    // Both are joined: a time that is no number could be the start of somebody's own message.
    if !time.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let pair = Ed25519KeyPair::from_seed_unchecked(&keys::seed(material.key?)?).ok()?;
    Some(hex::encode(pair.sign(&[time.as_slice(), token].concat())).into_bytes())
}

/// eBay's documentation, Marketplace account deletion: SHA-256 over challenge, verification token and endpoint, in hex.
fn ebay_challenge(challenge: &[u8], material: &Material<'_>) -> Option<Vec<u8>> {
    let token = keys::part(material.secret?, "verification_token")?;
    let url = material.url?;
    let endpoint = url.split(|byte| *byte == b'?').next()?;
    let pieces = [challenge, &token, endpoint];
    crypto::compute(Algorithm::Sha256, &[], pieces.into_iter()).map(|digest| hex::encode(digest).into_bytes())
}

#[cfg(test)]
mod tests;
