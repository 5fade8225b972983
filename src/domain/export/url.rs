//! Where a request was sent to, as a URL.

use super::super::exchange::Request;

/// Scheme, host and port that the request itself names: `http://host:port`. From an absolute target, else `:scheme` and
/// `:authority`, else `Host` with `http`; `http://localhost` when it names none, or what is no host. Without a login, and
/// nothing of it is a path: curl would send what the request did not say. Printable ASCII.
pub fn origin(request: &Request) -> String {
    let target: &[u8] = &request.target;
    for scheme in ["http", "https"] {
        let start = format!("{scheme}://");
        if target.len() > start.len() && target[..start.len()].eq_ignore_ascii_case(start.as_bytes()) {
            let authority = target[start.len()..].split(|byte| matches!(byte, b'/' | b'?')).next().unwrap_or_default();
            return format!("{start}{}", host_and_port(authority));
        }
    }
    let scheme = match request.pseudo.get(":scheme") {
        Some(b"https") => "https",
        _ => "http",
    };
    let host = request.headers.get("host").or_else(|| request.pseudo.get(":authority")).unwrap_or_default();
    format!("{scheme}://{}", host_and_port(host))
}

/// What stands behind the login of an authority when that is a host with or without a port (RFC 3986 section 3.2), else
/// `localhost`. Names outside ASCII travel in ASCII (RFC 5890).
fn host_and_port(authority: &[u8]) -> String {
    let start = authority.iter().rposition(|byte| *byte == b'@').map_or(0, |at| at + 1);
    let authority = authority.get(start..).unwrap_or_default();
    let behind_bracket = authority.iter().rposition(|byte| *byte == b']').map_or(0, |at| at + 1);
    let colon = authority.iter().rposition(|byte| *byte == b':').filter(|at| *at >= behind_bracket);
    let (host, port) = authority.split_at(colon.unwrap_or(authority.len()));
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let is_host = match host {
        [b'[', address @ .., b']'] => {
            address.contains(&b':') && address.iter().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(byte))
        }
        name => !name.is_empty() && name.iter().all(is_name),
    };
    let is_port = port.iter().skip(1).all(u8::is_ascii_digit);
    if is_host && is_port { encode(authority) } else { "localhost".to_owned() }
}

/// The URL: `origin` (default: [`origin`]) with the captured path and query; a target without a path (`*`, `host:port`)
/// adds none. Bytes that a URL cannot hold are percent-encoded, so that it is printable ASCII.
pub fn url(request: &Request, origin: Option<&str>) -> String {
    let origin = origin.map_or_else(|| self::origin(request), |given| encode(given.trim_end_matches('/').as_bytes()));
    let path = request.path_and_query();
    match path.first() {
        Some(b'/') => format!("{origin}{}", encode(path)),
        Some(b'?') => format!("{origin}/{}", encode(path)),
        _ => format!("{origin}/"),
    }
}

/// Percent-encodes what is no printable ASCII, and what RFC 3986 and shells do not let stand in a URL.
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#' | ..=b' ' | 0x7f.. => {
                text.push_str(&format!("%{byte:02X}"));
            }
            _ => text.push(char::from(*byte)),
        }
    }
    text
}

#[cfg(test)]
mod tests;
