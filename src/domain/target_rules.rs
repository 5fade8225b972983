//! Which addresses requests of ours may go to: the rule that resends and everything else that sends share.
//!
//! What counts is the address that is connected to, not how the target spells it: a name is looked up once, the rule is
//! asked about what it gave, and only what the rule let through is connected to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

#[cfg(test)]
mod tests;

/// Where an address is, as far as that matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// This machine.
    Loopback,
    /// A network that is not the internet: of a company, a home, a cluster.
    Private,
    /// The internet.
    Public,
    /// An address that no machine should have, set aside for something else: where it is, in words.
    SetAside(&'static str),
    /// Never: why.
    Forbidden(&'static str),
}

const LINK_LOCAL: &str = "is a link-local address, where cloud machines keep their credentials";
const METADATA: &str = "is where cloud machines keep their credentials";
const DOCUMENTATION: &str = "in a range for examples in documentation (no machine should have it)";
const BENCHMARKS: &str = "in a range for benchmarks of network devices";
const PROTOCOLS: &str = "in a range that is set aside for protocols";
const LOOPBACK_ELSEWHERE: &str = "holds a loopback address in a form that leaves this machine";
const NO_HOST: &str = "is no address of a host";

impl Zone {
    /// Of an address; one that stands inside an IPv6 address (mapped, compatible, translated, NAT64, 6to4, ISATAP, Teredo) counts as itself. But none of these
    /// is this machine except the mapped one, which the system connects to as IPv4: the others are routed like any IPv6 address,
    /// to whoever says that they are his.
    ///
    /// Sources: the IANA registries of special-purpose addresses (RFC 6890), RFC 3927, RFC 4193, RFC 4291 sections 2.5.5 and
    /// 2.5.6, RFC 6052 sections 2.1 and 2.2, RFC 8215, RFC 3056, RFC 2765 section 2.1, RFC 5214 section 6.1, RFC 4380 section 4; metadata: AWS "Instance metadata" (fd00:ec2::254) and "EKS Pod Identity"
    /// (fd00:ec2::23), Google Cloud "VM metadata" (fd20:ce::254), Alibaba Cloud "Instance metadata" (100.100.100.200), Oracle Cloud
    /// (192.0.0.192, fd00:c1::a9fe:a9fe), Azure "What is IP address 168.63.129.16", Akamai "Metadata service" (fd00:a9fe:a9fe::1),
    /// Scaleway (fd00:42::42; cloud-init, "Scaleway datasource").
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            [127, ..] => Self::Loopback,
            [169, 254, ..] => Self::Forbidden(LINK_LOCAL),
            [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16] => Self::Forbidden(METADATA),
            // "This network", multicast, and what is reserved up to the broadcast address.
            [0, ..] | [224..=255, ..] => Self::Forbidden(NO_HOST),
            [10, ..] | [192, 168, ..] | [172, 16..=31, ..] | [100, 64..=127, ..] => Self::Private,
            [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Self::SetAside(DOCUMENTATION),
            [198, 18 | 19, ..] => Self::SetAside(BENCHMARKS),
            [192, 0, 0, _] => Self::SetAside(PROTOCOLS),
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        const METADATA_V6: [Ipv6Addr; 4] = [
            Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),
            Ipv6Addr::new(0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe),
            Ipv6Addr::new(0xfd00, 0xa9fe, 0xa9fe, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42),
        ];
        if address.is_loopback() {
            return Self::Loopback;
        }
        // Of AWS all: a service of theirs gets an address beside the others.
        if METADATA_V6.contains(&address) || address.segments().starts_with(&[0xfd00, 0xec2]) {
            return Self::Forbidden(METADATA);
        }
        let inside = |high: u16, low: u16| {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Self::of_v4(Ipv4Addr::new(a, b, c, d))
        };
        let elsewhere = |high: u16, low: u16| match inside(high, low) {
            Self::Loopback => Self::Forbidden(LOOPBACK_ELSEWHERE),
            zone => zone,
        };
        let is_bad = |zone: &Self| matches!(zone, Self::Forbidden(why) if *why != NO_HOST);
        // Where a tunnel may end whatever network it stands in.
        if let [.., 0 | 0x200, 0x5efe, high, low] = address.segments()
            && let zone = elsewhere(high, low)
            && is_bad(&zone)
        {
            return zone;
        }
        match address.segments() {
            [0, 0, 0, 0, 0, 0xffff, high, low] => inside(high, low),
            [0, 0, 0, 0, 0xffff, 0, high, low] => elsewhere(high, low),
            [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 0, .., high, low] => elsewhere(high, low),
            [0x64, 0xff9b, 1, a, b, c, d, e] => {
                // Whose network it is chooses where the IPv4 address stands: at 48, 56, 64 or 96 bits, round the byte of zeros.
                let places = [
                    elsewhere(a, (b << 8) | (c >> 8)),
                    elsewhere((a << 8) | (b & 0xff), c),
                    elsewhere((b << 8) | (c >> 8), (c << 8) | (d >> 8)),
                ];
                places.into_iter().find(is_bad).unwrap_or(elsewhere(d, e))
            }
            [0x2002, high, low, ..] => elsewhere(high, low),
            // Its server, and its client with all bits turned.
            [0x2001, 0, high, low, _, _, c, d] => {
                [elsewhere(high, low), elsewhere(!c, !d)].into_iter().find(is_bad).unwrap_or(Self::Public)
            }
            [0xfe80..=0xfebf, ..] => Self::Forbidden(LINK_LOCAL),
            [0xff00..=0xffff, ..] => Self::Forbidden(NO_HOST),
            [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Self::SetAside(DOCUMENTATION),
            [0x2001, 2, 0, ..] => Self::SetAside(BENCHMARKS),
            [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Self::Private,
            _ => Self::Public,
        }
    }

    /// `on this machine`, `on a private network`, `on the internet`.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Loopback => "on this machine",
            Self::Private => "on a private network",
            Self::Public => "on the internet",
            Self::SetAside(words) => words,
            Self::Forbidden(_) => "nowhere",
        }
    }
}

/// One of `targets` in the configuration: whom it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A host, in lower case.
    Host(String),
    /// All hosts below this one: `.example.com`.
    Below(String),
    /// The addresses whose first bits are these; all bits: one address.
    Network(IpAddr, u8),
}

impl Named {
    /// The host of a target that the configuration or the command line gives.
    pub fn of_host(host: &str) -> Self {
        let host = plain_host(host);
        match host.trim_start_matches('[').trim_end_matches(']').parse() {
            Ok(address) => Self::Network(address, bits(address)),
            Err(_) => Self::Host(host),
        }
    }

    /// Whether it names a host (as it is compared) or its address.
    pub fn fits(&self, host: &str, address: IpAddr) -> bool {
        match self {
            Self::Host(named) => named == host,
            Self::Below(end) => host.len() > end.len() && host.ends_with(end.as_str()),
            Self::Network(network, length) => match (network, address.to_canonical()) {
                (IpAddr::V4(network), IpAddr::V4(address)) => {
                    shift(u128::from(network.to_bits()) ^ u128::from(address.to_bits()), 32 - u32::from(*length))
                }
                // An IPv4 network that was written as IPv6 (RFC 4291 section 2.5.5.2).
                (IpAddr::V6(network), IpAddr::V4(address)) if *length >= 96 => {
                    let mapped = address.to_ipv6_mapped();
                    shift(network.to_bits() ^ mapped.to_bits(), 128 - u32::from(*length))
                }
                (IpAddr::V6(network), IpAddr::V6(address)) => {
                    shift(network.to_bits() ^ address.to_bits(), 128 - u32::from(*length))
                }
                _ => false,
            },
        }
    }
}

impl fmt::Display for Named {
    /// The reverse of parsing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => f.write_str(host),
            Self::Below(end) => write!(f, "*{end}"),
            Self::Network(address, length) if *length == bits(*address) => address.fmt(f),
            Self::Network(address, length) => write!(f, "{address}/{length}"),
        }
    }
}

/// Whether nothing differs but the last bits.
fn shift(difference: u128, last_bits: u32) -> bool {
    difference.checked_shr(last_bits).unwrap_or(0) == 0
}

const fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

impl FromStr for Named {
    type Err = String;

    /// `staging.example.com`, `*.example.com`, `10.1.2.3`, `10.0.0.0/8`, `fd12::/16`.
    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            "expected a host (`staging.example.com`, `*.example.com`), an address or a network (`10.0.0.0/8`), without \
             http:// and port"
                .to_owned()
        };
        if let Some((network, length)) = text.split_once('/') {
            let network: IpAddr = network.parse().map_err(|_| expected())?;
            let length: u8 = length.parse().map_err(|_| expected())?;
            return if length <= bits(network) { Ok(Self::Network(network, length)) } else { Err(expected()) };
        }
        if let Ok(address) = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            return Ok(Self::Network(address, bits(address)));
        }
        let (is_below, host) = text.strip_prefix("*.").map_or((false, text), |rest| (true, rest));
        let is_host =
            |host: &str| !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        match (is_host(host), is_below) {
            (false, _) => Err(expected()),
            (true, true) => Ok(Self::Below(format!(".{}", plain_host(host)))),
            (true, false) => Ok(Self::Host(plain_host(host))),
        }
    }
}

/// A host as it is compared: lower case, without the dot at its end.
pub fn plain_host(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_lowercase()
}

/// Whether a name is this machine's by itself: `localhost` and what stands below it, with or without the dot at the end. No name
/// server is asked for these (RFC 6761 section 6.3): it could say anything.
pub fn is_localhost(name: &str) -> bool {
    let name = plain_host(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// The host of `host:port` as it is compared; brackets stay.
pub fn host_of(authority: &str) -> String {
    let end = match authority.rfind(']') {
        Some(bracket) => bracket + 1,
        None => authority.rfind(':').unwrap_or(authority.len()),
    };
    plain_host(authority.get(..end).unwrap_or(authority))
}

/// What the user answered when asked about a host that nothing names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The host as the target spells it.
    pub host: String,
    /// The addresses that it had; empty for a name that had not been looked up.
    pub addresses: Vec<IpAddr>,
    /// For the rest of the session, and not for this one time.
    pub remember: bool,
}

impl Approval {
    /// These addresses; remembered, a host on the internet may move to another address there, but not into a private
    /// network. A name that was approved before it was looked up may be anywhere on the internet.
    fn fits(&self, host: &str, address: IpAddr) -> bool {
        let is_public = |address: &IpAddr| Zone::of(*address) == Zone::Public;
        let is_by_name = self.remember || self.addresses.is_empty();
        let moved = is_by_name && is_public(&address) && self.addresses.iter().all(is_public);
        self.is_of(host) && (moved || self.addresses.contains(&address))
    }

    fn is_of(&self, host: &str) -> bool {
        plain_host(&self.host) == plain_host(host)
    }
}

/// What is to be done about a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Connect to these, and to nothing else.
    Go(Vec<SocketAddr>),
    /// Ask the user about these first.
    Ask(Vec<SocketAddr>),
    /// Do not: why, for the user.
    Refuse(String),
}

/// Whom requests may go to beside this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetRules {
    /// Named by the configuration or the command line.
    pub named: Vec<Named>,
    /// Said in this session.
    pub approved: Vec<Approval>,
}

impl TargetRules {
    /// Whether this name may be looked up: a local one, one that is named, one that the user said yes to. Looking it up
    /// tells its name server.
    pub fn may_look_up(&self, name: &str, approval: Option<&Approval>) -> bool {
        let plain = plain_host(name);
        is_localhost(name)
            || self.named.iter().any(|named| match named {
                Named::Host(host) => *host == plain,
                Named::Below(end) => plain.len() > end.len() && plain.ends_with(end.as_str()),
                Named::Network(..) => false,
            })
            || self.approved.iter().chain(approval).any(|approval| approval.is_of(name))
    }

    /// What to do about a host (visible text, as the target spells it) whose addresses are these. `approval`: for this
    /// one time.
    pub fn decide(&self, host: &str, found: &[SocketAddr], approval: Option<&Approval>) -> Decision {
        let plain = plain_host(host);
        let mut asks = Vec::new();
        let mut allowed = Vec::new();
        let mut forbidden = None;
        for at in found {
            let address = at.ip();
            let is_approved = || self.approved.iter().chain(approval).any(|approval| approval.fits(host, address));
            match Zone::of(address) {
                Zone::Forbidden(why) => forbidden = Some((address, why)),
                Zone::Loopback => allowed.push(*at),
                _ if self.named.iter().any(|named| named.fits(&plain, address)) || is_approved() => allowed.push(*at),
                _ => asks.push(*at),
            }
        }
        match (allowed.is_empty(), asks.is_empty(), forbidden) {
            (false, ..) => Decision::Go(allowed),
            (true, false, _) => Decision::Ask(asks),
            (true, true, Some((address, why))) => Decision::Refuse(format!(
                "refused to send to {host}: {address} {why}; use another address of the target"
            )),
            (true, true, None) => Decision::Refuse(format!("{host} has no address: check the host name")),
        }
    }
}

impl fmt::Display for Approval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses: Vec<String> = self.addresses.iter().map(IpAddr::to_string).collect();
        write!(f, "{} ({})", self.host, addresses.join(", "))
    }
}
