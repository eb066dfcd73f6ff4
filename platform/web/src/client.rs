//! The caller's network address, which only configured `trusted_proxies` may tell us.
//!
//! The peer of the connection is believed. Where it is a trusted proxy, `X-Forwarded-For` is read from its right end:
//! the first address that is no trusted proxy is the client; everything left of it is the client's own claim.

use std::net::IpAddr;

use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest};
use ipnet::IpNet;
use nexus_core::network;

/// Greatest number of hops that are read.
const MAX_HOPS: usize = 32;

/// The caller's address, in the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The caller's address; `None` where the request did not come over a network (tests).
#[must_use]
pub fn client_address(req: &HttpRequest) -> Option<IpAddr> {
    req.extensions().get::<ClientAddress>().map(|address| address.0)
}

pub(crate) fn resolve(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut client = peer?.to_canonical();
    if !is_trusted(&client) {
        return Some(client);
    }
    let lines: Vec<&[u8]> = headers.get_all("x-forwarded-for").map(|value| value.as_bytes()).collect();
    // As bytes: what a client wrote in front must not make the hop unreadable that the proxy appended to the same line.
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(|byte| *byte == b',')).take(MAX_HOPS) {
        let Some(address) = std::str::from_utf8(hop).ok().and_then(parse) else { break };
        client = address;
        if !is_trusted(&client) {
            break;
        }
    }
    Some(client)
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    hop.parse::<IpAddr>()
        .ok()
        .or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
        .map(|address| address.to_canonical())
}

/// The address as it is counted: an IPv6 client owns at least its /64.
#[must_use]
pub fn network(address: IpAddr) -> IpNet {
    network::network(address, 32, 64)
}

/// What many addresses of one owner have in common.
pub(crate) fn site(address: IpAddr) -> IpNet {
    network::network(address, 24, 48)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn forwarded(lines: &[impl AsRef<[u8]>]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_bytes(line.as_ref()).unwrap());
        }
        headers
    }

    fn client<L: AsRef<[u8]>>(peer: &str, lines: &[L]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        resolve(Some(peer.parse().unwrap()), &forwarded(lines), &trusted).unwrap().to_string()
    }

    #[test]
    fn an_untrusted_peer_speaks_for_itself_only() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn the_rightmost_untrusted_hop_is_the_client_and_what_it_claims_is_ignored() {
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 198.51.100.7, 10.9.9.9"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &["1.2.3.4", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("::1", &["[2001:db8::5]:4433"]), "2001:db8::5");
        assert_eq!(client("10.0.0.1", &["1.2.3.4, nonsense"]), "10.0.0.1");
        assert_eq!(client::<&str>("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn bytes_that_a_client_wrote_hide_no_hop_that_a_proxy_appended() {
        assert_eq!(client("10.0.0.1", &[b"\xff, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &[b"198.51.100.77".as_slice(), b"\xff, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &[b"198.51.100.77, \xff, 10.9.9.9"]), "10.9.9.9", "nothing left of what can't be read is believed");
        assert_eq!(client("10.0.0.1", &[b"198.51.100.77".as_slice(), b"\xff"]), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_client_is_counted_by_its_network() {
        assert_eq!(network("2001:db8:1:2:3:4:5:6".parse().unwrap()).to_string(), "2001:db8:1:2::/64");
        assert_eq!(network("192.0.2.1".parse().unwrap()).to_string(), "192.0.2.1/32");
    }
}
