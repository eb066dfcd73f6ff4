//! Trying again what failed, because an operator says so.

use chrono::{DateTime, Utc};
use nexus_core::{AuditEntry, TenantId, TenantState};
use nexus_infra::Tx;
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use crate::error::ProvisioningError;
use crate::lifecycle::held;
use crate::model::{Operation, ProvisionInput};
use crate::provisioner::Provisioner;
use crate::store::{self, TenantRow, run, sql};

/// What is under way on the tenant, and whether it is failing.
#[derive(FromQueryResult)]
struct Open {
    id: Uuid,
    failing_in: Option<String>,
    due_at: DateTime<Utc>,
    is_at_work: bool,
}

#[derive(FromQueryResult)]
struct Input {
    input: serde_json::Value,
}

impl Provisioner {
    /// Tries again what failed. A tenant whose building was given up and taken back is built by a new operation; its slug is reserved again at once. An
    /// operation under way that fails and waits for its next try, whatever it does and whichever way it goes, is tried now.
    ///
    /// # Errors
    /// [`ProvisioningError::OperationInProgress`] when what is under way does not fail; [`ProvisioningError::WrongState`] when nothing is, unless the tenant is
    /// broken and has never been active; [`ProvisioningError::SlugTaken`] when the slug went to somebody else.
    pub async fn retry(&self, tx: &Tx, tenant: TenantId) -> Result<Operation, ProvisioningError> {
        let row = held(tx, tenant).await?;
        let open = Open::find_by_statement(sql(
            "SELECT id, error ->> 'step' AS failing_in, due_at, coalesce(leased_until > clock_timestamp(), false) AS is_at_work
             FROM operations WHERE tenant_id = $1 AND state IN ('pending', 'running') FOR UPDATE",
            [tenant.0.into()],
        ))
        .one(tx.conn())
        .await?;
        match open {
            Some(open) => self.hurry(tx, tenant, open).await,
            None => self.build_again(tx, &row).await,
        }
    }

    /// Makes due what waits for its next try.
    async fn hurry(&self, tx: &Tx, tenant: TenantId, open: Open) -> Result<Operation, ProvisioningError> {
        let Some(step) = open.failing_in else { return Err(ProvisioningError::OperationInProgress) };
        // Whoever holds it is trying just now.
        if !open.is_at_work && open.due_at > tx.now() {
            run(tx.conn(), "UPDATE operations SET due_at = $2 WHERE id = $1", [open.id.into(), tx.now().into()]).await?;
            let entry = AuditEntry::of("tenants.retry", "tenant", tenant.0).before(json!({ "due_at": open.due_at }));
            tx.audit(entry.after(json!({ "operation_id": open.id, "step": step, "due_at": tx.now() })));
        }
        store::operation(tx.conn(), open.id).await?.ok_or(ProvisioningError::Corrupt("operation"))
    }

    async fn build_again(&self, tx: &Tx, row: &TenantRow) -> Result<Operation, ProvisioningError> {
        let state = row.state()?;
        if state != TenantState::Broken || row.activated_at.is_some() {
            return Err(ProvisioningError::WrongState { state, verb: "retried" });
        }
        let last = Input::find_by_statement(sql(
            "SELECT input FROM operations WHERE tenant_id = $1 AND kind = 'provision' ORDER BY created_at DESC, id DESC LIMIT 1",
            [row.id.into()],
        ))
        .one(tx.conn())
        .await?
        .ok_or(ProvisioningError::Corrupt("operation"))?;
        let mut input: ProvisionInput = serde_json::from_value(last.input).map_err(|_| ProvisioningError::Corrupt("operation input"))?;
        input.from_warm_pool = false;
        input.begun_ahead = false;
        input.activated_event_id = tx.new_id();
        input.joined_event_id = tx.new_id();
        let text = "UPDATE tenants SET slug = $2, state = 'provisioning', state_reason = NULL WHERE id = $1";
        run(tx.conn(), text, [row.id.into(), input.slug.clone().into()]).await?;
        tx.audit(AuditEntry::of("tenants.retry", "tenant", row.id).before(json!({ "state": "broken" })).after(json!({ "state": "provisioning" })));
        self.begin_provision(tx, TenantId(row.id), &input).await
    }
}
