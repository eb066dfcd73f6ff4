//! People on the wire.

use chrono::{DateTime, Utc};
use nexus_iam::tenant_users::{TenantRole, TenantUser};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A person of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserOut {
    /// Id, UUIDv7; also the id of the person's account.
    pub id: Uuid,
    /// E-mail address.
    #[schema(example = "ada@acme.example")]
    pub email: String,
    /// Name shown to people.
    #[schema(example = "Ada Lovelace")]
    pub display_name: String,
    /// `invited`, `active` or `deactivated`; more may be added.
    #[schema(example = "active")]
    pub status: String,
    /// Keys of the roles held.
    #[schema(example = json!(["manager"]))]
    pub roles: Vec<String>,
    /// When the person was invited.
    pub invited_at: Option<DateTime<Utc>>,
    /// When the person joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// When the person was deactivated.
    pub deactivated_at: Option<DateTime<Utc>>,
    /// Row version; the ETag is made from it. Who changes a person's roles moves it on.
    #[schema(example = 1)]
    pub version: i64,
    /// When the person was added.
    pub created_at: DateTime<Utc>,
    /// When the record last changed.
    pub updated_at: DateTime<Utc>,
}

impl UserOut {
    /// The person with the roles held.
    pub(in crate::modules::access) fn of(user: TenantUser, roles: &[TenantRole]) -> Self {
        Self {
            id: user.id,
            email: user.email,
            display_name: user.display_name,
            status: user.status,
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
