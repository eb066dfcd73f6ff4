//! Rules of the tree of places.

use nexus_core::{Entitlements, Idempotent, ListRequest, Listing};
use nexus_infra::{DbError, IdempotencyKey, Tx};
use uuid::Uuid;

use super::store;
use super::wire::{LocationIn, LocationOut, LocationPatch, LocationPut, LocationStatus, LocationType, NewLocationType, SiteKind};
use super::{NewSite, SiteEnd};
use crate::change::{Change, Removal};
use crate::context::TenantContext;
use crate::modules::inventory::error::InventoryError;
use crate::modules::inventory::movements;
use crate::samples::Samples;

const CREATED: Change = Change { action: "locations.create", event: "inventory.location.created.v1", entity: "location" };
const UPDATED: Change = Change { action: "locations.update", event: "inventory.location.updated.v1", entity: "location" };
const ARCHIVED: Change = Change { action: "locations.archive", event: "inventory.location.archived.v1", entity: "location" };
const RESTORED: Change = Change { action: "locations.restore", event: "inventory.location.updated.v1", entity: "location" };
const DELETED: Change = Change { action: "locations.delete", event: "inventory.location.deleted.v1", entity: "location" };

/// One part of the list of places, or of sites.
///
/// # Errors
/// A database error.
pub async fn list(ctx: &TenantContext, request: ListRequest, sites_only: bool) -> Result<Listing<LocationOut>, InventoryError> {
    Ok(store::list(ctx.read().await?.conn(), Samples::of(ctx), request, sites_only).await?)
}

/// One place.
///
/// # Errors
/// [`InventoryError::NotFound`].
pub async fn get(ctx: &TenantContext, id: Uuid) -> Result<LocationOut, InventoryError> {
    store::find(ctx.read().await?.conn(), Samples::of(ctx), id).await?.ok_or(InventoryError::NotFound("location"))
}

/// Creates a place.
///
/// # Errors
/// By field, [`InventoryError::CodeTaken`], [`InventoryError::Quota`].
pub async fn create(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: LocationIn) -> Result<Idempotent<LocationOut>, InventoryError> {
    let limit = ctx.entitlements().limit("locations");
    ctx.write_once(CREATED.action, key, async |tx| {
        let of_type = LocationType::from(input.r#type);
        check_parent(tx, of_type, input.parent_id).await?;
        let kind = site_kind(of_type, input.kind)?;
        check_quota(tx, limit).await?;
        let created = store::insert(tx, tx.new_id(), &input, kind).await.map_err(|error| refused(error, &input.code))?;
        CREATED.record(tx, created.id, None, Some(&created));
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
        let mut after = LocationPut::from(before);
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
    ctx.write(UPDATED.action, async |tx| {
        let before = locked(ctx, tx, id, version).await?;
        let after = wanted(&before);
        if before.parent_id != after.parent_id {
            check_parent(tx, before.r#type, after.parent_id).await?;
        }
        let kind = site_kind(before.r#type, after.kind)?;
        let what = match (before.status, after.status) {
            (LocationStatus::Active, LocationStatus::Archived) => ARCHIVED,
            (LocationStatus::Archived, LocationStatus::Active) => RESTORED,
            _ => UPDATED,
        };
        if what == ARCHIVED && store::has_active_children(tx, id).await? {
            return Err(InventoryError::HasChildren);
        }
        if (what == ARCHIVED || (before.is_stock && !after.is_stock)) && store::has_stock(tx, id).await? {
            return Err(InventoryError::HasStock);
        }
        if what == RESTORED {
            check_parent(tx, before.r#type, after.parent_id).await?;
            check_quota(tx, limit).await?;
        }
        let written = store::update(tx, &before, &after, kind).await.map_err(|error| refused(error, &after.code))?;
        what.record(tx, id, Some(&before), Some(&written));
        Ok(written)
    })
    .await
}

/// Removes a place: deleted when nothing names it, archived when its history does. One that is archived already stays as it is.
///
/// # Errors
/// [`InventoryError::HasStock`], [`InventoryError::HasChildren`], [`InventoryError::Stale`], [`InventoryError::ReadOnly`].
pub async fn remove(ctx: &TenantContext, id: Uuid, version: i64) -> Result<Removal<LocationOut>, InventoryError> {
    ctx.write(DELETED.action, async |tx| {
        let before = locked(ctx, tx, id, version).await?;
        if store::has_active_children(tx, id).await? {
            return Err(InventoryError::HasChildren);
        }
        if store::has_stock(tx, id).await? {
            return Err(InventoryError::HasStock);
        }
        take_away(tx, before).await
    })
    .await
}

/// What nothing names is deleted, else it is archived.
async fn take_away(tx: &Tx, before: LocationOut) -> Result<Removal<LocationOut>, InventoryError> {
    let id = before.id;
    if !store::is_referred_to(tx, id).await? {
        store::delete(tx, id).await?;
        DELETED.record(tx, id, Some(&before), None);
        return Ok(Removal::Deleted);
    }
    if before.status == LocationStatus::Archived {
        return Ok(Removal::Archived(before));
    }
    let put = LocationPut { status: LocationStatus::Archived, ..LocationPut::from(&before) };
    let written = store::update(tx, &before, &put, before.kind).await?;
    ARCHIVED.record(tx, id, Some(&before), Some(&written));
    Ok(Removal::Archived(written))
}

/// Creates a site in the caller's transaction; answers its id and version.
///
/// # Errors
/// [`InventoryError::CodeTaken`], [`InventoryError::Quota`].
pub async fn add_site(tx: &Tx, entitlements: &Entitlements, site: NewSite<'_>) -> Result<(Uuid, i64), InventoryError> {
    check_quota(tx, entitlements.limit("locations")).await?;
    let input = LocationIn {
        code: site.code.to_owned(),
        name: site.name.to_owned(),
        parent_id: None,
        kind: Some(site.kind),
        is_stock: true,
        address: None,
        map: None,
        r#type: NewLocationType::Site,
    };
    let created = store::insert(tx, tx.new_id(), &input, input.kind).await.map_err(|error| refused(error, site.code))?;
    CREATED.record(tx, created.id, None, Some(&created));
    Ok((created.id, created.version))
}

/// Removes a site that was made by somebody else than a person, as [`remove`] does, unless it has another version than it was made with, or
/// anybody has used it: then its version moves on, because it is no longer what it was. None when it is gone already.
///
/// # Errors
/// A database error.
pub async fn end_site(tx: &Tx, id: Uuid, version: i64, own: &[Uuid]) -> Result<Option<SiteEnd>, InventoryError> {
    let Some(before) = store::find_locked(tx, Samples::Read, id).await? else { return Ok(None) };
    let used = before.version != version
        || store::has_active_children(tx, id).await?
        || store::has_stock(tx, id).await?
        || movements::store::touched_otherwise(tx, id, own).await?;
    if used {
        store::touch(tx, id).await?;
        return Ok(Some(SiteEnd::Kept));
    }
    Ok(Some(match take_away(tx, before).await? {
        Removal::Deleted => SiteEnd::Deleted,
        Removal::Archived(_) => SiteEnd::Archived,
    }))
}

async fn locked(ctx: &TenantContext, tx: &Tx, id: Uuid, version: i64) -> Result<LocationOut, InventoryError> {
    let before = store::find_locked(tx, Samples::of(ctx), id).await?.ok_or(InventoryError::NotFound("location"))?;
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
