//! Wire types of `/operations`.

use chrono::{DateTime, Utc};
use nexus_provisioning::{Operation, OperationError, OperationStep};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An operation on a tenant.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OperationOut {
    /// Id.
    pub id: Uuid,
    /// `provision` or `delete`; more may be added.
    #[schema(example = "provision")]
    pub kind: &'static str,
    /// The tenant it works on.
    pub tenant_id: Uuid,
    /// `pending`, `running`, `succeeded`, `failed` or `undone`.
    #[schema(example = "running")]
    pub state: &'static str,
    /// `forward`, or `undo` while it takes back what it did.
    #[schema(example = "forward")]
    pub direction: &'static str,
    /// What ended it, or holds it up just now.
    #[schema(nullable = true)]
    pub error: Option<OperationErrorOut>,
    /// Its steps, in order.
    pub steps: Vec<StepOut>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    #[schema(nullable = true)]
    pub finished_at: Option<DateTime<Utc>>,
}

/// What ended an operation, or holds it up.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct OperationErrorOut {
    /// Stable code.
    #[schema(example = "SERVICE_UNAVAILABLE")]
    pub code: String,
    /// For people.
    #[schema(example = "The database server did not answer as expected.")]
    pub message: String,
    /// The step it happened in.
    #[schema(example = "database")]
    pub step: String,
}

impl From<OperationError> for OperationErrorOut {
    fn from(error: OperationError) -> Self {
        let OperationError { code, message, step } = error;
        Self { code, message, step }
    }
}

/// One step of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct StepOut {
    /// Its name.
    #[schema(example = "database")]
    pub step: String,
    /// `pending`, `running`, `succeeded`, `failed` or `undone`.
    #[schema(example = "succeeded")]
    pub state: &'static str,
    /// How often it was begun.
    #[schema(example = 1)]
    pub attempts: i32,
    /// Its last failure, for people.
    #[schema(nullable = true)]
    pub error: Option<String>,
    /// When it was first begun.
    #[schema(nullable = true)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[schema(nullable = true)]
    pub finished_at: Option<DateTime<Utc>>,
}

impl From<OperationStep> for StepOut {
    fn from(step: OperationStep) -> Self {
        let OperationStep { step, state, attempts, error, started_at, finished_at } = step;
        Self { step, state: state.as_str(), attempts, error, started_at, finished_at }
    }
}

impl From<Operation> for OperationOut {
    fn from(operation: Operation) -> Self {
        Self {
            id: operation.id,
            kind: operation.kind.as_str(),
            tenant_id: operation.tenant_id.0,
            state: operation.state.as_str(),
            direction: operation.direction.as_str(),
            error: operation.error.map(Into::into),
            steps: operation.steps.into_iter().map(StepOut::from).collect(),
            created_at: operation.created_at,
            updated_at: operation.updated_at,
            finished_at: operation.finished_at,
        }
    }
}
