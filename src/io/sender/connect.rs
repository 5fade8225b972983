//! To a target: look its name up, connect to one of its addresses, shake hands. One step at a time, each timed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant as TokioInstant, timeout_at};
use url::Host;

use super::stream::Stream;
use super::target::is_own;
use super::{Target, Trust, tls};
use crate::domain::exchange::Timing;
use crate::domain::printable::visible_str;
use crate::domain::target_rules::{Zone, is_localhost};
use crate::domain::timing::micros;

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

#[cfg(test)]
mod tests;
