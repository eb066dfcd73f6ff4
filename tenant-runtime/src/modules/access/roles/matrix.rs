//! Roles × permissions, as one table.

use std::collections::BTreeMap;

use nexus_iam::permissions::{GROUPS, Holders, OWN, PERMISSIONS};
use nexus_iam::tenant_users;
use uuid::Uuid;

use super::grants::is_deniable;
use super::wire::{MatrixGroupOut, MatrixOut, MatrixPermissionOut, MatrixRoleOut};
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;
use crate::modules::access::reach;

/// The whole table.
pub(super) async fn matrix(ctx: &TenantContext) -> Result<MatrixOut, AccessError> {
    let db = ctx.read().await?;
    let roles = tenant_users::whole_matrix(db.conn()).await?;
    let ids: Vec<Uuid> = roles.iter().map(|role| role.id).collect();
    let keys: BTreeMap<Uuid, &str> = roles.iter().map(|role| (role.id, role.key.as_str())).collect();
    let holders = tenant_users::holders_of_roles(db.conn()).await?;
    let mut effects: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for grant in tenant_users::grants_of_roles(db.conn(), &ids).await? {
        if let Some(role) = keys.get(&grant.role_id) {
            effects.entry(grant.permission).or_default().insert((*role).to_owned(), grant.effect);
        }
    }
    let permissions = |area: &str| {
        let of_area = PERMISSIONS.iter().filter(|known| known.key.split_once('.').is_some_and(|(first, _)| first == area));
        of_area
            .map(|known| MatrixPermissionOut {
                key: known.key.to_owned(),
                summary: known.summary.to_owned(),
                is_scope: known.is_scope(),
                gives_access: known.holders == Holders::PeopleAsItGivesAccess,
                is_grantable: known.key != OWN && reach::lacking(ctx, [&known.key.to_owned()]).is_none(),
                is_deniable: is_deniable(known.key),
                roles: effects.get(known.key).cloned().unwrap_or_default(),
            })
            .collect()
    };
    let groups = GROUPS.iter().map(|(key, name)| MatrixGroupOut { key: (*key).to_owned(), name: (*name).to_owned(), permissions: permissions(key) });
    let groups = groups.collect();
    let shown = |role: &tenant_users::TenantRole| MatrixRoleOut {
        id: role.id,
        key: role.key.clone(),
        name: role.name.clone(),
        description: role.description.clone(),
        built_in: role.built_in,
        users: holders.get(&role.id).copied().unwrap_or_default(),
        version: role.version,
    };
    Ok(MatrixOut { roles: roles.iter().map(shown).collect(), groups })
}
