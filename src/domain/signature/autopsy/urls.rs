//! URLs that may have been signed in place of the one that the check took.

use std::collections::HashSet;

use crate::domain::exchange::Request;
use crate::domain::form::percent_decoded;
use crate::domain::signature::Cause;
use crate::domain::signature::material::Material;
use crate::domain::signature::public_url::{self, split};

/// A URL that may have been signed.
pub struct UrlVariant {
    /// What it shows when it fits; found by comparing it with the URL of the check.
    pub cause: Cause,
    /// The URL.
    pub url: Vec<u8>,
}

/// Variants are bounded.
const VARIANTS_MAX: usize = 320;

/// A longer URL is nobody's webhook: it has no variants, because each is a copy of it and there are variants of variants.
const URL_BYTES_MAX: usize = 4096;

/// All variants, the likeliest first.
pub fn variants(material: &Material<'_>, host: Option<&str>, url: &[u8]) -> Vec<UrlVariant> {
    let mut bases = vec![url.to_vec()];
    for forwarded in public_url::forwarded(material, host) {
        if !bases.contains(&forwarded) {
            bases.push(forwarded);
        }
    }
    // The set origin with the request's own target, and the other way round.
    let (origin, _) = split(url);
    for target in public_url::forwarded_targets(material) {
        let other = [origin, target.as_bytes()].concat();
        if !bases.contains(&other) {
            bases.push(other);
        }
    }
    bases.retain(|base| base.len() <= URL_BYTES_MAX);
    let mut all = Collector { url, known: HashSet::new(), variants: Vec::new() };
    for base in &bases {
        all.add(base.clone());
    }
    all.changes_of(&bases);
    let own_port = host.and_then(|host| host.rsplit_once(':')).map(|(_, port)| port);
    for port in own_port.into_iter().chain(PORTS.iter().copied()) {
        all.add(with_port(url, port));
    }
    for base in bases.iter().take(REORDERED_MAX) {
        let (origin, path) = split(base);
        let (plain, query) = path.split_at(path.iter().position(|byte| *byte == b'?').unwrap_or(path.len()));
        orders(query).into_iter().for_each(|query| all.add([origin, plain, &query].concat()));
    }
    for base in &bases {
        if all.is_full() {
            break;
        }
        all.changes_of(&changes(base));
    }
    all.variants
}

/// What is to be set as the public URL so that the check of this request takes exactly this URL; `None` when nothing does.
pub fn setting(url: &[u8], request: &Request) -> Option<String> {
    let (origin, path) = split(url);
    let plain = path.split(|byte| *byte == b'?').next().unwrap_or(path);
    // Nothing of one request alone, where that is enough: the request's own path and query are added to a bare origin.
    let all = [origin.to_vec(), [origin, plain].concat(), url.to_vec()];
    let mut all = all.into_iter().filter_map(|set| String::from_utf8(set).ok());
    all.find(|set| public_url::signed_url(Some(set), request).url == url)
}

struct Collector<'a> {
    url: &'a [u8],
    known: HashSet<Vec<u8>>,
    variants: Vec<UrlVariant>,
}

impl Collector<'_> {
    fn is_full(&self) -> bool {
        self.variants.len() >= VARIANTS_MAX
    }

    fn add(&mut self, other: Vec<u8>) {
        if other != self.url && other.len() <= 2 * URL_BYTES_MAX && !self.is_full() && self.known.insert(other.clone())
        {
            self.variants.push(UrlVariant { cause: difference(self.url, &other), url: other });
        }
    }

    fn changes_of(&mut self, bases: &[Vec<u8>]) {
        for base in bases {
            if self.is_full() {
                return;
            }
            changes(base).into_iter().for_each(|other| self.add(other));
        }
    }
}

/// Ports that local and proxied services often have.
const PORTS: &[&str] = &["8443", "8080", "3000", "5000", "8000"];

fn with_port(url: &[u8], port: &str) -> Vec<u8> {
    let (origin, path) = split(url);
    let bare = match origin.iter().rposition(|byte| *byte == b':') {
        Some(at) if origin.get(at + 1..).is_some_and(|port| port.iter().all(u8::is_ascii_digit)) => &origin[..at],
        _ => origin,
    };
    [bare, b":", port.as_bytes(), path].concat()
}

/// Single changes of a URL.
fn changes(url: &[u8]) -> Vec<Vec<u8>> {
    let (origin, path) = split(url);
    let mut all = Vec::new();
    let swapped = match origin.strip_prefix(b"https://") {
        Some(host) => [b"http://", host].concat(),
        None => [b"https://", origin.strip_prefix(b"http://").unwrap_or(origin)].concat(),
    };
    all.push([&swapped, path].concat());
    all.extend(public_url::with_ports(url).into_iter().skip(1));
    all.extend(public_url::with_ports(&[&swapped, path].concat()).into_iter().skip(1));
    let at = path.iter().position(|byte| *byte == b'?').unwrap_or(path.len());
    let (plain, query) = path.split_at(at);
    match plain.strip_suffix(b"/") {
        Some(rest) => all.push([origin, rest, query].concat()),
        None => all.push([origin, plain, b"/", query].concat()),
    }
    if !query.is_empty() {
        all.push([origin, plain].concat());
        all.extend(turned(query).into_iter().map(|query| [origin, plain, &query].concat()));
        let text = String::from_utf8_lossy(query).into_owned();
        all.push([origin, plain, text.replace('+', "%20").as_bytes()].concat());
        all.push([origin, plain, text.replace("%20", "+").as_bytes()].concat());
    }
    let decoded = percent_decoded(path).unwrap_or_else(|| path.to_vec());
    all.push([origin, &decoded].concat());
    all.extend([true, false].map(|capital| [origin, &escapes_in_case(path, capital)].concat()));
    all.extend(slashes(plain).into_iter().map(|plain| [origin, &plain, query].concat()));
    let scheme = memchr::memmem::find(origin, b"://").map_or(0, |at| at + 3);
    let (scheme, host) = origin.split_at(scheme);
    match host.strip_prefix(b"www.") {
        Some(bare) => all.push([scheme, bare, path].concat()),
        None => all.push([scheme, b"www.", host, path].concat()),
    }
    if let Some(at) = host.iter().rposition(|byte| *byte == b'@') {
        all.push([scheme, host.get(at + 1..).unwrap_or_default(), path].concat());
    }
    all
}

/// Queries of at most so many pairs are tried in every order.
const ORDERED_PAIRS_MAX: usize = 4;

/// URLs whose query is tried in every order.
const REORDERED_MAX: usize = 3;

fn pairs(query: &[u8]) -> Vec<&[u8]> {
    query.get(1..).unwrap_or_default().split(|byte| *byte == b'&').collect()
}

fn joined(pairs: &[&[u8]]) -> Vec<u8> {
    [b"?", pairs.join(&b"&"[..]).as_slice()].concat()
}

/// The query sorted, and from its end to its start.
fn turned(query: &[u8]) -> Vec<Vec<u8>> {
    let mut sorted = pairs(query);
    sorted.sort_unstable();
    let reversed: Vec<_> = pairs(query).into_iter().rev().collect();
    vec![joined(&sorted), joined(&reversed)]
}

/// The query in every order, when there are few pairs.
fn orders(query: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut pairs = pairs(query);
    if (2..=ORDERED_PAIRS_MAX).contains(&pairs.len()) {
        let size = pairs.len();
        permute(&mut pairs, size, &mut all);
    }
    all.iter().map(|pairs| joined(pairs)).collect()
}

/// Heap's algorithm.
fn permute<'q>(pairs: &mut Vec<&'q [u8]>, size: usize, all: &mut Vec<Vec<&'q [u8]>>) {
    if size <= 1 {
        all.push(pairs.clone());
        return;
    }
    for at in 0..size {
        permute(pairs, size - 1, all);
        pairs.swap(if size.is_multiple_of(2) { at } else { 0 }, size - 1);
    }
}

/// The path with its percent escapes in capital or small letters: both stand for the same (RFC 3986 section 2.1), and are signed
/// as other bytes.
fn escapes_in_case(path: &[u8], capital: bool) -> Vec<u8> {
    let mut all = path.to_vec();
    let mut at = 0;
    while let Some(found) = all.get(at..).and_then(|rest| memchr::memchr(b'%', rest)) {
        let digits = at + found + 1;
        if let Some(pair) = all.get_mut(digits..digits + 2).filter(|pair| pair.iter().all(u8::is_ascii_hexdigit)) {
            if capital { pair.make_ascii_uppercase() } else { pair.make_ascii_lowercase() }
        }
        at = digits;
    }
    all
}

/// The path with a doubled slash before it, as a base with a slash and a path with one are joined, and with none doubled.
fn slashes(path: &[u8]) -> Vec<Vec<u8>> {
    let mut single = path.to_vec();
    single.dedup_by(|one, before| *one == b'/' && *before == b'/');
    let mut all = vec![[b"/", path].concat()];
    if single != path {
        all.push(single);
    }
    all
}

/// In what two URLs differ, the coarsest part first.
fn difference(one: &[u8], other: &[u8]) -> Cause {
    let parts = |url: &[u8]| {
        let (origin, path) = split(url);
        let origin = String::from_utf8_lossy(origin).into_owned();
        let path = String::from_utf8_lossy(path).into_owned();
        let (scheme, authority) =
            origin.split_once("://").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap_or_default();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host.to_owned(), port.to_owned()),
            _ => (authority, String::new()),
        };
        let (path, query) =
            path.split_once('?').map(|(a, b)| (a.to_owned(), Some(b.to_owned()))).unwrap_or((path, None));
        (scheme, host, port, path, query)
    };
    let (one, other) = (parts(one), parts(other));
    if one.1 != other.1 {
        Cause::UrlHost
    } else if one.3 != other.3 {
        let same = one.3.trim_end_matches('/') == other.3.trim_end_matches('/');
        if same { Cause::UrlSlash } else { Cause::UrlPath }
    } else if one.4 != other.4 {
        Cause::UrlQuery
    } else if one.0 != other.0 {
        Cause::UrlScheme
    } else {
        Cause::UrlPort
    }
}
