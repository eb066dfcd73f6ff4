//! Reading operations, for operators.

use nexus_core::Problem;
use nexus_core::list::{ListRequest, Listing};
use nexus_provisioning::Inspection;
use uuid::Uuid;

use super::store::{self, OperationRow};
use crate::state::ControlPlane;

pub(super) async fn list(state: &ControlPlane, request: &ListRequest) -> Result<Listing<OperationRow>, Problem> {
    Ok(store::page(state.db.conn(), request).await?)
}

/// An operation as the list shows it, and what is known of it besides.
pub(super) async fn get(state: &ControlPlane, id: Uuid) -> Result<(OperationRow, Inspection), Problem> {
    let unknown = || Problem::not_found("operation");
    let inspection = state.provisioner.inspect(id).await?.ok_or_else(unknown)?;
    let row = store::one(state.db.conn(), id).await?.ok_or_else(unknown)?;
    Ok((row, inspection))
}
