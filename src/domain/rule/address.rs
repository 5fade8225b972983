//! Where a request comes from: the connection's other end, or whom a proxy that is trusted names.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::matching::contains;
use crate::domain::exchange::Request;

/// Addresses of one request that are looked at, at most.
const HOPS_MAX: usize = 64;

/// The sender's address. `X-Forwarded-For` and `Forwarded` (RFC 7239) count only as far as trusted proxies wrote them: from the
/// right, the first address that is none of theirs. Anything left of that could be anybody's word.
///
/// A proxy writes one of the two, and lets the other through as its sender wrote it. Which of them it writes is not known
/// here, so where they say different things nobody is believed, not even that it is the proxy's own request: `None`.
pub(super) fn of(request: &Request, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.peer?.ip().to_canonical();
    if !contains(trusted, peer) {
        return Some(peer);
    }
    let (plain, standard) = (plain(request), standard(request));
    match (plain.is_empty(), standard.is_empty()) {
        (_, true) => Some(behind(peer, &plain, trusted)),
        (true, false) => Some(behind(peer, &standard, trusted)),
        (false, false) => {
            let address = behind(peer, &plain, trusted);
            (address == behind(peer, &standard, trusted)).then_some(address)
        }
    }
}

/// Whom these hops name, from a trusted peer on.
fn behind(peer: IpAddr, hops: &[String], trusted: &[IpNet]) -> IpAddr {
    let mut address = peer;
    for hop in hops.iter().rev().take(HOPS_MAX) {
        // What cannot be read ends what can be believed.
        let Some(hop) = parse(hop) else { break };
        address = hop;
        if !contains(trusted, hop) {
            break;
        }
    }
    address
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
        assert_eq!(forwarded("127.0.0.1", "192.0.2.1, rubbish"), "127.0.0.1");
        assert_eq!(forwarded("::ffff:127.0.0.1", "192.0.2.1:80"), "192.0.2.1");
        assert_eq!(from("127.0.0.1", "Forwarded", "for=6.6.6.6, For=\"[2001:db8::1]:80\";proto=https"), "2001:db8::1");
        assert_eq!(from("127.0.0.1", "X", "y"), "127.0.0.1");
        // One of the two is the proxy's, the other anybody's.
        let both = |plain: &str, standard: &str| {
            let mut request = request("POST", "/", &[("X-Forwarded-For", plain), ("Forwarded", standard)], b"");
            request.peer = Some("127.0.0.1:1".parse().unwrap());
            of(&request, &trusted).map(|address| address.to_string())
        };
        assert_eq!(both("192.0.2.1", "for=6.6.6.6").as_deref(), None);
        assert_eq!(both("", "for=192.0.2.1"), None, "an empty one too: it would name the proxy");
        assert_eq!(both("6.6.6.6, 192.0.2.1", "for=192.0.2.1;proto=https").as_deref(), Some("192.0.2.1"));
    }
}
