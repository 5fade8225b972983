//! Headers that log somebody in: what a request that is sent again must not carry to a stranger.

use super::exchange::Request;
use super::headers::Headers;
use super::target_rules::host_of;

/// Their names: what browsers and HTTP clients take away when a redirect leads to another host (Fetch standard, "HTTP-redirect
/// fetch", step 13; RFC 9110 section 15.4).
pub const NAMES: [&str; 3] = ["Authorization", "Proxy-Authorization", "Cookie"];

/// Those that these headers hold.
pub fn carried(headers: &Headers) -> Vec<&'static str> {
    NAMES.into_iter().filter(|name| headers.get(name).is_some()).collect()
}

/// The host that the sender named, as it is compared: of an absolute target, of `:authority`, of `Host`.
pub fn host_named(request: &Request) -> Option<String> {
    let target = std::str::from_utf8(&request.target).unwrap_or_default();
    let after_scheme = target.split_once("://").filter(|(scheme, _)| !scheme.contains('/')).map(|(_, rest)| rest);
    let of_target = after_scheme.map(|rest| rest.split(['/', '?']).next().unwrap_or_default());
    let authority =
        of_target.or_else(|| request.pseudo.get_str(":authority")).or_else(|| request.headers.get_str("host"));
    authority.map(host_of).filter(|host| !host.is_empty())
}
