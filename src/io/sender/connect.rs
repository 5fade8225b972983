//! To a target: look its name up, connect to one of its addresses, shake hands. One step at a time, each timed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionread;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant as TokioInstant, timeout_at};
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

use super::{Trust, tls};
use crate::domain::exchange::Timing;
use crate::domain::printable::{visible_str, without_login};
use crate::domain::target_rules::{Zone, is_localhost};

/// An open way to the target.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {
    /// What the socket has that was not read. Asks the system, past what the runtime knows of the socket: that may be older.
    fn unread(&self) -> Unread;
}

/// What a socket has that was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Nothing at all.
    Nothing,
    /// The other side's end, an error, or what only the next read can tell.
    End,
    /// Bytes of the other side.
    Bytes,
}

impl Stream for TcpStream {
    fn unread(&self) -> Unread {
        let mut asked = [PollFd::new(self, PollFlags::IN)];
        if matches!(poll(&mut asked, Some(&Timespec::default())), Ok(0)) {
            return Unread::Nothing;
        }
        match ioctl_fionread(self) {
            Ok(1..) => Unread::Bytes,
            _ => Unread::End,
        }
    }
}

impl Stream for TlsStream<TcpStream> {
    fn unread(&self) -> Unread {
        match self.get_ref().0.unread() {
            // A good-bye is a record too.
            Unread::Bytes => Unread::End,
            other => other,
        }
    }
}

/// Where to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(super) host: Host<String>,
    port: u16,
    tls: bool,
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

/// A target and where it is: looked up once, so that what was looked at is what is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    target: Target,
    addresses: Vec<SocketAddr>,
    dns_us: Option<u64>,
    /// The listener that this must not reach.
    own: Option<SocketAddr>,
}

impl Found {
    /// The host as the target spells it, visible text.
    pub fn host(&self) -> String {
        visible_str(&self.target.host.to_string()).into_owned()
    }

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Its addresses.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Whether all of them are this machine's.
    pub fn is_local(&self) -> bool {
        self.addresses.iter().all(|at| Zone::of(at.ip()) == Zone::Loopback)
    }

    /// Only these of them.
    #[must_use]
    pub fn only(self, addresses: Vec<SocketAddr>) -> Self {
        Self { addresses, ..self }
    }

    /// Not if it turns out to be this listener of our own: what it is sent, it would send again, without end.
    #[must_use]
    pub fn but_not(self, own: Option<SocketAddr>) -> Self {
        Self { own, ..self }
    }
}

/// Looks a target up.
///
/// # Errors
/// In words: what was tried, what happened, what to do.
pub async fn find(target: Target, deadline: TokioInstant) -> Result<Found, String> {
    let mut dns_us = None;
    let addresses = match &target.host {
        Host::Ipv4(address) => vec![SocketAddr::from((*address, target.port))],
        Host::Ipv6(address) => vec![SocketAddr::from((*address, target.port))],
        Host::Domain(name) => {
            let begun = Instant::now();
            // This machine's own names are known without anybody's word.
            let looked_up = match is_localhost(name) {
                true => Ok(Ok(own_addresses(target.port).collect())),
                false => {
                    let found = timeout_at(deadline, lookup_host((name.as_str(), target.port))).await;
                    found.map(|found| found.map(Iterator::collect))
                }
            };
            dns_us = Some(micros(begun.elapsed()));
            let name = visible_str(name);
            match looked_up {
                Err(_) => return Err(format!("looking up {name} took too long: is the name server reachable?")),
                Ok(Err(error)) => return Err(format!("could not look up {name}: {error}; check the host name")),
                Ok(Ok(found)) => found,
            }
        }
    };
    Ok(Found { target, addresses, dns_us, own: None })
}

/// Where `localhost` is: IPv4 first, since that is where most apps listen.
fn own_addresses(port: u16) -> impl Iterator<Item = SocketAddr> {
    [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)]
        .into_iter()
        .map(move |ip| SocketAddr::new(ip, port))
}

/// Connects within `deadline`, and fills in the first three times of `timing` as it goes. Never to an address that is
/// forbidden ([`Zone::Forbidden`]), whoever let it through.
///
/// # Errors
/// In words: what was tried, what happened, what to do.
pub async fn connect(
    found: &Found,
    trust: &Trust,
    deadline: TokioInstant,
    timing: &mut Timing,
) -> Result<Box<dyn Stream>, String> {
    let target = &found.target;
    timing.dns_us = found.dns_us;
    let forbidden = found.addresses.iter().find_map(|at| match Zone::of(at.ip()) {
        Zone::Forbidden(why) => {
            Some(format!("refused to send to {}: {} {why}; use another address of the target", target.shown(), at.ip()))
        }
        _ => None,
    });
    let allowed = found.addresses.iter().filter(|at| !matches!(Zone::of(at.ip()), Zone::Forbidden(_)));
    let allowed: Vec<_> = allowed.copied().collect();
    if allowed.is_empty() {
        let nothing = || format!("{} has no address: check the host name", target.shown());
        return Err(forbidden.unwrap_or_else(nothing));
    }
    let tcp = connect_any(target, &allowed, deadline, timing).await?;
    if let (Some(own), Ok(local), Ok(peer)) = (found.own, tcp.local_addr(), tcp.peer_addr())
        && is_own(own, local, peer)
    {
        return Err(format!("refused to send to {}: the target is this listener itself", target.shown()));
    }
    // A head and a small body are two writes: without this the second would wait for an acknowledgement.
    let _ = tcp.set_nodelay(true);
    if target.tls { tls::handshake(target, tcp, trust, deadline, timing).await } else { Ok(Box::new(tcp)) }
}

/// Whether the other end of a connection is the listener at `own`. One that is bound to all addresses has each of this machine's:
/// those of loopback, and those from which a connection to them comes.
fn is_own(own: SocketAddr, local: SocketAddr, peer: SocketAddr) -> bool {
    let (own_ip, local_ip, peer_ip) = (own.ip().to_canonical(), local.ip().to_canonical(), peer.ip().to_canonical());
    let is_of_all = own_ip.is_unspecified() && (own_ip.is_ipv6() || peer_ip.is_ipv4());
    own.port() == peer.port() && (own_ip == peer_ip || is_of_all && (peer_ip.is_loopback() || peer_ip == local_ip))
}

/// The first address that takes a connection. Time that is left is shared among the addresses that are left, so that one
/// silent address does not use up all of it.
async fn connect_any(
    target: &Target,
    addresses: &[SocketAddr],
    deadline: TokioInstant,
    timing: &mut Timing,
) -> Result<TcpStream, String> {
    let begun = Instant::now();
    let mut failures = Vec::new();
    for (index, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(TokioInstant::now());
        let share = left / u32::try_from(addresses.len() - index).unwrap_or(u32::MAX);
        let tried = timeout_at(TokioInstant::now() + share, TcpStream::connect(address)).await;
        timing.connect_us = Some(micros(begun.elapsed()));
        match tried {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failures.push((address, reason(&error))),
            Err(_) => failures.push((address, "no answer in time".to_owned())),
        }
    }
    let refused = failures.iter().all(|(_, why)| why == REFUSED);
    let advice =
        if refused { "nothing listens there: start it, or check the port" } else { "check host, port and network" };
    let shown = target.shown();
    let why = match failures.as_slice() {
        // The target is this address: said once.
        [(address, why)] if address.to_string() == shown => why.clone(),
        _ => failures.iter().map(|(address, why)| format!("{address} {why}")).collect::<Vec<_>>().join(", "),
    };
    Err(format!("could not connect to {shown}: {why}; {advice}"))
}

const REFUSED: &str = "connection refused";

fn reason(error: &std::io::Error) -> String {
    if error.kind() == std::io::ErrorKind::ConnectionRefused { REFUSED.to_owned() } else { error.to_string() }
}

/// Whole microseconds; saturates.
pub fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
