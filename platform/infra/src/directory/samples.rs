//! A directory record as tests want it.

use nexus_core::{TenantId, TenantState};
use uuid::Uuid;

use super::DirectoryRecord;

pub(super) fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

/// An active tenant's.
pub(super) fn record(number: u128, epoch: i64) -> DirectoryRecord {
    DirectoryRecord {
        tenant_id: tenant(number),
        slug: format!("t{number}"),
        name: "Tenant".into(),
        state: TenantState::Active,
        state_reason: None,
        epoch,
        schema_version: 1,
        server_host: "db".into(),
        server_port: 5432,
        database: format!("nxt_{number}"),
        role: format!("nxt_{number}"),
        bucket: format!("nxt-{number}"),
        secret_sealed: vec![1, 2, 3],
        entitlements: Default::default(),
        flags: serde_json::json!({ "beta": true }),
    }
}
