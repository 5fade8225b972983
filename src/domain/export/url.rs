//! Where a request was sent to, as a URL.

use super::super::exchange::Request;

/// Scheme, host and port that the request itself names: `http://host:port`. From an absolute target, else `:scheme` and
/// `:authority`, else `Host` with `http`; `http://localhost` when it names none.
pub fn origin(request: &Request) -> String {
    format!("http://{}", request.host().unwrap_or("localhost"))
}

/// The URL: `origin` (default: [`origin`]) with the captured path and query. Bytes that a URL cannot hold are
/// percent-encoded, so that it is printable ASCII.
pub fn url(request: &Request, origin: Option<&str>) -> String {
    let origin = origin.map_or_else(|| self::origin(request), str::to_owned);
    format!("{origin}{}", String::from_utf8_lossy(request.path_and_query()))
}
