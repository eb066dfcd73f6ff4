//! Audit entries on the wire.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditLogOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// Place in the log; grows, with gaps.
    #[schema(example = 42)]
    pub seq: i64,
    /// What was done.
    #[schema(example = "products.update")]
    pub action: String,
    /// Kind of the thing it was done to.
    #[schema(example = "product")]
    pub entity_type: String,
    /// Which one; none for batches.
    pub entity_id: Option<Uuid>,
    /// The person concerned, when it is about a person.
    pub subject_id: Option<Uuid>,
    /// `user`, `api_key`, `operator` or `system`; more may be added.
    #[schema(example = "user")]
    pub actor_kind: String,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// The request in which it was done.
    pub request_id: String,
    /// The fields that were changed, as they were, with the thing's id; all fields of a thing that is deleted. Beyond 64 KiB the largest are `{"omitted_bytes": n}`.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// The fields that were changed, as they are; all fields of a thing that is made. Bounded like `before`.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}
