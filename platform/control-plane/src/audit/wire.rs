//! Audit entries on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::EntryRow;

/// One entry of the platform's audit log.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlatformAuditLogOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// Place in the log; grows, with gaps.
    #[schema(example = 42)]
    pub seq: i64,
    /// What was done.
    #[schema(example = "tenants.retry")]
    pub action: String,
    /// Kind of the thing it was done to.
    #[schema(example = "tenant")]
    pub entity_type: String,
    /// Which one; none for several.
    #[schema(nullable = true)]
    pub entity_id: Option<Uuid>,
    /// The person concerned, when it is about a person.
    #[schema(nullable = true)]
    pub subject_id: Option<Uuid>,
    /// `user`, `operator`, `system` or `anonymous`; more may be added.
    #[schema(example = "operator")]
    pub actor_kind: String,
    /// Who did it.
    #[schema(nullable = true)]
    pub actor_id: Option<Uuid>,
    /// The operator's name, where an operator did it.
    #[schema(example = "Grace Hopper", nullable = true)]
    pub operator_name: Option<String>,
    /// The request in which it was done.
    pub request_id: String,
    /// What was changed, as it was.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// What was changed, as it is.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}

impl From<EntryRow> for PlatformAuditLogOut {
    fn from(row: EntryRow) -> Self {
        let EntryRow { entry, operator_name } = row;
        Self {
            id: entry.id,
            seq: entry.seq,
            action: entry.action,
            entity_type: entry.entity_type,
            entity_id: entry.entity_id,
            subject_id: entry.subject_id,
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            operator_name,
            request_id: entry.request_id,
            before: entry.before,
            after: entry.after,
            recorded_at: entry.recorded_at,
        }
    }
}
