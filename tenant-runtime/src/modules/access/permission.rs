//! What the operations of the slice ask for.

use nexus_iam::tenant_users::PEOPLE_SINCE_SCHEMA;

use crate::context::permissions;

permissions! {
    /// Sees the organization's people.
    UsersRead = "users.read";
    /// Invites, changes and removes people.
    UsersWrite = "users.write" since PEOPLE_SINCE_SCHEMA;
    /// Sees invitations.
    InvitationsRead = "users.read" since PEOPLE_SINCE_SCHEMA;
    /// Sees roles and what they allow.
    RolesRead = "roles.read";
    /// Creates, changes and deletes the organization's own roles.
    RolesWrite = "roles.write" since PEOPLE_SINCE_SCHEMA;
    /// Reads the audit log.
    AuditLogsRead = "audit_logs.read";
    /// Sees the organization's settings.
    SettingsRead = "settings.read";
    /// Changes the organization's settings.
    SettingsWrite = "settings.write";
    /// Sees API keys.
    ApiKeysRead = "api_keys.read";
    /// Creates and revokes API keys.
    ApiKeysWrite = "api_keys.write";
}
