//! What the reconciler reads and writes in the control database.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use nexus_core::TenantId;
use nexus_infra::DbError;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::Orphan;
use crate::error::ProvisioningError;
use crate::store::{run, sql};

/// A tenant, or an entry of the warm pool, whose database, role and bucket must not be touched; `complete`: they must exist.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Wanted {
    pub(super) id: Uuid,
    pub(super) server_name: Option<String>,
    pub(super) database_name: String,
    pub(super) role_name: String,
    pub(super) bucket_name: String,
    pub(super) complete: bool,
    /// It is an entry of the warm pool.
    pub(super) is_prepared: bool,
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

/// One statement: what a sign-up claims meanwhile is either still an entry in it or already a tenant. `looked`: when the look
/// around began; what got ready after that may have been missed by it.
pub(super) async fn wanted(conn: &impl ConnectionTrait, looked: DateTime<Utc>) -> Result<Vec<Wanted>, ProvisioningError> {
    Ok(Wanted::find_by_statement(sql(
        "SELECT t.id, s.name AS server_name, t.database_name, t.role_name, t.bucket_name,
                (t.activated_at IS NOT NULL AND t.state NOT IN ('deleting', 'deleted', 'moving', 'restoring')) AS complete, false AS is_prepared
         FROM tenants t LEFT JOIN database_servers s ON s.id = t.server_id
         WHERE EXISTS (SELECT FROM operations o WHERE o.tenant_id = t.id AND o.state IN ('pending', 'running'))
            OR (t.activated_at IS NOT NULL AND t.state <> 'deleted')
         UNION ALL
         SELECT w.id, s.name, 'nxt_' || w.opaque, 'nxt_' || w.opaque, 'nxt-' || w.opaque, w.state = 'ready' AND w.ready_at < $1, true
         FROM (SELECT id, server_id, state, ready_at, replace(id::text, '-', '') AS opaque FROM warm_pool) w
         JOIN database_servers s ON s.id = w.server_id",
        [looked.into()],
    ))
    .all(conn)
    .await?)
}

/// Tenants in the making without an operation: a retry builds them.
pub(super) async fn close_provisioning(conn: &impl ConnectionTrait) -> Result<(), ProvisioningError> {
    run(
        conn,
        "UPDATE tenants t SET state = 'broken', state_reason = 'Provisioning stopped without an operation; retry it.'
         WHERE state IN ('pending', 'provisioning') AND updated_at < now() - interval '1 minute'
         AND NOT EXISTS (SELECT FROM operations o WHERE o.tenant_id = t.id AND o.state IN ('pending', 'running'))",
        [],
    )
    .await?;
    Ok(())
}

/// Tenants that stand as deleting while nothing deletes them. What was given up a moment ago is left alone for a while:
/// the cause may still be there.
pub(super) async fn stuck_deletions(conn: &impl ConnectionTrait) -> Result<Vec<TenantId>, ProvisioningError> {
    let rows = Id::find_by_statement(sql(
        "SELECT t.id FROM tenants t WHERE t.state = 'deleting'
         AND NOT EXISTS (SELECT FROM operations o WHERE o.tenant_id = t.id
                         AND (o.state IN ('pending', 'running')
                              OR (o.kind = 'delete' AND o.finished_at > now() - interval '10 minutes')))
         ORDER BY t.id",
        [],
    ))
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| TenantId(row.id)).collect())
}

/// Every tenant that was deleted, as the opaque part of its names.
pub(super) async fn deleted_ids(conn: &impl ConnectionTrait) -> Result<BTreeSet<String>, ProvisioningError> {
    let rows = Id::find_by_statement(sql("SELECT id FROM tenants WHERE state = 'deleted'", [])).all(conn).await?;
    Ok(rows.into_iter().map(|row| TenantId(row.id).opaque()).collect())
}

/// Since when this has been unknown.
pub(super) async fn first_seen(conn: &impl ConnectionTrait, thing: &Orphan, now: DateTime<Utc>) -> Result<DateTime<Utc>, ProvisioningError> {
    #[derive(FromQueryResult)]
    struct Row {
        first_seen_at: DateTime<Utc>,
    }
    let row = Row::find_by_statement(sql(
        "INSERT INTO orphans AS o (kind, place, name, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (kind, place, name) DO UPDATE SET last_seen_at = excluded.last_seen_at, removed_at = NULL,
             first_seen_at = CASE WHEN o.removed_at IS NULL THEN o.first_seen_at ELSE excluded.first_seen_at END
         RETURNING first_seen_at",
        [thing.kind.as_str().into(), thing.place.clone().into(), thing.name.clone().into(), now.into()],
    ))
    .one(conn)
    .await?;
    Ok(row.map_or(now, |row| row.first_seen_at))
}

/// Forgets what was not seen in this run, in the places that were.
pub(super) async fn forget(conn: &impl ConnectionTrait, now: DateTime<Utc>, seen: BTreeSet<String>) -> Result<(), ProvisioningError> {
    let seen: Vec<String> = seen.into_iter().collect();
    let text = "DELETE FROM orphans WHERE last_seen_at < $1 AND removed_at IS NULL AND place = ANY ($2)";
    run(conn, text, [now.into(), seen.into()]).await?;
    Ok(())
}

/// Writes down how a removal went.
pub(super) async fn note_removal(
    conn: &impl ConnectionTrait,
    thing: &Orphan,
    outcome: &Result<(), String>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let removed_at = outcome.is_ok().then_some(now);
    run(
        conn,
        "UPDATE orphans SET removed_at = $4, last_error = $5 WHERE kind = $1 AND place = $2 AND name = $3",
        [
            thing.kind.as_str().into(),
            thing.place.clone().into(),
            thing.name.clone().into(),
            removed_at.into(),
            outcome.as_ref().err().cloned().into(),
        ],
    )
    .await
    .map(drop)
}
