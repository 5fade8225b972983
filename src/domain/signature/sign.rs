//! Signing: a scheme run backwards.

use ring::digest;
use thiserror::Error;

use super::crypto::{self, keys};
use super::material::Material;
use super::scheme::{Form, KeyForm, Scheme};
use super::template::{Source, SourceField};
use super::{Profile, Secret, http_message, jwt, public_url, timestamp};
use crate::domain::headers::Headers;
use crate::domain::time::Timestamp;

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct SignInput<'a> {
    /// The provider to sign as.
    pub profile: &'a Profile,
    /// The secret, as the user has it.
    pub secret: &'a Secret,
    /// Method.
    pub method: &'a [u8],
    /// The URL that the receiver believes it is called at, whole.
    pub url: &'a str,
    /// The request's headers: ids are kept, timestamps and signatures replaced. Empty for a new request.
    pub headers: &'a Headers,
    /// Body.
    pub body: &'a [u8],
    /// The time that goes into the signature.
    pub now: Timestamp,
}

/// Why no signature can be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignError {
    /// Only the provider can: it keeps the private key.
    #[error(
        "{title} signs with a private key that only {title} has; the secret here is its public key. Keep the captured \
         signature, or send without one"
    )]
    PublicKey {
        /// The provider.
        title: String,
    },
    /// The secret is not what the scheme needs.
    #[error("the secret for {title} cannot be used: {problem}")]
    Secret {
        /// The provider.
        title: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The signature goes into the body or the query, which is not ours to change.
    #[error("{title} puts the signature into {place}, which signing does not change")]
    NotAHeader {
        /// The provider.
        title: String,
        /// Where it goes.
        place: String,
    },
    /// A value that is signed is not there.
    #[error("{title} signs the {what}, which the request does not carry: add it and sign again")]
    Absent {
        /// The provider.
        title: String,
        /// What is missing.
        what: String,
    },
}

/// The headers that make the request valid, in the order to write them: set each (replacing one of that name).
///
/// # Errors
/// When the scheme cannot be run backwards; see [`SignError`].
pub fn sign(input: &SignInput<'_>) -> Result<Vec<(String, Vec<u8>)>, SignError> {
    let title = || input.profile.title.clone();
    let scheme = choose(input).ok_or_else(|| SignError::PublicKey { title: title() })?;
    let mut headers = input.headers.clone();
    // Headers of the scheme that the request lacks and that have a fixed or made value: ids, versions.
    let mut written: Vec<(String, Vec<u8>)> = Vec::new();
    let mut set = |headers: &mut Headers, name: &str, value: Vec<u8>| {
        headers.set(name, value.clone());
        written.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        written.push((name.to_owned(), value));
    };
    let stamp = scheme.timestamp.as_ref().map(|clock| timestamp::write(clock.unit, input.now));
    if let Some(clock) = &scheme.timestamp
        && let Source::Header(name) = &clock.from.0
        && let Some(stamp) = &stamp
    {
        set(&mut headers, name, stamp.clone().into_bytes());
    }
    let mut id = None;
    if let Some(SourceField(Source::Header(name))) = &scheme.id {
        let value = headers.get(name).map_or_else(|| new_id(input), <[u8]>::to_vec);
        set(&mut headers, name, value.clone());
        id = Some(value);
    }
    let target = public_url::target_of(input.url);
    let key = keys::symmetric(&scheme.key, input.secret.expose())
        .map_err(|problem| SignError::Secret { title: title(), problem })?;
    for (name, template) in &scheme.write_headers {
        let material = material(input, &headers, &target, stamp.as_deref(), id.as_deref(), &key);
        let value = material.render(template).map_err(|absent| absent_error(input, &absent.0))?;
        set(&mut headers, name, value);
    }
    let material = material(input, &headers, &target, stamp.as_deref(), id.as_deref(), &key);
    let absent = |source: Source| absent_error(input, &source);
    let signature = match &scheme.form {
        Form::Plain => signature(scheme, &material, &key).map_err(absent)?,
        Form::Jwt(form) => jwt::sign(scheme, form, &material, &key, input.now).map_err(absent)?,
        Form::HttpMessage(form) => {
            let signed = http_message::sign(scheme, form, &material, &key, input.now).map_err(absent)?;
            signed.into_iter().for_each(|(name, value)| set(&mut headers.clone(), &name, value));
            return Ok(written);
        }
    };
    let (name, value) = place(input, scheme, &material, &signature)?;
    set(&mut headers.clone(), &name, value);
    Ok(written)
}

/// The signing scheme: the first whose conditions on the secret hold, that is no public-key one; of the others those
/// whose signature the request already carries come first, so that a request is signed anew the way it was signed.
fn choose<'a>(input: &SignInput<'a>) -> Option<&'a Scheme> {
    let target = public_url::target_of(input.url);
    let material = Material {
        key: Some(input.secret.expose()),
        ..material(input, input.headers, &target, None, None, input.secret.expose())
    };
    let usable = |scheme: &&'a Scheme| {
        let mixed = scheme.key.decode == KeyForm::PublicOrText && keys::is_public(input.secret.expose());
        !scheme.algorithm.is_public() && !mixed
    };
    let holds = |scheme: &&'a Scheme| scheme.when.iter().all(|condition| material.holds(condition));
    let secret_holds = |scheme: &&'a Scheme| {
        let about_secret = scheme.when.iter().filter(|condition| condition.source == Source::Secret);
        about_secret.into_iter().all(|condition| material.holds(condition))
    };
    let schemes = || input.profile.schemes.iter().filter(usable);
    schemes().find(holds).or_else(|| schemes().find(secret_holds))
}

fn material<'a>(
    input: &SignInput<'a>,
    headers: &'a Headers,
    target: &'a [u8],
    stamp: Option<&'a str>,
    id: Option<&'a [u8]>,
    key: &'a [u8],
) -> Material<'a> {
    Material {
        method: input.method,
        target,
        headers,
        body: input.body,
        url: Some(input.url.as_bytes()),
        timestamp: stamp.map(str::as_bytes),
        id,
        list: &[],
        claims: &[],
        key: Some(key),
        secret: Some(input.secret.expose()),
        signature: None,
    }
}

/// The signature as the scheme writes it, without prefix and list.
fn signature(scheme: &Scheme, material: &Material<'_>, key: &[u8]) -> Result<String, Source> {
    let Some(message) = &scheme.message else {
        return Ok(crypto::encode(scheme.encoding, key));
    };
    // A piece of the list is written by us: the timestamp is the only one that schemes sign.
    let stamped: Vec<(String, Vec<u8>)> = match (&scheme.timestamp, material.timestamp) {
        (Some(clock), Some(text)) => match &clock.from.0 {
            Source::List(name) => vec![(name.clone(), text.to_vec())],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let material = Material { list: &stamped, ..*material };
    let pieces = material.pieces(message).map_err(|absent| absent.0)?;
    let digest = crypto::compute(scheme.algorithm, key, pieces.iter().map(|(_, bytes)| bytes.as_ref()));
    Ok(crypto::encode(scheme.encoding, &digest.unwrap_or_default()))
}

/// The signature header: its name and whole value.
fn place(
    input: &SignInput<'_>,
    scheme: &Scheme,
    material: &Material<'_>,
    signature: &str,
) -> Result<(String, Vec<u8>), SignError> {
    let header = scheme.signature.iter().find_map(|source| match &source.0 {
        Source::Header(name) => Some(name.replace('#', "1")),
        _ => None,
    });
    let Some(name) = header else {
        return Err(SignError::NotAHeader { title: input.profile.title.clone(), place: scheme.place() });
    };
    let value = match &scheme.write {
        Some(template) => Material { signature: Some(signature.as_bytes()), ..*material }
            .render(template)
            .map_err(|absent| absent_error(input, &absent.0))?,
        None => format!("{}{signature}", scheme.prefix).into_bytes(),
    };
    Ok((name, value))
}

fn absent_error(input: &SignInput<'_>, source: &Source) -> SignError {
    SignError::Absent { title: input.profile.title.clone(), what: source.describe() }
}

/// An id for a request that has none: made from time and body, so that nothing here needs chance.
fn new_id(input: &SignInput<'_>) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&input.now.micros().to_le_bytes());
    context.update(input.body);
    let text = hex::encode(context.finish());
    format!("msg_{}", text.get(..24).unwrap_or_default()).into_bytes()
}

#[cfg(test)]
mod tests;
