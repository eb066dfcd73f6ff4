//! What the operations of the slice ask for.

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
}
