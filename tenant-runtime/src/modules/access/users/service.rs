//! Reading people.

use nexus_core::{ListRequest, Listing};
use nexus_iam::tenant_users;
use nexus_infra::Tx;
use uuid::Uuid;

use super::wire::UserOut;
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;

pub(super) use super::changes::{assign_roles, deactivate, reactivate, remove};

/// One part of the list.
pub(super) async fn list(ctx: &TenantContext, request: ListRequest) -> Result<Listing<UserOut>, AccessError> {
    let db = ctx.read().await?;
    let users = tenant_users::list_users(db.conn(), request).await?;
    let ids: Vec<Uuid> = users.items().iter().map(|user| user.id).collect();
    let roles = tenant_users::roles_of_users(db.conn(), &ids).await?;
    Ok(users.map(|user| {
        let held = roles.get(&user.id).map(Vec::as_slice).unwrap_or_default();
        UserOut::of(user, held)
    }))
}

/// One person.
pub(in crate::modules::access) async fn get(ctx: &TenantContext, id: Uuid) -> Result<UserOut, AccessError> {
    let db = ctx.read().await?;
    let user = tenant_users::get_user(db.conn(), id).await?.ok_or(AccessError::NotFound("user"))?;
    let roles = tenant_users::roles_of_users(db.conn(), &[id]).await?.remove(&id).unwrap_or_default();
    Ok(UserOut::of(user, &roles))
}

/// One person, as the transaction leaves them.
pub(in crate::modules::access) async fn shown(tx: &Tx, id: Uuid) -> Result<UserOut, AccessError> {
    let user = tenant_users::get_user(tx.conn(), id).await?.ok_or(AccessError::NotFound("user"))?;
    let roles = tenant_users::roles_of_users(tx.conn(), &[id]).await?.remove(&id).unwrap_or_default();
    Ok(UserOut::of(user, &roles))
}
