//! Client connections by the network they come from: one may have as many as it leaves free to the others, and at least one in 32 of all. So nobody without
//! a credential fills the server up with connections that ask for nothing.
//!
//! A trusted proxy stands for many clients and is not counted.

use std::any::Any;
use std::collections::HashMap;
use std::net::{IpAddr, Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::dev::Extensions;
use ipnet::IpNet;
use metrics::{Unit, counter, describe_counter};

use crate::client::network;

const REFUSED: &str = "nexus_http_connections_refused_total";
/// One in so many connections is anybody's.
const LEAST_PART: usize = 32;

/// The connections of a server.
pub(super) struct Connections {
    most: usize,
    trusted: Vec<IpNet>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_network: HashMap<IpNet, usize>,
}

/// A connection that is counted until it ends.
struct Counted {
    connections: Arc<Connections>,
    network: IpNet,
}

impl Connections {
    pub(super) fn new(most: usize, trusted: &[IpNet]) -> Arc<Self> {
        describe_counter!(REFUSED, Unit::Count, "Connections that were closed at once because their network has its part already");
        Arc::new(Self { most, trusted: trusted.to_vec(), open: Mutex::default() })
    }

    /// Counts a new connection, or closes it. For the server's `on_connect`; what is put into `extensions` lives as long as the connection.
    pub(super) fn on_connect(self: &Arc<Self>, io: &dyn Any, extensions: &mut Extensions) {
        let Some(stream) = io.downcast_ref::<actix_web::rt::net::TcpStream>() else { return };
        // Gone already.
        let Ok(peer) = stream.peer_addr() else { return };
        match self.enter(peer.ip().to_canonical()) {
            Entry::Counted(counted) => {
                extensions.insert(counted);
            }
            Entry::Exempt => {}
            Entry::Refused => {
                counter!(REFUSED).increment(1);
                // There is nothing to be read, so the server ends it without a word.
                if let Ok(same) = stream.as_fd().try_clone_to_owned() {
                    let _ = TcpStream::from(same).shutdown(Shutdown::Both);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(self: &Arc<Self>, address: IpAddr) -> Entry {
        if self.trusted.iter().any(|net| net.contains(&address)) {
            return Entry::Exempt;
        }
        let network = network(address);
        let mut open = self.lock();
        let part = self.most.saturating_sub(open.all).max(self.most / LEAST_PART).max(1);
        let own = open.by_network.entry(network).or_default();
        if *own >= part {
            return Entry::Refused;
        }
        *own += 1;
        open.all += 1;
        Entry::Counted(Counted { connections: Arc::clone(self), network })
    }
}

enum Entry {
    Counted(Counted),
    Exempt,
    Refused,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        open.all -= 1;
        if let Some(own) = open.by_network.get_mut(&self.network) {
            *own -= 1;
            if *own == 0 {
                open.by_network.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enters(connections: &Arc<Connections>, address: &str, times: usize) -> Vec<Counted> {
        let address: IpAddr = address.parse().unwrap();
        (0..times)
            .map_while(|_| match connections.enter(address) {
                Entry::Counted(counted) => Some(counted),
                Entry::Exempt | Entry::Refused => None,
            })
            .collect()
    }

    #[test]
    fn one_network_leaves_as_many_free_as_it_has_and_the_next_still_finds_room() {
        let connections = Connections::new(320, &[]);
        let first = enters(&connections, "192.0.2.1", 1_000);
        assert_eq!(first.len(), 160);
        let second = enters(&connections, "2001:db8::1", 1_000);
        let same = enters(&connections, "2001:db8::2", 1_000);
        assert_eq!((second.len(), same.len()), (80, 0), "a /64 is one network");
        let many: Vec<_> = (0..100).flat_map(|number| enters(&connections, &format!("198.51.100.{number}"), 1)).collect();
        assert_eq!(many.len(), 100);
        drop(first);
        assert_eq!(enters(&connections, "2001:db8::3", 1_000).len(), 30);
        drop((second, many));
        let open = connections.lock();
        assert!(open.all == 0 && open.by_network.is_empty(), "what is not there is not remembered");
    }

    #[test]
    fn everybody_has_a_part_however_full_it_is_and_proxies_are_not_counted() {
        let connections = Connections::new(64, &["10.0.0.0/8".parse().unwrap()]);
        let _full: Vec<_> = (0..40).flat_map(|number| enters(&connections, &format!("198.51.100.{number}"), 64)).collect();
        assert_eq!(enters(&connections, "192.0.2.1", 9).len(), 2);
        assert!(matches!(connections.enter("10.1.2.3".parse().unwrap()), Entry::Exempt));
    }
}
