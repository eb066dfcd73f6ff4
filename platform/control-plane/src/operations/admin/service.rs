//! Reading operations, for operators.

use nexus_core::Problem;
use nexus_core::list::{ListRequest, Listing};
use nexus_provisioning::{NextAction, next_action};
use uuid::Uuid;

use super::store::{self, InspectionRow, OperationRow, StepRow};
use crate::state::ControlPlane;

pub(super) async fn list(state: &ControlPlane, request: &ListRequest) -> Result<Listing<OperationRow>, Problem> {
    Ok(store::page(state.db.conn(), request).await?)
}

/// An operation with everything that is known of it: its row, its steps, and what comes next unless it has ended.
pub(super) async fn get(state: &ControlPlane, id: Uuid) -> Result<(InspectionRow, Vec<StepRow>, Option<NextAction>), Problem> {
    let row = store::inspect(state.db.conn(), id).await?.ok_or_else(|| Problem::not_found("operation"))?;
    let steps = row.steps()?;
    let summary = &row.summary;
    let next = match summary.finished_at {
        Some(_) => None,
        None => next_action(&summary.kind, &summary.direction, steps.iter().map(|step| (step.step.as_str(), step.state.as_str()))),
    };
    Ok((row, steps, next))
}
