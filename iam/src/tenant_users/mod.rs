//! People, roles and invitations of one tenant, as they are stored in its database: states, queries and list specifications. Truth about who may enter is here.
//!
//! Invariants: an address is of one person at most who is not removed; who has joined keeps row and id; an invited person's id is provisional until then.
//! Changes of people and roles wait for each other ([`lock`]), so that what is counted stays true to the commit.
//!
//! Their routes and rules are the tenant runtime's slice `access`; deciding what somebody may do is `policy`; mails and links are the control plane's.

mod entity;
mod state;
mod store;

pub use entity::{InvitationState, UserState};
pub use store::{
    Invitation, NewInvitation, NewRole, NewUser, RoleGrant, TenantRole, TenantUser, allowed_around, allowed_of_user, count_custom_roles,
    count_for_quota, count_holders, count_mail, delete_invited, delete_role, end_invitation, find_invitation, find_invitation_locked,
    find_role_locked, find_user_by_email, find_user_locked, get_role, get_user, give_roles, grants_of_roles, has_another_owner, holders_of_roles,
    insert_invitation, insert_invited, insert_role, join, list_invitations, list_roles, list_users, lock, offer_roles, pending_invitation_of,
    purge_invitations, rejoin, rename_role, renew_invitation, roles_by_key, roles_of_users, set_grants, set_state, take_all_roles, take_roles,
    touch_user, whole_matrix,
};

use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};

/// The tenant schema that first has invitations, and people who were removed.
pub const PEOPLE_SINCE_SCHEMA: i32 = 3;

/// States of a tenant's user.
pub const USER_STATES: &[&str] = &["invited", "active", "deactivated", "removed"];

/// What users can be filtered, searched (name and address) and sorted by. The store answers `role`.
pub static USERS: ListSpec = ListSpec {
    fields: &[
        ListField::new("display_name", "display_name", FieldKind::Text),
        ListField::new("status", "status", FieldKind::Enum(USER_STATES)).filter_only(),
        ListField::new("role", "role", FieldKind::Text).filter_only(),
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

/// What has become of an invitation, as it is shown.
const SHOWN_STATE: &str = "(CASE WHEN invitations.status = 'pending' AND invitations.expires_at <= now() THEN 'expired' ELSE invitations.status END)";

/// What invitations can be filtered and sorted by.
pub static INVITATIONS: ListSpec = ListSpec {
    fields: &[
        ListField::new("status", SHOWN_STATE, FieldKind::Enum(&["pending", "accepted", "revoked", "expired"])).filter_only(),
        ListField::new("user_id", "invitations.user_id", FieldKind::Uuid).filter_only().nullable(),
        ListField::new("invited_by", "invitations.invited_by", FieldKind::Uuid).filter_only(),
        ListField::new("created_at", "invitations.created_at", FieldKind::Timestamp),
        ListField::new("expires_at", "invitations.expires_at", FieldKind::Timestamp),
    ],
    default_sort: "-created_at",
    key: ListField::new("id", "invitations.id", FieldKind::Uuid),
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};
