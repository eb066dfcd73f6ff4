//! What a change of a thing leaves behind: its audit entry and its event, always both, always in the transaction of the change.
//!
//! The audit log speaks one language: `<resource>.<verb>`. What happens to a thing itself is `create`, `update`, `archive`, `restore` or
//! `delete`; an operation that is more than that goes by its own name (`inventory.adjust`, `jobs.cancel`). Each slice names its changes
//! once, as constants.
//!
//! A change is recorded by what differs: the entry has each changed field before and after, the event its new value, both with the thing's `id`. What is made or
//! deleted is recorded whole. A state larger than 64 KiB loses its largest values to `{"omitted_bytes": n}`. Who needs the whole thing reads it by its id.

mod difference;

pub(crate) use difference::bounded;

use nexus_core::{AuditEntry, Event};
use nexus_infra::Tx;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// What happens to a thing, in the words of the audit log and of the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Change {
    /// Action of the audit entry, such as `products.update`.
    pub(crate) action: &'static str,
    /// Kind of the event, such as `catalog.product.updated.v1`.
    pub(crate) event: &'static str,
    /// Kind of the thing, such as `product`.
    pub(crate) entity: &'static str,
}

impl Change {
    /// Records it, with the states before and after it.
    pub(crate) fn record<T: Serialize>(&self, tx: &Tx, id: Uuid, before: Option<&T>, after: Option<&T>) {
        let (before, after) = states(before, after);
        let payload = after.clone().or_else(|| before.clone()).unwrap_or_default();
        tx.audit(AuditEntry { before, after, ..AuditEntry::of(self.action, self.entity, id) });
        tx.emit(Event { id: tx.new_id(), kind: self.event, aggregate_type: self.entity, aggregate_id: id, payload });
    }
}

/// What is kept of the states before and after a change.
pub(crate) fn states<T: Serialize>(before: Option<&T>, after: Option<&T>) -> (Option<Value>, Option<Value>) {
    match (before.map(value), after.map(value)) {
        (Some(before), Some(after)) => {
            let (before, after) = difference::between(&before, &after);
            (Some(bounded(before)), Some(bounded(after)))
        }
        (before, after) => (before.map(bounded), after.map(bounded)),
    }
}

fn value<T: Serialize>(state: &T) -> Value {
    serde_json::to_value(state).unwrap_or_default()
}

/// What became of a thing that was to go: nothing refers to it, or its history does.
#[derive(Debug)]
pub(crate) enum Removal<T> {
    /// Gone; answered 204.
    Deleted,
    /// Kept for its history, and out of use; answered 200 with what it is now.
    Archived(T),
}
