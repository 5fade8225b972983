//! Where a request comes from: the connection's other end, or whom a proxy that is trusted names.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::networks::contains;
use crate::domain::exchange::Request;
use crate::domain::printable::visible_within;

/// Addresses of one request that are looked at, at most.
const HOPS_MAX: usize = 64;

/// The sender's address. `X-Forwarded-For` and `Forwarded` (RFC 7239) count only as far as trusted proxies wrote them: from the
/// right, the first address that is none of theirs. Anything left of that could be anybody's word.
///
/// A proxy writes one of the two, and lets the other through as its sender wrote it. Which of them it writes is not known
/// here, so where they say different things nobody is believed, not even that it is the proxy's own request.
///
/// # Errors
/// Why nobody knows it, in words: what stands there is no address (`for=unknown` among them), or the two differ. It must not
/// count as the proxy's own then: its network may be one that is let in.
pub(super) fn of(request: &Request, trusted: &[IpNet]) -> Result<IpAddr, String> {
    let Some(peer) = request.peer else { return Err("it was imported".to_owned()) };
    let peer = peer.ip().to_canonical();
    if !contains(trusted, peer) {
        return Ok(peer);
    }
    let (plain, standard) = (plain(request), standard(request));
    let by_plain = || behind(peer, &plain, trusted).map_err(|why| format!("{why} in X-Forwarded-For"));
    let by_standard = || behind(peer, &standard, trusted).map_err(|why| format!("{why} in Forwarded"));
    match (plain.is_empty(), standard.is_empty()) {
        (_, true) => by_plain(),
        (true, false) => by_standard(),
        (false, false) => match (by_plain()?, by_standard()?) {
            (one, other) if one == other => Ok(one),
            (one, other) => Err(format!("X-Forwarded-For says {one}, Forwarded says {other}")),
        },
    }
}

/// Whom these hops name, from a trusted peer on.
fn behind(peer: IpAddr, hops: &[String], trusted: &[IpNet]) -> Result<IpAddr, String> {
    let mut address = peer;
    for hop in hops.iter().rev().take(HOPS_MAX) {
        address = parse(hop).ok_or_else(|| format!("`{}` is no address", visible_within(hop.as_bytes(), 60)))?;
        if !contains(trusted, address) {
            return Ok(address);
        }
    }
    if hops.len() > HOPS_MAX { Err(format!("there are more than {HOPS_MAX} proxies")) } else { Ok(address) }
}

/// The parts of all lines of that name.
fn parts(request: &Request, name: &str) -> Vec<String> {
    let lines = request.headers.get_all(name).map(|value| String::from_utf8_lossy(value).into_owned());
    lines.flat_map(|line| line.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>()).collect()
}

/// The addresses as proxies wrote them to `X-Forwarded-For`, the nearest last.
fn plain(request: &Request) -> Vec<String> {
    parts(request, "x-forwarded-for")
}

/// As proxies wrote them to `Forwarded`.
fn standard(request: &Request) -> Vec<String> {
    let named = |element: &String| {
        let pair = element.split(';').find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            name.eq_ignore_ascii_case("for").then(|| value.trim_matches('"').to_owned())
        });
        pair.unwrap_or_default()
    };
    parts(request, "forwarded").iter().map(named).collect()
}

/// `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`, `2001:db8::1`.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature::tests::request;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<IpNet> = ["127.0.0.0/8", "10.0.0.0/8"].iter().map(|net| net.parse().unwrap()).collect();
        let from = |peer: &str, name: &str, value: &str| {
            let mut request = request("POST", "/", &[(name, value)], b"");
            request.peer = Some(SocketAddr::new(peer.parse().unwrap(), 1));
            of(&request, &trusted).unwrap().to_string()
        };
        let forwarded = |peer, value| from(peer, "X-Forwarded-For", value);
        assert_eq!(forwarded("203.0.113.9", "192.0.2.1"), "203.0.113.9");
        assert_eq!(forwarded("127.0.0.1", "192.0.2.1"), "192.0.2.1");
        assert_eq!(forwarded("127.0.0.1", "6.6.6.6, 192.0.2.1, 10.1.1.1"), "192.0.2.1");
        assert_eq!(forwarded("127.0.0.1", "10.1.1.1"), "10.1.1.1", "a proxy's own request");
        assert_eq!(forwarded("::ffff:127.0.0.1", "192.0.2.1:80"), "192.0.2.1");
        assert_eq!(from("127.0.0.1", "Forwarded", "for=6.6.6.6, For=\"[2001:db8::1]:80\";proto=https"), "2001:db8::1");
        assert_eq!(from("127.0.0.1", "X", "y"), "127.0.0.1");
        // One of the two is the proxy's, the other anybody's.
        let both = |plain: &str, standard: &str| {
            let mut request = request("POST", "/", &[("X-Forwarded-For", plain), ("Forwarded", standard)], b"");
            request.peer = Some("127.0.0.1:1".parse().unwrap());
            of(&request, &trusted).map(|address| address.to_string())
        };
        assert_eq!(
            both("192.0.2.1", "for=6.6.6.6"),
            Err("X-Forwarded-For says 192.0.2.1, Forwarded says 6.6.6.6".to_owned())
        );
        assert!(both("", "for=192.0.2.1").is_err(), "an empty one too: it would name the proxy");
        assert_eq!(both("6.6.6.6, 192.0.2.1", "for=192.0.2.1;proto=https").as_deref(), Ok("192.0.2.1"));
    }

    #[test]
    fn what_cannot_be_read_is_nobodys_address() {
        let trusted: Vec<IpNet> = vec!["127.0.0.0/8".parse().unwrap()];
        let of = |name: &str, value: &str| {
            let mut request = request("POST", "/", &[(name, value)], b"");
            request.peer = Some("127.0.0.1:1".parse().unwrap());
            of(&request, &trusted)
        };
        for value in
            ["rubbish", "", "192.0.2.1, rubbish", "192.0.2.1,", "unknown", "1.2.3", "192.0.2.1 127.0.0.1", "\x1b[2J"]
        {
            let why = of("X-Forwarded-For", value).expect_err(value);
            assert!(why.ends_with("is no address in X-Forwarded-For") && !why.contains('\x1b'), "{why}");
        }
        for value in ["for=unknown", "for=_hidden", "proto=https", "", "for=192.0.2.1;x, by=127.0.0.1"] {
            let why = of("Forwarded", value).expect_err(value);
            assert!(why.ends_with("is no address in Forwarded"), "{why}");
        }
        assert!(of("X-Forwarded-For", &["127.0.0.1"; 65].join(",")).is_err());
        // What stands left of the first that is no proxy's is not looked at.
        assert_eq!(of("X-Forwarded-For", "rubbish, 192.0.2.1, 127.0.0.2"), Ok("192.0.2.1".parse().unwrap()));
    }
}
