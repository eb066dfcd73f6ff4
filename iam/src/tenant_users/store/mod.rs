//! Queries on the tenant's people, roles and invitations.

mod invitations;
mod people;
mod roles;

pub use invitations::{
    Invitation, NewInvitation, count_mail, end_invitation, find_invitation, find_invitation_locked, insert_invitation, list_invitations, offer_roles,
    pending_invitation_of, purge_invitations, renew_invitation,
};
pub use people::{
    NewUser, TenantUser, allowed_of_user, count_for_quota, delete_invited, find_user_by_email, find_user_locked, get_user, give_roles,
    has_another_owner, insert_invited, join, list_users, rejoin, set_state, take_all_roles, take_roles, touch_user,
};
pub use roles::{
    NewRole, RoleGrant, TenantRole, allowed_around, count_custom_roles, count_holders, delete_role, find_role_locked, get_role, grants_of_roles,
    holders_of_roles, insert_role, list_roles, rename_role, roles_by_key, roles_of_users, set_grants, whole_matrix,
};

use nexus_infra::postgres::{DbError, Tx, advisory};
use sea_orm::{DbBackend, Statement, Value};

/// One change of people and roles at a time, until the transaction ends: whether somebody is the last owner, how many there are, and whether a role is in use
/// stay as they were found. Take it before any row.
///
/// # Errors
/// [`DbError`], also when it is not granted in time.
pub async fn lock(tx: &Tx) -> Result<(), DbError> {
    tx.lock(advisory::QUOTA, "users").await
}

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}
