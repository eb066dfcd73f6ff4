//! Wire types of `/tenants`.

use chrono::{DateTime, Utc};
use nexus_core::TenantState;
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::store::TenantView;
use crate::auth::{self, NewPasswordIn};
use crate::billing::SubscriptionOut;

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantOut {
    /// Id, also the organization's.
    pub id: Uuid,
    /// Its name in host names.
    #[schema(example = "acme")]
    pub slug: String,
    /// The organization's name.
    #[schema(example = "Acme Trading")]
    pub name: String,
    /// Where it is in its life: `pending`, `provisioning`, `active`, `read_only`, `suspended`, `broken`, `archived`, `deleting`, `deleted`; more may be added.
    #[schema(example = "active")]
    pub state: String,
    /// Why.
    #[schema(nullable = true)]
    pub state_reason: Option<String>,
    /// Key of its plan.
    #[schema(example = "free", nullable = true)]
    pub plan: Option<String>,
    /// The account that founded it.
    #[schema(nullable = true)]
    pub founder_account_id: Option<Uuid>,
    /// Name of the server that its database is on.
    #[schema(example = "primary", nullable = true)]
    pub server: Option<String>,
    /// Version of its database's schema.
    #[schema(example = 1)]
    pub schema_version: i32,
    /// What was begun on it last: see `/admin/operations/{id}`.
    #[schema(nullable = true)]
    pub last_operation_id: Option<Uuid>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was first ready.
    #[schema(nullable = true)]
    pub activated_at: Option<DateTime<Utc>>,
    /// When its access was cut for deletion.
    #[schema(nullable = true)]
    pub deleted_at: Option<DateTime<Utc>>,
    /// Until when the deletion can be taken back.
    #[schema(nullable = true)]
    pub erase_after: Option<DateTime<Utc>>,
    /// Row version; the ETag is made from it.
    #[schema(example = 4)]
    pub version: i64,
}

impl From<TenantView> for TenantOut {
    fn from(view: TenantView) -> Self {
        let TenantView { row, server, last_operation_id } = view;
        Self {
            server,
            last_operation_id,
            slug: row.public_slug().to_owned(),
            plan: row.entitlements.get("plan").and_then(|plan| plan.as_str()).map(str::to_owned),
            id: row.id,
            name: row.name,
            state: row.state,
            state_reason: row.state_reason,
            founder_account_id: row.created_by,
            schema_version: row.schema_version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            activated_at: row.activated_at,
            deleted_at: row.deleted_at,
            erase_after: row.erase_after,
            version: row.version,
        }
    }
}

/// A tenant with its subscription.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TenantDetailOut {
    /// The tenant.
    #[serde(flatten)]
    pub tenant: TenantOut,
    /// Its subscription.
    #[schema(nullable = true)]
    pub subscription: Option<SubscriptionOut>,
}

/// The first person of a tenant.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnerIn {
    /// E-mail address. An existing account becomes the owner; otherwise name and password make one.
    #[validate(custom(function = auth::email))]
    #[schema(example = "ada@example.com", format = "email", max_length = 254)]
    pub email: String,
    /// Name of a new account.
    #[serde(default)]
    #[validate(custom(function = validate::name))]
    #[schema(example = "Ada Lovelace", nullable = true, min_length = 1, max_length = 200)]
    pub display_name: Option<String>,
    /// Password of a new account, 10 to 128 characters.
    #[serde(default)]
    #[validate(nested)]
    #[schema(value_type = Option<String>, example = "correct horse battery staple", min_length = 10, max_length = 128, format = "password")]
    pub password: Option<NewPasswordIn>,
}

/// A tenant to be made.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantIn {
    /// The organization's name.
    #[validate(custom(function = validate::name))]
    #[schema(example = "Globex Trading", min_length = 1, max_length = 200)]
    pub name: String,
    /// Its name in host names.
    #[validate(custom(function = auth::slug))]
    #[schema(example = "globex", min_length = 3, max_length = 40, pattern = "^[a-z][a-z0-9-]*[a-z0-9]$")]
    pub slug: String,
    /// Key of a plan on sale; the platform's default without one.
    #[serde(default)]
    #[validate(length(max = 64))]
    #[schema(example = "team", nullable = true)]
    pub plan: Option<String>,
    /// The first person in it, with the role owner.
    #[validate(nested)]
    pub owner: OwnerIn,
}

/// The states an operator may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateIn {
    /// In use; also takes a deletion back.
    Active,
    /// Reads only.
    ReadOnly,
    /// Access cut, data kept.
    Suspended,
    /// Put away.
    Archived,
}

impl From<StateIn> for TenantState {
    fn from(state: StateIn) -> Self {
        match state {
            StateIn::Active => Self::Active,
            StateIn::ReadOnly => Self::ReadOnly,
            StateIn::Suspended => Self::Suspended,
            StateIn::Archived => Self::Archived,
        }
    }
}

/// Changes to a tenant: absent fields stay as they are.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "plan": "business", "state": "suspended", "state_reason": "Payment overdue since March" }))]
pub(crate) struct TenantPatch {
    /// New name.
    #[serde(default)]
    #[validate(custom(function = validate::patch_name))]
    #[schema(value_type = String, example = "Acme Trading Ltd.", min_length = 1, max_length = 200)]
    pub name: Patch<String>,
    /// Key of another plan on sale.
    #[serde(default)]
    #[validate(custom(function = validate::patch_required_text::<1, 64>))]
    #[schema(value_type = String, example = "business", max_length = 64, min_length = 1)]
    pub plan: Patch<String>,
    /// New state.
    #[serde(default)]
    #[validate(custom(function = validate::not_cleared))]
    #[schema(value_type = StateIn)]
    pub state: Patch<StateIn>,
    /// Why; shown to the tenant's people. Wanted with `suspended`; cleared by `active`.
    #[serde(default)]
    #[validate(custom(function = validate::patch_text::<1, 500>))]
    #[schema(value_type = Option<String>, example = "Payment overdue since March", max_length = 500, min_length = 1)]
    pub state_reason: Patch<String>,
}

/// A tenant as it shall be: what an operator may set of it, all of it.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Acme Trading Ltd.", "plan": "business", "state": "read_only", "state_reason": "Moving house until Monday" }))]
pub(crate) struct TenantReplacement {
    /// Its name.
    #[validate(custom(function = validate::name))]
    #[schema(example = "Acme Trading Ltd.", min_length = 1, max_length = 200)]
    pub name: String,
    /// Key of its plan: the one it has, or another on sale.
    #[validate(custom(function = validate::text::<1, 64>))]
    #[schema(example = "business", min_length = 1, max_length = 64)]
    pub plan: String,
    /// Its state.
    pub state: StateIn,
    /// Why it is in that state; shown to the tenant's people. Wanted with `suspended`; cleared by `active`, and when it is left out.
    #[serde(default)]
    #[validate(custom(function = validate::text::<1, 500>))]
    #[schema(example = "Payment overdue since March", nullable = true, min_length = 1, max_length = 500)]
    pub state_reason: Option<String>,
}

/// What a PATCH or a PUT comes to.
#[derive(Debug)]
pub(crate) struct TenantEdit {
    /// The name it shall have, if another is given.
    pub name: Option<String>,
    /// What becomes of its plan.
    pub plan: PlanEdit,
    /// The state it shall have, if one is given.
    pub state: Option<TenantState>,
    /// `None` leaves the reason, `Some(None)` clears it.
    pub reason: Option<Option<String>>,
}

/// What becomes of a tenant's plan.
#[derive(Debug)]
pub(crate) enum PlanEdit {
    /// It stays.
    Keep,
    /// The plan is given to the tenant, be it the one that it tries already.
    Grant(String),
    /// The tenant shall have this plan; one that it has stays as it is.
    Have(String),
}

impl From<TenantPatch> for TenantEdit {
    fn from(patch: TenantPatch) -> Self {
        Self {
            name: patch.name.into_change().flatten(),
            plan: patch.plan.into_change().flatten().map_or(PlanEdit::Keep, PlanEdit::Grant),
            state: patch.state.value().map(|state| TenantState::from(*state)),
            reason: patch.state_reason.into_change(),
        }
    }
}

impl From<TenantReplacement> for TenantEdit {
    fn from(whole: TenantReplacement) -> Self {
        Self { name: Some(whole.name), plan: PlanEdit::Have(whole.plan), state: Some(whole.state.into()), reason: Some(whole.state_reason) }
    }
}

/// How to delete.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteParams {
    /// Only say what would happen: whether the tenant may be deleted, and until when that could be taken back.
    #[serde(default)]
    #[param(default = false)]
    pub dry_run: bool,
}
