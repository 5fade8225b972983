//! Where the signature is: reading it out of its header, list and prefix.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::crypto::keys;
use super::material::Material;
use super::scheme::{List, Scheme};
use super::template::Source;

/// At most so many signatures of one request are looked at.
pub(super) const SIGNATURES_MAX: usize = 32;

/// What was found in the places that a scheme names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Where the first value was.
    pub place: String,
    /// Values as they came.
    pub came: Vec<Vec<u8>>,
    /// The named items of the list, in order.
    pub list: Vec<(String, Vec<u8>)>,
    /// The signatures, without prefix and name.
    pub signatures: Vec<Vec<u8>>,
    /// How many more there are than are looked at.
    pub signatures_left: usize,
    /// Why there is none.
    pub none: Option<NoSignature>,
    /// The claims of a token, as JSON.
    pub claims: Vec<u8>,
    /// The sender's name for its key.
    pub key_id: Option<String>,
}

/// Why no signature was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSignature {
    /// No place holds a value.
    Missing,
    /// A value is there, and empty.
    Empty,
    /// It does not begin with the prefix.
    Prefix,
    /// The list has no item of an accepted name.
    Version,
}

/// Looks in all places of the scheme.
pub fn find(scheme: &Scheme, material: &Material<'_>) -> Found {
    let mut found = Found::default();
    let mut none = NoSignature::Missing;
    for source in &scheme.signature {
        for value in values(&source.0, material).into_iter().take(SIGNATURES_MAX) {
            if found.place.is_empty() {
                found.place = source.0.describe();
            }
            if value.is_empty() {
                none = NoSignature::Empty;
                continue;
            }
            none = read(scheme, &value, material, &mut found);
            found.came.push(value);
        }
    }
    found.signatures_left = found.signatures.len().saturating_sub(SIGNATURES_MAX);
    found.signatures.truncate(SIGNATURES_MAX);
    found.came.truncate(SIGNATURES_MAX);
    found.none = found.signatures.is_empty().then_some(none);
    found
}

/// Whether [`find`] would find any: the same, for those who need to know no more.
pub fn is_there(scheme: &Scheme, material: &Material<'_>) -> bool {
    let is_plain = |source: &Source| matches!(source, Source::Header(name) if !name.ends_with('#'));
    if scheme.list.is_some() || !scheme.signature.iter().all(|source| is_plain(&source.0)) {
        return find(scheme, material).none.is_none();
    }
    let fits = |value: &[u8]| !value.is_empty() && value.starts_with(scheme.prefix.as_bytes());
    scheme.signature.iter().any(|source| match &source.0 {
        Source::Header(name) => material.headers.get_all(name).take(SIGNATURES_MAX).any(fits),
        _ => false,
    })
}

/// The values of a place. `header:NAME-#` stands for the numbered headers `NAME-1`, `NAME-2`, ...
fn values(source: &Source, material: &Material<'_>) -> Vec<Vec<u8>> {
    match source {
        Source::Header(name) if name.ends_with('#') => {
            let stem = name.trim_end_matches('#').as_bytes();
            let numbered = material.headers.iter().filter(|header| {
                let start = header.name.get(..stem.len()).is_some_and(|start| start.eq_ignore_ascii_case(stem));
                let number = header.name.get(stem.len()..).unwrap_or_default();
                start && !number.is_empty() && number.len() <= 3 && number.iter().all(u8::is_ascii_digit)
            });
            numbered.map(|header| header.value.to_vec()).collect()
        }
        // A header that came several times holds several signatures (Mollie sends one line for each secret).
        Source::Header(name) => material.headers.get_all(name).map(<[u8]>::to_vec).collect(),
        _ => material.value(source).map(|value| value.into_owned()).into_iter().collect(),
    }
}

/// Adds the signatures of one value; the answer is why there is none in it.
fn read(scheme: &Scheme, value: &[u8], material: &Material<'_>, found: &mut Found) -> NoSignature {
    let without_prefix = |text: &[u8]| text.strip_prefix(scheme.prefix.as_bytes()).map(<[u8]>::to_vec);
    let Some(list) = &scheme.list else {
        found.signatures.extend(without_prefix(value));
        return NoSignature::Prefix;
    };
    let part = material.secret.filter(|_| !list.accept_part.is_empty());
    let own = part.and_then(|secret| keys::part(secret, &list.accept_part));
    let any = !list.accept_part.is_empty() && own.is_none();
    let accepts =
        |name: &str| any || list.accept.iter().any(|one| one == name) || own.as_deref() == Some(name.as_bytes());
    if list.base64_json {
        return read_json(value, accepts, found);
    }
    for (at, item) in split(value, list.separator.as_bytes()).enumerate() {
        let item = trimmed(list, item);
        if at == 0 && !list.first.is_empty() {
            found.list.push((list.first.clone(), item.to_vec()));
            continue;
        }
        let at = memchr::memmem::find(item, list.assign.as_bytes()).filter(|_| !list.assign.is_empty());
        let Some(at) = at else {
            if list.accept.is_empty() && list.accept_part.is_empty() {
                found.signatures.extend(without_prefix(item));
            }
            continue;
        };
        let (name, text) = item.split_at(at);
        let name = String::from_utf8_lossy(trimmed(list, name)).into_owned();
        let text = trimmed(list, text.get(list.assign.len()..).unwrap_or_default());
        let inner = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).filter(|_| list.quoted);
        let text = inner.unwrap_or(text);
        if accepts(&name) && !text.is_empty() {
            found.signatures.extend(without_prefix(text));
        }
        found.list.push((name, text.to_vec()));
    }
    NoSignature::Version
}

/// Without the blanks round it, where they do not count.
fn trimmed<'a>(list: &List, text: &'a [u8]) -> &'a [u8] {
    if list.exact { text } else { text.trim_ascii() }
}

/// Reads the members of a JSON object in base64 as the list's items.
fn read_json(value: &[u8], accepts: impl Fn(&str) -> bool, found: &mut Found) -> NoSignature {
    let members = STANDARD.decode(value).ok().and_then(|json| serde_json::from_slice::<Map<String, Value>>(&json).ok());
    let Some(members) = members else { return NoSignature::Prefix };
    for (name, value) in members {
        let Value::String(text) = value else { continue };
        if accepts(&name) && !text.is_empty() {
            found.signatures.push(text.clone().into_bytes());
        }
        found.list.push((name, text.into_bytes()));
    }
    NoSignature::Version
}

fn split<'a>(value: &'a [u8], separator: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let at = memchr::memmem::find(text, separator).filter(|_| !separator.is_empty());
        let (item, after) = match at {
            Some(at) => (&text[..at], text.get(at + separator.len()..)),
            None => (text, None),
        };
        rest = after;
        Some(item)
    })
}

#[cfg(test)]
mod tests;
