//! Rules of saved views and their transaction boundaries.

use nexus_core::{AuditEntry, Event, Idempotent, ListRequest, Listing};
use nexus_infra::{IdempotencyKey, Tx};
use serde_json::json;
use uuid::Uuid;

use super::error::SavedViewError;
use super::store;
use super::wire::{SavedViewIn, SavedViewOut, SavedViewPatch};
use crate::context::TenantContext;

/// The kinds of events of the slice.
pub(super) const EVENTS: &[&str] = &["saved_views.saved_view.created.v1", "saved_views.saved_view.updated.v1", "saved_views.saved_view.deleted.v1"];

fn person(ctx: &TenantContext) -> Result<Uuid, SavedViewError> {
    ctx.require_user().map_err(SavedViewError::NoPerson)
}

fn record(tx: &Tx, action: &'static str, kind: &'static str, before: Option<&SavedViewOut>, after: Option<&SavedViewOut>) {
    let Some(view) = after.or(before) else { return };
    let mut entry = AuditEntry::of(action, "saved_view", view.id);
    if let Some(before) = before {
        entry = entry.before(json!(before));
    }
    if let Some(after) = after {
        entry = entry.after(json!(after));
    }
    tx.audit(entry);
    tx.emit(Event { id: tx.new_id(), kind, aggregate_type: "saved_view", aggregate_id: view.id, payload: json!(view) });
}

/// One part of the views that the caller sees.
pub(super) async fn list(ctx: &TenantContext, request: &ListRequest) -> Result<Listing<SavedViewOut>, SavedViewError> {
    Ok(store::list(ctx.read().await?.conn(), person(ctx)?, request).await?)
}

/// One view that the caller sees.
pub(super) async fn get(ctx: &TenantContext, id: Uuid) -> Result<SavedViewOut, SavedViewError> {
    store::find(ctx.read().await?.conn(), person(ctx)?, id).await?.ok_or(SavedViewError::NotFound)
}

/// Keeps a view.
pub(super) async fn create(
    ctx: &TenantContext,
    key: Option<&IdempotencyKey>,
    input: SavedViewIn,
) -> Result<Idempotent<SavedViewOut>, SavedViewError> {
    let user = person(ctx)?;
    ctx.write_once("saved_views.create", key, async |tx| {
        let view = store::insert(tx, user, &input).await?;
        record(tx, "saved_views.create", EVENTS[0], None, Some(&view));
        Ok(view)
    })
    .await
}

/// Changes the given fields of a view of the caller's own.
pub(super) async fn edit(ctx: &TenantContext, id: Uuid, version: i64, patch: SavedViewPatch) -> Result<SavedViewOut, SavedViewError> {
    let user = person(ctx)?;
    ctx.write("saved_views.edit", async |tx| {
        let before = owned(tx, user, id, version).await?;
        let mut wanted = before.clone();
        if let Some(name) = patch.name.value() {
            wanted.name.clone_from(name);
        }
        if let Some(query) = patch.query.value() {
            wanted.query.clone_from(query);
        }
        if let Some(shared) = patch.shared.value() {
            wanted.shared = *shared;
        }
        let view = store::update(tx, &wanted).await?;
        record(tx, "saved_views.update", EVENTS[1], Some(&before), Some(&view));
        Ok(view)
    })
    .await
}

/// Deletes a view of the caller's own.
pub(super) async fn remove(ctx: &TenantContext, id: Uuid, version: i64) -> Result<(), SavedViewError> {
    let user = person(ctx)?;
    ctx.write("saved_views.remove", async |tx| {
        let before = owned(tx, user, id, version).await?;
        store::delete(tx, id).await?;
        record(tx, "saved_views.delete", EVENTS[2], Some(&before), None);
        Ok(())
    })
    .await
}

async fn owned(tx: &Tx, user: Uuid, id: Uuid, version: i64) -> Result<SavedViewOut, SavedViewError> {
    let view = store::find_locked(tx, user, id).await?.ok_or(SavedViewError::NotFound)?;
    if view.user_id != user {
        return Err(SavedViewError::NotOwner);
    }
    if view.version == version { Ok(view) } else { Err(SavedViewError::Stale(json!(view))) }
}
