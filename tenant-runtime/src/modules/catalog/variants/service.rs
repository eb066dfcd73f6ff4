//! Rules of variants and their transaction boundaries.

use nexus_core::{Idempotent, ListRequest, Listing};
use nexus_infra::{IdempotencyKey, Tx};
use uuid::Uuid;

use super::store;
use super::wire::{VariantIn, VariantOut, VariantPatch, VariantStatus};
use crate::change::{Change, Removal};
use crate::context::TenantContext;
use crate::modules::catalog::conflict;
use crate::modules::catalog::error::CatalogError;
use crate::modules::catalog::products::store as product_store;
use crate::modules::catalog::products::wire::MAX_VARIANTS;

const CREATED: Change = Change { action: "variants.create", event: "catalog.variant.created.v1", entity: "variant" };
const UPDATED: Change = Change { action: "variants.update", event: "catalog.variant.updated.v1", entity: "variant" };
const ARCHIVED: Change = Change { action: "variants.archive", event: "catalog.variant.archived.v1", entity: "variant" };
const RESTORED: Change = Change { action: "variants.restore", event: UPDATED.event, entity: "variant" };
const DELETED: Change = Change { action: "variants.delete", event: "catalog.variant.deleted.v1", entity: "variant" };

/// One part of the list of all variants, or of one product's.
pub(super) async fn list(ctx: &TenantContext, request: ListRequest, product: Option<Uuid>) -> Result<Listing<VariantOut>, CatalogError> {
    let db = ctx.read().await?;
    if let Some(product) = product
        && !product_store::exists(db.conn(), product).await?
    {
        return Err(CatalogError::NotFound("product"));
    }
    Ok(store::list(db.conn(), request, product).await?)
}

/// One variant.
pub(super) async fn get(ctx: &TenantContext, id: Uuid) -> Result<VariantOut, CatalogError> {
    store::find(ctx.read().await?.conn(), id).await?.ok_or(CatalogError::NotFound("variant"))
}

/// Adds a variant to a product.
pub(super) async fn create(
    ctx: &TenantContext,
    key: Option<&IdempotencyKey>,
    product: Uuid,
    input: VariantIn,
) -> Result<Idempotent<VariantOut>, CatalogError> {
    let created = ctx.write_once(CREATED.action, key, async |tx| {
        if !product_store::lock(tx, product).await? {
            return Err(CatalogError::NotFound("product"));
        }
        let (count, last) = store::count_of(tx, product).await?;
        if count >= MAX_VARIANTS as i64 {
            return Err(CatalogError::TooManyVariants(MAX_VARIANTS));
        }
        let id = tx.new_id();
        let position = input.position.or(Some(last.map_or(0, |last| last.saturating_add(1))));
        store::insert(tx, &[(id, product, VariantIn { position, ..input.clone() })]).await?;
        product_store::touch(tx, product).await?;
        let variant = loaded(tx, id).await?;
        CREATED.record(tx, id, None, Some(&variant));
        Ok(variant)
    });
    match created.await {
        Ok(created) => Ok(created),
        Err(error) => Err(conflict::name(ctx, error, [&input], &[]).await),
    }
}

/// Replaces a variant; whether it is archived stays.
pub(super) async fn replace(ctx: &TenantContext, id: Uuid, version: i64, input: VariantIn) -> Result<VariantOut, CatalogError> {
    change(ctx, id, version, |before| (VariantIn { position: input.position.or(Some(before.position)), ..input.clone() }, before.status)).await
}

/// Changes the given fields of a variant.
pub(super) async fn edit(ctx: &TenantContext, id: Uuid, version: i64, patch: VariantPatch) -> Result<VariantOut, CatalogError> {
    change(ctx, id, version, |before| patched(before, patch.clone())).await
}

fn patched(before: &VariantOut, patch: VariantPatch) -> (VariantIn, VariantStatus) {
    let mut after = as_in(before);
    if let Some(sku) = patch.sku.into_change().flatten() {
        after.sku = sku;
    }
    if let Some(name) = patch.name.into_change() {
        after.name = name.unwrap_or_default();
    }
    if let Some(attributes) = patch.attributes.into_change().flatten() {
        after.attributes = attributes;
    }
    if let Some(barcodes) = patch.barcodes.into_change().flatten() {
        after.barcodes = barcodes;
    }
    patch.weight_g.apply(&mut after.weight_g);
    patch.length_mm.apply(&mut after.length_mm);
    patch.width_mm.apply(&mut after.width_mm);
    patch.height_mm.apply(&mut after.height_mm);
    patch.price.apply(&mut after.price);
    patch.cost.apply(&mut after.cost);
    if let Some(position) = patch.position.into_change().flatten() {
        after.position = Some(position);
    }
    (after, patch.status.value().copied().unwrap_or(before.status))
}

fn as_in(variant: &VariantOut) -> VariantIn {
    VariantIn {
        sku: variant.sku.clone(),
        name: variant.name.clone(),
        attributes: variant.attributes.clone(),
        barcodes: variant.barcodes.clone(),
        weight_g: variant.weight_g,
        length_mm: variant.length_mm,
        width_mm: variant.width_mm,
        height_mm: variant.height_mm,
        price: variant.price,
        cost: variant.cost,
        position: Some(variant.position),
    }
}

async fn change(
    ctx: &TenantContext,
    id: Uuid,
    version: i64,
    to: impl Fn(&VariantOut) -> (VariantIn, VariantStatus),
) -> Result<VariantOut, CatalogError> {
    let written = ctx.write(UPDATED.action, async |tx| {
        let before = locked(tx, id, version).await?;
        let (after, status) = to(&before);
        store::update(tx, &before, &after, status).await?;
        product_store::touch(tx, before.product_id).await?;
        let variant = loaded(tx, id).await?;
        let what = match (before.status, variant.status) {
            (VariantStatus::Active, VariantStatus::Archived) => ARCHIVED,
            (VariantStatus::Archived, VariantStatus::Active) => RESTORED,
            _ => UPDATED,
        };
        what.record(tx, id, Some(&before), Some(&variant));
        Ok(variant)
    });
    match written.await {
        Ok(variant) => Ok(variant),
        Err(error @ CatalogError::Db(_)) => {
            let before = get(ctx, id).await?;
            let (after, _) = to(&before);
            Err(conflict::name(ctx, error, [&after], &[id]).await)
        }
        Err(error) => Err(error),
    }
}

/// Deletes a variant that nothing refers to; archives it when it has stock history.
pub(super) async fn remove(ctx: &TenantContext, id: Uuid, version: i64) -> Result<Removal<VariantOut>, CatalogError> {
    ctx.write(DELETED.action, async |tx| {
        let before = locked(tx, id, version).await?;
        if store::delete_unless_used(tx, id).await? {
            product_store::touch(tx, before.product_id).await?;
            DELETED.record(tx, id, Some(&before), None);
            return Ok(Removal::Deleted);
        }
        store::archive(tx, id).await?;
        let variant = loaded(tx, id).await?;
        if variant.version != before.version {
            product_store::touch(tx, before.product_id).await?;
            ARCHIVED.record(tx, id, Some(&before), Some(&variant));
        }
        Ok(Removal::Archived(variant))
    })
    .await
}

/// The variant as it is, under the lock of its product, provided that it has the version the caller read.
async fn locked(tx: &Tx, id: Uuid, version: i64) -> Result<VariantOut, CatalogError> {
    let product = loaded(tx, id).await?.product_id;
    if !product_store::lock(tx, product).await? {
        return Err(CatalogError::NotFound("variant"));
    }
    // Read again: what was read before the lock may have changed while it was waited for.
    let variant = loaded(tx, id).await?;
    if variant.version == version { Ok(variant) } else { Err(CatalogError::stale(variant)) }
}

async fn loaded(tx: &Tx, id: Uuid) -> Result<VariantOut, CatalogError> {
    store::find(tx.conn(), id).await?.ok_or(CatalogError::NotFound("variant"))
}
