//! HTTP message signatures (RFC 9421) over requests, with the digest of the body (RFC 9530): each signature is opened into
//! an ordinary scheme whose message is the signature base. Which algorithms count is the profile's word and the key's kind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::crypto::{self, keys};
use super::evaluate::{self, Evaluation, Stage};
use super::found::Found;
use super::material::Material;
use super::public_url;
use super::scheme::{Algorithm, Encoding, Form, Guard, GuardSubject, HttpMessage, KeyForm, Scheme};
use super::structured::{self, Bare, Item, Member, Parameters};
use super::template::{Filter, Part, Source, Template};
use crate::domain::form::form_fields;
use crate::domain::printable::visible;
use crate::domain::time::Timestamp;

/// Names of RFC 9421 section 6.2.2.
const NAMES: &[(&str, Algorithm)] = &[
    ("hmac-sha256", Algorithm::HmacSha256),
    ("ed25519", Algorithm::Ed25519),
    ("ecdsa-p256-sha256", Algorithm::EcdsaP256Raw),
    ("ecdsa-p384-sha384", Algorithm::EcdsaP384Raw),
    ("rsa-pss-sha512", Algorithm::RsaPssSha512),
    ("rsa-v1_5-sha256", Algorithm::RsaSha256),
];

/// At most so many signatures of one request are looked at.
const LABELS_MAX: usize = 8;

/// One signature: its label, what it covers, its parameters, its bytes.
struct Signed {
    components: Vec<Item>,
    parameters: Parameters,
    bytes: Vec<u8>,
}

/// Applies the rule to each signature of the request: one that holds is enough.
pub(super) fn evaluate(
    scheme: &Scheme,
    form: &HttpMessage,
    base: &Material<'_>,
    found: Found,
    secret: &[u8],
    now: Timestamp,
) -> Evaluation {
    if base.headers.get("signature-input").is_none() {
        return Evaluation::stopped(Stage::ValueMissing("header Signature-Input".into()), found);
    }
    let Some(all) = read(base) else { return Evaluation::stopped(Stage::SignatureMalformed, found) };
    let mut best: Option<Evaluation> = None;
    for signed in all.iter().take(LABELS_MAX) {
        for evaluation in each(scheme, form, base, &found, signed, secret, now) {
            if evaluation.stage == Stage::Valid {
                return evaluation;
            }
            if best.as_ref().is_none_or(|best| evaluation.stage > best.stage) {
                best = Some(evaluation);
            }
        }
    }
    best.unwrap_or_else(|| Evaluation::stopped(Stage::SignatureMalformed, found))
}

/// The signatures that both headers name.
fn read(base: &Material<'_>) -> Option<Vec<Signed>> {
    let dictionary = |name: &str| structured::dictionary(&field(base, name)?);
    let (inputs, signatures) = (dictionary("signature-input")?, dictionary("signature")?);
    let signed = inputs.into_iter().filter_map(|(label, input)| {
        let Member::Inner(components, parameters) = input else { return None };
        match signatures.iter().find(|(name, _)| *name == label)?.1.clone() {
            Member::Item(Item { bare: Bare::Bytes(bytes), .. }) => Some(Signed { components, parameters, bytes }),
            _ => None,
        }
    });
    let all: Vec<_> = signed.collect();
    (!all.is_empty()).then_some(all)
}

/// A signature under each algorithm that it can be of.
fn each(
    scheme: &Scheme,
    form: &HttpMessage,
    base: &Material<'_>,
    found: &Found,
    signed: &Signed,
    secret: &[u8],
    now: Timestamp,
) -> Vec<Evaluation> {
    let mut found = found.clone();
    found.signatures = vec![STANDARD.encode(&signed.bytes).into_bytes()];
    found.list = signed.parameters.iter().map(|(name, bare)| (name.clone(), plain(bare).into_bytes())).collect();
    found.key_id = parameter(&signed.parameters, "keyid");
    let covers = |name: &str| signed.components.iter().any(|item| component_name(item) == Some(name));
    if let Some(name) = form.required.iter().find(|name| !covers(name)) {
        let words = format!("the signature does not cover {name}");
        return vec![Evaluation::stopped(Stage::Refused(words), found)];
    }
    let message = match signature_base(base, &signed.components, &signed.parameters) {
        Ok(message) => message,
        Err(stage) => return vec![Evaluation::stopped(stage, found)],
    };
    let algorithms = match algorithms(scheme, form, signed, secret) {
        Ok(algorithms) => algorithms,
        Err(words) => return vec![Evaluation::stopped(Stage::Refused(words), found)],
    };
    let digests = digest_guards(base, &covers);
    let not_covered = match covers("content-digest") || covers("digest") || base.body.is_empty() {
        true => scheme.not_covered.clone(),
        false => "the body is not signed: the signature does not cover Content-Digest".to_owned(),
    };
    let trials = algorithms.into_iter().map(|algorithm| {
        let opened = Scheme {
            form: Form::Plain,
            list: None,
            algorithm,
            encoding: Encoding::Base64,
            message: Some(Template { text: "{signature base}".into(), parts: vec![Part::Text(message.clone())] }),
            guards: scheme.guards.iter().chain(&digests).cloned().collect(),
            not_covered: not_covered.clone(),
            ..scheme.clone()
        };
        let mut evaluation = evaluate::found_one(&opened, base, found.clone(), secret, now);
        evaluation.opened = Some(Box::new(opened));
        evaluation
    });
    trials.collect()
}

/// The algorithms that the profile allows, the key can be of, and the signature names, when it names one.
fn algorithms(scheme: &Scheme, form: &HttpMessage, signed: &Signed, secret: &[u8]) -> Result<Vec<Algorithm>, String> {
    let allowed = || std::iter::once(&scheme.algorithm).chain(&form.also).copied();
    if let Some(name) = parameter(&signed.parameters, "alg") {
        let named = NAMES.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm);
        let Some(algorithm) = named.filter(|algorithm| allowed().any(|one| one == *algorithm)) else {
            let words = allowed().filter_map(|one| NAMES.iter().find(|(_, known)| *known == one));
            let words: Vec<_> = words.map(|(name, _)| *name).collect();
            let name = visible(name.as_bytes());
            return Err(format!("the signature says alg {name}, and only {} is taken", words.join(", ")));
        };
        if algorithm.is_hmac() && scheme.key.decode == KeyForm::PublicOrText && keys::is_public(secret) {
            return Err(format!("the signature says alg {name}, and the key here is a public one"));
        }
        return Ok(vec![algorithm]);
    }
    let is_public = scheme.key.decode == KeyForm::Public || keys::is_public(secret);
    let possible = |algorithm: &Algorithm| match is_public {
        true => keys::public(&scheme.key, *algorithm, secret).is_ok(),
        false => algorithm.is_hmac(),
    };
    let possible: Vec<_> = allowed().filter(possible).collect();
    // Without one that the key can be of, the first says what is wrong with the key.
    Ok(if possible.is_empty() { vec![scheme.algorithm] } else { possible })
}

/// The signature base (RFC 9421 section 2.5).
fn signature_base(base: &Material<'_>, components: &[Item], parameters: &Parameters) -> Result<String, Stage> {
    let mut text = String::new();
    let mut identifiers: Vec<String> = Vec::new();
    for item in components {
        let identifier = structured::write_item(item);
        if identifiers.contains(&identifier) {
            return Err(Stage::SignatureMalformed);
        }
        let Some(value) = component(base, item) else {
            return Err(Stage::ValueMissing(format!("component {}", visible(identifier.as_bytes()))));
        };
        text.push_str(&format!("{identifier}: {value}\n"));
        identifiers.push(identifier);
    }
    let parameters = structured::write_parameters(parameters);
    text.push_str(&format!("\"@signature-params\": ({}){parameters}", identifiers.join(" ")));
    Ok(text)
}

fn component_name(item: &Item) -> Option<&str> {
    match &item.bare {
        Bare::Text(name) => Some(name),
        _ => None,
    }
}

/// The value of a covered component (RFC 9421 sections 2.1 and 2.2).
fn component(base: &Material<'_>, item: &Item) -> Option<String> {
    let name = component_name(item)?;
    let has = |flag: &str| item.parameters.iter().any(|(name, bare)| name == flag && *bare == Bare::Boolean(true));
    // A request answers to no other request.
    if has("req") {
        return None;
    }
    if name.starts_with('@') {
        return derived(base, name, &item.parameters);
    }
    if has("tr") {
        // Trailers are signed for senders that stream; none is known to do so with a webhook.
        return None;
    }
    if has("bs") {
        let lines = lines(base, name)?;
        let lines = lines.iter().map(|line| format!(":{}:", STANDARD.encode(line)));
        return Some(lines.collect::<Vec<_>>().join(", "));
    }
    let value = field(base, name)?;
    if let Some(key) = parameter(&item.parameters, "key") {
        let members = structured::dictionary(&value)?;
        let (_, member) = members.iter().find(|(name, _)| *name == key)?;
        return Some(structured::write_member(member));
    }
    if has("sf") { structured::canonical(&value) } else { Some(value) }
}

/// The values of all header lines of a name, without the blanks round them; folded lines as one.
fn lines(base: &Material<'_>, name: &str) -> Option<Vec<Vec<u8>>> {
    let lines: Vec<Vec<u8>> = base.headers.get_all(name).map(|value| value.trim_ascii().to_vec()).collect();
    (!lines.is_empty()).then_some(lines)
}

/// The value of a field: its lines joined by comma and blank.
fn field(base: &Material<'_>, name: &str) -> Option<String> {
    String::from_utf8(lines(base, name)?.join(b", ".as_slice())).ok()
}

fn derived(base: &Material<'_>, name: &str, parameters: &Parameters) -> Option<String> {
    let url = String::from_utf8(base.url?.to_vec()).ok()?;
    let (origin, rest) = public_url::split(url.as_bytes());
    let (scheme, authority) = std::str::from_utf8(origin).ok()?.split_once("://")?;
    let rest = std::str::from_utf8(rest).ok()?;
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let path = if path.is_empty() { "/" } else { path };
    let scheme = scheme.to_ascii_lowercase();
    match name {
        "@method" => String::from_utf8(base.method.to_vec()).ok(),
        "@target-uri" => Some(url.clone()),
        "@authority" => {
            let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
            let default = if scheme == "https" { ":443" } else { ":80" };
            Some(authority.strip_suffix(default).map_or(authority.clone(), str::to_owned))
        }
        "@scheme" => Some(scheme),
        "@request-target" => String::from_utf8(base.target.to_vec()).ok(),
        "@path" => Some(path.to_owned()),
        "@query" => Some(format!("?{}", query.unwrap_or_default())),
        "@query-param" => {
            let wanted = parameter(parameters, "name")?;
            let mut fields =
                form_fields(query.unwrap_or_default().as_bytes()).filter(|(name, _)| form_escape(name) == wanted);
            let (_, value) = fields.next()?;
            // Of several of one name none can be meant (RFC 9421 section 2.2.8).
            fields.next().is_none().then(|| form_escape(&value))
        }
        _ => None,
    }
}

/// The percent-encode set of forms, with a blank as `%20` (RFC 9421 section 2.2.8).
fn form_escape(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text {
        match byte {
            b'*' | b'-' | b'.' | b'_' => out.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(*byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// What must hold of a covered digest of the body: each of a known algorithm is that of the body, and there is one.
fn digest_guards(base: &Material<'_>, covers: &impl Fn(&str) -> bool) -> Vec<Guard> {
    let mut guards = Vec::new();
    let literal = |text: String| Template { text: "{digest}".into(), parts: vec![Part::Text(text)] };
    let mut add = |came: String, filters: Option<Filter>| {
        let parts = filters.map(|digest| Part::Value(Source::Body, vec![digest, Filter::Base64]));
        guards.push(Guard {
            left: literal(came),
            right: Template { text: "{body digest}".into(), parts: parts.into_iter().collect() },
            says: "the digest of the body that is signed is not that of the body that came".into(),
            about: GuardSubject::Body,
        });
    };
    if covers("content-digest") {
        let members = field(base, "content-digest").and_then(|text| structured::dictionary(&text)).unwrap_or_default();
        let mut known = 0;
        for (name, member) in members {
            let digest = match name.as_str() {
                "sha-256" => Filter::Sha256,
                "sha-512" => Filter::Sha512,
                _ => continue,
            };
            known += 1;
            match member {
                Member::Item(Item { bare: Bare::Bytes(bytes), .. }) => add(STANDARD.encode(bytes), Some(digest)),
                _ => add("none".into(), None),
            }
        }
        if known == 0 {
            add("no digest of a known algorithm".into(), None);
        }
    }
    if covers("digest") {
        let value = field(base, "digest").unwrap_or_default();
        let known = value.split(',').filter_map(|one| one.trim().split_once('=')).find_map(|(name, digest)| {
            let filter = match name.to_ascii_lowercase().as_str() {
                "sha-256" => Filter::Sha256,
                "sha-512" => Filter::Sha512,
                _ => return None,
            };
            Some((digest.to_owned(), filter))
        });
        match known {
            Some((digest, filter)) => add(digest, Some(filter)),
            None => add("no digest of a known algorithm".into(), None),
        }
    }
    guards
}

fn parameter(parameters: &Parameters, name: &str) -> Option<String> {
    let (_, bare) = parameters.iter().find(|(known, _)| known == name)?;
    Some(plain(bare))
}

/// A parameter's value as text, without quotes.
fn plain(bare: &Bare) -> String {
    match bare {
        Bare::Text(text) | Bare::Token(text) | Bare::Decimal(text) => text.clone(),
        Bare::Integer(number) | Bare::Date(number) => number.to_string(),
        Bare::Boolean(flag) => flag.to_string(),
        Bare::Bytes(bytes) => STANDARD.encode(bytes),
    }
}

/// The headers of a signature with a shared key, in the order to write them: digest, input, signature.
pub(super) fn sign(
    scheme: &Scheme,
    form: &HttpMessage,
    material: &Material<'_>,
    key: &[u8],
    now: Timestamp,
) -> Result<Vec<(String, Vec<u8>)>, Source> {
    let mut headers = material.headers.clone();
    let mut written = Vec::new();
    if form.write.iter().any(|name| name == "content-digest") {
        let digest = crypto::compute(Algorithm::Sha256, &[], std::iter::once(material.body)).unwrap_or_default();
        let value = format!("sha-256=:{}:", STANDARD.encode(digest)).into_bytes();
        headers.set("Content-Digest", value.clone());
        written.push(("Content-Digest".to_owned(), value));
    }
    let plain_item = |name: &String| Item { bare: Bare::Text(name.clone()), parameters: Vec::new() };
    let components: Vec<Item> = form.write.iter().map(plain_item).collect();
    let name = NAMES.iter().find(|(_, known)| *known == scheme.algorithm).map(|(name, _)| *name).unwrap_or_default();
    let parameters: Parameters =
        vec![("created".into(), Bare::Integer(now.secs())), ("alg".into(), Bare::Text(name.into()))];
    let material = Material { headers: &headers, ..*material };
    let base =
        signature_base(&material, &components, &parameters).map_err(|_| Source::Header(form.write.join(", ")))?;
    let base = std::iter::once(base.as_bytes());
    let digest = crypto::sign(&scheme.key, scheme.algorithm, key, base).unwrap_or_default();
    let input = structured::write_member(&Member::Inner(components, parameters));
    written.push(("Signature-Input".to_owned(), format!("sig={input}").into_bytes()));
    written.push(("Signature".to_owned(), format!("sig=:{}:", STANDARD.encode(digest)).into_bytes()));
    Ok(written)
}

#[cfg(test)]
mod tests;
