//! People and roles of one tenant, as they are stored in its database: queries and list specifications. Truth about who may enter is here.
//!
//! Their routes are the tenant runtime's slice `access`; deciding what somebody may do is `policy`. Writing (inviting, roles, deactivating) arrives with
//! invitations.

mod entity;
mod store;

pub use store::{RoleGrant, TenantRole, TenantUser, get_role, get_user, grants_of_roles, list_roles, list_users, roles_of_users};

use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};

/// States of a tenant's user.
pub const USER_STATES: &[&str] = &["invited", "active", "deactivated"];

/// What users can be filtered, searched (name and address) and sorted by.
pub static USERS: ListSpec = ListSpec {
    fields: &[
        ListField::new("display_name", "display_name", FieldKind::Text),
        ListField::new("status", "status", FieldKind::Enum(USER_STATES)).filter_only(),
        ListField::new("created_at", "created_at", FieldKind::Timestamp),
        ListField::new("updated_at", "updated_at", FieldKind::Timestamp),
    ],
    default_sort: "display_name",
    key: ListSpec::ID,
    search: true,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};

/// What roles can be filtered and sorted by.
pub static ROLES: ListSpec = ListSpec {
    fields: &[
        ListField::new("key", "key", FieldKind::Text),
        ListField::new("name", "name", FieldKind::Text),
        ListField::new("built_in", "built_in", FieldKind::Bool).filter_only(),
        ListField::new("created_at", "created_at", FieldKind::Timestamp),
    ],
    default_sort: "created_at",
    key: ListSpec::ID,
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};
