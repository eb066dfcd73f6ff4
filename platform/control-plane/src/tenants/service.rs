//! Rules about tenants.

mod edit;

use nexus_billing::{BillingError, Plan, Subscription, Terms, subscription_of};
use nexus_core::list::{ListRequest, Listing};
use nexus_core::{AccountId, Email, Faults, FieldFault, Idempotent, Origin, Slug, TenantId};
use nexus_iam::accounts::{Account, NewAccount};
use nexus_infra::{IdempotencyKey, Tx};
use nexus_provisioning::{Erase, Operation};
use uuid::Uuid;

use super::error::TenantError;
use super::store::{self, TenantView};
use super::wire::TenantIn;
use crate::signup::{self, Founded, NewOrganization, SignupError};
use crate::state::ControlPlane;
use crate::tenancy::{self, TenantRow};

pub(super) use edit::edit;

pub(super) async fn list(state: &ControlPlane, request: &ListRequest) -> Result<Listing<TenantView>, TenantError> {
    Ok(store::page(state.db.conn(), request).await?)
}

/// A tenant and its subscription.
pub(super) async fn get(state: &ControlPlane, tenant: TenantId) -> Result<(TenantView, Option<(Subscription, Plan)>), TenantError> {
    let view = store::view(state.db.conn(), tenant).await?.ok_or(TenantError::Unknown)?;
    let subscription = match subscription_of(state.db.conn(), tenant).await {
        Ok(found) => Some(found),
        Err(BillingError::NoSubscription) => None,
        Err(error) => return Err(error.into()),
    };
    Ok((view, subscription))
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
        .write_once("tenants.create", &state.clock, origin, key, async |tx: &Tx| {
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

/// Cuts access and schedules the erasure. `dry_run`: everything but the change.
pub(super) async fn delete(state: &ControlPlane, tenant: TenantId, version: i64, dry_run: bool, origin: &Origin) -> Result<TenantView, TenantError> {
    /// Ends a dry run's transaction without a change.
    struct Rehearsed(TenantError, Option<Box<TenantView>>);
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
        .write("tenants.delete", &state.clock, origin, async |tx: &Tx| {
            held(tx, tenant, version).await?;
            state.provisioner.delete(tx, tenant, Erase::AfterWindow).await.map_err(TenantError::from)?;
            let after = store::view(tx.conn(), tenant).await.map_err(TenantError::from)?.ok_or(TenantError::Unknown)?;
            if dry_run { Err(Rehearsed(TenantError::Unknown, Some(Box::new(after)))) } else { Ok(after) }
        })
        .await;
    match deleted {
        Ok(view) => {
            state.announce(tenant).await;
            Ok(view)
        }
        Err(Rehearsed(_, Some(view))) => Ok(*view),
        Err(Rehearsed(error, None)) => Err(error),
    }
}

/// Tries again what failed on a tenant. Answers the operation's id.
pub(super) async fn retry(
    state: &ControlPlane,
    tenant: TenantId,
    origin: &Origin,
    key: Option<&IdempotencyKey>,
) -> Result<Idempotent<Uuid>, TenantError> {
    let retried = state
        .db
        .write_once("tenants.retry", &state.clock, origin, key, async |tx: &Tx| Ok::<_, TenantError>(state.provisioner.retry(tx, tenant).await?.id))
        .await?;
    state.provisioner.nudge();
    Ok(retried)
}

/// The operation, for an answer.
pub(super) async fn operation(state: &ControlPlane, id: Uuid) -> Result<Operation, TenantError> {
    Ok(state.provisioner.operation(id).await?.ok_or(nexus_provisioning::ProvisioningError::TenantNotFound)?)
}

async fn held(tx: &Tx, tenant: TenantId, version: i64) -> Result<TenantRow, TenantError> {
    let row = tenancy::lock(tx, tenant).await?.ok_or(TenantError::Unknown)?;
    if row.version == version {
        return Ok(row);
    }
    let current = store::view(tx.conn(), tenant).await?.ok_or(TenantError::Unknown)?;
    Err(TenantError::Stale(Box::new(current)))
}
