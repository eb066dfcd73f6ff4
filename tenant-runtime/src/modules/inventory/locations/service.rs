//! Rules of the tree of places.

use nexus_core::{AuditEntry, Idempotent, ListRequest, Listing};
use nexus_infra::{DbError, IdempotencyKey, Tx};
use serde_json::json;
use uuid::Uuid;

use super::store;
use super::wire::{LocationIn, LocationOut, LocationPatch, LocationPut, LocationStatus, LocationType, SiteKind};
use crate::context::TenantContext;
use crate::modules::inventory::error::InventoryError;
use crate::modules::inventory::{LOCATION_ARCHIVED, LOCATION_CREATED, LOCATION_DELETED, LOCATION_UPDATED};

/// One part of the list of places, or of sites.
///
/// # Errors
/// A database error.
pub async fn list(ctx: &TenantContext, request: ListRequest, sites_only: bool) -> Result<Listing<LocationOut>, InventoryError> {
    Ok(store::list(ctx.read().await?.conn(), request, sites_only).await?)
}

/// One place.
///
/// # Errors
/// [`InventoryError::NotFound`].
pub async fn get(ctx: &TenantContext, id: Uuid) -> Result<LocationOut, InventoryError> {
    store::find(ctx.read().await?.conn(), id).await?.ok_or(InventoryError::NotFound("location"))
}

/// Creates a place.
///
/// # Errors
/// By field, [`InventoryError::CodeTaken`], [`InventoryError::Quota`].
pub async fn create(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: LocationIn) -> Result<Idempotent<LocationOut>, InventoryError> {
    let limit = ctx.entitlements().limit("locations");
    ctx.write_once("locations.create", key, async |tx| {
        let of_type = LocationType::from(input.r#type);
        check_parent(tx, of_type, input.parent_id).await?;
        let kind = site_kind(of_type, input.kind)?;
        check_quota(tx, limit).await?;
        let created = store::insert(tx, tx.new_id(), &input, kind).await.map_err(|error| refused(error, &input.code))?;
        tx.audit(AuditEntry::of("locations.create", "location", created.id).after(json!(created)));
        tx.emit_new(LOCATION_CREATED, "location", created.id, json!(created));
        Ok(created)
    })
    .await
}

/// Writes a place as it shall be.
///
/// # Errors
/// As for [`create`], [`InventoryError::Stale`], and what keeps a place from being archived.
pub async fn replace(ctx: &TenantContext, id: Uuid, version: i64, input: LocationPut) -> Result<LocationOut, InventoryError> {
    edit(ctx, id, version, |_| input.clone()).await
}

/// Changes some fields of a place.
///
/// # Errors
/// As for [`replace`].
pub async fn change(ctx: &TenantContext, id: Uuid, version: i64, patch: LocationPatch) -> Result<LocationOut, InventoryError> {
    edit(ctx, id, version, |before| {
        let patch = patch.clone();
        let mut after = LocationPut {
            code: before.code.clone(),
            name: before.name.clone(),
            parent_id: before.parent_id,
            kind: before.kind,
            is_stock: before.is_stock,
            address: before.address.clone(),
            map: before.map.clone(),
            status: before.status,
        };
        after.code = patch.code.value().cloned().unwrap_or(after.code);
        after.name = patch.name.value().cloned().unwrap_or(after.name);
        after.is_stock = patch.is_stock.value().copied().unwrap_or(after.is_stock);
        after.status = patch.status.value().copied().unwrap_or(after.status);
        patch.parent_id.apply(&mut after.parent_id);
        patch.kind.apply(&mut after.kind);
        patch.address.apply(&mut after.address);
        patch.map.apply(&mut after.map);
        after
    })
    .await
}

async fn edit(ctx: &TenantContext, id: Uuid, version: i64, wanted: impl Fn(&LocationOut) -> LocationPut) -> Result<LocationOut, InventoryError> {
    let limit = ctx.entitlements().limit("locations");
    ctx.write("locations.edit", async |tx| {
        let before = locked(tx, id, version).await?;
        let after = wanted(&before);
        if before.parent_id != after.parent_id {
            check_parent(tx, before.r#type, after.parent_id).await?;
        }
        let kind = site_kind(before.r#type, after.kind)?;
        let archives = before.status == LocationStatus::Active && after.status == LocationStatus::Archived;
        if archives && store::has_active_children(tx, id).await? {
            return Err(InventoryError::HasChildren);
        }
        if (archives || (before.is_stock && !after.is_stock)) && store::has_stock(tx, id).await? {
            return Err(InventoryError::HasStock);
        }
        if before.status == LocationStatus::Archived && after.status == LocationStatus::Active {
            check_parent(tx, before.r#type, after.parent_id).await?;
            check_quota(tx, limit).await?;
        }
        let written = store::update(tx, &before, &after, kind).await.map_err(|error| refused(error, &after.code))?;
        record(tx, if archives { LOCATION_ARCHIVED } else { LOCATION_UPDATED }, &before, &written);
        Ok(written)
    })
    .await
}

/// Removes a place: deleted when nothing names it, archived when its history does.
///
/// # Errors
/// [`InventoryError::HasStock`], [`InventoryError::HasChildren`], [`InventoryError::Stale`], [`InventoryError::ReadOnly`].
pub async fn remove(ctx: &TenantContext, id: Uuid, version: i64) -> Result<(), InventoryError> {
    ctx.write("locations.delete", async |tx| {
        let before = locked(tx, id, version).await?;
        if store::has_active_children(tx, id).await? {
            return Err(InventoryError::HasChildren);
        }
        if store::has_stock(tx, id).await? {
            return Err(InventoryError::HasStock);
        }
        if !store::is_referred_to(tx, id).await? {
            store::delete(tx, id).await?;
            tx.audit(AuditEntry::of("locations.delete", "location", id).before(json!(before)));
            tx.emit_new(LOCATION_DELETED, "location", id, json!(before));
        } else if before.status == LocationStatus::Active {
            let LocationOut { code, name, parent_id, kind, is_stock, address, map, .. } = before.clone();
            let put = LocationPut { code, name, parent_id, kind, is_stock, address, map, status: LocationStatus::Archived };
            let written = store::update(tx, &before, &put, kind).await?;
            record(tx, LOCATION_ARCHIVED, &before, &written);
        }
        Ok(())
    })
    .await
}

fn record(tx: &Tx, event: &'static str, before: &LocationOut, after: &LocationOut) {
    tx.audit(AuditEntry::of("locations.edit", "location", after.id).before(json!(before)).after(json!(after)));
    tx.emit_new(event, "location", after.id, json!(after));
}

async fn locked(tx: &Tx, id: Uuid, version: i64) -> Result<LocationOut, InventoryError> {
    let before = store::find_locked(tx, id).await?.ok_or(InventoryError::NotFound("location"))?;
    if before.r#type == LocationType::Virtual {
        return Err(InventoryError::ReadOnly);
    }
    if before.version != version {
        return Err(InventoryError::stale(before));
    }
    Ok(before)
}

/// A site stands alone; everything else lies in an active, real place that is no bin.
async fn check_parent(tx: &Tx, of_type: LocationType, parent_id: Option<Uuid>) -> Result<(), InventoryError> {
    let refuse = |code, message: &str| Err(InventoryError::invalid("parent_id", code, message));
    match (of_type, parent_id) {
        (LocationType::Site, None) => Ok(()),
        (LocationType::Site, Some(_)) => refuse("unexpected", "a site lies in nothing"),
        (_, None) => refuse("required", "only a site has no parent"),
        (_, Some(id)) => match store::find_shared(tx, id).await? {
            None => refuse("unknown", "names no location"),
            Some(parent) if parent.r#type == LocationType::Virtual => refuse("virtual", "a virtual location contains nothing"),
            Some(parent) if parent.r#type == LocationType::Bin => refuse("bin", "a bin contains nothing else"),
            Some(parent) if parent.status == LocationStatus::Archived => refuse("archived", "the parent is archived"),
            Some(_) => Ok(()),
        },
    }
}

fn site_kind(of_type: LocationType, kind: Option<SiteKind>) -> Result<Option<SiteKind>, InventoryError> {
    match (of_type, kind) {
        (LocationType::Site, kind) => Ok(Some(kind.unwrap_or(SiteKind::Warehouse))),
        (_, None) => Ok(None),
        (_, Some(_)) => Err(InventoryError::invalid("kind", "unexpected", "only a site has a kind")),
    }
}

async fn check_quota(tx: &Tx, limit: Option<i64>) -> Result<(), InventoryError> {
    match limit {
        Some(limit) if store::count_for_quota(tx).await? >= limit => Err(InventoryError::Quota { limit }),
        _ => Ok(()),
    }
}

fn refused(error: DbError, code: &str) -> InventoryError {
    match error.constraint() {
        Some("locations_code_key") => InventoryError::CodeTaken(code.to_owned()),
        Some("locations_no_cycle" | "locations_depth") => InventoryError::Cycle,
        _ => error.into(),
    }
}
