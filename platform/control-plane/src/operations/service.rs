//! Reading an operation, for whoever may.

use nexus_core::Problem;
use nexus_provisioning::Operation;

use crate::guard::{OperationAuth, Watcher};
use crate::state::ControlPlane;
use crate::tenancy;

/// The operation, if the caller may see it. An unknown one and a foreign one answer alike.
pub(super) async fn watched(state: &ControlPlane, auth: OperationAuth) -> Result<Operation, Problem> {
    let unknown = || Problem::not_found("operation");
    let operation = state.provisioner.operation(auth.operation).await?.ok_or_else(unknown)?;
    match auth.watcher {
        Watcher::Capability | Watcher::Operator(_) => Ok(operation),
        Watcher::Owner(account, only) => {
            let reached = only.is_none_or(|own| own == operation.tenant_id);
            if reached && tenancy::is_owner(state, account, operation.tenant_id).await? { Ok(operation) } else { Err(unknown()) }
        }
    }
}
