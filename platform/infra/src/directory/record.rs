//! One tenant, as the runtime knows it.

use std::fmt;

use nexus_core::{Entitlements, TenantId, TenantState};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything a request needs to reach its tenant. The secrets in it are sealed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct DirectoryRecord {
    /// The tenant, which is the organization.
    pub tenant_id: TenantId,
    /// Its slug, lower case.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Where it is in its life.
    pub state: TenantState,
    /// Why it is there, for people.
    pub state_reason: Option<String>,
    /// Raised by every change of this record.
    pub epoch: i64,
    /// Version of its database's schema.
    pub schema_version: i32,
    /// Host of its database server; empty while it is not placed yet.
    pub server_host: String,
    /// Port of its database server; 0 while it is not placed yet.
    pub server_port: u16,
    /// Name of its database.
    pub database: String,
    /// Its database role.
    pub role: String,
    /// Name of its bucket.
    pub bucket: String,
    /// Its sealed secrets: [`TenantKeyring::open_tenant`](crate::secrets::TenantKeyring::open_tenant).
    pub secret_sealed: Vec<u8>,
    /// What its plan grants.
    pub entitlements: Entitlements,
    /// Switches set by operators.
    pub flags: Value,
}

impl fmt::Debug for DirectoryRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryRecord")
            .field("tenant_id", &self.tenant_id)
            .field("slug", &self.slug)
            .field("state", &self.state)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}
