//! Answers that are made and not sent yet: how many bytes of them there are, and whose they are.
//!
//! An answer's memory is free once its client has read it. So the bytes are counted, in all and by sender, by the rule of the places: an organization may have
//! as many of them waiting as it leaves free; those who are not known to be of one count by network address and have half of all together.
//!
//! That is no bound on all of them: who has none waiting may have one answer whatever the others have, and what was changed is told in any case. The bound
//! that always holds is one answer, of the greatest size an operation gives, for each connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::senders::{Sender, Senders};
use super::{Refused, floor};

/// The bytes of answers that wait for their clients.
pub(super) struct Unsent {
    most: usize,
    counts: Mutex<Senders>,
}

/// The bytes of one answer, until it is dropped.
pub(crate) struct Leaving {
    unsent: Arc<Unsent>,
    sender: Sender,
    bytes: usize,
}

impl Unsent {
    /// About so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { most, counts: Mutex::default() }
    }

    /// Counts an answer, unless there are too many bytes of this sender's. Who has none waiting may have one answer, however large. `owed`: what was asked for
    /// is done, and its answer is given in any case.
    pub(super) fn begin(self: &Arc<Self>, sender: Sender, bytes: usize, owed: bool) -> Result<Leaving, Refused> {
        let mut counts = self.lock();
        let before = counts.held_by(sender);
        if !owed && before > 0 {
            let free = counts.free_for(sender, self.most).saturating_sub(bytes);
            if before.saturating_add(bytes) > free.max(floor(self.most)) {
                return Err(if sender.is_stranger() { Refused::Unsent } else { Refused::UnsentShare });
            }
        }
        counts.add(sender, bytes);
        Ok(Leaving { unsent: Arc::clone(self), sender, bytes })
    }

    /// How many bytes there are.
    pub(super) fn bytes(&self) -> usize {
        self.lock().all()
    }

    fn lock(&self) -> MutexGuard<'_, Senders> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.unsent.lock().remove(self.sender, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use nexus_core::TenantId;
    use uuid::Uuid;

    use super::*;

    fn fill(unsent: &Arc<Unsent>, tenant: u128, bytes: usize) -> Vec<Leaving> {
        let sender = Sender::Tenant(TenantId(Uuid::from_u128(tenant)));
        std::iter::from_fn(|| unsent.begin(sender, bytes, false).ok()).collect()
    }

    #[test]
    fn one_organization_leaves_half_and_everybody_gets_one_answer() {
        let unsent = Arc::new(Unsent::new(120));
        let first = fill(&unsent, 1, 10);
        let second = fill(&unsent, 2, 10);
        assert_eq!((first.len(), second.len(), fill(&unsent, 3, 1_000).len()), (6, 3, 1));
        let owed = unsent.begin(Sender::Tenant(TenantId(Uuid::from_u128(1))), 50, true).unwrap();
        assert_eq!(unsent.bytes(), 140, "what is done is told");
        drop((first, second, owed));
        assert_eq!((unsent.bytes(), unsent.lock().holders()), (0, 0), "nothing is left of what was counted");
    }

    #[test]
    fn strangers_have_half_together() {
        let unsent = Arc::new(Unsent::new(64));
        let of = |number: u8| Sender::Stranger(Some(IpAddr::from([192, 0, 2, number]).into()));
        let one: Vec<_> = std::iter::from_fn(|| unsent.begin(of(1), 2, false).ok()).collect();
        assert_eq!((one.len(), unsent.begin(of(1), 2, false).err()), (8, Some(Refused::Unsent)));
        assert_eq!(fill(&unsent, 1, 2).len(), 12, "an organization has half of what is left");
    }
}
