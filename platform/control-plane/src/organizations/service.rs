//! Rules about a person's organizations.

use nexus_core::list::{ListRequest, Listing};
use nexus_core::{AccountId, AuditEntry, Idempotent, TenantId};
use nexus_infra::{IdempotencyKey, Tx};
use serde_json::json;

use super::entity::Model;
use super::error::OrganizationError;
use super::store;
use crate::guard::{AccountAuth, MemberAuth};
use crate::signup::{self, Founded, NewOrganization, SignupError};
use crate::state::ControlPlane;

/// An organization and whether the person owns it.
pub(super) type Mine = (Model, bool);

pub(super) async fn list(state: &ControlPlane, auth: &AccountAuth, request: &ListRequest) -> Result<Listing<Mine>, OrganizationError> {
    Ok(store::page(state.db.conn(), auth.account, request).await?)
}

pub(super) async fn get(state: &ControlPlane, auth: &MemberAuth, organization: TenantId) -> Result<Mine, OrganizationError> {
    let is_owner = membership(state, auth, organization).await?;
    let row = store::get(state.db.conn(), organization).await?.ok_or(OrganizationError::Unknown)?;
    Ok((row, is_owner))
}

/// Opens another organization for a person who is logged in, by the rules of sign-up.
pub(super) async fn open(
    state: &ControlPlane,
    auth: &AccountAuth,
    new: NewOrganization,
    key: Option<&IdempotencyKey>,
) -> Result<Idempotent<Founded>, SignupError> {
    signup::check_open(state)?;
    let founded = state
        .db
        .write_once("open_organization", &state.clock, &auth.origin, key, async |tx: &Tx| {
            let owner = signup::admit(state, tx, auth.account).await?;
            signup::found(state, tx, &new, owner.account_id(), owner.locale).await
        })
        .await?;
    if !founded.replayed {
        state.provisioner.nudge();
    }
    Ok(founded)
}

/// Renames an organization, when its row is still at `version`.
pub(super) async fn rename(
    state: &ControlPlane,
    auth: &MemberAuth,
    organization: TenantId,
    version: i64,
    name: Option<&str>,
) -> Result<Mine, OrganizationError> {
    if !membership(state, auth, organization).await? {
        return Err(OrganizationError::NotOwner);
    }
    let (row, changed) = state
        .db
        .write("rename_organization", &state.clock, &auth.origin, async |tx: &Tx| {
            let current = store::lock(tx, organization).await?.ok_or(OrganizationError::Unknown)?;
            if current.version != version {
                return Err(OrganizationError::Stale(Box::new((current, true))));
            }
            let Some(name) = name.filter(|name| *name != current.name) else { return Ok((current, false)) };
            store::rename(tx, organization, name).await?;
            let entry = AuditEntry::of("organizations.rename", "organization", organization.0);
            tx.audit(entry.before(json!({ "name": current.name })).after(json!({ "name": name })));
            Ok((store::get(tx.conn(), organization).await?.ok_or(OrganizationError::Unknown)?, true))
        })
        .await?;
    if changed {
        state.announce(organization).await;
    }
    Ok((row, true))
}

/// Whether the person owns the organization; an error when they don't belong to it or the token does not reach it.
async fn membership(state: &ControlPlane, auth: &MemberAuth, organization: TenantId) -> Result<bool, OrganizationError> {
    if !auth.reaches(organization) {
        return Err(OrganizationError::Unknown);
    }
    store::membership(state.db.conn(), auth.account, organization).await?.ok_or(OrganizationError::Unknown)
}

/// Refuses who does not belong to the organization.
///
/// # Errors
/// 404.
pub(crate) async fn require_membership(state: &ControlPlane, account: AccountId, organization: TenantId) -> Result<(), OrganizationError> {
    store::membership(state.db.conn(), account, organization).await?.map(drop).ok_or(OrganizationError::Unknown)
}

/// Whether the person owns the organization.
///
/// # Errors
/// 503 when the control database does not answer.
pub(crate) async fn is_owner(state: &ControlPlane, account: AccountId, organization: TenantId) -> Result<bool, OrganizationError> {
    Ok(store::membership(state.db.conn(), account, organization).await?.unwrap_or(false))
}
