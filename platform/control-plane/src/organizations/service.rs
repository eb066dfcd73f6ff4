//! Rules about a person's organizations.

use nexus_core::list::{ListRequest, Listing};
use nexus_core::{AuditEntry, Idempotent, TenantId};
use nexus_infra::{IdempotencyKey, Tx};
use serde_json::json;

use super::error::OrganizationError;
use super::store;
use crate::guard::{AccountAuth, MemberAuth};
use crate::signup::{self, Founded, NewOrganization, SignupError};
use crate::state::ControlPlane;
use crate::tenancy::{self, TenantRow};

/// An organization and whether the person owns it.
pub(super) type Mine = (TenantRow, bool);

pub(super) async fn list(state: &ControlPlane, auth: &AccountAuth, request: &ListRequest) -> Result<Listing<Mine>, OrganizationError> {
    Ok(store::page(state.db.conn(), auth.account, request).await?)
}

pub(super) async fn get(state: &ControlPlane, auth: &MemberAuth, organization: TenantId) -> Result<Mine, OrganizationError> {
    let is_owner = membership(state, auth, organization).await?;
    let row = tenancy::get(state.db.conn(), organization).await?.ok_or(OrganizationError::Unknown)?;
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
        .write_once("tenants.create", &state.clock, &auth.origin, key, async |tx: &Tx| {
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
        .write("organizations.update", &state.clock, &auth.origin, async |tx: &Tx| {
            let current = tenancy::lock(tx, organization).await?.ok_or(OrganizationError::Unknown)?;
            if current.version != version {
                return Err(OrganizationError::Stale(Box::new((current, true))));
            }
            let Some(name) = name.filter(|name| *name != current.name) else { return Ok((current, false)) };
            store::rename(tx, organization, name).await?;
            let entry = AuditEntry::of("organizations.update", "organization", organization.0);
            tx.audit(entry.before(json!({ "name": current.name })).after(json!({ "name": name })));
            tenancy::tell_renamed(tx, organization, &current.name, name);
            Ok((tenancy::get(tx.conn(), organization).await?.ok_or(OrganizationError::Unknown)?, true))
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
    tenancy::membership(state.db.conn(), auth.account, organization).await?.ok_or(OrganizationError::Unknown)
}
