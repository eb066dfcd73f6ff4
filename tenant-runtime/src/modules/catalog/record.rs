//! Audit entry and event of a change: always both, always in the transaction of the change.

use nexus_core::{AuditEntry, Event};
use nexus_infra::Tx;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// The kinds of events of the catalogue.
pub(super) const EVENTS: &[&str] = &[
    "catalog.product.created.v1",
    "catalog.product.updated.v1",
    "catalog.product.archived.v1",
    "catalog.product.deleted.v1",
    "catalog.products.upserted.v1",
    "catalog.variant.created.v1",
    "catalog.variant.updated.v1",
    "catalog.variant.archived.v1",
    "catalog.variant.deleted.v1",
    "catalog.category.created.v1",
    "catalog.category.updated.v1",
    "catalog.category.deleted.v1",
    "catalog.tag.created.v1",
    "catalog.tag.updated.v1",
    "catalog.tag.deleted.v1",
];

/// What happened, in the words of the audit log and of the event.
pub(super) struct Change {
    /// Action of the audit entry, such as `products.write`.
    pub(super) action: &'static str,
    /// Kind of the event.
    pub(super) event: &'static str,
    /// Kind of the thing.
    pub(super) entity: &'static str,
}

/// Records one change with the states before and after it.
pub(super) fn change<T: Serialize>(tx: &Tx, what: &Change, id: Uuid, before: Option<&T>, after: Option<&T>) {
    let mut entry = AuditEntry::of(what.action, what.entity, id);
    if let Some(before) = before {
        entry = entry.before(value(before));
    }
    if let Some(after) = after {
        entry = entry.after(value(after));
    }
    tx.audit(entry);
    let payload = after.or(before).map(value).unwrap_or_default();
    tx.emit(Event { id: tx.new_id(), kind: what.event, aggregate_type: what.entity, aggregate_id: id, payload });
}

fn value<T: Serialize>(state: &T) -> Value {
    serde_json::to_value(state).unwrap_or_default()
}
