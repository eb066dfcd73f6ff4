//! Who belongs to an organization, and what is told of a change.

use nexus_core::{AccountId, Event, Problem, TenantId};
use nexus_infra::{DbError, Tx};
use serde_json::json;

use super::store;
use crate::state::ControlPlane;

/// Told after an organization got another name, from its owner or from an operator: `{from, to}`.
const RENAMED: &str = "tenancy.tenant.renamed.v1";

/// Tells of another name with the commit.
pub(crate) fn tell_renamed(tx: &Tx, tenant: TenantId, from: &str, to: &str) {
    let payload = json!({ "from": from, "to": to });
    tx.emit(Event { id: tx.new_id(), kind: RENAMED, aggregate_type: "tenant", aggregate_id: tenant.0, payload });
}

/// Refuses who does not belong to the organization.
///
/// # Errors
/// 404.
pub(crate) async fn require_membership(state: &ControlPlane, account: AccountId, organization: TenantId) -> Result<(), Problem> {
    store::membership(state.db.conn(), account, organization).await?.map(drop).ok_or_else(|| Problem::not_found("organization"))
}

/// Whether the person owns the organization.
///
/// # Errors
/// 503 when the control database does not answer.
pub(crate) async fn is_owner(state: &ControlPlane, account: AccountId, organization: TenantId) -> Result<bool, DbError> {
    Ok(store::membership(state.db.conn(), account, organization).await?.unwrap_or(false))
}
