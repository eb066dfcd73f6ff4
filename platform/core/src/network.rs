//! What of a network address callers are counted by: its owner changes the rest at will.

use std::net::IpAddr;

use ipnet::IpNet;

/// What many networks of one owner have in common is a site, which may do so many times what one of them may.
pub const NETWORKS_OF_A_SITE: u32 = 4;

/// The network of an address: so many bits of it, by the kind of address. An IPv4 address in an IPv6 one is the former.
#[must_use]
pub fn network(address: IpAddr, v4: u8, v6: u8) -> IpNet {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { v4 } else { v6 };
    IpNet::new(address, bits).map_or_else(|_| address.into(), |network| network.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_bits_are_kept_as_the_kind_of_address_is_given() {
        let of = |address: &str| network(address.parse().unwrap(), 24, 48).to_string();
        assert_eq!(of("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
        assert_eq!(network("192.0.2.77".parse().unwrap(), 32, 64).to_string(), "192.0.2.77/32");
        assert_eq!(network("192.0.2.77".parse().unwrap(), 99, 64).to_string(), "192.0.2.77/32", "more than there are is all");
    }
}
