//! Changing a tenant: what an operator's PATCH or PUT comes to, and whether it may be done.

use std::str::FromStr;

use nexus_billing::{change_plan, subscription_of};
use nexus_core::{AuditEntry, Event, FieldFault, Origin, TenantId, TenantState};
use nexus_infra::Tx;
use serde_json::json;

use super::super::error::TenantError;
use super::super::store::{self, TenantView};
use super::super::wire::{PlanEdit, TenantEdit};
use super::held;
use crate::state::ControlPlane;
use crate::tenancy::{self, TenantRow};

/// Told after an operator has moved a tenant to another state: `{from, to, reason}`.
const STATE_CHANGED: &str = "tenancy.tenant.state_changed.v1";

/// Changes name, plan and state, when the row is still at `version`.
pub(in super::super) async fn edit(
    state: &ControlPlane,
    tenant: TenantId,
    version: i64,
    edit: TenantEdit,
    may_undelete: bool,
    origin: &Origin,
) -> Result<TenantView, TenantError> {
    let (view, changed) = state
        .db
        .write("tenants.update", &state.clock, origin, async |tx: &Tx| {
            let before = held(tx, tenant, version).await?;
            let is_recall = before.state == TenantState::Deleting.as_str() && edit.state == Some(TenantState::Active);
            let current = if is_recall { undeleted(state, tx, tenant, may_undelete).await? } else { before.clone() };
            // What never was in use is back where it was, to be built again.
            let to = edit.state.filter(|_| !(is_recall && current.state == TenantState::Broken.as_str()));
            let next = Next::of(&current, to, &edit)?;
            if next.differs(&current) {
                store::update(tx, tenant, &next.name, next.state.as_str(), next.reason.as_deref()).await?;
                record(tx, &current, &next)?;
            }
            assign(tx, tenant, &edit.plan).await?;
            let after = store::view(tx.conn(), tenant).await?.ok_or(TenantError::Unknown)?;
            let changed = after.row.version != before.version;
            Ok::<_, TenantError>((after, changed))
        })
        .await?;
    if changed {
        state.announce(tenant).await;
    }
    Ok(view)
}

async fn assign(tx: &Tx, tenant: TenantId, plan: &PlanEdit) -> Result<(), TenantError> {
    let key = match plan {
        PlanEdit::Keep => return Ok(()),
        // What is replaced by itself stays as it is: a trial goes on, and so does a version that is no longer on sale.
        PlanEdit::Have(key) if subscription_of(tx.conn(), tenant).await?.0.plan_key == *key => return Ok(()),
        PlanEdit::Have(key) | PlanEdit::Grant(key) => key,
    };
    change_plan(tx, tenant, key).await?;
    Ok(())
}

/// Takes the deletion back.
async fn undeleted(state: &ControlPlane, tx: &Tx, tenant: TenantId, may: bool) -> Result<TenantRow, TenantError> {
    if !may {
        return Err(TenantError::UndeleteForbidden);
    }
    state.provisioner.undelete(tx, tenant).await?;
    tenancy::get(tx.conn(), tenant).await?.ok_or(TenantError::Unknown)
}

fn state_of(row: &TenantRow) -> Result<TenantState, TenantError> {
    TenantState::from_str(&row.state).map_err(|error| TenantError::Malformed(error.to_string()))
}

/// A tenant's row as it shall be.
struct Next {
    name: String,
    state: TenantState,
    reason: Option<String>,
}

impl Next {
    fn of(row: &TenantRow, to: Option<TenantState>, edit: &TenantEdit) -> Result<Self, TenantError> {
        let from = state_of(row)?;
        let to = to.unwrap_or(from);
        // What else may follow in the table of states belongs to sagas, not to operators.
        let settled = matches!(from, TenantState::Active | TenantState::ReadOnly | TenantState::Suspended | TenantState::Archived);
        if from != to && !(settled && from.can_become(to)) {
            return Err(TenantError::State { from, to });
        }
        let mut reason = row.state_reason.clone();
        if from != to {
            reason = None;
        }
        if let Some(change) = edit.reason.clone() {
            reason = change;
        }
        if to == TenantState::Active {
            reason = None;
        }
        if to == TenantState::Suspended && reason.is_none() {
            return Err(TenantError::Invalid(vec![FieldFault::new("state_reason", "required", "say why the tenant is suspended")]));
        }
        Ok(Self { name: edit.name.clone().unwrap_or_else(|| row.name.clone()), state: to, reason })
    }

    fn differs(&self, row: &TenantRow) -> bool {
        self.name != row.name || self.state.as_str() != row.state || self.reason != row.state_reason
    }
}

fn record(tx: &Tx, before: &TenantRow, next: &Next) -> Result<(), TenantError> {
    let entry = AuditEntry::of("tenants.update", "tenant", before.id);
    tx.audit(
        entry
            .before(json!({ "name": before.name, "state": before.state, "state_reason": before.state_reason }))
            .after(json!({ "name": next.name, "state": next.state.as_str(), "state_reason": next.reason })),
    );
    if next.name != before.name {
        tenancy::tell_renamed(tx, TenantId(before.id), &before.name, &next.name);
    }
    if state_of(before)? != next.state {
        tx.emit(Event {
            id: tx.new_id(),
            kind: STATE_CHANGED,
            aggregate_type: "tenant",
            aggregate_id: before.id,
            payload: json!({ "from": before.state, "to": next.state.as_str(), "reason": next.reason }),
        });
    }
    Ok(())
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
