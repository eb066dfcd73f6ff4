//! `directory`, `activate`, `welcome`: from built to in use.

use nexus_core::{AuditEntry, Event};
use nexus_infra::Tx;
use nexus_migration::database as catalogue;
use sea_orm::FromQueryResult;
use serde_json::json;

use super::{Saga, database, lease_lost};
use crate::error::StepError;
use crate::model::ProvisionInput;
use crate::store::{self, run, sql};

/// Completes the directory record from what is really there: the schema version that the tenant's own role reads in the
/// tenant's own database. The record shows with `activate`.
pub(super) async fn enter(saga: &Saga<'_>) -> Result<(), StepError> {
    #[derive(FromQueryResult)]
    struct Schema {
        version: i32,
    }
    let inner = saga.inner;
    let tenant = saga.placed().await?;
    let version = async {
        let db = saga.database(tenant).await?;
        let schema = Schema::find_by_statement(sql("SELECT version FROM schema_info", [])).one(db.conn()).await?;
        schema.map(|schema| schema.version).ok_or_else(|| StepError::permanent("INTERNAL_ERROR", "The tenant's database has no schema."))
    };
    // From here on the database says of itself that it is in use, whatever becomes of the control database.
    let in_use = async { Ok(catalogue::mark_in_use(inner.server_of(tenant)?.admin().await?.pool(), &tenant.database_name).await?) };
    let (version, ()) = tokio::try_join!(version, in_use)?;
    set_schema_version(saga, version).await
}

/// Undo of [`enter`].
pub(super) async fn leave(saga: &Saga<'_>) -> Result<(), StepError> {
    database::release(saga).await?;
    set_schema_version(saga, 0).await
}

async fn set_schema_version(saga: &Saga<'_>, version: i32) -> Result<(), StepError> {
    // The commit does not wait for the disk: it is there when what the log says after it is.
    let text = "UPDATE tenants SET schema_version = $2 WHERE id = $1 AND schema_version <> $2 AND state NOT IN ('active', 'read_only', 'suspended')
                RETURNING set_config('synchronous_commit', 'off', true)";
    run(saga.inner.control.conn(), text, [saga.claimed.tenant_id.into(), version.into()]).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Epoch {
    epoch: i64,
}

/// The point of no return: its people may come in.
pub(super) async fn act(saga: &Saga<'_>) -> Result<(), StepError> {
    let inner = saga.inner;
    let epoch = inner
        .control
        .write("tenants.activate", &inner.clock, &saga.origin(), async |tx: &Tx| -> Result<i64, StepError> {
            if !store::fence(tx.conn(), saga.operation(), inner.runner).await? {
                return Err(lease_lost());
            }
            let activated = Epoch::find_by_statement(sql(
                "UPDATE tenants SET state = 'active', state_reason = NULL, activated_at = $2 WHERE id = $1 AND state = 'provisioning' RETURNING epoch",
                [saga.claimed.tenant_id.into(), tx.now().into()],
            ))
            .one(tx.conn())
            .await?;
            if let Some(activated) = activated {
                let entry = AuditEntry::of("tenants.activate", "tenant", saga.claimed.tenant_id);
                tx.audit(entry.before(json!({ "state": "provisioning" })).after(json!({ "state": "active" })));
                return Ok(activated.epoch);
            }
            let tenant = store::tenant(tx.conn(), saga.claimed.tenant_id)
                .await?
                .ok_or_else(|| StepError::permanent("NOT_FOUND", "The tenant's record is gone."))?;
            if tenant.activated_at.is_none() {
                return Err(StepError::permanent("CONFLICT", format!("The tenant is {} and can't be activated.", tenant.state)));
            }
            Ok(tenant.epoch)
        })
        .await?;
    inner.notices.directory_changed(saga.tenant_id(), epoch).await;
    Ok(())
}

/// The event that the welcome mail hangs on. Its id is fixed, so that a repetition adds nothing.
pub(super) async fn welcome(saga: &Saga<'_>) -> Result<(), StepError> {
    let input: ProvisionInput = saga.input()?;
    let tenant = saga.tenant().await?;
    let event = Event {
        id: input.activated_event_id,
        kind: "tenancy.tenant.activated.v1",
        aggregate_type: "tenant",
        aggregate_id: tenant.id,
        payload: json!({ "tenant_id": tenant.id, "slug": tenant.slug, "name": tenant.name, "owner_account_id": input.owner }),
    };
    emit_once(saga, event).await
}

/// Writes an event to the control outbox unless it is there.
pub(super) async fn emit_once(saga: &Saga<'_>, event: Event) -> Result<(), StepError> {
    let inner = saga.inner;
    inner
        .control
        .write("provisioning.emit", &inner.clock, &saga.origin(), async |tx: &Tx| -> Result<(), StepError> {
            if !store::fence(tx.conn(), saga.operation(), inner.runner).await? {
                return Err(lease_lost());
            }
            let known = sea_orm::ConnectionTrait::query_one_raw(tx.conn(), sql("SELECT 1 FROM outbox WHERE id = $1", [event.id.into()])).await?;
            if known.is_none() {
                tx.emit(event.clone());
            }
            Ok(())
        })
        .await
}
