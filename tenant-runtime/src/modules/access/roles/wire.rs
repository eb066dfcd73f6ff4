//! Roles and permissions on the wire.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use nexus_iam::tenant_users::TenantRole;
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

/// A new role.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleIn {
    /// Stable key, unique in the organization; it can't be changed later.
    #[validate(custom(function = "key"))]
    #[schema(example = "shift_lead", pattern = "^[a-z][a-z0-9_]{0,62}$")]
    pub key: String,
    /// Name shown to people.
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "Shift lead", min_length = 1, max_length = 100)]
    pub name: String,
    /// What the role is for.
    #[serde(default)]
    #[validate(custom(function = "validate::multiline::<0, 1000>"))]
    #[schema(example = "Runs a shift in the warehouse", max_length = 1000)]
    pub description: String,
    /// Permissions that it allows: of your own.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(example = json!(["inventory.adjust", "inventory.read"]), max_items = 200)]
    pub allow: Vec<String>,
    /// Permissions that it denies, which outweighs every role that allows them: of your own, and none that gives access.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(example = json!([]), max_items = 200)]
    pub deny: Vec<String>,
}

/// The name and description of a role, replaced as a whole.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleReplacement {
    /// Name shown to people.
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "Shift lead", min_length = 1, max_length = 100)]
    pub name: String,
    /// What the role is for.
    #[serde(default)]
    #[validate(custom(function = "validate::multiline::<0, 1000>"))]
    #[schema(example = "Runs a shift in the warehouse", max_length = 1000)]
    pub description: String,
}

/// Changes to a role: absent fields stay as they are.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RolePatch {
    /// Name shown to people.
    #[validate(custom(function = "validate::patch_required_text::<1, 100>"))]
    #[schema(value_type = String, example = "Shift lead", min_length = 1, max_length = 100)]
    pub name: Patch<String>,
    /// What the role is for.
    #[validate(custom(function = "description"))]
    #[schema(value_type = String, example = "Runs a shift in the warehouse", max_length = 1000)]
    pub description: Patch<String>,
}

/// What a role allows and denies, replaced as a whole.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantsIn {
    /// Permissions that it allows: of your own.
    #[validate(length(max = 200))]
    #[schema(example = json!(["inventory.adjust", "inventory.read"]), max_items = 200)]
    pub allow: Vec<String>,
    /// Permissions that it denies, which outweighs every role that allows them: of your own, and none that gives access.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(example = json!([]), max_items = 200)]
    pub deny: Vec<String>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// Roles × permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatrixOut {
    /// The roles, built-in ones first.
    pub roles: Vec<MatrixRoleOut>,
    /// The permissions, in groups.
    pub groups: Vec<MatrixGroupOut>,
}

/// A role as a column of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatrixRoleOut {
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
    /// How many people hold it, invited and deactivated ones among them.
    #[schema(example = 3)]
    pub users: i64,
    /// Row version, for `If-Match`.
    #[schema(example = 1)]
    pub version: i64,
}

/// Permissions that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatrixGroupOut {
    /// Area: the first part of its permissions' keys.
    #[schema(example = "inventory")]
    pub key: String,
    /// Name shown to people.
    #[schema(example = "Stock")]
    pub name: String,
    /// The permissions.
    pub permissions: Vec<MatrixPermissionOut>,
}

/// A permission as a row of the matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MatrixPermissionOut {
    /// Key, `area.verb`.
    #[schema(example = "inventory.adjust")]
    pub key: String,
    /// What its holder may do.
    #[schema(example = "Correct stock levels")]
    pub summary: String,
    /// Whether an API key can have it as a scope.
    pub is_scope: bool,
    /// Whether its holder decides who else gets in.
    pub gives_access: bool,
    /// Whether you can put it into a role: you hold it, and it is not the owner's alone.
    pub is_grantable: bool,
    /// Whether a role can deny it.
    pub is_deniable: bool,
    /// `allow` or `deny` by the key of each role that names it.
    #[schema(example = json!({ "manager": "allow", "staff": "allow" }))]
    pub roles: BTreeMap<String, String>,
}

impl RoleIn {
    /// What it is to allow and deny.
    pub(super) fn grants(&self) -> GrantsIn {
        GrantsIn { allow: self.allow.clone(), deny: self.deny.clone() }
    }
}

impl RoleOut {
    /// The permissions named with this effect.
    pub(super) fn names(&self, effect: &str) -> BTreeSet<&String> {
        self.grants.iter().filter(|grant| grant.effect == effect).map(|grant| &grant.permission).collect()
    }

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

fn key(value: &str) -> Result<(), ValidationError> {
    let shaped = value.len() <= 63
        && value.starts_with(|letter: char| letter.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if shaped {
        Ok(())
    } else {
        Err(ValidationError::new("pattern").with_message("must be 1 to 63 of a–z, 0–9 and _, beginning with a letter".into()))
    }
}

fn description(value: &Patch<String>) -> Result<(), ValidationError> {
    validate::not_cleared(value)?;
    validate::patch_multiline::<0, 1000>(value)
}
