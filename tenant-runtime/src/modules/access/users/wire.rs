//! People on the wire.

use chrono::{DateTime, Utc};
use nexus_iam::tenant_users::{TenantRole, TenantUser};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

/// A person of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserOut {
    /// Id, UUIDv7; also the id of the person's account. That of somebody who is invited is provisional until they join.
    pub id: Uuid,
    /// E-mail address.
    #[schema(example = "ada@acme.example")]
    pub email: String,
    /// Name shown to people.
    #[schema(example = "Ada Lovelace")]
    pub display_name: String,
    /// `invited`, `active`, `deactivated`, or `removed` when the membership has ended; more may be added.
    #[schema(example = "active")]
    pub status: String,
    /// Keys of the roles held.
    #[schema(example = json!(["manager"]))]
    pub roles: Vec<String>,
    /// When the person was invited.
    pub invited_at: Option<DateTime<Utc>>,
    /// When the person joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// When the person was deactivated or removed.
    pub deactivated_at: Option<DateTime<Utc>>,
    /// Row version; the ETag is made from it. Who changes a person's roles moves it on.
    #[schema(example = 1)]
    pub version: i64,
    /// When the person was added.
    pub created_at: DateTime<Utc>,
    /// When the record last changed.
    pub updated_at: DateTime<Utc>,
}

/// Roles to give to a person and to take from them.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserRolesPatch {
    /// Keys of roles to give. Each must name only permissions that you hold.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(example = json!(["manager"]), max_items = 50)]
    pub add: Vec<String>,
    /// Keys of roles to take, likewise.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(example = json!(["viewer"]), max_items = 50)]
    pub remove: Vec<String>,
}

impl UserOut {
    /// The person with the roles held.
    pub(in crate::modules::access) fn of(user: TenantUser, roles: &[TenantRole]) -> Self {
        Self {
            id: user.id,
            email: user.email,
            display_name: user.display_name,
            status: user.status.as_str().to_owned(),
            roles: roles.iter().map(|role| role.key.clone()).collect(),
            invited_at: user.invited_at,
            joined_at: user.joined_at,
            deactivated_at: user.deactivated_at,
            version: user.version,
            created_at: user.created_at,
            updated_at: user.updated_at,
        }
    }
}
