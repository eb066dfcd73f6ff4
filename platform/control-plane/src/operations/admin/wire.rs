//! Wire types of `/admin/operations`.

use chrono::{DateTime, Utc};
use nexus_provisioning::{NextAction, OperationError};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::{InspectionRow, OperationRow, StepRow};
use crate::operations::wire::OperationErrorOut;

/// The tenant of an operation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationTenantOut {
    /// Id.
    pub id: Uuid,
    /// Its name in host names.
    #[schema(example = "acme")]
    pub slug: String,
    /// The organization's name.
    #[schema(example = "Acme Trading")]
    pub name: String,
    /// Where it is in its life.
    #[schema(example = "provisioning")]
    pub state: String,
}

/// Who asked for an operation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequesterOut {
    /// `user`, `operator`, `system` or `anonymous` (a sign-up); more may be added.
    #[schema(example = "anonymous")]
    pub kind: String,
    /// Who.
    #[schema(nullable = true)]
    pub id: Option<Uuid>,
}

/// An operation in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OperationSummaryOut {
    /// Id.
    pub id: Uuid,
    /// `provision` or `delete`; more may be added.
    #[schema(example = "provision")]
    pub kind: String,
    /// The tenant it works on.
    pub tenant: OperationTenantOut,
    /// `pending`, `running`, `succeeded`, `failed` or `undone`.
    #[schema(example = "running")]
    pub state: String,
    /// `forward`, or `undo` while it takes back what it did.
    #[schema(example = "forward")]
    pub direction: String,
    /// Whether it is under way for longer than two minutes.
    #[schema(example = false)]
    pub is_stuck: bool,
    /// Whether it is under way and failed at its last try.
    #[schema(example = false)]
    pub is_failing: bool,
    /// Whether the tenant's `retry` would do something about it.
    #[schema(example = false)]
    pub can_retry: bool,
    /// The step that is at work, was given up or is to be next; of what was taken back, the one that failed; none when all is done.
    #[schema(example = "database", nullable = true)]
    pub step: Option<String>,
    /// Steps that are done.
    #[schema(example = 1)]
    pub steps_done: i64,
    /// Steps in all.
    #[schema(example = 8)]
    pub steps: i64,
    /// What ended it, or holds it up just now.
    #[schema(nullable = true)]
    pub error: Option<OperationErrorOut>,
    /// Who asked for it.
    pub requested_by: RequesterOut,
    /// Not before: the end of a deletion's window, or the next try of what fails.
    pub due_at: DateTime<Utc>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When somebody first worked on it.
    #[schema(nullable = true)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it ended.
    #[schema(nullable = true)]
    pub finished_at: Option<DateTime<Utc>>,
}

impl From<OperationRow> for OperationSummaryOut {
    fn from(row: OperationRow) -> Self {
        let error = row.error.and_then(|error| serde_json::from_value::<OperationError>(error).ok());
        Self {
            id: row.id,
            kind: row.kind,
            tenant: OperationTenantOut { id: row.tenant_id, slug: row.tenant_slug, name: row.tenant_name, state: row.tenant_state },
            state: row.state,
            direction: row.direction,
            is_stuck: row.is_stuck,
            is_failing: row.is_failing,
            can_retry: row.can_retry,
            step: row.step,
            steps_done: row.steps_done,
            steps: row.steps,
            error: error.map(Into::into),
            requested_by: RequesterOut { kind: row.created_by_kind, id: row.created_by },
            due_at: row.due_at,
            created_at: row.created_at,
            started_at: row.started_at,
            updated_at: row.updated_at,
            finished_at: row.finished_at,
        }
    }
}

/// Who is at work on an operation. Nobody else is until then, unless it is renewed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LeaseOut {
    /// The process, by an id that it has while it runs.
    pub runner: Uuid,
    /// When it runs out.
    pub until: DateTime<Utc>,
}

/// What comes next.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NextActionOut {
    /// `act`, `undo`, or `finish` when only its end is left to be noted.
    #[schema(example = "act")]
    pub action: &'static str,
    /// With which step.
    #[schema(example = "database", nullable = true)]
    pub step: Option<&'static str>,
    /// Not before.
    pub due_at: DateTime<Utc>,
}

/// One step of an operation, as operators see it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InspectedStepOut {
    /// Its name.
    #[schema(example = "database")]
    pub step: String,
    /// `pending`, `running`, `succeeded`, `failed` or `undone`.
    #[schema(example = "running")]
    pub state: String,
    /// How often it was begun.
    #[schema(example = 3)]
    pub attempts: i32,
    /// How many of these ended with an error; the others were cut off with their process.
    #[schema(example = 2)]
    pub failures: i32,
    /// How often taking it back failed.
    #[schema(example = 0)]
    pub undo_failures: i32,
    /// Its last failure, as whoever waits is told.
    #[schema(example = "The database server did not answer as expected.", nullable = true)]
    pub error: Option<String>,
    /// The same in the words of what failed, where these hold no secret and no datum. The log holds the rest, under the operation's id.
    #[schema(example = "Connection refused (os error 111)", nullable = true)]
    pub cause: Option<String>,
    /// When it was first begun.
    #[schema(nullable = true)]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[schema(nullable = true)]
    pub finished_at: Option<DateTime<Utc>>,
    /// From its begin to its end, waiting for further tries included, in milliseconds.
    #[schema(example = 412, nullable = true)]
    pub duration_ms: Option<i64>,
}

impl From<StepRow> for InspectedStepOut {
    fn from(row: StepRow) -> Self {
        let StepRow { step, state, attempts, failures, undo_failures, error, cause, started_at, finished_at } = row;
        let duration_ms = started_at.zip(finished_at).map(|(from, to)| (to - from).num_milliseconds());
        Self { step, state, attempts: attempts.max(failures), failures, undo_failures, error, cause, started_at, finished_at, duration_ms }
    }
}

/// An operation with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InspectionOut {
    /// What a list of operations shows of it.
    #[serde(flatten)]
    pub summary: OperationSummaryOut,
    /// Since when the step that holds it up has been failing.
    #[schema(nullable = true)]
    pub failing_since: Option<DateTime<Utc>>,
    /// Who is at work on it just now.
    #[schema(nullable = true)]
    pub lease: Option<LeaseOut>,
    /// What comes next; nothing when it has ended.
    #[schema(nullable = true)]
    pub next: Option<NextActionOut>,
    /// Its steps, in order.
    pub timeline: Vec<InspectedStepOut>,
    /// The request in which it was asked for.
    pub request_id: String,
}

impl From<(InspectionRow, Vec<StepRow>, Option<NextAction>)> for InspectionOut {
    fn from((row, steps, next): (InspectionRow, Vec<StepRow>, Option<NextAction>)) -> Self {
        let next = next.map(|next| {
            let (action, step) = match next {
                NextAction::Act(step) => ("act", Some(step)),
                NextAction::Undo(step) => ("undo", Some(step)),
                NextAction::Finish => ("finish", None),
            };
            NextActionOut { action, step, due_at: row.summary.due_at }
        });
        Self {
            failing_since: row.failing_since.filter(|_| row.summary.is_failing),
            lease: row.leased_by.zip(row.leased_until).map(|(runner, until)| LeaseOut { runner, until }),
            next,
            timeline: steps.into_iter().map(InspectedStepOut::from).collect(),
            request_id: row.request_id,
            summary: row.summary.into(),
        }
    }
}
