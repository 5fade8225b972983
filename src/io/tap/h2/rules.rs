//! The rules for the fields of a request (RFC 9113 section 8): why hyper will refuse a stream, found before it does.

use bytes::Bytes;

use crate::domain::exchange::HttpVersion;
use crate::domain::headers::{Header, Headers};
use crate::domain::time::Timestamp;
use crate::io::tap::head::{self, Framing, Head};

/// A field's part in HTTP/1's connections: not to be sent (section 8.2.2).
const OF_THE_CONNECTION: [&[u8]; 5] =
    [b"connection", b"transfer-encoding", b"upgrade", b"keep-alive", b"proxy-connection"];
const PSEUDO: [&[u8]; 5] = [b":method", b":scheme", b":authority", b":path", b":protocol"];

/// Why hyper ends the connection at this header block: what it finds while it decodes is the connection's fault to it.
pub fn fatal(fields: &[Header]) -> Option<String> {
    fields.iter().find_map(no_field)
}

/// Why a request with these fields is refused, in the order in which they were sent. `ends`: no body follows.
pub fn request(fields: &[Header], ends: bool) -> Option<String> {
    if let Some(reason) = fields.iter().find_map(field) {
        return Some(reason);
    }
    let pseudo = match pseudo_fields(fields) {
        Ok(pseudo) => pseudo,
        Err(reason) => return Some(reason),
    };
    control_data(&pseudo).err().or_else(|| match content_length(fields) {
        Err(reason) => Some(reason),
        Ok(Some(1..)) if pseudo.0.first() == Some(&Some(b"CONNECT")) => {
            Some("a CONNECT request with a content-length (RFC 9110 section 9.3.6)".to_owned())
        }
        Ok(length) => ended_early(length, ends),
    })
}

/// Why trailers with these fields are refused.
pub fn trailers(fields: &[Header], ends: bool) -> Option<String> {
    if let Some(reason) = fields.iter().find_map(field) {
        return Some(reason);
    }
    (!ends).then(|| "trailers without END_STREAM (RFC 9113 section 8.1)".to_owned())
}

/// The body's length that the fields declare.
pub fn content_length(fields: &[Header]) -> Result<Option<u64>, String> {
    let mut declared = None;
    for header in fields.iter().filter(|header| header.name == "content-length") {
        let Ok(length) = head::decimal(&header.value) else {
            return Err("content-length is no number (RFC 9110 section 8.6)".to_owned());
        };
        if declared.is_some_and(|declared| declared != length) {
            return Err("several content-length fields that differ (RFC 9110 section 8.6)".to_owned());
        }
        declared = Some(length);
    }
    Ok(declared)
}

fn ended_early(length: Option<u64>, ends: bool) -> Option<String> {
    length
        .filter(|length| ends && *length > 0)
        .map(|length| format!("content-length is {length} and no DATA follows (RFC 9113 section 8.1.1)"))
}

/// Whether it is a field at all.
fn no_field(Header { name, value }: &Header) -> Option<String> {
    let printable = || String::from_utf8_lossy(name).chars().take(40).collect::<String>();
    if name.is_empty() {
        return Some("a field without a name (RFC 9113 section 8.2.1)".to_owned());
    }
    if name.starts_with(b":") {
        return match &**name {
            b":method" if http::Method::from_bytes(value).is_err() => {
                Some(":method is no token (RFC 9110 section 9.1)".to_owned())
            }
            b":status" if http::StatusCode::from_bytes(value).is_ok() => None,
            known if !PSEUDO.contains(&known) => {
                Some(format!("an unknown pseudo-header {} (RFC 9113 section 8.3)", printable()))
            }
            _ => std::str::from_utf8(value)
                .is_err()
                .then(|| format!("{} has bytes that no URI has (RFC 9113 section 8.3.1)", printable())),
        };
    }
    if name.iter().any(u8::is_ascii_uppercase) {
        return Some(format!("upper case in the field name {} (RFC 9113 section 8.2.1)", printable()));
    }
    if http::HeaderName::from_lowercase(name).is_err() {
        return Some(format!(
            "a character that field names must not have, in {} (RFC 9113 section 8.2.1)",
            printable()
        ));
    }
    http::HeaderValue::from_bytes(value)
        .is_err()
        .then(|| format!("a control character in the value of {} (RFC 9113 section 8.2.1)", printable()))
}

/// The rules of one field.
fn field(Header { name, value }: &Header) -> Option<String> {
    match &**name {
        b":status" => Some("the pseudo-header :status of a response in a request (RFC 9113 section 8.3)".to_owned()),
        b"te" if value != "trailers" => {
            Some("te with another value than \"trailers\" (RFC 9113 section 8.2.2)".to_owned())
        }
        name if OF_THE_CONNECTION.contains(&name) => {
            let name = String::from_utf8_lossy(name);
            Some(format!("the connection-specific field {name} (RFC 9113 section 8.2.2)"))
        }
        _ => None,
    }
}

/// A request's pseudo-header fields.
#[derive(Default)]
struct Pseudo<'a>([Option<&'a [u8]>; PSEUDO.len()]);

fn pseudo_fields(fields: &[Header]) -> Result<Pseudo<'_>, String> {
    let mut pseudo = Pseudo::default();
    let mut is_behind_regular = false;
    for Header { name, value } in fields {
        let Some(place) = PSEUDO.iter().position(|known| known == name) else {
            is_behind_regular = true;
            continue;
        };
        let name = String::from_utf8_lossy(name);
        if is_behind_regular {
            return Err(format!("the pseudo-header {name} behind a regular field (RFC 9113 section 8.3)"));
        }
        match pseudo.0.get_mut(place) {
            Some(free @ None) => *free = Some(value),
            _ => return Err(format!("the pseudo-header {name} twice (RFC 9113 section 8.3)")),
        }
    }
    Ok(pseudo)
}

/// What a request must and must not have (sections 8.3.1 and 8.5, RFC 8441 section 4).
fn control_data(Pseudo([method, scheme, authority, path, protocol]): &Pseudo<'_>) -> Result<(), String> {
    let wrong = |text: &str| Err(text.to_owned());
    let Some(method) = *method else { return wrong("no :method (RFC 9113 section 8.3.1)") };
    let is_connect = method == b"CONNECT";
    if protocol.is_some() {
        return wrong("an extended CONNECT, which was not offered (RFC 8441 section 3)");
    }
    match (is_connect, scheme, path) {
        (true, Some(_), _) => return wrong(":scheme in a CONNECT request (RFC 9113 section 8.5)"),
        (true, _, Some(_)) => return wrong(":path in a CONNECT request (RFC 9113 section 8.5)"),
        (false, None, _) => return wrong("no :scheme (RFC 9113 section 8.3.1)"),
        (false, _, Some(b"")) => return wrong("an empty :path (RFC 9113 section 8.3.1)"),
        _ => {}
    }
    let not_valid = |name: &str, error: &dyn std::fmt::Display| {
        Err(format!("{name} is not valid: {error} (RFC 9113 section 8.3.1)"))
    };
    if let Some(Err(error)) = scheme.map(http::uri::Scheme::try_from) {
        return not_valid(":scheme", &error);
    }
    if let Some(Err(error)) = authority.map(http::uri::Authority::try_from) {
        return not_valid(":authority", &error);
    }
    match path.map(http::uri::PathAndQuery::try_from) {
        Some(Err(error)) => not_valid(":path", &error),
        None if !is_connect => wrong("no :path (RFC 9113 section 8.3.1)"),
        _ => Ok(()),
    }
}

/// The head of a request on `stream`.
pub fn head_of(stream: u32, first_byte: Timestamp, fields: Vec<Header>) -> Head {
    let mut head = Head {
        sequence: u64::from(stream),
        first_byte,
        method: Bytes::new(),
        target: Bytes::new(),
        version: HttpVersion::Http2,
        headers: Headers::new(),
        pseudo: Headers::new(),
        raw: Bytes::new(),
        is_canonical: true,
        framing: Framing::Frames,
    };
    for field in fields {
        match &*field.name {
            // A second one is shown where it stands out.
            b":method" if head.method.is_empty() => head.method = field.value,
            b":path" if head.target.is_empty() => head.target = field.value,
            name if name.starts_with(b":") => head.pseudo.push(field.name, field.value),
            _ => head.headers.push(field.name, field.value),
        }
    }
    if head.target.is_empty()
        && let Some(authority) = head.pseudo.get(":authority")
    {
        // CONNECT has no path (RFC 9113 section 8.5).
        head.target = Bytes::copy_from_slice(authority);
    }
    head
}

/// Whether hyper's request can be this head: method, path, and each field's values in their order. `is_cut`: fields over
/// the limit are not in the head.
pub fn fits(head: &Head, request: &http::request::Parts, is_cut: bool) -> bool {
    let path = request.uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str);
    // A fragment is not kept by hyper.
    let target = head.target.split(|byte| *byte == b'#').next().unwrap_or_default();
    if head.method != request.method.as_str().as_bytes()
        || (target != path.as_bytes() && head.method != "CONNECT" && target != b"*")
    {
        return false;
    }
    if is_cut {
        return true;
    }
    let mut sent: Vec<(&[u8], &[u8])> = head.headers.iter().map(|header| (&*header.name, &*header.value)).collect();
    let mut shown: Vec<(&[u8], &[u8])> =
        request.headers.iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())).collect();
    // Stable: the order of one name's values stays.
    sent.sort_by_key(|(name, _)| *name);
    shown.sort_by_key(|(name, _)| *name);
    sent == shown
}
