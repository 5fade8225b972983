//! Where a request comes from: the connection's other end, or whom a proxy that is trusted names.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::matching::contains;
use crate::domain::exchange::Request;

/// Addresses of one request that are looked at, at most.
const HOPS_MAX: usize = 64;

/// The sender's address. `X-Forwarded-For` and `Forwarded` (RFC 7239) count only as far as trusted proxies wrote them: from the
/// right, the first address that is none of theirs. Anything left of that could be anybody's word.
pub(super) fn of(request: &Request, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.peer?.ip().to_canonical();
    if !contains(trusted, peer) {
        return Some(peer);
    }
    let mut address = peer;
    for hop in hops(request).iter().rev().take(HOPS_MAX) {
        // What cannot be read ends what can be believed.
        let Some(hop) = parse(hop) else { break };
        address = hop;
        if !contains(trusted, hop) {
            break;
        }
    }
    Some(address)
}

/// The addresses as proxies wrote them, the nearest last.
fn hops(request: &Request) -> Vec<String> {
    let lines = |name: &str| -> Vec<String> {
        let own = request.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name.as_bytes()));
        own.flat_map(|header| {
            let text = String::from_utf8_lossy(&header.value).into_owned();
            text.split(',').map(|part| part.trim().to_owned()).collect::<Vec<_>>()
        })
        .collect()
    };
    let plain = lines("x-forwarded-for");
    if !plain.is_empty() {
        return plain;
    }
    let named = |element: &String| {
        let pair = element.split(';').find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            name.eq_ignore_ascii_case("for").then(|| value.trim_matches('"').to_owned())
        });
        pair.unwrap_or_default()
    };
    lines("forwarded").iter().map(named).collect()
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
    }
}
