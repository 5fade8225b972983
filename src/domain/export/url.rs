//! Where a request was sent to, as a URL.

use super::super::exchange::Request;

/// Scheme, host and port that the request itself names: `http://host:port`. From an absolute target, else `:scheme` and
/// `:authority`, else `Host` with `http`; `http://localhost` when it names none. Printable ASCII.
pub fn origin(request: &Request) -> String {
    let target: &[u8] = &request.target;
    for scheme in ["http", "https"] {
        let start = format!("{scheme}://");
        if target.len() > start.len() && target[..start.len()].eq_ignore_ascii_case(start.as_bytes()) {
            let authority = target[start.len()..].split(|byte| matches!(byte, b'/' | b'?')).next().unwrap_or_default();
            return format!("{start}{}", encode(authority));
        }
    }
    let scheme = match request.pseudo.get(":scheme") {
        Some(b"https") => "https",
        _ => "http",
    };
    let host = request.headers.get("host").or_else(|| request.pseudo.get(":authority")).unwrap_or_default();
    let host = if host.is_empty() { b"localhost" } else { host };
    format!("{scheme}://{}", encode(host))
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
