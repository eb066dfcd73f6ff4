//! Rules of tags and their transaction boundaries.

use nexus_core::{Idempotent, ListRequest, Listing};
use nexus_infra::{IdempotencyKey, Tx};
use uuid::Uuid;

use super::store;
use super::wire::{TagIn, TagOut, TagPatch};
use crate::change::Change;
use crate::context::TenantContext;
use crate::modules::catalog::error::CatalogError;
use crate::modules::catalog::products::store as product_store;

const CREATED: Change = Change { action: "tags.create", event: "catalog.tag.created.v1", entity: "tag" };
const UPDATED: Change = Change { action: "tags.update", event: "catalog.tag.updated.v1", entity: "tag" };
const DELETED: Change = Change { action: "tags.delete", event: "catalog.tag.deleted.v1", entity: "tag" };

/// One part of the list.
pub(super) async fn list(ctx: &TenantContext, request: ListRequest) -> Result<Listing<TagOut>, CatalogError> {
    Ok(store::list(ctx.read().await?.conn(), request).await?)
}

/// One tag.
pub(super) async fn get(ctx: &TenantContext, id: Uuid) -> Result<TagOut, CatalogError> {
    store::find(ctx.read().await?.conn(), id).await?.ok_or(CatalogError::NotFound("tag"))
}

/// Creates a tag.
pub(super) async fn create(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: TagIn) -> Result<Idempotent<TagOut>, CatalogError> {
    ctx.write_once(CREATED.action, key, async |tx| {
        let tag = store::insert(tx, tx.new_id(), &input.name, input.color.as_deref()).await?;
        CREATED.record(tx, tag.id, None, Some(&tag));
        Ok(tag)
    })
    .await
}

/// Changes the given fields of a tag. A new name is a change of every product that carries it: their versions move on.
pub(super) async fn edit(ctx: &TenantContext, id: Uuid, version: i64, patch: TagPatch) -> Result<TagOut, CatalogError> {
    ctx.write(UPDATED.action, async |tx| {
        if patch.name.value().is_some() {
            // Products first, then the tag: the order of whoever puts tags on a product.
            product_store::lock_tagged(tx, id).await?;
        }
        let before = locked(tx, id, version).await?;
        let name = patch.name.value().unwrap_or(&before.name);
        let mut color = before.color.clone();
        patch.color.clone().apply(&mut color);
        let tag = store::update(tx, id, name, color.as_deref()).await?;
        if tag.name != before.name {
            product_store::touch_tagged(tx, id).await?;
        }
        UPDATED.record(tx, id, Some(&before), Some(&tag));
        Ok(tag)
    })
    .await
}

/// Deletes a tag that no product carries.
pub(super) async fn remove(ctx: &TenantContext, id: Uuid, version: i64) -> Result<(), CatalogError> {
    ctx.write(DELETED.action, async |tx| {
        // The row lock conflicts with the key-share lock of whoever is putting the tag on a product.
        let before = locked(tx, id, version).await?;
        if store::is_used(tx, id).await? {
            return Err(CatalogError::TagInUse);
        }
        store::delete(tx, id).await?;
        DELETED.record(tx, id, Some(&before), None);
        Ok(())
    })
    .await
}

async fn locked(tx: &Tx, id: Uuid, version: i64) -> Result<TagOut, CatalogError> {
    let tag = store::find_locked(tx, id).await?.ok_or(CatalogError::NotFound("tag"))?;
    if tag.version == version { Ok(tag) } else { Err(CatalogError::stale(tag)) }
}
