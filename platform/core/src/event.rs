//! Domain events, audit entries, and results that may be replays.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::TenantId;

/// Something that happened, written to the outbox in the transaction that made it happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Unique; consumers are idempotent by it.
    pub id: Uuid,
    /// `area.aggregate.verb.vN`, such as `inventory.stock_movement.posted.v1`.
    pub kind: &'static str,
    /// What it happened to, such as `product`. Events of one aggregate are delivered in order.
    pub aggregate_type: &'static str,
    /// Which one.
    pub aggregate_id: Uuid,
    /// The event's own data; ids and values, no personal datum that its consumers do not need.
    pub payload: Value,
}

/// An event as a subscriber receives it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventEnvelope {
    /// Unique; handle each id once.
    pub id: Uuid,
    /// Place in its outbox.
    pub seq: i64,
    /// `area.aggregate.verb.vN`.
    pub kind: String,
    /// The tenant it belongs to; none for events of the platform.
    pub tenant_id: Option<TenantId>,
    /// What it happened to.
    pub aggregate_type: String,
    /// Which one.
    pub aggregate_id: Uuid,
    /// The event's own data.
    pub payload: Value,
    /// The request that caused it.
    pub request_id: String,
    /// When it was written.
    pub occurred_at: DateTime<Utc>,
}

/// Who did what, written in the transaction of the change.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// The permission-like name of what was done, such as `inventory.adjust`.
    pub action: &'static str,
    /// Kind of the thing changed, such as `product`.
    pub entity_type: &'static str,
    /// Which one; none for batches, whose ids are in `after`.
    pub entity_id: Option<Uuid>,
    /// The person concerned, when the entry is about a person.
    pub subject_id: Option<Uuid>,
    /// State before, without personal data.
    pub before: Option<Value>,
    /// State after, without personal data.
    pub after: Option<Value>,
}

impl AuditEntry {
    /// An entry about one entity.
    #[must_use]
    pub fn of(action: &'static str, entity_type: &'static str, entity_id: Uuid) -> Self {
        Self { action, entity_type, entity_id: Some(entity_id), subject_id: None, before: None, after: None }
    }

    /// An entry about many entities at once.
    #[must_use]
    pub fn batch(action: &'static str, entity_type: &'static str) -> Self {
        Self { action, entity_type, entity_id: None, subject_id: None, before: None, after: None }
    }

    /// Adds the state before.
    #[must_use]
    pub fn before(mut self, before: Value) -> Self {
        self.before = Some(before);
        self
    }

    /// Adds the state after.
    #[must_use]
    pub fn after(mut self, after: Value) -> Self {
        self.after = Some(after);
        self
    }

    /// Adds the person concerned.
    #[must_use]
    pub fn subject(mut self, subject_id: Uuid) -> Self {
        self.subject_id = Some(subject_id);
        self
    }
}

/// The result of an operation under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotent<T> {
    /// The result, the same for every try with one key.
    pub value: T,
    /// Whether it was stored by an earlier try.
    pub replayed: bool,
}

impl<T> Idempotent<T> {
    /// A result made just now.
    pub fn fresh(value: T) -> Self {
        Self { value, replayed: false }
    }

    /// Turns the result into another form.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Idempotent<U> {
        Idempotent { value: f(self.value), replayed: self.replayed }
    }
}
