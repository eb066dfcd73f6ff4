//! The rows of the warm pool: all queries on them but the claim.
//!
//! Leases run on the database's clock, as those of sagas; what is due runs on the application's.

use chrono::{DateTime, Utc};
use nexus_core::TenantId;
use nexus_infra::{DbError, Tx};
use nexus_migration::fingerprint;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use uuid::Uuid;

use crate::error::ProvisioningError;
use crate::provisioner::Inner;
use crate::store::{run, sql};

/// How long somebody who went silent keeps an entry: longer than any work on one.
pub(super) const LEASE_S: i32 = 65;

/// An entry of the warm pool, as operators see it.
#[derive(Debug, Clone, Serialize, FromQueryResult)]
pub struct PoolEntry {
    /// Its id: that of the tenant to come.
    pub id: Uuid,
    /// The server it is on.
    pub server: String,
    /// The tenant schema it has.
    pub fingerprint: String,
    /// `preparing`, `ready` or `draining`.
    pub state: String,
    /// Failures in a row.
    pub failures: i32,
    /// The last of them, or why it is taken down.
    pub error: Option<String>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// Since when it may be claimed.
    pub ready_at: Option<DateTime<Utc>>,
}

/// An entry that this process holds.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Entry {
    pub(super) id: Uuid,
    pub(super) state: String,
    pub(super) server_name: String,
    pub(super) server_is_closed: bool,
    pub(super) secret_sealed: Vec<u8>,
    pub(super) failures: i32,
}

impl Entry {
    pub(super) fn is_preparing(&self) -> bool {
        self.state == "preparing"
    }
}

#[derive(FromQueryResult)]
struct Number {
    number: i64,
}

pub(super) async fn all(conn: &impl ConnectionTrait) -> Result<Vec<PoolEntry>, ProvisioningError> {
    Ok(PoolEntry::find_by_statement(sql(
        "SELECT w.id, s.name AS server, w.fingerprint, w.state, w.failures, w.error, w.created_at, w.ready_at
         FROM warm_pool w JOIN database_servers s ON s.id = w.server_id ORDER BY w.created_at, w.id",
        [],
    ))
    .all(conn)
    .await?)
}

/// How many entries of this schema lack.
pub(super) async fn lacking(conn: &impl ConnectionTrait, size: i64, fingerprint: &str) -> Result<i64, DbError> {
    let text = "SELECT $1 - count(*) AS number FROM warm_pool WHERE state <> 'draining' AND fingerprint = $2";
    let row = Number::find_by_statement(sql(text, [size.into(), fingerprint.into()])).one(conn).await?;
    Ok(row.map_or(0, |row| row.number))
}

/// Adds an entry where the fewest tenants and entries are. `false`: no server has room.
pub(super) async fn insert(tx: &Tx, id: TenantId, servers: &[String], fingerprint: &str, secret: Vec<u8>) -> Result<bool, DbError> {
    let added = run(
        tx.conn(),
        "INSERT INTO warm_pool (id, server_id, fingerprint, secret_sealed, due_at, created_at)
         SELECT $1, s.id, $3, $4, $5, $5
         FROM database_servers s,
              LATERAL (SELECT (SELECT count(*) FROM tenants t WHERE t.server_id = s.id AND t.state <> 'deleted')
                            + (SELECT count(*) FROM warm_pool w WHERE w.server_id = s.id)) AS used (places)
         WHERE s.state = 'open' AND s.name = ANY ($2) AND used.places < s.max_tenants
         ORDER BY used.places, s.name LIMIT 1",
        [id.0.into(), servers.to_vec().into(), fingerprint.into(), secret.into(), tx.now().into()],
    )
    .await?;
    Ok(added == 1)
}

/// Takes the entry that has been due longest and that nobody holds; what is to be handed out comes before what is to go.
pub(super) async fn take(inner: &Inner) -> Result<Option<Entry>, ProvisioningError> {
    Ok(Entry::find_by_statement(sql(
        "UPDATE warm_pool w SET leased_by = $1, leased_until = clock_timestamp() + make_interval(secs => $2::int)
         FROM database_servers s
         WHERE s.id = w.server_id AND w.id = (
             SELECT p.id FROM warm_pool p JOIN database_servers b ON b.id = p.server_id
             WHERE p.due_at <= $3 AND (p.leased_until IS NULL OR p.leased_until < clock_timestamp())
               AND ((p.state = 'preparing' AND p.fingerprint = $4 AND b.name = ANY ($5))
                    OR (p.state = 'draining' AND (b.name = ANY ($5) OR b.state = 'closed')))
             ORDER BY p.state = 'draining', p.due_at, p.id LIMIT 1 FOR UPDATE OF p SKIP LOCKED)
         RETURNING w.id, w.state, s.name AS server_name, s.state = 'closed' AS server_is_closed, w.secret_sealed, w.failures",
        [inner.runner.into(), LEASE_S.into(), inner.clock.now().into(), fingerprint().into(), inner.servers.names().into()],
    ))
    .one(inner.control.conn())
    .await?)
}

/// From now on it may be claimed. `false`: it is no longer ours.
pub(super) async fn ready(inner: &Inner, entry: Uuid) -> Result<bool, DbError> {
    let text = "UPDATE warm_pool SET state = 'ready', ready_at = $3, failures = 0, error = NULL, leased_by = NULL, leased_until = NULL
                WHERE id = $1 AND leased_by = $2 AND leased_until > clock_timestamp() AND state = 'preparing'";
    Ok(run(inner.control.conn(), text, [entry.into(), inner.runner.into(), inner.clock.now().into()]).await? == 1)
}

/// Nothing of it is left outside.
pub(super) async fn gone(inner: &Inner, entry: Uuid) -> Result<(), DbError> {
    let text = "DELETE FROM warm_pool WHERE id = $1 AND leased_by = $2 AND leased_until > clock_timestamp() AND state = 'draining'";
    run(inner.control.conn(), text, [entry.into(), inner.runner.into()]).await.map(drop)
}

/// Gives it back, to be taken up again at `due_at`.
pub(super) async fn failed(inner: &Inner, entry: Uuid, error: &str, due_at: DateTime<Utc>) -> Result<(), DbError> {
    let text = "UPDATE warm_pool SET failures = failures + 1, error = $3, due_at = $4, leased_by = NULL, leased_until = NULL
                WHERE id = $1 AND leased_by = $2";
    run(inner.control.conn(), text, [entry.into(), inner.runner.into(), error.into(), due_at.into()]).await.map(drop)
}

/// The statement that marks those of the entries `which` that nobody works on, and that no claim is about to take ($1: now,
/// $2: why; the query's own parameters follow).
pub(super) fn drain(which: &str) -> String {
    format!(
        "UPDATE warm_pool SET state = 'draining', due_at = $1, error = $2, failures = 0, leased_by = NULL, leased_until = NULL
         WHERE id IN (SELECT id FROM warm_pool
                      WHERE state <> 'draining' AND (leased_until IS NULL OR leased_until < clock_timestamp()) AND id IN ({which})
                      FOR UPDATE SKIP LOCKED)"
    )
}

/// Marks an entry that can't be handed out, unless it is claimed by now. Answers whether it was.
pub(crate) async fn throw_away(inner: &Inner, entry: Uuid, why: &str) -> Result<bool, DbError> {
    let text = drain("SELECT $3::uuid");
    Ok(run(inner.control.conn(), &text, [inner.clock.now().into(), why.into(), entry.into()]).await? == 1)
}

/// Tells how many there are.
pub(super) async fn measure(conn: &impl ConnectionTrait) -> Result<(), ProvisioningError> {
    #[derive(FromQueryResult)]
    struct Count {
        state: String,
        number: i32,
    }
    let text = "SELECT s.state, count(w.id)::int AS number
                FROM unnest(ARRAY['preparing', 'ready', 'draining']) AS s (state) LEFT JOIN warm_pool w ON w.state = s.state GROUP BY s.state";
    for count in Count::find_by_statement(sql(text, [])).all(conn).await? {
        metrics::gauge!("nexus_warm_pool_entries", "state" => count.state).set(f64::from(count.number));
    }
    Ok(())
}
