//! The view `directory` of the control database: the truth.

use std::time::Duration;

use nexus_core::TenantId;
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::{DirectoryError, DirectoryRecord};
use crate::postgres::{Db, DbError};
use crate::redis::Circuit;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(2);
/// After a failure nobody waits for that long again: what is known serves at once.
const REST: Duration = Duration::from_secs(2);

/// Dead connections that one read may meet; more than a small pool holds.
const MOST_DEAD: usize = 8;

const BY_ID: &str =
    "SELECT tenant_id, slug, name, state, state_reason, server_host, server_port, database, role, bucket, secret_sealed, entitlements, flags,
                            schema_version, epoch
                     FROM directory WHERE tenant_id = $1";
const ACTIVE: &str = "SELECT tenant_id FROM directory WHERE state IN ('active', 'read_only') ORDER BY tenant_id";

pub(super) struct View {
    db: Db,
    circuit: Circuit,
}

impl View {
    pub(super) fn new(db: Db) -> Self {
        Self { db, circuit: Circuit::new(REST) }
    }

    pub(super) async fn find(&self, id: TenantId) -> Result<Option<DirectoryRecord>, DirectoryError> {
        let row = self.guarded(|| async { sqlx::query(BY_ID).bind(id.0).fetch_optional(self.db.pool()).await }).await?;
        row.as_ref().map(record).transpose()
    }

    pub(super) async fn active(&self) -> Result<Vec<TenantId>, DirectoryError> {
        let ids: Vec<Uuid> = self.guarded(|| async { sqlx::query_scalar(ACTIVE).fetch_all(self.db.pool()).await }).await?;
        Ok(ids.into_iter().map(TenantId).collect())
    }

    async fn guarded<T, Fut>(&self, read: impl Fn() -> Fut) -> Result<T, DirectoryError>
    where
        Fut: Future<Output = Result<T, sqlx::Error>>,
    {
        if !self.circuit.admits() {
            return Err(DirectoryError::Unavailable("it failed a moment ago".to_owned()));
        }
        let outcome = match tokio::time::timeout(TIMEOUT, self.db.bounded(TIMEOUT, past_dead_connections(read))).await {
            Ok(outcome) => outcome.map_err(|error| DirectoryError::Unavailable(DbError::from(error).to_string())),
            Err(_) => Err(DirectoryError::Unavailable("time-out".to_owned())),
        };
        match &outcome {
            Ok(_) => {
                if self.circuit.succeeded() {
                    tracing::info!("the directory view answers again");
                }
            }
            Err(error) => {
                metrics::counter!("nexus_directory_failures_total").increment(1);
                if self.circuit.failed() {
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
