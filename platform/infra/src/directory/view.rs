//! The view `directory` of the control database: the truth.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use nexus_core::{SharedClock, TenantId};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::replica::Head;
use super::{DirectoryError, DirectoryRecord};
use crate::circuit::Circuit;
use crate::postgres::{Db, DbError};

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait of a request for which there is another answer.
const IMPATIENT: Duration = Duration::from_millis(500);
/// After a failure nobody waits for that long again: what is known serves at once.
const REST: Duration = Duration::from_secs(2);

/// Dead connections that one read may meet; more than a small pool holds.
const MOST_DEAD: usize = 8;

const BY_ID: &str =
    "SELECT tenant_id, slug, name, state, state_reason, server_host, server_port, database, role, bucket, secret_sealed, entitlements, flags,
                            schema_version, epoch
                     FROM directory WHERE tenant_id = $1";
const BY_IDS: &str =
    "SELECT tenant_id, slug, name, state, state_reason, server_host, server_port, database, role, bucket, secret_sealed, entitlements, flags,
                            schema_version, epoch
                     FROM directory WHERE tenant_id = ANY($1)";
const HEADS: &str = "SELECT tenant_id, epoch, server_host, server_port FROM directory";

pub(super) struct View {
    db: Db,
    circuit: Circuit,
    clock: SharedClock,
    away_since: Mutex<Option<DateTime<Utc>>>,
    /// Somebody reads [`Self::heads`] again and again.
    polled: AtomicBool,
}

impl View {
    pub(super) fn new(db: Db, clock: SharedClock) -> Self {
        Self { db, circuit: Circuit::new(REST), clock, away_since: Mutex::default(), polled: AtomicBool::new(false) }
    }

    /// Somebody begins or ends to read [`Self::heads`] again and again, and so finds a view that returns.
    pub(super) fn set_poller(&self, polled: bool) {
        self.polled.store(polled, Ordering::Relaxed);
    }

    /// Whether somebody does.
    pub(super) fn has_poller(&self) -> bool {
        self.polled.load(Ordering::Relaxed)
    }

    /// Since when it can't be read.
    pub(super) fn away_since(&self) -> Option<DateTime<Utc>> {
        *self.away_since.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One record, for a request. `has_other`: there is another answer if this one does not come. Then nobody waits long, and while the view is known to be away
    /// nobody asks it: that is left to whoever polls.
    pub(super) async fn find(&self, id: TenantId, has_other: bool) -> Result<Option<DirectoryRecord>, DirectoryError> {
        let left_to_poll = has_other && self.has_poller();
        let asks = if left_to_poll { self.away_since().is_none() } else { self.circuit.admits() };
        if !asks {
            return Err(DirectoryError::Unavailable("it failed a moment ago".to_owned()));
        }
        let limit = if has_other { IMPATIENT } else { TIMEOUT };
        let row = self.read(limit, || async { sqlx::query(BY_ID).bind(id.0).fetch_optional(self.db.pool()).await }).await?;
        row.as_ref().map(record).transpose()
    }

    /// An outline of the whole view. Asks whatever happened before: this is how its return is found.
    pub(super) async fn heads(&self) -> Result<Vec<Head>, DirectoryError> {
        let rows = self.read(TIMEOUT, || async { sqlx::query(HEADS).fetch_all(self.db.pool()).await }).await?;
        rows.iter().map(|row| head(row).map_err(|error| DirectoryError::Unavailable(DbError::from(error).to_string()))).collect()
    }

    /// Some records of the view; those that are malformed are named and left out.
    pub(super) async fn records(&self, ids: &[TenantId]) -> Result<Vec<DirectoryRecord>, DirectoryError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows = self.read(TIMEOUT, || async { sqlx::query(BY_IDS).bind(&ids).fetch_all(self.db.pool()).await }).await?;
        let mut records = Vec::with_capacity(rows.len());
        for row in &rows {
            match record(row) {
                Ok(record) => records.push(record),
                Err(error) => tracing::warn!(%error, "a record of the directory can't be used"),
            }
        }
        Ok(records)
    }

    async fn read<T, Fut>(&self, limit: Duration, read: impl Fn() -> Fut) -> Result<T, DirectoryError>
    where
        Fut: Future<Output = Result<T, sqlx::Error>>,
    {
        let outcome = match tokio::time::timeout(limit, self.db.bounded(limit, past_dead_connections(read))).await {
            Ok(outcome) => outcome.map_err(|error| DirectoryError::Unavailable(DbError::from(error).to_string())),
            Err(_) => Err(DirectoryError::Unavailable("time-out".to_owned())),
        };
        let mut away_since = self.away_since.lock().unwrap_or_else(PoisonError::into_inner);
        match &outcome {
            Ok(_) => {
                self.circuit.succeeded();
                if let Some(since) = away_since.take() {
                    tracing::info!(%since, "the directory view answers again");
                }
            }
            Err(error) => {
                metrics::counter!("nexus_directory_failures_total").increment(1);
                self.circuit.failed();
                if away_since.is_none() {
                    *away_since = Some(self.clock.now());
                    tracing::warn!(%error, "the directory view can't be read; what is known serves");
                }
            }
        }
        outcome
    }
}

/// Reads again where the pool handed out a connection that a restart of the server had cut: each such try uses one up.
async fn past_dead_connections<T, Fut>(read: impl Fn() -> Fut) -> Result<T, sqlx::Error>
where
    Fut: Future<Output = Result<T, sqlx::Error>>,
{
    for _ in 0..MOST_DEAD {
        match read().await {
            Err(sqlx::Error::Io(_)) => {}
            outcome => return outcome,
        }
    }
    read().await
}

fn head(row: &PgRow) -> Result<Head, sqlx::Error> {
    let port: Option<i32> = row.try_get("server_port")?;
    Ok(Head {
        tenant: TenantId(row.try_get("tenant_id")?),
        epoch: row.try_get("epoch")?,
        server_host: row.try_get::<Option<String>, _>("server_host")?.unwrap_or_default(),
        server_port: u16::try_from(port.unwrap_or_default()).unwrap_or_default(),
    })
}

fn record(row: &PgRow) -> Result<DirectoryRecord, DirectoryError> {
    let id: Uuid = row.try_get("tenant_id").map_err(|error| DirectoryError::Unavailable(DbError::from(error).to_string()))?;
    let tenant_id = TenantId(id);
    parse(tenant_id, row).map_err(|reason| DirectoryError::Malformed { tenant: tenant_id, reason })
}

/// Columns of a tenant that is not placed yet are NULL.
fn parse(tenant_id: TenantId, row: &PgRow) -> Result<DirectoryRecord, String> {
    let text = |column: &str| row.try_get::<Option<String>, _>(column).map(Option::unwrap_or_default).map_err(|error| error.to_string());
    let state = text("state")?.parse().map_err(|error: nexus_core::tenant_state::UnknownState| error.to_string())?;
    let port: Option<i32> = row.try_get("server_port").map_err(|error| error.to_string())?;
    let entitlements: Option<serde_json::Value> = row.try_get("entitlements").map_err(|error| error.to_string())?;
    Ok(DirectoryRecord {
        tenant_id,
        slug: text("slug")?,
        name: text("name")?,
        state,
        state_reason: row.try_get("state_reason").map_err(|error| error.to_string())?,
        epoch: row.try_get("epoch").map_err(|error| error.to_string())?,
        schema_version: row.try_get::<Option<i32>, _>("schema_version").map_err(|error| error.to_string())?.unwrap_or_default(),
        server_host: text("server_host")?,
        server_port: u16::try_from(port.unwrap_or_default()).map_err(|_| "server_port is no port".to_owned())?,
        database: text("database")?,
        role: text("role")?,
        bucket: text("bucket")?,
        secret_sealed: row.try_get::<Option<Vec<u8>>, _>("secret_sealed").map_err(|error| error.to_string())?.unwrap_or_default(),
        entitlements: entitlements.map(serde_json::from_value).transpose().map_err(|error| format!("entitlements: {error}"))?.unwrap_or_default(),
        flags: row.try_get::<Option<serde_json::Value>, _>("flags").map_err(|error| error.to_string())?.unwrap_or_default(),
    })
}
