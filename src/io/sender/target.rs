//! Where to connect: host, port and whether TLS is spoken there, and whether that is this listener itself.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

use crate::domain::printable::{visible_str, without_login};
use crate::domain::target_rules::is_localhost;

/// Where to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(super) host: Host<String>,
    pub(super) port: u16,
    pub(super) tls: bool,
}

impl Target {
    /// From `http://host:port` or `https://host:port`.
    ///
    /// # Errors
    /// In words.
    pub fn parse(origin: &str) -> Result<Self, String> {
        let origin_shown = without_login(origin);
        let shown = visible_str(&origin_shown);
        let url = Url::parse(origin).map_err(|error| format!("{shown} is no URL ({error}): give http://host:port"))?;
        let tls = match url.scheme() {
            "http" => false,
            "https" => true,
            other => return Err(format!("cannot send to {other}: the target must begin with http:// or https://")),
        };
        let port = url.port_or_known_default().filter(|port| *port != 0);
        match (url.host(), port) {
            (Some(host), Some(port)) => Ok(Self { host: host.to_owned(), port, tls }),
            _ => Err(format!("{shown} names no host and port: give http://host:port")),
        }
    }

    /// The name that would have to be looked up; `None` for an address.
    pub fn name(&self) -> Option<&str> {
        match &self.host {
            Host::Domain(name) => Some(name),
            Host::Ipv4(_) | Host::Ipv6(_) => None,
        }
    }

    /// Whether its spelling alone says that it is the listener at `own`; other names show it once they are connected to.
    pub fn is_plainly(&self, own: SocketAddr) -> bool {
        let ip = match &self.host {
            Host::Ipv4(address) => IpAddr::V4(*address),
            Host::Ipv6(address) => IpAddr::V6(*address),
            Host::Domain(name) if is_localhost(name) => {
                return self.port == own.port() && (own.ip().is_loopback() || own.ip().is_unspecified());
            }
            Host::Domain(_) => return false,
        };
        // Whoever connects to the address of all comes to loopback.
        let ip = match ip {
            IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        is_own(own, own, SocketAddr::new(ip, self.port))
    }

    /// `host:port`, visible text.
    pub fn shown(&self) -> String {
        format!("{}:{}", visible_str(&self.host.to_string()), self.port)
    }
}

/// Whether the other end of a connection is the listener at `own`. One that is bound to all addresses has each of this machine's:
/// those of loopback, and those from which a connection to them comes.
pub(super) fn is_own(own: SocketAddr, local: SocketAddr, peer: SocketAddr) -> bool {
    let (own_ip, local_ip, peer_ip) = (own.ip().to_canonical(), local.ip().to_canonical(), peer.ip().to_canonical());
    let is_of_all = own_ip.is_unspecified() && (own_ip.is_ipv6() || peer_ip.is_ipv4());
    own.port() == peer.port() && (own_ip == peer_ip || is_of_all && (peer_ip.is_loopback() || peer_ip == local_ip))
}
