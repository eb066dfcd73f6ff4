//! Rules about tenants.

use std::str::FromStr;

use nexus_billing::{BillingError, Plan, Subscription, Terms, change_plan, subscription_of};
use nexus_core::list::{ListRequest, Listing};
use nexus_core::{AccountId, AuditEntry, Email, Event, Faults, FieldFault, Idempotent, Origin, Slug, TenantId, TenantState};
use nexus_iam::accounts::{Account, NewAccount};
use nexus_infra::{IdempotencyKey, Tx};
use nexus_provisioning::{Erase, Operation};
use serde_json::json;
use uuid::Uuid;

use super::error::TenantError;
use super::store;
use super::wire::{TenantIn, TenantPatch};
use crate::organizations::entity::Model;
use crate::signup::{self, Founded, NewOrganization, SignupError};
use crate::state::ControlPlane;

/// Told after an operator has moved a tenant to another state: `{from, to, reason}`.
const STATE_CHANGED: &str = "tenancy.tenant.state_changed.v1";

pub(super) async fn list(state: &ControlPlane, request: &ListRequest) -> Result<Listing<Model>, TenantError> {
    Ok(store::page(state.db.conn(), request).await?)
}

/// A tenant and its subscription.
pub(super) async fn get(state: &ControlPlane, tenant: TenantId) -> Result<(Model, Option<(Subscription, Plan)>), TenantError> {
    let row = store::get(state.db.conn(), tenant).await?.ok_or(TenantError::Unknown)?;
    let subscription = match subscription_of(state.db.conn(), tenant).await {
        Ok(found) => Some(found),
        Err(BillingError::NoSubscription) => None,
        Err(error) => return Err(error.into()),
    };
    Ok((row, subscription))
}

enum Owner {
    Known(Box<Account>),
    New { account: NewAccount, password_hash: String },
}

/// Makes a tenant for somebody.
pub(super) async fn create(
    state: &ControlPlane,
    input: TenantIn,
    origin: &Origin,
    key: Option<&IdempotencyKey>,
) -> Result<Idempotent<Founded>, TenantError> {
    let mut faults = Faults::new();
    let slug = Slug::parse(&input.slug).map_err(|fault| faults.extend([fault])).ok();
    let email = Email::parse(&input.owner.email).map_err(|fault| faults.extend([FieldFault { field: "owner.email".into(), ..fault }])).ok();
    let (Some(slug), Some(email)) = (slug, email) else { return Err(TenantError::Invalid(faults.into_vec())) };
    let owner = match state.accounts.find_by_email(&email).await.map_err(SignupError::from)? {
        // Whoever registered an address without proving it must not be handed somebody else's organization.
        Some(account) if !account.is_verified() => {
            faults.push("owner.email", "unverified_account", "belongs to an account whose address was never verified");
            return Err(TenantError::Invalid(faults.into_vec()));
        }
        Some(account) => Owner::Known(Box::new(account)),
        None => {
            let (Some(display_name), Some(password)) = (input.owner.display_name, input.owner.password) else {
                faults.push("owner", "unknown_account", "has no account yet: give display_name and password to make one");
                return Err(TenantError::Invalid(faults.into_vec()));
            };
            let password_hash = state.accounts.hash_new(&password.0, &email).await.map_err(SignupError::from)?;
            Owner::New { account: NewAccount { email, display_name, locale: None }, password_hash }
        }
    };
    let plan = input.plan.unwrap_or_else(|| state.settings.signup.default_plan.clone());
    let new = NewOrganization { name: input.name, slug, plan, terms: Terms::Granted };
    let founded = state
        .db
        .write_once("create_tenant", &state.clock, origin, key, async |tx: &Tx| {
            let (owner, locale): (AccountId, _) = match &owner {
                Owner::Known(account) => (account.account_id(), account.locale.clone()),
                Owner::New { account, password_hash } => {
                    (state.accounts.create(tx, account, password_hash).await.map_err(SignupError::from)?, account.locale.clone())
                }
            };
            Ok::<_, TenantError>(signup::found(state, tx, &new, owner, locale).await?)
        })
        .await?;
    if !founded.replayed {
        state.provisioner.nudge();
    }
    Ok(founded)
}

/// Changes name, plan and state, when the row is still at `version`.
pub(super) async fn edit(
    state: &ControlPlane,
    tenant: TenantId,
    version: i64,
    patch: TenantPatch,
    may_undelete: bool,
    origin: &Origin,
) -> Result<Model, TenantError> {
    let (row, changed) = state
        .db
        .write("edit_tenant", &state.clock, origin, async |tx: &Tx| {
            let before = held(tx, tenant, version).await?;
            let mut current = before.clone();
            if let Some(to) = patch.state.value().map(|state| TenantState::from(*state)) {
                current = undeleted(state, tx, current, to, may_undelete).await?;
            }
            let next = Next::of(&current, &patch)?;
            if next.differs(&current) {
                store::update(tx, tenant, &next.name, next.state.as_str(), next.reason.as_deref()).await?;
                record(tx, &current, &next)?;
            }
            if let Some(plan) = patch.plan.value() {
                change_plan(tx, tenant, plan).await?;
            }
            let after = store::get(tx.conn(), tenant).await?.ok_or(TenantError::Unknown)?;
            let changed = after.version != before.version;
            Ok::<_, TenantError>((after, changed))
        })
        .await?;
    if changed {
        state.announce(tenant).await;
    }
    Ok(row)
}

/// Cuts access and schedules the erasure. `dry_run`: everything but the change.
pub(super) async fn delete(state: &ControlPlane, tenant: TenantId, version: i64, dry_run: bool, origin: &Origin) -> Result<Model, TenantError> {
    /// Ends a dry run's transaction without a change.
    struct Rehearsed(TenantError, Option<Box<Model>>);
    impl From<nexus_infra::DbError> for Rehearsed {
        fn from(error: nexus_infra::DbError) -> Self {
            Self(error.into(), None)
        }
    }
    impl From<TenantError> for Rehearsed {
        fn from(error: TenantError) -> Self {
            Self(error, None)
        }
    }
    impl nexus_infra::WriteError for Rehearsed {
        fn db_error(&self) -> Option<&nexus_infra::DbError> {
            nexus_infra::WriteError::db_error(&self.0)
        }
    }
    let deleted = state
        .db
        .write("delete_tenant", &state.clock, origin, async |tx: &Tx| {
            held(tx, tenant, version).await?;
            state.provisioner.delete(tx, tenant, Erase::AfterWindow).await.map_err(TenantError::from)?;
            let after = store::get(tx.conn(), tenant).await?.ok_or(TenantError::Unknown)?;
            if dry_run { Err(Rehearsed(TenantError::Unknown, Some(Box::new(after)))) } else { Ok(after) }
        })
        .await;
    match deleted {
        Ok(row) => {
            state.announce(tenant).await;
            Ok(row)
        }
        Err(Rehearsed(_, Some(row))) => Ok(*row),
        Err(Rehearsed(error, None)) => Err(error),
    }
}

/// Builds a tenant again whose provisioning failed. Answers the operation's id.
pub(super) async fn retry(
    state: &ControlPlane,
    tenant: TenantId,
    origin: &Origin,
    key: Option<&IdempotencyKey>,
) -> Result<Idempotent<Uuid>, TenantError> {
    let retried = state
        .db
        .write_once("retry_tenant", &state.clock, origin, key, async |tx: &Tx| Ok::<_, TenantError>(state.provisioner.retry(tx, tenant).await?.id))
        .await?;
    state.provisioner.nudge();
    Ok(retried)
}

/// The operation, for an answer.
pub(super) async fn operation(state: &ControlPlane, id: Uuid) -> Result<Operation, TenantError> {
    Ok(state.provisioner.operation(id).await?.ok_or(nexus_provisioning::ProvisioningError::TenantNotFound)?)
}

async fn held(tx: &Tx, tenant: TenantId, version: i64) -> Result<Model, TenantError> {
    let row = store::lock(tx, tenant).await?.ok_or(TenantError::Unknown)?;
    if row.version == version { Ok(row) } else { Err(TenantError::Stale(Box::new(row))) }
}

/// Takes a deletion back when the tenant is being deleted and shall be used again.
async fn undeleted(state: &ControlPlane, tx: &Tx, row: Model, to: TenantState, may: bool) -> Result<Model, TenantError> {
    if state_of(&row)? != TenantState::Deleting || to != TenantState::Active {
        return Ok(row);
    }
    if !may {
        return Err(TenantError::UndeleteForbidden);
    }
    state.provisioner.undelete(tx, TenantId(row.id)).await?;
    store::get(tx.conn(), TenantId(row.id)).await?.ok_or(TenantError::Unknown)
}

fn state_of(row: &Model) -> Result<TenantState, TenantError> {
    TenantState::from_str(&row.state).map_err(|error| TenantError::Malformed(error.to_string()))
}

/// A tenant's row as it shall be.
struct Next {
    name: String,
    state: TenantState,
    reason: Option<String>,
}

impl Next {
    fn of(row: &Model, patch: &TenantPatch) -> Result<Self, TenantError> {
        let from = state_of(row)?;
        let to = patch.state.value().map_or(from, |state| TenantState::from(*state));
        // What else may follow in the table of states belongs to sagas, not to operators.
        let settled = matches!(from, TenantState::Active | TenantState::ReadOnly | TenantState::Suspended | TenantState::Archived);
        if from != to && !(settled && from.can_become(to)) {
            return Err(TenantError::State { from, to });
        }
        let mut reason = row.state_reason.clone();
        if from != to {
            reason = None;
        }
        if let Some(change) = patch.state_reason.clone().into_change() {
            reason = change;
        }
        if to == TenantState::Active {
            reason = None;
        }
        if to == TenantState::Suspended && reason.is_none() {
            return Err(TenantError::Invalid(vec![FieldFault::new("state_reason", "required", "say why the tenant is suspended")]));
        }
        Ok(Self { name: patch.name.value().cloned().unwrap_or_else(|| row.name.clone()), state: to, reason })
    }

    fn differs(&self, row: &Model) -> bool {
        self.name != row.name || self.state.as_str() != row.state || self.reason != row.state_reason
    }
}

fn record(tx: &Tx, before: &Model, next: &Next) -> Result<(), TenantError> {
    let entry = AuditEntry::of("tenants.edit", "tenant", before.id);
    tx.audit(
        entry
            .before(json!({ "name": before.name, "state": before.state, "state_reason": before.state_reason }))
            .after(json!({ "name": next.name, "state": next.state.as_str(), "state_reason": next.reason })),
    );
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
#[path = "service_tests.rs"]
mod tests;
