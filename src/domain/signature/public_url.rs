//! The URL that the provider called, for schemes that sign it.

use super::material::Material;
use super::scheme::UrlForm;
use crate::domain::exchange::Request;
use crate::domain::form::form_fields;

/// The URL that a check uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// The URL.
    pub url: Vec<u8>,
    /// Whether it was made from the request alone, because none is set.
    pub assumed: bool,
}

/// The signed URL. `set` is what the user gave:
/// an origin (`https://x.example`): the request's own path and query are added;
/// with a path that ends in a slash: the request's path is added to it, unless that is the same path without the slash;
/// with another path: that is the path, and the query is the request's unless `set` has one and the request differs.
/// Without it: `http://` and the host that the sender named.
pub fn signed_url(set: Option<&str>, request: &Request) -> PublicUrl {
    let target = request.path_and_query();
    let Some(set) = set else {
        let host = request.host().unwrap_or("localhost");
        let scheme = request.pseudo.get_str(":scheme").unwrap_or("http");
        return PublicUrl { url: [scheme.as_bytes(), b"://", host.as_bytes(), target].concat(), assumed: true };
    };
    let (origin, path) = split(set.as_bytes());
    let url = match path {
        b"" if target == b"/" => origin.to_vec(),
        b"" | b"/" => [origin, target].concat(),
        _ if path.ends_with(b"/") && !path.contains(&b'?') && !lost_its_slash(path, target) => {
            [origin, path, target.strip_prefix(b"/").unwrap_or(target)].concat()
        }
        _ => {
            let (path, query) = split_query(path);
            let (own_path, own_query) = split_query(target);
            match (query, own_query) {
                (Some(_), None) => set.as_bytes().to_vec(),
                (Some(_), Some(_)) if path != own_path => set.as_bytes().to_vec(),
                (_, Some(own)) => [origin, path, b"?", own].concat(),
                (None, None) => set.as_bytes().to_vec(),
            }
        }
    };
    PublicUrl { url, assumed: false }
}

/// Whether the request came with this path but for the slash at its end: many a router and proxy takes that away.
fn lost_its_slash(path: &[u8], target: &[u8]) -> bool {
    path.strip_suffix(b"/") == Some(split_query(target).0)
}

/// The signed URL where the user says that the proxy in front is trusted: the one that is set, else the one that the proxy's
/// headers give, else as [`signed_url`].
///
/// Of X-Forwarded-* the first item counts, and they go before Forwarded (RFC 7239), whose first element counts: that is
/// what the sender called, when every proxy on the way is the user's own.
pub fn url_behind_proxy(set: Option<&str>, request: &Request) -> PublicUrl {
    let material = Material::new(request);
    match said_by_proxy(&material, request.host()) {
        Some(url) if set.is_none() => PublicUrl { url, assumed: false },
        _ => signed_url(set, request),
    }
}

/// Scheme, host, port and path as the proxy's headers give them; `None` when it gives neither scheme nor host.
fn said_by_proxy(material: &Material<'_>, host: Option<&str>) -> Option<Vec<u8>> {
    let header = |name: &str| forwarding_header(material, name);
    let scheme = header("x-forwarded-proto").or_else(|| forwarded_pair(material, "proto"));
    let named = header("x-forwarded-host").or_else(|| forwarded_pair(material, "host"));
    if scheme.is_none() && named.is_none() {
        return None;
    }
    let scheme = scheme.unwrap_or_else(|| "http".to_owned()).to_ascii_lowercase();
    let mut host = named.or_else(|| host.map(str::to_owned))?;
    let has_port = host
        .rsplit(':')
        .next()
        .is_some_and(|port| host.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()));
    let default = if scheme == "https" { "443" } else { "80" };
    if let Some(port) = header("x-forwarded-port").filter(|port| !has_port && port != default) {
        host.push_str(&format!(":{port}"));
    }
    let prefix = header("x-forwarded-prefix").unwrap_or_default();
    let prefix = prefix.trim_end_matches('/');
    Some([scheme.as_bytes(), b"://", host.as_bytes(), prefix.as_bytes(), material.target].concat())
}

/// The first item of a forwarding header, when it is there and not longer than any proxy writes.
fn forwarding_header(material: &Material<'_>, name: &str) -> Option<String> {
    let value = material.headers.get_str(name).filter(|value| value.len() <= FORWARDED_BYTES_MAX)?;
    Some(first_item(value)).filter(|item| !item.is_empty()).map(str::to_owned)
}

/// A pair of the first element of Forwarded.
fn forwarded_pair(material: &Material<'_>, key: &str) -> Option<String> {
    let element = forwarding_header(material, "forwarded")?;
    let item = element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case(key).then(|| value.trim_matches('"').to_owned())
    });
    item.filter(|value| !value.is_empty())
}

/// Origin and the rest, from the first slash or question mark behind `://`.
pub fn split(url: &[u8]) -> (&[u8], &[u8]) {
    let start = memchr::memmem::find(url, b"://").map_or(0, |at| at + 3);
    let rest = url.get(start..).unwrap_or_default();
    let at = rest.iter().position(|byte| matches!(byte, b'/' | b'?')).map_or(url.len(), |at| start + at);
    url.split_at(at)
}

fn split_query(path: &[u8]) -> (&[u8], Option<&[u8]>) {
    match path.iter().position(|byte| *byte == b'?') {
        Some(at) => (&path[..at], path.get(at + 1..)),
        None => (path, None),
    }
}

/// The URL as it is, without its port, and with the port that its scheme stands for.
pub fn with_ports(url: &[u8]) -> Vec<Vec<u8>> {
    let (origin, path) = split(url);
    let Some(at) = memchr::memmem::find(origin, b"://").map(|at| at + 3) else { return vec![url.to_vec()] };
    let (scheme, authority) = origin.split_at(at);
    let (user, host) = match authority.iter().rposition(|byte| *byte == b'@') {
        Some(at) => authority.split_at(at + 1),
        None => authority.split_at(0),
    };
    let bare = match host.iter().rposition(|byte| *byte == b':') {
        Some(at) if host[at + 1..].iter().all(u8::is_ascii_digit) => &host[..at],
        _ => host,
    };
    let port: &[u8] = if scheme.eq_ignore_ascii_case(b"https://") { b":443" } else { b":80" };
    let mut urls = vec![url.to_vec()];
    for other in [[scheme, user, bare, path].concat(), [scheme, user, bare, port, path].concat()] {
        if !urls.contains(&other) {
            urls.push(other);
        }
    }
    urls
}

/// The URL in other forms of a kind; the URL itself need not be among them.
pub fn in_form(url: &[u8], form: UrlForm) -> Vec<Vec<u8>> {
    match form {
        UrlForm::Ports => match with_ports(url).as_slice() {
            // A port that is there is left out, a missing one is added; never another in its place.
            [_, bare, _] => vec![bare.clone()],
            [_, other] => vec![other.clone()],
            _ => Vec::new(),
        },
        UrlForm::Whatwg => {
            let parsed = std::str::from_utf8(url).ok().and_then(|text| url::Url::parse(text).ok());
            parsed.into_iter().map(|parsed| parsed.as_str().as_bytes().to_vec()).collect()
        }
        UrlForm::Querystring => match split_query(url) {
            (path, Some(query)) if !query.is_empty() => vec![[path, b"?", &querystring(query)].concat()],
            _ => Vec::new(),
        },
    }
}

/// `querystring.stringify(querystring.parse(query))` of Node: equal names beside each other, all but letters, digits and
/// `-_.!~*'()` escaped.
fn querystring(query: &[u8]) -> Vec<u8> {
    let mut names: Vec<(Vec<u8>, Vec<Vec<u8>>)> = Vec::new();
    // Node reads at most 1000 pairs.
    for (name, value) in form_fields(query).take(1000) {
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => names.push((name, vec![value])),
        }
    }
    let escaped = |text: &[u8]| {
        let mut out = String::with_capacity(text.len());
        for byte in text {
            match byte {
                b'-' | b'_' | b'.' | b'!' | b'~' | b'*' | b'\'' | b'(' | b')' => out.push(char::from(*byte)),
                byte if byte.is_ascii_alphanumeric() => out.push(char::from(*byte)),
                byte => out.push_str(&format!("%{byte:02X}")),
            }
        }
        out
    };
    let pairs = names.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    let pairs: Vec<_> = pairs.map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect();
    pairs.join("&").into_bytes()
}

/// The path and query of a URL.
pub fn target_of(url: &str) -> Vec<u8> {
    let (_, path) = split(url.as_bytes());
    match path.first() {
        Some(b'/') => path.to_vec(),
        _ => [b"/", path].concat(),
    }
}

/// No proxy writes more; each value is copied into dozens of URLs.
const FORWARDED_BYTES_MAX: usize = 4096;

/// The request's own path and query, and those that the headers of proxies say the sender called, the likeliest first.
pub fn forwarded_targets(material: &Material<'_>) -> Vec<String> {
    let header = |name: &str| forwarding_header(material, name);
    let mut targets = vec![String::from_utf8_lossy(material.target).into_owned()];
    let prefix = header("x-forwarded-prefix").unwrap_or_default();
    let prefix = prefix.trim_matches('/');
    if !prefix.is_empty() {
        targets.push(format!("/{prefix}{}", String::from_utf8_lossy(material.target)));
    }
    for name in ["x-original-url", "x-original-uri", "x-forwarded-uri"] {
        // Some write the whole URL there.
        let path = header(name).map(|said| if said.contains("://") { target_text(&said) } else { said });
        targets.extend(path.filter(|path| path.starts_with('/')));
    }
    targets.dedup();
    targets
}

fn target_text(url: &str) -> String {
    String::from_utf8_lossy(&target_of(url)).into_owned()
}

/// Forwarding headers as URLs, the likeliest first: what proxies say that the sender called.
pub fn forwarded(material: &Material<'_>, host: Option<&str>) -> Vec<Vec<u8>> {
    let header = |name: &str| forwarding_header(material, name);
    let of = |key: &str| forwarded_pair(material, key);
    let scheme = header("x-forwarded-proto").or_else(|| header("x-forwarded-scheme")).or_else(|| of("proto"));
    let hosts = [header("x-forwarded-host"), of("host"), header("x-original-host"), host.map(str::to_owned)];
    let port = header("x-forwarded-port");
    let targets = forwarded_targets(material);
    let mut urls: Vec<String> = Vec::new();
    for host in hosts.into_iter().flatten() {
        for scheme in scheme.iter().map(String::as_str).chain(["https", "http"]) {
            for target in &targets {
                let mut make = |text: String| {
                    if !urls.contains(&text) {
                        urls.push(text);
                    }
                };
                make(format!("{scheme}://{host}{target}"));
                if let Some(port) = &port {
                    make(format!("{scheme}://{host}:{port}{target}"));
                }
            }
        }
    }
    urls.into_iter().map(String::into_bytes).collect()
}

fn first_item(value: &str) -> &str {
    value.split(',').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests;
