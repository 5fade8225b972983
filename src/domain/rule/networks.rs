//! Networks by their prefixes, and what is in one.

use std::net::IpAddr;

use ipnet::IpNet;

/// Whether an address is in one of the networks. An IPv4 address or network that was written as IPv6 (RFC 4291 section
/// 2.5.5.2) is an IPv4 one.
pub fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| canonical(*network).contains(&address))
}

fn canonical(network: IpNet) -> IpNet {
    let mapped = || network.prefix_len().checked_sub(96).zip(Some(network.addr().to_canonical()));
    match mapped() {
        Some((bits, IpAddr::V4(address))) if network.addr().is_ipv6() => {
            IpNet::new(address.into(), bits).unwrap_or(network)
        }
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv4_address_is_one_however_it_is_written() {
        let holds = |network: &str, address: &str| contains(&[network.parse().unwrap()], address.parse().unwrap());
        for network in ["10.0.0.0/8", "::ffff:10.0.0.0/104", "::ffff:0:0/96", "0.0.0.0/0"] {
            assert!(holds(network, "10.0.0.1") && holds(network, "::ffff:10.0.0.1"), "{network}");
        }
        for (network, address) in
            [("::ffff:10.0.0.0/104", "11.0.0.1"), ("::/0", "10.0.0.1"), ("10.0.0.0/8", "::10.0.0.1")]
        {
            assert!(!holds(network, address), "{network} {address}");
        }
        assert!(holds("2001:db8::/32", "2001:db8::1") && holds("::/0", "::1"));
    }
}
