//! Founding an organization.

use nexus_billing::{Terms, active_plan, is_had, start};
use nexus_core::{AccountId, Email, Faults, Idempotent, Origin, Slug, TenantId};
use nexus_iam::accounts::{Account, AccountError, NewAccount, RegistrationMode};
use nexus_iam::sessions::Client;
use nexus_infra::{IdempotencyKey, Tx};
use nexus_provisioning::{Begun, NewTenant};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::wire::SignupIn;
use super::{SignupError, admission};
use crate::state::ControlPlane;

/// An organization to be founded, checked.
#[derive(Debug, Clone)]
pub(crate) struct NewOrganization {
    /// Name shown to people.
    pub name: String,
    /// Name in host names.
    pub slug: Slug,
    /// Key of the plan.
    pub plan: String,
    /// On what terms it gets the plan.
    pub terms: Terms,
}

impl NewOrganization {
    /// One that a person founds, with a plan of their choice or the platform's.
    pub(crate) fn by_choice(state: &ControlPlane, name: String, slug: Slug, plan: Option<String>) -> Self {
        let default = &state.settings.signup.default_plan;
        let chosen = plan.filter(|plan| plan != default);
        let terms = if chosen.is_some() { Terms::SelfService } else { Terms::Granted };
        Self { name, slug, plan: chosen.unwrap_or_else(|| default.clone()), terms }
    }
}

/// What the transaction of a founding made; stored under the idempotency key, so it holds no secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Founded {
    /// The organization.
    pub organization_id: TenantId,
    /// Its slug.
    pub slug: String,
    /// Its owner.
    pub account_id: AccountId,
    /// What builds it.
    pub operation_id: Uuid,
}

/// Writes tenant, membership, subscription and operation for `owner`, whose account exists in this transaction.
///
/// # Errors
/// `SLUG_TAKEN`, `UNKNOWN_PLAN`, `PLAN_NOT_SELF_SERVICE`.
pub(crate) async fn found(
    state: &ControlPlane,
    tx: &Tx,
    new: &NewOrganization,
    owner: AccountId,
    locale: Option<String>,
) -> Result<Founded, SignupError> {
    found_with(state, tx, new, owner, locale, None).await
}

/// As [`found`], with what was begun for the organization.
async fn found_with(
    state: &ControlPlane,
    tx: &Tx,
    new: &NewOrganization,
    owner: AccountId,
    locale: Option<String>,
    begun: Option<&Begun>,
) -> Result<Founded, SignupError> {
    let plan = active_plan(tx.conn(), &new.plan).await?;
    let operation = state
        .provisioner
        .start_with(
            tx,
            &NewTenant {
                slug: new.slug.clone(),
                name: new.name.clone(),
                owner,
                entitlements: plan.entitlements(),
                locale,
                currency: None,
                time_zone: None,
            },
            begun,
        )
        .await?;
    let tenant_id = operation.tenant_id;
    start(tx, tenant_id, &plan, new.terms).await?;
    Ok(Founded { organization_id: tenant_id, slug: new.slug.as_str().to_owned(), account_id: owner, operation_id: operation.id })
}

/// Who founds, as the credentials tell.
enum Founder {
    Known(Box<Account>),
    New { account: NewAccount, password_hash: String, begun: Option<Begun> },
}

/// Signs an organization up; `locale` is the language of a new person.
///
/// # Errors
/// [`SignupError`].
pub(super) async fn sign_up(
    state: &ControlPlane,
    input: SignupIn,
    locale: Option<String>,
    client: &Client,
    origin: &Origin,
    key: Option<&IdempotencyKey>,
) -> Result<Idempotent<Founded>, SignupError> {
    admission::check_open(state)?;
    let mut faults = Faults::new();
    let slug = Slug::parse(&input.slug).map_err(|fault| faults.extend([fault])).ok();
    let email = Email::parse(&input.email).map_err(|fault| faults.extend([fault])).ok();
    let (Some(slug), Some(email)) = (slug, email) else { return Err(SignupError::Invalid(faults.into_vec())) };
    let new = NewOrganization::by_choice(state, input.organization.clone(), slug, input.plan.clone());
    // Somebody may register the same address between the look and the write: then the second look decides.
    let mut again = true;
    loop {
        let founder = founder(state, &input, &email, locale.as_ref(), &new, client).await?;
        let founded = state
            .db
            .write_once("tenants.create", &state.clock, origin, key, async |tx: &Tx| {
                let (owner, locale, begun) = match &founder {
                    Founder::Known(account) => (account.account_id(), admission::admit(state, tx, account.account_id()).await?.locale, None),
                    Founder::New { account, password_hash, begun } => {
                        (state.accounts.create(tx, account, password_hash).await?, account.locale.clone(), begun.as_ref())
                    }
                };
                found_with(state, tx, &new, owner, locale, begun).await
            })
            .await;
        match founded {
            Err(SignupError::Account(AccountError::EmailTaken)) if again && matches!(founder, Founder::New { .. }) => again = false,
            founded => {
                let founded = founded?;
                if !founded.replayed {
                    state.provisioner.nudge();
                }
                return Ok(founded);
            }
        }
    }
}

async fn founder(
    state: &ControlPlane,
    input: &SignupIn,
    email: &Email,
    locale: Option<&String>,
    new: &NewOrganization,
    client: &Client,
) -> Result<Founder, SignupError> {
    let verify_first = state.accounts.mode() == RegistrationMode::VerifyFirst;
    match state.accounts.known_or_new(email, &input.password.0, client).await {
        Ok(Some(account)) if verify_first && !account.is_verified() => Err(SignupError::VerificationRequired),
        Ok(Some(account)) => Ok(Founder::Known(Box::new(account))),
        // Whether the address has an account is nobody's business there.
        Ok(None) | Err(AccountError::EmailTaken) if verify_first => Err(SignupError::VerificationRequired),
        Ok(None) => {
            let at_once = state.accounts.hashes_at_once(&input.password.0, email);
            let begun = async { if at_once { begin(state, new).await } else { None } };
            let (password_hash, begun) = tokio::join!(state.accounts.hash_new(&input.password.0, email), begun);
            let account = NewAccount { email: email.clone(), display_name: input.display_name.clone(), locale: locale.cloned() };
            Ok(Founder::New { account, password_hash: password_hash?, begun })
        }
        Err(error) => Err(error.into()),
    }
}

/// Begins to build what a sign-up needs that passed its checks and could only lose a race by now. The hashing goes on beside it.
async fn begin(state: &ControlPlane, new: &NewOrganization) -> Option<Begun> {
    let plan = active_plan(state.db.conn(), &new.plan).await.ok()?;
    if is_had(&plan, new.terms) { state.provisioner.begin_ahead(&new.slug).await } else { None }
}
