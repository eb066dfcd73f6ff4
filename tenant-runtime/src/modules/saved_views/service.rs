//! Rules of saved views and their transaction boundaries.

use nexus_core::{Idempotent, ListRequest, Listing};
use nexus_infra::{IdempotencyKey, Tx};
use serde_json::json;
use uuid::Uuid;

use super::error::SavedViewError;
use super::store;
use super::wire::{SavedViewIn, SavedViewOut, SavedViewPatch};
use crate::change::Change;
use crate::context::TenantContext;

const CREATED: Change = Change { action: "saved_views.create", event: "saved_views.saved_view.created.v1", entity: "saved_view" };
const UPDATED: Change = Change { action: "saved_views.update", event: "saved_views.saved_view.updated.v1", entity: "saved_view" };
const DELETED: Change = Change { action: "saved_views.delete", event: "saved_views.saved_view.deleted.v1", entity: "saved_view" };

fn person(ctx: &TenantContext) -> Result<Uuid, SavedViewError> {
    ctx.require_user().map_err(SavedViewError::NoPerson)
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
    ctx.write_once(CREATED.action, key, async |tx| {
        let view = store::insert(tx, user, &input).await?;
        CREATED.record(tx, view.id, None, Some(&view));
        Ok(view)
    })
    .await
}

/// Changes the given fields of a view of the caller's own.
pub(super) async fn edit(ctx: &TenantContext, id: Uuid, version: i64, patch: SavedViewPatch) -> Result<SavedViewOut, SavedViewError> {
    let user = person(ctx)?;
    ctx.write(UPDATED.action, async |tx| {
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
        UPDATED.record(tx, id, Some(&before), Some(&view));
        Ok(view)
    })
    .await
}

/// Deletes a view of the caller's own.
pub(super) async fn remove(ctx: &TenantContext, id: Uuid, version: i64) -> Result<(), SavedViewError> {
    let user = person(ctx)?;
    ctx.write(DELETED.action, async |tx| {
        let before = owned(tx, user, id, version).await?;
        store::delete(tx, id).await?;
        DELETED.record(tx, id, Some(&before), None);
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
