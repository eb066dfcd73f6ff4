//! Audit entries, events and the idempotency result of one transaction, written in one statement.
//!
//! Rows travel as JSON and are unpacked by the server: one round trip and one prepared statement, however many rows.

use chrono::{DateTime, Utc};
use nexus_core::{AuditEntry, Event, Origin};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::idempotency::IdempotencyKey;
use super::{DbError, TxConn};

/// What waits for the commit.
#[derive(Debug, Default)]
pub(super) struct Buffered {
    pub(super) audit: Vec<(Uuid, AuditEntry)>,
    pub(super) events: Vec<Event>,
    /// Background work waits even without an event.
    pub(super) wake: bool,
}

impl Buffered {
    /// Whether the relay or the job runner has something to do after the commit.
    pub(super) fn wakes(&self) -> bool {
        self.wake || !self.events.is_empty()
    }
}

/// The result to be stored under an idempotency key.
pub(super) struct Stored<'a> {
    pub(super) key: &'a IdempotencyKey,
    pub(super) response: Value,
}

/// `n` keeps the order of the calls in the identity column `seq`.
const FLUSH: &str = "\
WITH audit AS (
    INSERT INTO audit_log (id, action, entity_type, entity_id, subject_id, actor_kind, actor_id, request_id, before, after, recorded_at)
    SELECT a.id, a.action, a.entity_type, a.entity_id, a.subject_id, $1, $2, $3, a.before, a.after, clock_timestamp()
    FROM jsonb_to_recordset($4) AS a(n int, id uuid, action text, entity_type text, entity_id uuid, subject_id uuid, before jsonb, after jsonb)
    ORDER BY a.n
), events AS (
    INSERT INTO outbox (id, kind, aggregate_type, aggregate_id, payload, request_id, occurred_at)
    SELECT e.id, e.kind, e.aggregate_type, e.aggregate_id, coalesce(e.payload, 'null'), $3, $6
    FROM jsonb_to_recordset($5) AS e(n int, id uuid, kind text, aggregate_type text, aggregate_id uuid, payload jsonb)
    ORDER BY e.n
)
INSERT INTO idempotency_keys (scope, key, fingerprint, response, created_at)
SELECT i.scope, i.key, i.fingerprint, i.response, $6
FROM jsonb_to_recordset($7) AS i(scope text, key text, fingerprint text, response jsonb)";

/// Writes everything; without anything to write it costs no round trip.
pub(super) async fn flush(
    conn: &TxConn,
    origin: &Origin,
    now: DateTime<Utc>,
    buffered: &Buffered,
    stored: Option<Stored<'_>>,
) -> Result<(), DbError> {
    if buffered.audit.is_empty() && buffered.events.is_empty() && stored.is_none() {
        return Ok(());
    }
    conn.execute_raw(statement(origin, now, buffered, stored)).await?;
    Ok(())
}

fn statement(origin: &Origin, now: DateTime<Utc>, buffered: &Buffered, stored: Option<Stored<'_>>) -> Statement {
    let audit: Vec<Value> = buffered.audit.iter().enumerate().map(|(n, (id, entry))| audit_row(n, *id, entry)).collect();
    let events: Vec<Value> = buffered.events.iter().enumerate().map(|(n, event)| event_row(n, event)).collect();
    let stored: Vec<Value> = stored.map(stored_row).into_iter().collect();
    Statement::from_sql_and_values(
        DbBackend::Postgres,
        FLUSH,
        [
            origin.actor.kind.as_str().into(),
            origin.actor.id.into(),
            origin.request_id.as_str().into(),
            Value::Array(audit).into(),
            Value::Array(events).into(),
            now.into(),
            Value::Array(stored).into(),
        ],
    )
}

fn audit_row(n: usize, id: Uuid, entry: &AuditEntry) -> Value {
    json!({
        "n": n, "id": id, "action": entry.action, "entity_type": entry.entity_type, "entity_id": entry.entity_id,
        "subject_id": entry.subject_id, "before": entry.before, "after": entry.after,
    })
}

fn event_row(n: usize, event: &Event) -> Value {
    json!({
        "n": n, "id": event.id, "kind": event.kind, "aggregate_type": event.aggregate_type,
        "aggregate_id": event.aggregate_id, "payload": event.payload,
    })
}

/// The response is wrapped: a bare JSON `null` (a result of unit type) would be unpacked as SQL NULL.
fn stored_row(stored: Stored<'_>) -> Value {
    json!({
        "scope": stored.key.scope, "key": stored.key.key, "fingerprint": stored.key.fingerprint,
        "response": { "value": stored.response },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use nexus_core::{Actor, Origin};

    #[test]
    fn rows_keep_the_order_of_the_calls() {
        let id = Uuid::nil();
        let mut buffered = Buffered::default();
        for action in ["a.first", "a.second"] {
            buffered.audit.push((id, AuditEntry::of(action, "product", id)));
        }
        let origin = Origin { actor: Actor::SYSTEM, request_id: "r".into() };
        let built = statement(&origin, DateTime::UNIX_EPOCH, &buffered, None);
        let values = built.values.unwrap().0;
        assert_eq!(values.len(), 7);
        let shown = format!("{:?}", values[3]);
        assert!(shown.find("a.first").unwrap() < shown.find("a.second").unwrap());
    }

    #[test]
    fn a_unit_result_is_stored_as_something() {
        let key = IdempotencyKey { scope: "s".into(), key: "k".into(), fingerprint: "f".into() };
        let row = stored_row(Stored { key: &key, response: Value::Null });
        assert_eq!(row["response"], json!({ "value": null }));
    }

    #[test]
    fn only_events_and_explicit_calls_wake_the_background() {
        let mut buffered = Buffered::default();
        buffered.audit.push((Uuid::nil(), AuditEntry::batch("a", "b")));
        assert!(!buffered.wakes());
        buffered.wake = true;
        assert!(buffered.wakes());
    }
}
