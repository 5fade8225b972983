//! Canonical forms of a request that older standards sign: HTTP signatures before RFC 9421, detached JSON Web Signatures,
//! and Atlassian's digest of method and URL.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use super::super::crypto::{self, keys};
use super::super::material::Material;
use super::super::public_url;
use super::super::scheme::Algorithm;
use super::escape::escape;
use crate::domain::form::form_fields;

/// The signing string of draft-cavage-http-signatures-12, section 2.3, for the names in the signature's `headers`; without that
/// it is `date`, or `(created)` when the signature has one. `None` when one of them is not there.
pub(super) fn cavage_lines(material: &Material<'_>) -> Option<Vec<u8>> {
    let listed = |name: &str| material.list.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_slice());
    let default: &[u8] = if listed("created").is_some() { b"(created)" } else { b"date" };
    let names = listed("headers").filter(|names| !names.trim_ascii().is_empty()).unwrap_or(default);
    let mut lines = Vec::new();
    for name in names.split(|byte| *byte == b' ').filter(|name| !name.is_empty()) {
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        let value = match name.as_str() {
            "(request-target)" => [&material.method.to_ascii_lowercase(), material.target].join(&b' '),
            "(created)" => listed("created")?.to_vec(),
            "(expires)" => listed("expires")?.to_vec(),
            _ => {
                let all: Vec<&[u8]> = material.headers.get_all(&name).map(<[u8]>::trim_ascii).collect();
                if all.is_empty() {
                    return None;
                }
                all.join(b", ".as_slice())
            }
        };
        lines.push([name.as_bytes(), b": ", &value].concat());
    }
    Some(lines.join(&b'\n'))
}

/// A Digest header (RFC 3230 section 4.3.2) with the digests of this body; `None` when it names one that is not known here.
pub(super) fn body_digest(header: &[u8], material: &Material<'_>) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    for item in header.split(|byte| *byte == b',') {
        let item = item.trim_ascii();
        let name = item.get(..item.iter().position(|byte| *byte == b'=')?)?;
        let algorithm = match name.to_ascii_lowercase().as_slice() {
            b"sha-256" => Algorithm::Sha256,
            b"sha-512" => Algorithm::Sha512,
            b"sha" => Algorithm::Sha1,
            b"md5" => Algorithm::Md5,
            _ => return None,
        };
        let digest = crypto::compute(algorithm, &[], std::iter::once(material.body))?;
        all.push([name, b"=", STANDARD.encode(digest).as_bytes()].concat());
    }
    // The parts are joined as they came, so that a header that is right comes out as it is.
    let glue: &[u8] = if memchr::memmem::find(header, b", ").is_some() { b", " } else { b"," };
    Some(all.join(glue))
}

/// The signing input of a detached JSON Web Signature: its header, a dot, and the body in base64url (RFC 7515 section 5.1 and
/// appendix F), or as it is when the header says `"b64": false` (RFC 7797 section 3). `None` for a header that cannot be read
/// or that demands what is not known here.
pub(super) fn jws_detached(header: &[u8], material: &Material<'_>) -> Option<Vec<u8>> {
    let object: Map<String, Value> = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    let demands = match object.get("crit") {
        None => &Vec::new(),
        Some(Value::Array(names)) => names,
        Some(_) => return None,
    };
    let is_plain = object.get("b64") == Some(&Value::Bool(false));
    // RFC 7797 section 6: whoever leaves the encoding out must demand that it is understood.
    let known = demands.iter().all(|name| name == "b64") && is_plain != demands.is_empty();
    if !known {
        return None;
    }
    match is_plain {
        true => Some([header, b".", material.body].concat()),
        false => Some([header, b".", URL_SAFE_NO_PAD.encode(material.body).as_bytes()].concat()),
    }
}

/// The canonical request of Atlassian Connect, as `createCanonicalRequest` of npm atlassian-jwt writes it. What stands before
/// the app's own paths is given as the secret's part `base_path`.
pub(super) fn atlassian_qsh(url: &[u8], material: &Material<'_>) -> Vec<u8> {
    let (_, rest) = public_url::split(url);
    let mut halves = rest.splitn(2, |byte| *byte == b'?');
    let (path, query) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let base = material.secret.and_then(|secret| keys::part(secret, "base_path")).unwrap_or_default();
    let path = path.strip_prefix(base.as_slice()).unwrap_or(path);
    let trimmed = path.strip_suffix(b"/").filter(|path| !path.is_empty()).unwrap_or(path);
    let slash: &[u8] = if trimmed.starts_with(b"/") { b"" } else { b"/" };
    let path = [slash, trimmed].concat();
    let path = path.split(|byte| *byte == b'&').collect::<Vec<_>>().join(b"%26".as_slice());
    [&material.method.to_ascii_uppercase(), path.as_slice(), &canonical_query(query)].join(&b'&')
}

/// Query parameters without `jwt`, sorted by name, the sorted values of one name joined by commas.
fn canonical_query(query: &[u8]) -> Vec<u8> {
    const UNRESERVED: &[u8] = b"-._~";
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = form_fields(query).filter(|(name, _)| name != b"jwt").collect();
    pairs.sort();
    let mut out: Vec<u8> = Vec::with_capacity(query.len());
    let mut last: Option<&[u8]> = None;
    for (name, value) in &pairs {
        if last == Some(name) {
            out.push(b',');
        } else {
            if last.is_some() {
                out.push(b'&');
            }
            out.extend(escape(name, UNRESERVED));
            out.push(b'=');
        }
        out.extend(escape(value, UNRESERVED));
        last = Some(name);
    }
    out
}

#[cfg(test)]
mod tests;
