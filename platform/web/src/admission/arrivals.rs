//! Bodies that come slowly: how many are waited for, and whose they are.
//!
//! They hold no place, but memory and a connection. So there are no more of them than places, and whoever sends slowly uses up a part of their own, by the
//! rule of the places: an organization may have as many on their way as it leaves free. Who is not known to be of one counts by network address, and all such
//! senders together have half at most: strangers, however many their addresses, keep no organization's bodies out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::senders::{Sender, Senders};
use super::{Refused, floor};

/// The bodies on their way.
pub(super) struct Arrivals {
    most: usize,
    counts: Mutex<Senders>,
}

/// A body on its way, until it is dropped.
pub(super) struct Arriving {
    arrivals: Arc<Arrivals>,
    sender: Sender,
}

impl Arrivals {
    /// At most so many.
    pub(super) fn new(most: usize) -> Self {
        Self { most, counts: Mutex::default() }
    }

    /// Counts a body, unless there are too many, or too many of this sender's.
    pub(super) fn begin(self: &Arc<Self>, sender: Sender) -> Result<Arriving, Refused> {
        let mut counts = self.lock();
        let free = counts.free_for(sender, self.most);
        if free == 0 {
            return Err(Refused::Arrivals);
        }
        if counts.held_by(sender) + 1 > (free - 1).max(floor(self.most)) {
            return Err(Refused::ArrivalShare);
        }
        counts.add(sender, 1);
        Ok(Arriving { arrivals: Arc::clone(self), sender })
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.lock().all()
    }

    fn lock(&self) -> MutexGuard<'_, Senders> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.arrivals.lock().remove(self.sender, 1);
    }
}

#[cfg(test)]
mod tests {
    use nexus_core::TenantId;
    use uuid::Uuid;

    use std::net::IpAddr;

    use super::*;

    fn tenant(number: u128) -> Sender {
        Sender::Tenant(TenantId(Uuid::from_u128(number)))
    }

    fn stranger(number: u8) -> Sender {
        Sender::Stranger(Some(IpAddr::from([192, 0, 2, number]).into()))
    }

    /// As many as one sender gets.
    fn fill(arrivals: &Arc<Arrivals>, sender: Sender) -> (Vec<Arriving>, Refused) {
        let mut held = Vec::new();
        loop {
            match arrivals.begin(sender) {
                Ok(arriving) => held.push(arriving),
                Err(why) => return (held, why),
            }
        }
    }

    #[test]
    fn one_organization_leaves_half_and_two_a_third() {
        let arrivals = Arc::new(Arrivals::new(12));
        let (first, why) = fill(&arrivals, tenant(1));
        assert_eq!((first.len(), why), (6, Refused::ArrivalShare));
        let (second, _) = fill(&arrivals, tenant(2));
        let (third, _) = fill(&arrivals, tenant(3));
        assert_eq!((second.len(), third.len()), (3, 1));
        assert!(arrivals.begin(tenant(4)).is_ok(), "and there is room for another");
        drop((first, second, third));
        assert_eq!(fill(&arrivals, tenant(1)).0.len(), 6, "nothing is left of what was counted");
        assert_eq!(arrivals.lock().holders(), 0);
    }

    #[test]
    fn strangers_have_half_however_many_addresses_they_send_from() {
        let arrivals = Arc::new(Arrivals::new(64));
        let (one, why) = fill(&arrivals, stranger(1));
        assert_eq!((one.len(), why), (16, Refused::ArrivalShare), "half of the strangers' half");
        let many: Vec<_> = (2..=64).flat_map(|number| fill(&arrivals, stranger(number)).0).collect();
        assert_eq!((one.len() + many.len(), arrivals.count()), (32, 32));
        assert_eq!(arrivals.begin(stranger(65)).err(), Some(Refused::Arrivals));
        assert_eq!(fill(&arrivals, tenant(1)).0.len(), 16, "an organization has half of what is left");
    }

    #[test]
    fn there_are_never_more_than_so_many() {
        for most in [1, 2, 3, 64] {
            let arrivals = Arc::new(Arrivals::new(most));
            let all: Vec<_> = (1..=200).flat_map(|number| fill(&arrivals, tenant(number)).0).collect();
            assert_eq!((all.len(), arrivals.count()), (most, most));
            assert_eq!(arrivals.begin(stranger(1)).err(), Some(Refused::Arrivals));
        }
    }
}
