//! Rules of roles and their transaction boundaries. Each change begins with the lock of people and roles.

use std::collections::{BTreeSet, HashMap};

use nexus_core::{Idempotent, ListRequest, Listing};
use nexus_iam::permissions::{PERMISSIONS, PermissionDef};
use nexus_iam::policy::PolicyVersion;
use nexus_iam::tenant_users::{self, NewRole, TenantRole};
use nexus_infra::{IdempotencyKey, Tx};
use uuid::Uuid;

use super::grants;
use super::wire::{GrantOut, GrantsIn, PermissionOut, RoleIn, RoleOut, RolePatch, RoleReplacement};
use crate::change::Change;
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;
use crate::modules::access::reach;

pub(super) use super::matrix::matrix;

const CREATED: Change = Change { action: "roles.create", event: "access.role.created.v1", entity: "role" };
const CHANGED: Change = Change { action: "roles.update", event: "access.role.changed.v1", entity: "role" };
const DELETED: Change = Change { action: "roles.delete", event: "access.role.deleted.v1", entity: "role" };

/// Roles of its own that an organization may have: they are all read with the policy.
const MOST_ROLES: u64 = 50;

/// One part of the list of roles.
pub(super) async fn list(ctx: &TenantContext, request: &ListRequest) -> Result<Listing<RoleOut>, AccessError> {
    let db = ctx.read().await?;
    let roles = tenant_users::list_roles(db.conn(), request).await?;
    let ids: Vec<Uuid> = roles.items().iter().map(|role| role.id).collect();
    let mut grants: HashMap<Uuid, Vec<GrantOut>> = HashMap::new();
    for grant in tenant_users::grants_of_roles(db.conn(), &ids).await? {
        grants.entry(grant.role_id).or_default().push(GrantOut { permission: grant.permission, effect: grant.effect });
    }
    Ok(roles.map(|role| {
        let held = grants.remove(&role.id).unwrap_or_default();
        RoleOut::of(role, held)
    }))
}

/// One role.
pub(super) async fn get(ctx: &TenantContext, id: Uuid) -> Result<RoleOut, AccessError> {
    let db = ctx.read().await?;
    let role = tenant_users::get_role(db.conn(), id).await?.ok_or(AccessError::NotFound("role"))?;
    let grants = tenant_users::grants_of_roles(db.conn(), &[id]).await?;
    Ok(RoleOut::of(role, grants.into_iter().map(|grant| GrantOut { permission: grant.permission, effect: grant.effect }).collect()))
}

/// Every permission of the catalogue.
pub(super) fn permissions() -> Vec<PermissionOut> {
    let shown = |known: &PermissionDef| PermissionOut { key: known.key.to_owned(), summary: known.summary.to_owned(), is_scope: known.is_scope() };
    PERMISSIONS.iter().map(shown).collect()
}

/// Creates a role. Nobody holds it yet, so nothing has to be announced.
pub(super) async fn create(ctx: &TenantContext, key: Option<&IdempotencyKey>, input: RoleIn) -> Result<Idempotent<RoleOut>, AccessError> {
    let grants = grants::checked(ctx, &input.grants())?;
    ctx.write_once(CREATED.action, key, async |tx| {
        tenant_users::lock(tx).await?;
        if tenant_users::count_custom_roles(tx).await? >= MOST_ROLES {
            return Err(AccessError::TooManyRoles { most: MOST_ROLES });
        }
        let new = NewRole { id: tx.new_id(), key: &input.key, name: &input.name, description: &input.description };
        let role = tenant_users::insert_role(tx, &new).await?;
        tenant_users::set_grants(tx, role.id, &grants.allow, &grants.deny).await?;
        let role = shown(tx, role).await?;
        CREATED.record(tx, role.id, None, Some(&role));
        Ok(role)
    })
    .await
}

/// Gives a role another name and description.
pub(super) async fn replace(ctx: &TenantContext, id: Uuid, version: i64, input: RoleReplacement) -> Result<RoleOut, AccessError> {
    rename(ctx, id, version, Some(&input.name), Some(&input.description)).await
}

/// Changes the given fields of a role.
pub(super) async fn edit(ctx: &TenantContext, id: Uuid, version: i64, patch: RolePatch) -> Result<RoleOut, AccessError> {
    rename(ctx, id, version, patch.name.value(), patch.description.value()).await
}

async fn rename(ctx: &TenantContext, id: Uuid, version: i64, name: Option<&String>, description: Option<&String>) -> Result<RoleOut, AccessError> {
    ctx.write(CHANGED.action, async |tx| {
        let before = held(ctx, tx, id, version).await?;
        let renamed = tenant_users::rename_role(tx, id, name.unwrap_or(&before.name), description.unwrap_or(&before.description)).await?;
        let role = RoleOut::of(renamed, before.grants.clone());
        CHANGED.record(tx, id, Some(&before), Some(&role));
        Ok(role)
    })
    .await
}

/// Replaces what a role allows and denies.
pub(super) async fn set_permissions(ctx: &TenantContext, id: Uuid, version: i64, input: GrantsIn) -> Result<RoleOut, AccessError> {
    let (role, policy) = ctx
        .write(CHANGED.action, async |tx| {
            let before = held(ctx, tx, id, version).await?;
            let grants = grants::checked(ctx, &input)?;
            // What is denied here bites on people whatever else they hold: they must be within reach, too.
            if before.names("deny") != grants.deny.iter().collect::<BTreeSet<_>>() {
                reach::require(ctx, &tenant_users::allowed_around(tx, id).await?)?;
            }
            tenant_users::set_grants(tx, id, &grants.allow, &grants.deny).await?;
            let role = shown(tx, tenant_users::rename_role(tx, id, &before.name, &before.description).await?).await?;
            CHANGED.record(tx, id, Some(&before), Some(&role));
            Ok::<_, AccessError>((role, PolicyVersion::in_transaction(tx.conn()).await?))
        })
        .await?;
    ctx.policy_changed(policy).await;
    Ok(role)
}

/// Deletes a role that nobody holds.
pub(super) async fn remove(ctx: &TenantContext, id: Uuid, version: i64) -> Result<(), AccessError> {
    ctx.write(DELETED.action, async |tx| {
        let before = held(ctx, tx, id, version).await?;
        let users = tenant_users::count_holders(tx, id).await?;
        if users > 0 {
            return Err(AccessError::RoleInUse { users });
        }
        tenant_users::delete_role(tx, id).await?;
        DELETED.record(tx, id, Some(&before), None);
        Ok(())
    })
    .await
}

/// A role of the organization's own, if the caller may touch it; nothing else of people and roles changes until the transaction ends.
async fn held(ctx: &TenantContext, tx: &Tx, id: Uuid, version: i64) -> Result<RoleOut, AccessError> {
    tenant_users::lock(tx).await?;
    let role = tenant_users::find_role_locked(tx, id).await?.ok_or(AccessError::NotFound("role"))?;
    if role.built_in {
        return Err(AccessError::RoleBuiltIn);
    }
    let role = shown(tx, role).await?;
    reach::require(ctx, role.grants.iter().map(|grant| &grant.permission))?;
    if role.version == version { Ok(role) } else { Err(AccessError::stale(role)) }
}

/// The role as the transaction leaves it.
async fn shown(tx: &Tx, role: TenantRole) -> Result<RoleOut, AccessError> {
    let grants = tenant_users::grants_of_roles(tx.conn(), &[role.id]).await?;
    Ok(RoleOut::of(role, grants.into_iter().map(|grant| GrantOut { permission: grant.permission, effect: grant.effect }).collect()))
}
