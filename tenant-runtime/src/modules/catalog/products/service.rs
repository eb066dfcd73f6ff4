//! Rules of products and their transaction boundaries.

use nexus_core::{Idempotent, ListRequest, Listing};
use nexus_infra::{IdempotencyKey, Tx};
use uuid::Uuid;

use super::status::ProductStatus;
use super::store;
use super::wire::{ProductIn, ProductOut, ProductPatch, ProductPut};
use crate::change::{Change, Removal};
use crate::context::TenantContext;
use crate::modules::catalog::error::CatalogError;
use crate::modules::catalog::tags::store as tag_store;
use crate::modules::catalog::variants::store as variant_store;
use crate::modules::catalog::variants::wire::VariantIn;
use crate::modules::catalog::{conflict, quota};
use crate::samples::Samples;

const CREATED: Change = Change { action: "products.create", event: "catalog.product.created.v1", entity: "product" };
const UPDATED: Change = Change { action: "products.update", event: "catalog.product.updated.v1", entity: "product" };
const ARCHIVED: Change = Change { action: "products.archive", event: "catalog.product.archived.v1", entity: "product" };
const RESTORED: Change = Change { action: "products.restore", event: UPDATED.event, entity: "product" };
const DELETED: Change = Change { action: "products.delete", event: "catalog.product.deleted.v1", entity: "product" };

/// One part of the list.
pub(super) async fn list(ctx: &TenantContext, request: ListRequest) -> Result<Listing<ProductOut>, CatalogError> {
    // The page and the number of all on one connection: this is the list that is asked for most.
    let db = ctx.read().await?;
    Ok(store::list(&db.hold().await?, Samples::of(ctx), request).await?)
}

/// One product with its variants.
pub(super) async fn get(ctx: &TenantContext, id: Uuid) -> Result<ProductOut, CatalogError> {
    store::find(ctx.read().await?.conn(), Samples::of(ctx), id).await?.ok_or(CatalogError::NotFound("product"))
}

/// Creates a product with its variants and tags.
pub(super) async fn create(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: ProductIn) -> Result<Idempotent<ProductOut>, CatalogError> {
    let created = ctx.write_once(CREATED.action, key, async |tx| {
        quota::check(tx, ctx.entitlements(), 1).await?;
        let id = tx.new_id();
        store::insert(tx, id, &input).await?;
        let variants: Vec<_> = input.variants.iter().zip(0_i32..).map(|(variant, place)| (tx.new_id(), id, placed(variant, place))).collect();
        variant_store::insert(tx, &variants).await?;
        if !input.tags.is_empty() {
            tag_store::set_on_products(tx, &[(id, input.tags.clone())]).await?;
        }
        let product = loaded(ctx, tx, id).await?;
        CREATED.record(tx, id, None, Some(&product));
        Ok(product)
    });
    match created.await {
        Ok(created) => Ok(created),
        Err(error) => Err(conflict::name(ctx, error, &input.variants, &[]).await),
    }
}

/// The variant at its place in the request, unless it names one.
fn placed(variant: &VariantIn, place: i32) -> VariantIn {
    VariantIn { position: variant.position.or(Some(place)), ..variant.clone() }
}

/// Replaces a product; its variants stay.
pub(super) async fn replace(ctx: &TenantContext, id: Uuid, version: i64, input: ProductPut) -> Result<ProductOut, CatalogError> {
    change(ctx, id, version, |_| input.clone()).await
}

/// Changes the given fields of a product.
pub(super) async fn edit(ctx: &TenantContext, id: Uuid, version: i64, patch: ProductPatch) -> Result<ProductOut, CatalogError> {
    change(ctx, id, version, |before| patched(before, patch.clone())).await
}

fn patched(before: &ProductOut, patch: ProductPatch) -> ProductPut {
    let mut after = as_put(before);
    if let Some(name) = patch.name.into_change().flatten() {
        after.name = name;
    }
    if let Some(description) = patch.description.into_change() {
        after.description = description.unwrap_or_default();
    }
    if let Some(status) = patch.status.into_change().flatten() {
        after.status = status;
    }
    if let Some(kind) = patch.kind.into_change().flatten() {
        after.kind = kind;
    }
    if let Some(category) = patch.category_id.into_change() {
        after.category_id = category;
    }
    if let Some(brand) = patch.brand.into_change() {
        after.brand = brand;
    }
    if let Some(unit) = patch.unit.into_change().flatten() {
        after.unit = unit;
    }
    if let Some(metadata) = patch.metadata.into_change().flatten() {
        after.metadata = metadata;
    }
    if let Some(tags) = patch.tags.into_change().flatten() {
        after.tags = tags;
    }
    after
}

fn as_put(product: &ProductOut) -> ProductPut {
    ProductPut {
        name: product.name.clone(),
        description: product.description.clone(),
        status: product.status,
        kind: product.kind,
        category_id: product.category_id,
        brand: product.brand.clone(),
        unit: product.unit.clone(),
        metadata: product.metadata.clone(),
        tags: product.tags.clone(),
    }
}

async fn change(ctx: &TenantContext, id: Uuid, version: i64, to: impl Fn(&ProductOut) -> ProductPut) -> Result<ProductOut, CatalogError> {
    ctx.write(UPDATED.action, async |tx| {
        let before = locked(ctx, tx, id, version).await?;
        let after = to(&before);
        check_change(&before, &after)?;
        if before.status == ProductStatus::Archived && after.status != ProductStatus::Archived {
            quota::check(tx, ctx.entitlements(), 1).await?;
        }
        store::update(tx, &before, &after).await?;
        if after.tags != before.tags {
            tag_store::set_on_products(tx, &[(id, after.tags.clone())]).await?;
        }
        let product = loaded(ctx, tx, id).await?;
        let what = match (before.status == ProductStatus::Archived, product.status == ProductStatus::Archived) {
            (false, true) => ARCHIVED,
            (true, false) => RESTORED,
            _ => UPDATED,
        };
        what.record(tx, id, Some(&before), Some(&product));
        Ok(product)
    })
    .await
}

fn check_change(before: &ProductOut, after: &ProductPut) -> Result<(), CatalogError> {
    if !before.status.can_become(after.status) {
        return Err(CatalogError::Status(format!("A product that is {} can't become {}.", before.status.as_str(), after.status.as_str())));
    }
    if before.kind != after.kind && before.status != ProductStatus::Draft {
        return Err(CatalogError::Status("The kind of a product is fixed once it has left draft.".to_owned()));
    }
    Ok(())
}

/// Deletes a product that nothing refers to; archives it when it has history. Its variants stay as they are: what is asked of an
/// article looks at both.
pub(super) async fn remove(ctx: &TenantContext, id: Uuid, version: i64) -> Result<Removal<ProductOut>, CatalogError> {
    ctx.write(DELETED.action, async |tx| {
        let before = locked(ctx, tx, id, version).await?;
        if store::delete_unless_used(tx, id).await? {
            DELETED.record(tx, id, Some(&before), None);
            return Ok(Removal::Deleted);
        }
        store::archive(tx, id).await?;
        let product = loaded(ctx, tx, id).await?;
        if product.version != before.version {
            ARCHIVED.record(tx, id, Some(&before), Some(&product));
        }
        Ok(Removal::Archived(product))
    })
    .await
}

/// The product as it is, locked, provided that it has the version the caller read.
async fn locked(ctx: &TenantContext, tx: &Tx, id: Uuid, version: i64) -> Result<ProductOut, CatalogError> {
    if !store::lock(tx, id).await? {
        return Err(CatalogError::NotFound("product"));
    }
    let product = loaded(ctx, tx, id).await?;
    if product.version == version { Ok(product) } else { Err(CatalogError::stale(product)) }
}

async fn loaded(ctx: &TenantContext, tx: &Tx, id: Uuid) -> Result<ProductOut, CatalogError> {
    store::find(tx.conn(), Samples::of(ctx), id).await?.ok_or(CatalogError::NotFound("product"))
}
