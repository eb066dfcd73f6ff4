//! Reading an operation, for whoever may.

use nexus_core::{AccountId, Problem, TenantId};
use nexus_infra::DbError;
use nexus_provisioning::Operation;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::guard::{OperationAuth, Watcher};
use crate::state::ControlPlane;

/// The operation, if the caller may see it. An unknown one and a foreign one answer alike.
pub(super) async fn watched(state: &ControlPlane, auth: OperationAuth) -> Result<Operation, Problem> {
    let unknown = || Problem::not_found("operation");
    let operation = state.provisioner.operation(auth.operation).await?.ok_or_else(unknown)?;
    match auth.watcher {
        Watcher::Capability | Watcher::Operator(_) => Ok(operation),
        Watcher::Owner(account, only) => {
            let reached = only.is_none_or(|own| own == operation.tenant_id);
            if reached && owns(state, account, operation.tenant_id).await? { Ok(operation) } else { Err(unknown()) }
        }
    }
}

async fn owns(state: &ControlPlane, account: AccountId, organization: TenantId) -> Result<bool, DbError> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT 1 AS owner FROM memberships WHERE account_id = $1 AND organization_id = $2 AND is_owner",
        [account.0.into(), organization.0.into()],
    );
    Ok(state.db.conn().query_one_raw(statement).await?.is_some())
}
