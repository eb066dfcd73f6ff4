//! Asking for an export.

use nexus_core::{AuditEntry, Idempotent};
use nexus_infra::IdempotencyKey;
use nexus_infra::jobs::{self, NewJob};
use serde_json::json;

use super::wire::ProductExportIn;
use crate::context::TenantContext;
use crate::modules::catalog::error::CatalogError;
use crate::modules::jobs::kept_bytes;
use crate::work::JobTicket;

/// Kind of the job.
pub(super) const KIND: &str = "catalog.export_products";

/// Enqueues an export, unless as many wait as may.
pub(super) async fn start(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: ProductExportIn) -> Result<Idempotent<JobTicket>, CatalogError> {
    let most = ctx.runtime().settings.exports.max_pending;
    ctx.write_once("products.export", key, async |tx| {
        if jobs::unfinished(tx, KIND).await? >= u64::from(most) {
            return Err(CatalogError::TooManyExports(most));
        }
        room(ctx, kept_bytes(tx.conn(), KIND).await?, 1)?;
        let job = jobs::enqueue(tx, NewJob::new(KIND, json!(input))).await?;
        tx.audit(AuditEntry::of("products.export", "job", job.id).after(json!(input)));
        Ok(JobTicket::queued(job.id, KIND))
    })
    .await
}

/// Whether `more` bytes fit beside the `kept` ones.
pub(super) fn room(ctx: &TenantContext, kept: u64, more: u64) -> Result<(), CatalogError> {
    let settings = &ctx.runtime().settings;
    let (used, most) = (kept.saturating_add(more), settings.exports.max_stored_bytes);
    if used > most {
        return Err(CatalogError::ExportStorageFull { used, most, days: settings.jobs.keep_files_days });
    }
    Ok(())
}
