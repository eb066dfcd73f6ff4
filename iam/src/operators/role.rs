//! Platform roles and what they may do.

use std::str::FromStr;

use nexus_core::FieldFault;

/// What an operator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlatformRole {
    /// Everything.
    SuperAdmin,
    /// Sees tenants, plans and the audit log; suspends, revives and retries tenants.
    Support,
    /// Sees tenants and plans, changes tenants' plans.
    Billing,
}

/// What can be allowed on the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlatformPermission {
    /// See tenants, operations and how the platform stands.
    TenantsRead,
    /// Rename, suspend, revive and retry tenants.
    TenantsWrite,
    /// Make tenants.
    TenantsCreate,
    /// Delete and undelete tenants.
    TenantsDelete,
    /// Change a tenant's plan.
    PlansAssign,
    /// See every version of every plan, and how many have it.
    PlansRead,
    /// Read the platform's audit log.
    AuditLogsRead,
}

impl PlatformPermission {
    /// The name in documentation and refusals, such as `platform.tenants.read`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TenantsRead => "platform.tenants.read",
            Self::TenantsWrite => "platform.tenants.write",
            Self::TenantsCreate => "platform.tenants.create",
            Self::TenantsDelete => "platform.tenants.delete",
            Self::PlansAssign => "platform.plans.assign",
            Self::PlansRead => "platform.plans.read",
            Self::AuditLogsRead => "platform.audit_logs.read",
        }
    }
}

impl PlatformRole {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::SuperAdmin, Self::Support, Self::Billing];

    /// The stored value and the token's `role` claim.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super_admin",
            Self::Support => "support",
            Self::Billing => "billing",
        }
    }

    /// Whether the role may do it.
    pub fn may(self, permission: PlatformPermission) -> bool {
        use PlatformPermission::{AuditLogsRead, PlansAssign, PlansRead, TenantsCreate, TenantsDelete, TenantsRead, TenantsWrite};
        match (self, permission) {
            (Self::SuperAdmin, TenantsRead | TenantsWrite | TenantsCreate | TenantsDelete | PlansAssign | PlansRead | AuditLogsRead)
            | (Self::Support, TenantsRead | TenantsWrite | PlansRead | AuditLogsRead)
            | (Self::Billing, TenantsRead | PlansAssign | PlansRead) => true,
            (Self::Support, TenantsCreate | TenantsDelete | PlansAssign)
            | (Self::Billing, TenantsWrite | TenantsCreate | TenantsDelete | AuditLogsRead) => false,
        }
    }
}

impl FromStr for PlatformRole {
    type Err = FieldFault;

    fn from_str(text: &str) -> Result<Self, FieldFault> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| FieldFault::new("role", "unknown_value", "must be super_admin, support or billing"))
    }
}
