//! The index of who belongs to which organization. The truth is in the tenants' users; log-in and the chooser of organizations read this.
//!
//! Nobody comes into it by a tenant's word alone: founding makes an entry, and so does joining, once the account has accepted that organization's
//! invitation here. Whoever may not enter for now keeps the entry. Who founded an organization is known from the organization itself, whoever owns it now.

use chrono::{DateTime, Utc};
use nexus_core::{AccountId, EventEnvelope, TenantId};
use nexus_infra::postgres::{DbError, Tx};

use super::store;

/// Where an event stands among those of its tenant: its place in the outbox, and when it was written.
#[derive(Debug, Clone, Copy)]
pub struct Told {
    /// Place in the outbox.
    pub seq: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
}

impl From<&EventEnvelope> for Told {
    fn from(event: &EventEnvelope) -> Self {
        Self { seq: event.seq, at: event.occurred_at }
    }
}

/// Whether a later event of this person was heard of already, so that this one says what was. Nobody else hears of the person until the transaction ends.
///
/// # Errors
/// [`DbError`].
pub async fn is_behind(tx: &Tx, account: AccountId, organization: TenantId, told: Told) -> Result<bool, DbError> {
    store::member_is_ahead(tx, account, organization, told).await
}

/// What comes behind this is late.
///
/// # Errors
/// [`DbError`].
pub async fn note(tx: &Tx, account: AccountId, organization: TenantId, told: Told) -> Result<(), DbError> {
    store::note_told(tx, account, organization, told).await
}

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
