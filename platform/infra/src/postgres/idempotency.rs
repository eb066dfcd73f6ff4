//! Idempotency keys: the second try of a request gets the first one's result.
//!
//! Invariants:
//! - A result is stored in the transaction of its effect; what failed is not stored and may be tried again.
//! - Two tries at once: one wins an advisory lock, the other is told to come back. The table's primary key backs
//!   that up for the moment between a snapshot and the lock.
//! - The same key with another request is refused, never answered with a foreign result.
//!
//! Deliberately not here: the key's scope and the fingerprint, which the HTTP layer builds.

use std::time::Duration;

use chrono::{DateTime, Utc};
use nexus_core::{ErrorCode, Problem};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::watch::STATEMENT;
use super::{Db, DbError, TxConn, advisory};

/// The primary key that catches two tries that did not see each other.
pub(super) const PRIMARY_KEY: &str = "idempotency_keys_pkey";

/// A caller's promise that tries under this key are one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// Principal and route: keys of different callers never meet.
    pub scope: String,
    /// The caller's key.
    pub key: String,
    /// Digest of the request body.
    pub fingerprint: String,
}

/// Why a request under a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdempotencyError {
    /// The first try is still running.
    #[error("a request with this idempotency key is in flight")]
    InFlight,
    /// The key belongs to another request.
    #[error("this idempotency key was used with another request")]
    Reused,
    /// The first answer held a secret, which is shown once and not stored.
    #[error("the first answer to this idempotency key held a secret and is not stored")]
    SecretNotReplayable,
}

/// 409: an answer that held a secret can't be given twice.
pub const SECRET_NOT_REPLAYABLE: ErrorCode = ErrorCode {
    code: "SECRET_NOT_REPLAYABLE",
    status: 409,
    summary: "The first answer to this idempotency key held a secret, which is shown only once.",
};

impl From<IdempotencyError> for Problem {
    fn from(error: IdempotencyError) -> Self {
        match error {
            IdempotencyError::InFlight => Problem::new(ErrorCode::CONFLICT, "A request with this Idempotency-Key is in flight. Try again shortly.")
                .retry_after(Duration::from_secs(1)),
            IdempotencyError::Reused => Problem::new(
                ErrorCode::IDEMPOTENCY_KEY_REUSED,
                "This Idempotency-Key was used before with another request. Use a new key for a new request.",
            ),
            IdempotencyError::SecretNotReplayable => {
                Problem::new(SECRET_NOT_REPLAYABLE, "The request was carried out before; its answer held a secret, which is shown only once.")
            }
        }
    }
}

/// What is known about a key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nobody used it; the lock is held until the transaction ends.
    Fresh,
    /// Another transaction holds the lock.
    InFlight,
    /// It has a result.
    Done { fingerprint: String, response: Value },
}

const CLAIM: &str = "\
SELECT pg_try_advisory_xact_lock($1) AS granted, k.fingerprint, k.response
FROM (SELECT 1) AS one LEFT JOIN idempotency_keys k ON k.scope = $2 AND k.key = $3";

/// Takes the key's lock and looks for its result, in one round trip.
pub(super) async fn claim(conn: &TxConn, key: &IdempotencyKey) -> Result<Claim, DbError> {
    let number = advisory::key(advisory::IDEMPOTENCY, &format!("{}\n{}", key.scope, key.key));
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, CLAIM, [number.into(), key.scope.as_str().into(), key.key.as_str().into()]);
    let row = conn.query_one_raw(statement).await?.ok_or(DbError::NotFound)?;
    let granted: bool = row.try_get("", "granted")?;
    let fingerprint: Option<String> = row.try_get("", "fingerprint")?;
    let response: Option<Value> = row.try_get("", "response")?;
    Ok(match (fingerprint, response) {
        (Some(fingerprint), Some(response)) => Claim::Done { fingerprint, response },
        _ if granted => Claim::Fresh,
        _ => Claim::InFlight,
    })
}

/// The stored result, if it belongs to this request.
pub(super) fn replay<T: DeserializeOwned>(key: &IdempotencyKey, fingerprint: &str, response: Value) -> Result<Result<T, IdempotencyError>, DbError> {
    if fingerprint != key.fingerprint {
        return Ok(Err(IdempotencyError::Reused));
    }
    let value = match response {
        Value::Object(mut wrapped) => wrapped.remove("value").unwrap_or_default(),
        other => other,
    };
    Ok(Ok(serde_json::from_value(value).map_err(DbError::other)?))
}

/// Forgets keys older than `before` (at least a day ago, by contract with callers). Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn purge(db: &Db, before: DateTime<Utc>) -> Result<u64, DbError> {
    let purging = sqlx::query("DELETE FROM idempotency_keys WHERE created_at < $1").bind(before).execute(db.pool());
    let done = db.bounded(STATEMENT, purging).await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn key() -> IdempotencyKey {
        IdempotencyKey { scope: "user:1 POST /orders".into(), key: "k1".into(), fingerprint: "abc".into() }
    }

    #[test]
    fn a_replay_returns_the_stored_result() {
        let value: Vec<u8> = replay(&key(), "abc", json!({"value": [1, 2]})).unwrap().unwrap();
        assert_eq!(value, [1, 2]);
        let unit: Result<(), _> = replay(&key(), "abc", json!({ "value": null })).unwrap();
        assert_eq!(unit, Ok(()));
    }

    #[test]
    fn another_body_under_the_same_key_is_refused() {
        let refused: Result<(), _> = replay(&key(), "other", json!({ "value": null })).unwrap();
        assert_eq!(refused, Err(IdempotencyError::Reused));
        assert_eq!(Problem::from(IdempotencyError::Reused).code.status, 422);
    }

    #[test]
    fn a_try_in_flight_is_a_conflict_with_a_hint() {
        let problem = Problem::from(IdempotencyError::InFlight);
        assert_eq!((problem.code, problem.retry_after.is_some()), (ErrorCode::CONFLICT, true));
    }
}
