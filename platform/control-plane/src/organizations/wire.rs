//! Wire types of `/organizations`.

use chrono::{DateTime, Utc};
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::auth;
use crate::tenancy::TenantRow;

/// An organization of the person who asks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganizationOut {
    /// Id, also the tenant's.
    pub id: Uuid,
    /// Its name in host names.
    #[schema(example = "acme")]
    pub slug: String,
    /// Its name.
    #[schema(example = "Acme Trading")]
    pub name: String,
    /// `active` and others, such as `provisioning`, `suspended`, `deleting`; more may be added.
    #[schema(example = "active")]
    pub state: String,
    /// Why it is in that state, if there is something to say.
    #[schema(nullable = true)]
    pub state_reason: Option<String>,
    /// Key of its plan.
    #[schema(example = "free", nullable = true)]
    pub plan: Option<String>,
    /// Whether the person owns it.
    pub is_owner: bool,
    /// When it was founded.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// Row version; the ETag is made from it.
    #[schema(example = 4)]
    pub version: i64,
}

impl From<(TenantRow, bool)> for OrganizationOut {
    fn from((row, is_owner): (TenantRow, bool)) -> Self {
        Self {
            slug: row.public_slug().to_owned(),
            plan: row.entitlements.get("plan").and_then(|plan| plan.as_str()).map(str::to_owned),
            id: row.id,
            name: row.name,
            state: row.state,
            state_reason: row.state_reason,
            is_owner,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

/// Another organization.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationIn {
    /// Name of the organization.
    #[validate(custom(function = validate::name))]
    #[schema(example = "Acme Logistics", min_length = 1, max_length = 200)]
    pub name: String,
    /// Its name in host names.
    #[validate(custom(function = auth::slug))]
    #[schema(example = "acme-logistics", min_length = 3, max_length = 40, pattern = "^[a-z][a-z0-9-]*[a-z0-9]$")]
    pub slug: String,
    /// Key of a plan on sale; the platform's default without one.
    #[serde(default)]
    #[validate(length(max = 64))]
    #[schema(example = "free", nullable = true)]
    pub plan: Option<String>,
}

/// Changes to an organization: absent fields stay as they are.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganizationPatch {
    /// New name.
    #[serde(default)]
    #[validate(custom(function = validate::patch_name))]
    #[schema(value_type = String, example = "Acme Trading Ltd.", min_length = 1, max_length = 200)]
    pub name: Patch<String>,
}
