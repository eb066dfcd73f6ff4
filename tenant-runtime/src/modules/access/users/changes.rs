//! Rules of changing people, and their transaction boundaries.
//!
//! Each begins with the lock of people and roles, so that who is the last owner, and how many there are, stays true to the commit.

use std::collections::BTreeSet;

use nexus_core::{AuditEntry, Faults, Idempotent};
use nexus_iam::policy::PolicyVersion;
use nexus_iam::tenant_users::{self, InvitationState, TenantRole, TenantUser, UserState};
use nexus_infra::{IdempotencyKey, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::quota;
use super::service::shown;
use super::wire::{UserOut, UserRolesPatch};
use crate::context::TenantContext;
use crate::modules::access::error::AccessError;
use crate::modules::access::{invitations, reach};

/// A person as they are now, and the policy's version from which on the change bites; none where nothing has changed.
#[derive(Serialize, Deserialize)]
struct Changed {
    user: UserOut,
    policy: Option<PolicyVersion>,
}

impl Changed {
    async fn now(tx: &Tx, id: Uuid) -> Result<Self, AccessError> {
        Ok(Self { user: shown(tx, id).await?, policy: Some(PolicyVersion::in_transaction(tx.conn()).await?) })
    }

    async fn nothing(tx: &Tx, id: Uuid) -> Result<Self, AccessError> {
        Ok(Self { user: shown(tx, id).await?, policy: None })
    }
}

/// Gives and takes roles. What is held already, or not held, changes nothing.
pub(super) async fn assign_roles(ctx: &TenantContext, id: Uuid, patch: UserRolesPatch) -> Result<UserOut, AccessError> {
    const ACTION: &str = "users.assign_roles";
    let changed = ctx
        .write(ACTION, async |tx| {
            let user = held(ctx, tx, id).await?;
            if user.status == UserState::Removed {
                return Err(AccessError::UserStatus(user.status));
            }
            let (given, taken) = wanted(ctx, tx, &patch).await?;
            let before = roles_of(tx, id).await?;
            let (added, removed) = difference(&before, &given, &taken);
            if added.is_empty() && removed.is_empty() {
                return Changed::nothing(tx, id).await;
            }
            if removed.iter().any(is_owner) {
                keep_an_owner(tx, &user, &before).await?;
            }
            tenant_users::take_roles(tx, id, &ids(&removed)).await?;
            tenant_users::give_roles(tx, id, &ids(&added)).await?;
            tenant_users::touch_user(tx, id).await?;
            let changed = Changed::now(tx, id).await?;
            if let Some(invitation) = tenant_users::pending_invitation_of(tx, id).await? {
                tenant_users::offer_roles(tx, invitation.id, &changed.user.roles).await?;
            }
            let entry = AuditEntry::of(ACTION, "user", id).subject(id);
            tx.audit(entry.before(json!({ "roles": keys(&before) })).after(json!({ "roles": changed.user.roles })));
            let payload = json!({ "user_id": id, "added": keys(&added), "removed": keys(&removed), "roles": changed.user.roles });
            tx.emit_new("access.user.roles_changed.v1", "user", id, payload);
            Ok(changed)
        })
        .await?;
    Ok(announced(ctx, Idempotent::fresh(changed)).await.value)
}

/// Shuts a person out; the roles stay.
pub(super) async fn deactivate(ctx: &TenantContext, key: Option<&IdempotencyKey>, id: Uuid) -> Result<Idempotent<UserOut>, AccessError> {
    const ACTION: &str = "users.deactivate";
    let done = ctx
        .write_once(ACTION, key, async |tx| {
            let user = held(ctx, tx, id).await?;
            if user.status == UserState::Deactivated {
                return Changed::nothing(tx, id).await;
            }
            keep_an_owner(tx, &user, &roles_of(tx, id).await?).await?;
            step(tx, ACTION, &user, UserState::Deactivated).await?;
            tx.emit_new("access.user.deactivated.v1", "user", id, json!({ "user_id": id }));
            Changed::now(tx, id).await
        })
        .await?;
    Ok(announced(ctx, done).await)
}

/// Lets a deactivated person in again, with the roles they had.
pub(super) async fn reactivate(ctx: &TenantContext, key: Option<&IdempotencyKey>, id: Uuid) -> Result<Idempotent<UserOut>, AccessError> {
    const ACTION: &str = "users.reactivate";
    let done = ctx
        .write_once(ACTION, key, async |tx| {
            let user = held(ctx, tx, id).await?;
            if user.status == UserState::Active {
                return Changed::nothing(tx, id).await;
            }
            if user.status != UserState::Deactivated {
                return Err(AccessError::UserStatus(user.status));
            }
            quota::room(ctx, tx).await?;
            step(tx, ACTION, &user, UserState::Active).await?;
            tx.emit_new("access.user.reactivated.v1", "user", id, json!({ "user_id": id }));
            Changed::now(tx, id).await
        })
        .await?;
    Ok(announced(ctx, done).await)
}

/// Ends a membership. Who has joined keeps the row, without roles; who has not is forgotten with the invitation.
pub(super) async fn remove(ctx: &TenantContext, id: Uuid) -> Result<(), AccessError> {
    const ACTION: &str = "users.remove";
    let policy = ctx
        .write(ACTION, async |tx| {
            let user = held(ctx, tx, id).await?;
            let before = roles_of(tx, id).await?;
            match user.status {
                UserState::Removed => return Ok(None),
                UserState::Invited => {
                    if let Some(invitation) = tenant_users::pending_invitation_of(tx, id).await? {
                        tenant_users::end_invitation(tx, invitation.id, InvitationState::Revoked).await?;
                        invitations::service::tell_revoked(tx, invitation.id);
                    }
                    tenant_users::delete_invited(tx, id).await?;
                }
                UserState::Active | UserState::Deactivated => {
                    keep_an_owner(tx, &user, &before).await?;
                    tenant_users::take_all_roles(tx, id).await?;
                    tenant_users::set_state(tx, id, UserState::Removed).await?;
                }
            }
            let entry = AuditEntry::of(ACTION, "user", id).subject(id);
            tx.audit(
                entry.before(json!({ "status": user.status, "roles": keys(&before) })).after(json!({ "status": UserState::Removed, "roles": [] })),
            );
            tx.emit_new("access.user.removed.v1", "user", id, json!({ "user_id": id }));
            Ok::<_, AccessError>(Some(PolicyVersion::in_transaction(tx.conn()).await?))
        })
        .await?;
    if let Some(policy) = policy {
        ctx.policy_changed(policy).await;
    }
    Ok(())
}

/// The person, if the caller may touch them; nothing else of people and roles changes until the transaction ends.
async fn held(ctx: &TenantContext, tx: &Tx, id: Uuid) -> Result<TenantUser, AccessError> {
    tenant_users::lock(tx).await?;
    let user = tenant_users::find_user_locked(tx, id).await?.ok_or(AccessError::NotFound("user"))?;
    reach::require_person(ctx, tx, id).await?;
    Ok(user)
}

/// The roles that a body gives and takes.
async fn wanted(ctx: &TenantContext, tx: &Tx, patch: &UserRolesPatch) -> Result<(Vec<TenantRole>, Vec<TenantRole>), AccessError> {
    let mut faults = Faults::new();
    let given = reach::named(ctx, tx, "add", &patch.add, &mut faults).await?;
    let taken = reach::named(ctx, tx, "remove", &patch.remove, &mut faults).await?;
    for (place, key) in patch.remove.iter().enumerate() {
        faults.check(!patch.add.contains(key), &format!("remove[{place}]"), "contradiction", "is given by the same request");
    }
    if faults.is_empty() { Ok((given, taken)) } else { Err(faults.into()) }
}

/// What is really given and taken.
fn difference(before: &[TenantRole], given: &[TenantRole], taken: &[TenantRole]) -> (Vec<TenantRole>, Vec<TenantRole>) {
    let held: BTreeSet<Uuid> = before.iter().map(|role| role.id).collect();
    let added = given.iter().filter(|role| !held.contains(&role.id)).cloned().collect();
    let removed = taken.iter().filter(|role| held.contains(&role.id)).cloned().collect();
    (added, removed)
}

/// Refuses to take its last active owner from an organization.
async fn keep_an_owner(tx: &Tx, user: &TenantUser, roles: &[TenantRole]) -> Result<(), AccessError> {
    let owns = user.status == UserState::Active && roles.iter().any(is_owner);
    if owns && !tenant_users::has_another_owner(tx, user.id).await? {
        return Err(AccessError::LastOwner);
    }
    Ok(())
}

/// One step of a person's life, and its audit entry.
async fn step(tx: &Tx, action: &'static str, user: &TenantUser, next: UserState) -> Result<(), AccessError> {
    if !user.status.may_become(next) {
        return Err(AccessError::UserStatus(user.status));
    }
    tenant_users::set_state(tx, user.id, next).await?;
    let entry = AuditEntry::of(action, "user", user.id).subject(user.id);
    tx.audit(entry.before(json!({ "status": user.status })).after(json!({ "status": next })));
    Ok(())
}

/// Makes a change bite at once. A replay has nothing new to tell.
async fn announced(ctx: &TenantContext, done: Idempotent<Changed>) -> Idempotent<UserOut> {
    if let Some(policy) = done.value.policy.filter(|_| !done.replayed) {
        ctx.policy_changed(policy).await;
    }
    done.map(|changed| changed.user)
}

async fn roles_of(tx: &Tx, id: Uuid) -> Result<Vec<TenantRole>, AccessError> {
    Ok(tenant_users::roles_of_users(tx.conn(), &[id]).await?.remove(&id).unwrap_or_default())
}

fn is_owner(role: &TenantRole) -> bool {
    role.built_in && role.key == "owner"
}

fn ids(roles: &[TenantRole]) -> Vec<Uuid> {
    roles.iter().map(|role| role.id).collect()
}

fn keys(roles: &[TenantRole]) -> Vec<&str> {
    roles.iter().map(|role| role.key.as_str()).collect()
}
