//! Roles and permissions on the wire.

use chrono::{DateTime, Utc};
use nexus_iam::tenant_users::TenantRole;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RoleOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// Stable key.
    #[schema(example = "manager")]
    pub key: String,
    /// Name shown to people.
    #[schema(example = "Manager")]
    pub name: String,
    /// What it is for.
    #[schema(example = "Runs the catalogue and the stock")]
    pub description: String,
    /// Built-in roles can't be changed.
    pub built_in: bool,
    /// What it allows and denies.
    pub grants: Vec<GrantOut>,
    /// Row version.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// One permission of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GrantOut {
    /// Key of the permission.
    #[schema(example = "products.read")]
    pub permission: String,
    /// `allow`, or `deny`, which outweighs every `allow`.
    #[schema(example = "allow")]
    pub effect: String,
}

/// A permission of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PermissionOut {
    /// Key, `area.verb`.
    #[schema(example = "products.read")]
    pub key: String,
    /// What its holder may do.
    #[schema(example = "See products, variants and tags")]
    pub summary: String,
    /// Whether an API key can have it as a scope.
    pub is_scope: bool,
}

impl RoleOut {
    /// The role with its grants.
    pub(super) fn of(role: TenantRole, grants: Vec<GrantOut>) -> Self {
        Self {
            id: role.id,
            key: role.key,
            name: role.name,
            description: role.description,
            built_in: role.built_in,
            grants,
            version: role.version,
            created_at: role.created_at,
            updated_at: role.updated_at,
        }
    }
}
