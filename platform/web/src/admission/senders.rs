//! What clients take up, in all and by whom: the counts under the rule of the places, whatever is counted.
//!
//! An organization may have as much as it leaves free. Who is not known to be of one counts by network address, and all such senders together have half at
//! most: strangers, however many their addresses, keep no organization out.

use std::collections::HashMap;

use ipnet::IpNet;
use nexus_core::TenantId;

/// Whose something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sender {
    /// An organization's, by a verified credential.
    Tenant(TenantId),
    /// Anybody else's, by the network they send from.
    Stranger(Option<IpNet>),
}

impl Sender {
    pub(super) fn is_stranger(self) -> bool {
        matches!(self, Self::Stranger(_))
    }
}

/// The counts.
#[derive(Default)]
pub(super) struct Senders {
    all: usize,
    strangers: usize,
    /// Who has nothing takes no memory.
    held: HashMap<Sender, usize>,
}

impl Senders {
    pub(super) fn all(&self) -> usize {
        self.all
    }

    /// How many have anything.
    #[cfg(test)]
    pub(super) fn holders(&self) -> usize {
        self.held.len()
    }

    pub(super) fn held_by(&self, sender: Sender) -> usize {
        self.held.get(&sender).copied().unwrap_or_default()
    }

    /// What is left for `sender` of `most` in all.
    pub(super) fn free_for(&self, sender: Sender, most: usize) -> usize {
        let free = most.saturating_sub(self.all);
        if sender.is_stranger() { free.min(most.div_ceil(2).saturating_sub(self.strangers)) } else { free }
    }

    pub(super) fn add(&mut self, sender: Sender, amount: usize) {
        self.all = self.all.saturating_add(amount);
        if sender.is_stranger() {
            self.strangers = self.strangers.saturating_add(amount);
        }
        let held = self.held.entry(sender).or_default();
        *held = held.saturating_add(amount);
    }

    pub(super) fn remove(&mut self, sender: Sender, amount: usize) {
        self.all = self.all.saturating_sub(amount);
        if sender.is_stranger() {
            self.strangers = self.strangers.saturating_sub(amount);
        }
        if let Some(held) = self.held.get_mut(&sender) {
            *held = held.saturating_sub(amount);
            if *held == 0 {
                self.held.remove(&sender);
            }
        }
    }
}
