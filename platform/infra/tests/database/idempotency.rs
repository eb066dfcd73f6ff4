//! One effect and one answer per key, however often and however parallel.

use std::cell::Cell;

use nexus_core::{AuditEntry, Event, Problem};
use nexus_infra::{DbError, IdempotencyKey, Tx, WriteError};
use nexus_infra::{IdempotencyError, postgres::idempotency};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use crate::stack::Database;

#[derive(Debug)]
enum Failure {
    Db(DbError),
    Key(IdempotencyError),
    Rule,
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<IdempotencyError> for Failure {
    fn from(error: IdempotencyError) -> Self {
        Self::Key(error)
    }
}

impl WriteError for Failure {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

fn key(fingerprint: &str) -> IdempotencyKey {
    IdempotencyKey { scope: "user:1 POST /orders".into(), key: "k".into(), fingerprint: fingerprint.into() }
}

fn change(tx: &Tx) {
    let id = tx.new_id();
    tx.audit(AuditEntry::of("catalog.create", "product", id).after(json!({"name": "tea"})));
    tx.audit(AuditEntry::batch("catalog.touch", "product"));
    tx.emit(Event { id: tx.new_id(), kind: "catalog.product.created.v1", aggregate_type: "product", aggregate_id: id, payload: json!({"n": 1}) });
}

#[tokio::test]
async fn the_second_try_gets_the_first_result_and_changes_nothing() {
    let it = Database::new().await;
    let calls = Cell::new(0);
    let first_key = key("a");
    for round in 0..3 {
        let done = it.db.write_once("test", &it.clock, &it.origin, Some(&first_key), async |tx| {
            calls.set(calls.get() + 1);
            change(tx);
            Ok::<_, Failure>(json!({"total": "12.50"}))
        });
        let done = done.await.unwrap();
        assert_eq!((done.value, done.replayed), (json!({"total": "12.50"}), round > 0));
    }
    assert_eq!(calls.get(), 1);
    assert_eq!(it.count("SELECT count(*) FROM audit_log").await, 2);
    assert_eq!(
        it.count(
            "SELECT count(*) FROM audit_log WHERE action = 'catalog.create' AND actor_kind = 'user' AND before IS NULL AND after ->> 'name' = 'tea'"
        )
        .await,
        1
    );
    assert_eq!(it.count("SELECT count(*) FROM outbox WHERE request_id = 'test' AND payload = '{\"n\": 1}'").await, 1);
    let reused = it.db.write_once("test", &it.clock, &it.origin, Some(&key("b")), async |_| Ok::<_, Failure>(json!(null))).await;
    assert!(matches!(reused, Err(Failure::Key(IdempotencyError::Reused))));
    it.drop().await;
}

#[tokio::test]
async fn a_failed_try_stores_nothing_and_a_unit_result_replays() {
    let it = Database::new().await;
    let first_key = key("a");
    let failed = it.db.write_once::<(), _, _>("test", &it.clock, &it.origin, Some(&first_key), async |tx| {
        change(tx);
        Err(Failure::Rule)
    });
    assert!(matches!(failed.await, Err(Failure::Rule)));
    assert_eq!(it.count("SELECT count(*) FROM idempotency_keys").await + it.count("SELECT count(*) FROM outbox").await, 0);
    for replayed in [false, true] {
        let done = it.db.write_once("test", &it.clock, &it.origin, Some(&key("a")), async |_| Ok::<(), Failure>(())).await.unwrap();
        assert_eq!(done.replayed, replayed);
    }
    assert_eq!(idempotency::purge(&it.db, it.clock.now() + chrono::TimeDelta::hours(1)).await.unwrap(), 1);
    it.drop().await;
}

#[tokio::test]
async fn of_two_tries_at_once_one_is_told_to_come_back() {
    let it = Database::new().await;
    let (other, first_key) = (it.db.clone(), key("a"));
    let done = it.db.write_once("outer", &it.clock, &it.origin, Some(&first_key), async |_| {
        let inner = other.write_once("inner", &it.clock, &it.origin, Some(&key("a")), async |_| Ok::<_, Failure>(1)).await;
        assert!(matches!(inner, Err(Failure::Key(IdempotencyError::InFlight))));
        Ok::<_, Failure>(2)
    });
    assert_eq!(done.await.unwrap().value, 2);
    it.drop().await;
}

#[tokio::test]
async fn a_serialization_failure_repeats_the_whole_transaction() {
    let it = Database::new().await;
    let calls = Cell::new(0);
    let done = it.db.write("test", &it.clock, &it.origin, async |tx| {
        calls.set(calls.get() + 1);
        change(tx);
        if calls.get() < 3 {
            tx.conn()
                .execute_unprepared("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = 'serialization_failure'; END $$")
                .await
                .map_err(DbError::from)?;
        }
        Ok::<_, Problem>(())
    });
    done.await.unwrap();
    assert_eq!((calls.get(), it.count("SELECT count(*) FROM outbox").await), (3, 1));
    it.drop().await;
}

#[tokio::test]
async fn a_constraint_reaches_the_service_by_name() {
    let it = Database::new().await;
    let twice = it.db.write("test", &it.clock, &it.origin, async |tx| {
        let event = Event { id: Uuid::from_u128(5), kind: "a.b.v1", aggregate_type: "a", aggregate_id: Uuid::nil(), payload: json!(null) };
        tx.emit(event.clone());
        tx.emit(event);
        Ok::<_, DbError>(())
    });
    assert!(twice.await.unwrap_err().violates("outbox_id_key"));
    it.drop().await;
}

#[tokio::test]
async fn a_snapshot_refuses_to_write() {
    let it = Database::new().await;
    let sneaky = it.db.read_snapshot("test", &it.clock, &it.origin, async |tx| {
        tx.audit(AuditEntry::batch("a.b", "c"));
        Ok::<_, DbError>(())
    });
    assert!(sneaky.await.is_err());
    let write = it.db.read_snapshot("test", &it.clock, &it.origin, async |tx| {
        tx.conn().execute_unprepared("DELETE FROM settings").await?;
        Ok::<_, DbError>(())
    });
    assert!(write.await.is_err());
    it.drop().await;
}
