//! The index of who belongs to which organization. The truth is in the tenants' users; log-in and the chooser of organizations read this.
//!
//! Nobody comes into it by a tenant's word alone: founding makes an entry, and so does joining, once the account has accepted that organization's
//! invitation here. Whoever may not enter for now keeps the entry. Who founded an organization is known from the organization itself, whoever owns it now.

use nexus_core::{AccountId, TenantId};
use nexus_infra::postgres::{DbError, Tx};

use super::store;

/// The person belongs to the organization, and may enter. Once more is no fault.
///
/// # Errors
/// [`DbError`].
pub async fn admit(tx: &Tx, account: AccountId, organization: TenantId) -> Result<(), DbError> {
    store::admit(tx, account, organization).await
}

/// The person may not enter for now, or may again. Who does not belong to the organization is not let in by that.
///
/// # Errors
/// [`DbError`].
pub async fn set_active(tx: &Tx, account: AccountId, organization: TenantId, active: bool) -> Result<(), DbError> {
    store::set_member_active(tx, account, organization, active).await
}

/// The person owns the organization, or owns it no more. That is the organization's to say: of who does not belong to it nothing is noted.
///
/// # Errors
/// [`DbError`].
pub async fn set_owner(tx: &Tx, account: AccountId, organization: TenantId, owns: bool) -> Result<(), DbError> {
    store::set_member_owns(tx, account, organization, owns).await
}

/// The person does not belong to the organization any more.
///
/// # Errors
/// [`DbError`].
pub async fn remove(tx: &Tx, account: AccountId, organization: TenantId) -> Result<(), DbError> {
    store::remove_member(tx, account, organization).await
}
