//! JSON Web Tokens in compact form (RFC 7515, RFC 7519) as signatures: the token is opened into an ordinary scheme whose
//! message is the token's first two parts. Which algorithms count is the profile's word, never the token's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::crypto::{self, keys};
use super::evaluate::{self, Evaluation, Stage};
use super::found::Found;
use super::jose::{NAMES, name};
use super::json;
use super::material::{Absent, Material};
use super::scheme::{Algorithm, Encoding, GuardSubject, Jwt, KeyForm, Scheme};
use super::template::{Part, Source, SourceField, Template};
use crate::domain::printable::visible;
use crate::domain::time::Timestamp;

/// A token taken apart.
struct Token {
    /// Header and claims as they were signed.
    signed: String,
    header: Vec<u8>,
    claims: Vec<u8>,
    signature: Vec<u8>,
}

impl Token {
    fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        // Compact form has no padding and no other alphabet (RFC 7515 section 2): packages refuse both.
        if !signature.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return None;
        }
        let object = |part: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
            serde_json::from_slice::<serde_json::Map<_, _>>(&bytes).is_ok().then_some(bytes)
        };
        Some(Self {
            signed: signed.to_owned(),
            header: object(header)?,
            claims: object(claims)?,
            signature: signature.as_bytes().to_vec(),
        })
    }

    fn header(&self, name: &str) -> Option<String> {
        let value = json::scalar(&self.header, &[name.to_owned()])?;
        String::from_utf8(value).ok()
    }
}

/// Applies the rule to the first token that was found.
pub(super) fn evaluate(
    scheme: &Scheme,
    form: &Jwt,
    base: &Material<'_>,
    mut found: Found,
    secret: &[u8],
    now: Timestamp,
) -> Evaluation {
    let Some(token) = found.signatures.iter().find_map(|text| Token::parse(text)) else {
        return Evaluation::stopped(Stage::SignatureMalformed, found);
    };
    found.claims.clone_from(&token.claims);
    found.key_id = token.header("kid");
    let algorithm = match algorithm(scheme, form, &token, secret) {
        Ok(algorithm) => algorithm,
        Err(words) => return Evaluation::stopped(Stage::Refused(words), found),
    };
    found.came = std::mem::replace(&mut found.signatures, vec![token.signature]);
    let opened = Scheme {
        form: super::scheme::Form::Plain,
        prefix: String::new(),
        list: None,
        algorithm,
        encoding: Encoding::Base64Url,
        // RFC 7519 sections 4.1.4 and 4.1.5: a token with these claims must not be taken outside them, whatever the provider says.
        not_after: scheme.not_after.clone().or_else(|| Some(SourceField(Source::Claim("exp".into())))),
        not_before: scheme.not_before.clone().or_else(|| Some(SourceField(Source::Claim("nbf".into())))),
        message: Some(Template { text: "{header}.{claims}".into(), parts: vec![Part::Text(token.signed)] }),
        ..scheme.clone()
    };
    let mut evaluation = evaluate::found_one(&opened, base, found, secret, now);
    let lacks = |name: &&String| json::scalar(&token.claims, std::slice::from_ref(*name)).is_none();
    if evaluation.stage > Stage::Mismatch
        && let Some(name) = form.required.iter().find(lacks)
    {
        let says = format!("the token does not say {name}");
        evaluation.stage = Stage::GuardFailed(GuardSubject::Claim, says);
    }
    let is_no_number = |name: &&str| {
        let first = json::first_byte(&token.claims, &[(*name).to_owned()]);
        first.is_some_and(|byte| !byte.is_ascii_digit() && byte != b'-')
    };
    if evaluation.stage > Stage::Mismatch
        && let Some(name) = ["exp", "nbf"].iter().find(|name| is_no_number(name))
    {
        let says = format!("its claim {name} is no number, so that packages refuse the token (RFC 7519 section 2)");
        evaluation.stage = Stage::GuardFailed(GuardSubject::Claim, says);
    }
    evaluation.opened = Some(Box::new(opened));
    evaluation
}

/// The algorithm that the token names, when the profile takes it for a key of this kind.
fn algorithm(scheme: &Scheme, form: &Jwt, token: &Token, secret: &[u8]) -> Result<Algorithm, String> {
    if json::has(&token.header, "crit") {
        return Err("the token demands extensions (crit) that are not known here".into());
    }
    let name = token.header("alg").unwrap_or_default();
    let allowed = || std::iter::once(&scheme.algorithm).chain(&form.also);
    let algorithm = NAMES.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm);
    let Some(algorithm) = algorithm.filter(|algorithm| allowed().any(|one| one == algorithm)) else {
        let names: Vec<_> = allowed().filter_map(|one| self::name(*one)).collect();
        let name = visible(name.as_bytes());
        return Err(format!("the token says alg {name}, and only {} is taken", names.join(", ")));
    };
    // A token made with the public key as if it were a shared secret would fit: RFC 8725 section 2.1.
    if algorithm.is_hmac() && scheme.key.decode != KeyForm::Text && keys::is_public(secret) {
        return Err(format!(
            "the token says alg {name}, and the key here is a public one: who sent it does not hold the private key"
        ));
    }
    Ok(algorithm)
}

/// A token for the material, signed with a shared key. The times that the scheme looks at are written as of `now`.
///
/// # Errors
/// The source of a claim that is not there.
pub(super) fn sign(
    scheme: &Scheme,
    form: &Jwt,
    material: &Material<'_>,
    key: &[u8],
    now: Timestamp,
) -> Result<String, Source> {
    /// How long a token that we make counts, in seconds.
    const LIFE_S: i64 = 300;
    // A token that is the body itself (Kinde, Wix) says the event in its claims.
    let is_body = scheme.signature.iter().any(|place| place.0 == Source::Body);
    let event = is_body.then(|| serde_json::from_slice(material.body).ok()).flatten();
    let mut claims: serde_json::Map<String, serde_json::Value> = event.unwrap_or_default();
    let mut time = |field: Option<&SourceField>, required: &str, at: i64| {
        let named = match field {
            Some(SourceField(Source::Claim(name))) => Some(name.as_str()),
            _ => form.required.iter().find(|name| *name == required).map(String::as_str),
        };
        if let Some(name) = named {
            claims.insert(name.to_owned(), at.into());
        }
    };
    time(scheme.timestamp.as_ref().map(|clock| &clock.from), "iat", now.secs());
    time(scheme.not_before.as_ref(), "nbf", now.secs());
    time(scheme.not_after.as_ref(), "exp", now.secs().saturating_add(LIFE_S));
    for (name, template) in &form.write {
        let value = material.render(template).map_err(|Absent(source)| source)?;
        if !value.is_empty() {
            claims.insert(name.clone(), String::from_utf8_lossy(&value).into_owned().into());
        }
    }
    let name = self::name(scheme.algorithm).unwrap_or_default();
    let header = serde_json::json!({"alg": name, "typ": "JWT"}).to_string();
    let claims = serde_json::Value::Object(claims).to_string();
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signed_bytes = std::iter::once(signed.as_bytes());
    let digest = crypto::sign(&scheme.key, scheme.algorithm, key, signed_bytes).unwrap_or_default();
    Ok(format!("{signed}.{}", crypto::encode(Encoding::Base64Url, &digest)))
}

#[cfg(test)]
mod tests;
