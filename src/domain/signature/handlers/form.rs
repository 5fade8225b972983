//! Forms as programs write them after reading them.

use super::rewritten::Rewritten;
use crate::domain::form::form_fields;

type Field = (Vec<u8>, Vec<u8>);

/// Fields beyond which none is read: Node's and PHP's limits are 1000.
const FIELDS_MAX: usize = 1000;

/// What each program makes of the form; none when it holds no field.
pub fn all(body: &[u8]) -> Vec<Rewritten> {
    let fields: Vec<Field> = form_fields(body).take(FIELDS_MAX).collect();
    if fields.is_empty() || !body.contains(&b'=') {
        return Vec::new();
    }
    let filled: Vec<Field> = fields.iter().filter(|(_, value)| !value.is_empty()).cloned().collect();
    let mut sorted = fields.clone();
    sorted.sort_by(|one, other| one.0.cmp(&other.0));
    let one = |by, bytes| Rewritten { by, bytes };
    vec![
        one("URLSearchParams (JavaScript)", write(&fields, b"*-._", true)),
        one("querystring.stringify (Node)", write(&grouped(&fields), b"!'()*-._~", false)),
        one("urlencode(parse_qsl) (Python)", write(&filled, b"-._~", true)),
        one("url.Values.Encode (Go)", write(&sorted, b"-._~", true)),
        one("URI.encode_www_form (Ruby)", write(&fields, b"*-._", true)),
        one("http_build_query (PHP)", write(&last_of_each(&fields), b"-._", true)),
        one("RFC 3986 escapes (%20)", write(&fields, b"-._~", false)),
    ]
}

/// Fields as text: letters, digits and `kept` as they are, blanks as `+` or `%20`, the rest as `%XX`.
fn write(fields: &[Field], kept: &[u8], plus: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let escaped = |text: &[u8], out: &mut Vec<u8>| {
        for byte in text {
            match byte {
                b' ' if plus => out.push(b'+'),
                byte if byte.is_ascii_alphanumeric() || kept.contains(byte) => out.push(*byte),
                byte => out.extend_from_slice(format!("%{byte:02X}").as_bytes()),
            }
        }
    };
    for (index, (name, value)) in fields.iter().enumerate() {
        if index > 0 {
            out.push(b'&');
        }
        escaped(name, &mut out);
        out.push(b'=');
        escaped(value, &mut out);
    }
    out
}

/// Equal names beside each other, at the place of the first.
fn grouped(fields: &[Field]) -> Vec<Field> {
    let mut all: Vec<Field> = Vec::with_capacity(fields.len());
    for (at, (name, _)) in fields.iter().enumerate() {
        if fields.iter().take(at).all(|(earlier, _)| earlier != name) {
            all.extend(fields.iter().skip(at).filter(|(other, _)| other == name).cloned());
        }
    }
    all
}

/// Of equal names the last value, at the place of the first.
fn last_of_each(fields: &[Field]) -> Vec<Field> {
    let mut all: Vec<Field> = Vec::with_capacity(fields.len());
    for (name, value) in fields {
        match all.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1.clone_from(value),
            None => all.push((name.clone(), value.clone())),
        }
    }
    all
}
