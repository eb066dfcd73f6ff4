//! Who is on the other end of a connection, as far as "the same client" goes.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use nexus_core::network::network;

use super::agent;

/// The caller of a log-in or refresh: address prefix and user agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    fingerprint: String,
    network: String,
    site: Option<String>,
    shown: Shown,
}

/// What the holder of a session is told of a client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// The program, such as `Firefox`.
    pub family: Option<String>,
    /// What it runs on, such as `Windows`.
    pub system: Option<String>,
    /// The prefix of its address.
    pub network: Option<String>,
}

impl Client {
    /// A client by its address (as established through the trusted proxies) and user agent. Addresses are cut to /24 and /64: a phone changes the rest.
    pub fn new(address: Option<IpAddr>, user_agent: &str) -> Self {
        let site = address.map(|address| network(address, 24, 48)).filter(|site| site.addr().is_ipv6()).map(|site| site.to_string());
        let network = address.map_or_else(|| "unknown".to_owned(), |address| network(address, 24, 64).to_string());
        let digest = digest(&SHA256, format!("{network}|{user_agent}").as_bytes());
        let shown = Shown {
            family: agent::family(user_agent).map(str::to_owned),
            system: agent::system(user_agent).map(str::to_owned),
            network: address.is_some().then(|| network.clone()),
        };
        Self { fingerprint: hex::encode(digest.as_ref()), network, site, shown }
    }

    /// 64 hex digits; equal for the same client.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The address prefix, for counters.
    pub fn network(&self) -> &str {
        &self.network
    }

    /// What the holder of its session is told.
    pub fn shown(&self) -> &Shown {
        &self.shown
    }

    /// The /48 of an IPv6 address: what a site is given, with 65,536 networks in it.
    pub fn site(&self) -> Option<&str> {
        self.site.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_network_and_agent_is_the_same_client() {
        let client = |address: &str, agent: &str| Client::new(Some(address.parse().unwrap()), agent);
        assert_eq!(client("192.0.2.7", "curl"), client("192.0.2.200", "curl"));
        assert_eq!(client("::ffff:192.0.2.7", "curl"), client("192.0.2.7", "curl"));
        assert_eq!(client("2001:db8:1:2:3::4", "curl"), client("2001:db8:1:2:ffff::1", "curl"));
        assert_ne!(client("192.0.2.7", "curl"), client("192.0.3.7", "curl"));
        assert_ne!(client("192.0.2.7", "curl"), client("192.0.2.7", "Firefox"));
    }
}
