//! What the operations of the slice ask for.

use nexus_iam::api_keys::SINCE_SCHEMA;

use crate::context::permissions;

permissions! {
    /// Sees the organization's people.
    UsersRead = "users.read";
    /// Sees roles and what they allow.
    RolesRead = "roles.read";
    /// Reads the audit log.
    AuditLogsRead = "audit_logs.read";
    /// Sees the organization's settings.
    SettingsRead = "settings.read";
    /// Changes the organization's settings.
    SettingsWrite = "settings.write";
    /// Sees API keys.
    ApiKeysRead = "api_keys.read" since SINCE_SCHEMA;
    /// Creates and revokes API keys.
    ApiKeysWrite = "api_keys.write" since SINCE_SCHEMA;
}
