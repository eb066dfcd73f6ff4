//! Jobs on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A background job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// Kind.
    #[schema(example = "catalog.export_products")]
    pub kind: String,
    /// `queued`, `running`, `succeeded`, `failed` or `cancelled`; more may be added.
    #[schema(example = "running")]
    pub state: String,
    /// How far it is.
    pub progress: ProgressOut,
    /// How often it was tried.
    #[schema(example = 1)]
    pub attempts: i32,
    /// How often it is tried at most.
    #[schema(example = 5)]
    pub max_attempts: i32,
    /// Figures of its result, once it has ended: what it did (of a dry run: what it would do), and how much it refused. An import that is
    /// refused as a whole did nothing, and says so.
    #[schema(value_type = Option<Object>, example = json!({ "rows": 120 }))]
    pub summary: Option<Value>,
    /// Where its file is, once it has made one.
    #[schema(example = "/api/v1/jobs/0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11/result")]
    pub result_url: Option<String>,
    /// Where the list of what it refused is, if it refused something.
    pub errors_url: Option<String>,
    /// Until when its files are kept; none without files.
    pub expires_at: Option<DateTime<Utc>>,
    /// Why its last try failed.
    #[schema(example = "The file has no header row.")]
    pub error: Option<String>,
    /// Who started it; none for the system.
    pub created_by: Option<Uuid>,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// When it was first picked up.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// How far a job is. An import counts in thousandths of its whole work, reading, checking and writing (1000 of 1000 at its end, however
/// many rows the file has); an export counts products.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgressOut {
    /// Done so far, in the job's own unit.
    #[schema(example = 120)]
    pub done: i64,
    /// All there is to do, once known.
    #[schema(example = 1000)]
    pub total: Option<i64>,
}
