//! First and last step of a deletion: nobody comes in any more; nothing points there any more.

use nexus_core::{AuditEntry, Event, TenantState};
use nexus_infra::Tx;
use nexus_migration::database as catalogue;
use serde_json::json;

use super::{Saga, activate, database, lease_lost, reserve};
use crate::error::StepError;
use crate::model::DeleteInput;
use crate::store::{self, run};

/// `fence`: the directory has answered "deleting" since the request; now the database itself closes, and is
/// no longer marked as in use.
pub(super) async fn fence(saga: &Saga<'_>) -> Result<(), StepError> {
    let tenant = saga.tenant().await?;
    if !matches!(tenant.state(), Ok(TenantState::Deleting)) {
        return Err(StepError::permanent("CONFLICT", format!("The tenant is {}, not deleting: it is not erased.", tenant.state)));
    }
    if tenant.server_name.is_some() {
        let admin = saga.inner.server_of(&tenant)?.admin().await?;
        catalogue::close(admin.pool(), &tenant.database_name).await?;
    }
    database::release(saga).await
}

/// `forget`: the secrets are gone, the slug is free, and what hung on the tenant has ended; the row, its operations and its
/// numbers stay.
pub(super) async fn forget(saga: &Saga<'_>) -> Result<(), StepError> {
    let input: DeleteInput = saga.input()?;
    let inner = saga.inner;
    let tenant = saga.tenant().await?;
    let payload = json!({ "tenant_id": tenant.id });
    let event = Event { id: input.erased_event_id, kind: "tenancy.tenant.erased.v1", aggregate_type: "tenant", aggregate_id: tenant.id, payload };
    activate::emit_once(saga, event).await?;
    inner
        .control
        .write("tenants.erase", &inner.clock, &saga.origin(), async |tx: &Tx| -> Result<(), StepError> {
            if !store::fence(tx.conn(), saga.operation(), inner.runner).await? {
                return Err(lease_lost());
            }
            let changed = run(
                tx.conn(),
                "UPDATE tenants SET state = 'deleted', state_reason = NULL, slug = $2, secret_sealed = NULL, erase_after = NULL
                 WHERE id = $1 AND state = 'deleting'",
                [tenant.id.into(), reserve::released(&tenant.slug, tenant.id).into()],
            )
            .await?;
            run(tx.conn(), "DELETE FROM memberships WHERE organization_id = $1", [tenant.id.into()]).await?;
            inner.tenancy_end.end(tx, saga.tenant_id()).await?;
            if changed == 1 {
                tx.audit(
                    AuditEntry::of("tenants.erase", "tenant", tenant.id).before(json!({ "state": "deleting" })).after(json!({ "state": "deleted" })),
                );
            }
            Ok(())
        })
        .await?;
    inner.notices.directory_changed(saga.tenant_id(), tenant.epoch + 1).await;
    Ok(())
}
