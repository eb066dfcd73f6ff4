//! How far a caller reaches among people and roles: nobody gives, takes or touches more than they hold themselves.
//!
//! - A role is as strong as everything it names: whoever gives or takes it must hold what it allows, and what it denies too, because taking it gives that back.
//! - A person is as strong as everything that any of their roles allows.
//! - Who owns the organization (`organization.own`) reaches everybody and every role, themselves under a role that denies them something included; nobody
//!   else reaches an owner, because nobody else holds that permission.

use std::collections::{BTreeMap, BTreeSet};

use nexus_core::Faults;
use nexus_iam::permissions::OWN;
use nexus_iam::tenant_users::{self, TenantRole};
use nexus_infra::Tx;
use uuid::Uuid;

use super::error::AccessError;
use crate::context::TenantContext;

/// The first of these permissions that the caller does not cover.
pub(super) fn lacking<'p>(ctx: &TenantContext, permissions: impl IntoIterator<Item = &'p String>) -> Option<&'p String> {
    if ctx.allows(OWN) {
        return None;
    }
    permissions.into_iter().find(|permission| !ctx.allows(permission))
}

/// Refuses unless the caller covers all of these.
pub(super) fn require<'p>(ctx: &TenantContext, permissions: impl IntoIterator<Item = &'p String>) -> Result<(), AccessError> {
    match lacking(ctx, permissions) {
        Some(permission) => Err(AccessError::OutOfReach { permission: permission.clone() }),
        None => Ok(()),
    }
}

/// Refuses to touch a person who is stronger than the caller.
pub(super) async fn require_person(ctx: &TenantContext, tx: &Tx, id: Uuid) -> Result<(), AccessError> {
    require(ctx, &tenant_users::allowed_of_user(tx, id).await?)
}

/// The roles that `field` of a body names. What names none, or one that is stronger than the caller, is a fault.
pub(super) async fn named(ctx: &TenantContext, tx: &Tx, field: &str, keys: &[String], faults: &mut Faults) -> Result<Vec<TenantRole>, AccessError> {
    let roles = tenant_users::roles_by_key(tx, keys).await?;
    let ids: Vec<Uuid> = roles.iter().map(|role| role.id).collect();
    let mut names: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for grant in tenant_users::grants_of_roles(tx.conn(), &ids).await? {
        names.entry(grant.role_id).or_default().push(grant.permission);
    }
    let mut seen = BTreeSet::new();
    for (place, key) in keys.iter().enumerate() {
        let at = format!("{field}[{place}]");
        let Some(role) = roles.iter().find(|role| role.key == *key) else {
            faults.push(at, "unknown", "is no role: GET /api/v1/roles lists them");
            continue;
        };
        if !seen.insert(key) {
            faults.push(at, "duplicate", "is listed before");
        } else if let Some(permission) = lacking(ctx, names.get(&role.id).into_iter().flatten()) {
            faults.push(at, "not_held", format!("is not yours to give or take: it holds {permission}, which you don't"));
        }
    }
    Ok(roles)
}
