//! The only query on the audit log.

use nexus_core::{ListRequest, Listing};
use nexus_infra::{DbError, PageConn, list};
use sea_orm::EntityTrait;

use super::wire::AuditLogOut;
use crate::modules::access::entity::audit_log;

impl From<audit_log::Model> for AuditLogOut {
    fn from(row: audit_log::Model) -> Self {
        Self {
            id: row.id,
            seq: row.seq,
            action: row.action,
            entity_type: row.entity_type,
            entity_id: row.entity_id,
            subject_id: row.subject_id,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            request_id: row.request_id,
            before: row.before,
            after: row.after,
            recorded_at: row.recorded_at,
        }
    }
}

/// One part of the log.
pub async fn list<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<AuditLogOut>, DbError> {
    Ok(list::run(conn, audit_log::Entity::find(), request).await?.map(Into::into))
}
