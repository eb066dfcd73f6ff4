//! Operations for tests.

use chrono::{DateTime, TimeDelta};
use nexus_core::TenantId;
use nexus_provisioning::{Direction, Operation, OperationKind, OperationState, OperationStep, StepState};
use uuid::Uuid;

/// An operation in this state, whose steps are in these states after so many tries.
pub(super) fn operation(id: u128, state: OperationState, steps: &[(StepState, i32)]) -> Operation {
    let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
    let is_over = !matches!(state, OperationState::Pending | OperationState::Running);
    Operation {
        id: Uuid::from_u128(id),
        kind: OperationKind::Provision,
        tenant_id: TenantId(Uuid::from_u128(id)),
        state,
        direction: Direction::Forward,
        error: None,
        created_by_kind: "anonymous".into(),
        created_by: None,
        due_at: start,
        created_at: start,
        updated_at: start,
        finished_at: is_over.then_some(start),
        steps: (0_i64..)
            .zip(steps)
            .map(|(index, (state, attempts))| OperationStep {
                step: format!("step{index}"),
                state: *state,
                attempts: *attempts,
                error: None,
                started_at: (*state != StepState::Pending).then(|| start + TimeDelta::seconds(2 * index)),
                finished_at: (!matches!(state, StepState::Pending | StepState::Running)).then(|| start + TimeDelta::seconds(2 * index + 1)),
            })
            .collect(),
    }
}
