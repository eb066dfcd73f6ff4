//! Deletion and its recall: how operations on existing tenants are accepted.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::{AuditEntry, TenantId, TenantState};
use nexus_infra::{DbError, Tx};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use crate::error::ProvisioningError;
use crate::model::{DeleteInput, Operation, OperationKind};
use crate::provisioner::Provisioner;
use crate::store::{self, NewOperation, TenantRow, run, sql};

/// Days in which a deletion can be taken back.
const UNDELETE_DAYS: i64 = 7;

/// When a deleted tenant is erased. Access is cut at once either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erase {
    /// After the undelete window of 7 days.
    AfterWindow,
    /// Now; there is no way back.
    Now,
}

#[derive(FromQueryResult)]
struct OpenOperation {
    id: Uuid,
    kind: String,
    state: String,
    input: serde_json::Value,
}

#[derive(FromQueryResult)]
struct Input {
    input: serde_json::Value,
}

/// The tenant's row, held until commit: before the rows of its operations, here as everywhere.
pub(crate) async fn held(tx: &Tx, tenant: TenantId) -> Result<TenantRow, ProvisioningError> {
    store::tenant_for_update(tx.conn(), tenant.0).await?.ok_or(ProvisioningError::TenantNotFound)
}

async fn open_operation(tx: &Tx, tenant: TenantId) -> Result<Option<OpenOperation>, ProvisioningError> {
    let text = "SELECT id, kind, state, input FROM operations WHERE tenant_id = $1 AND state IN ('pending', 'running') FOR UPDATE";
    Ok(OpenOperation::find_by_statement(sql(text, [tenant.0.into()])).one(tx.conn()).await?)
}

/// What a tenant that stands as deleting was before, by its last deletion's record.
async fn before_deletion(tx: &Tx, row: &TenantRow) -> Result<TenantState, ProvisioningError> {
    let last = Input::find_by_statement(sql(
        "SELECT input FROM operations WHERE tenant_id = $1 AND kind = 'delete' ORDER BY created_at DESC, id DESC LIMIT 1",
        [row.id.into()],
    ))
    .one(tx.conn())
    .await?;
    let known = last
        .and_then(|last| serde_json::from_value::<DeleteInput>(last.input).ok())
        .and_then(|input| TenantState::from_str(&input.previous_state).ok())
        .filter(|state| *state != TenantState::Deleting);
    Ok(known.unwrap_or(if row.activated_at.is_some() { TenantState::Active } else { TenantState::Broken }))
}

impl Provisioner {
    /// Cuts access at once and schedules the erasure. Asked for again with [`Erase::Now`], it stops waiting.
    ///
    /// # Errors
    /// [`ProvisioningError::WrongState`], [`ProvisioningError::OperationInProgress`] while it is being built.
    pub async fn delete(&self, tx: &Tx, tenant: TenantId, erase: Erase) -> Result<Operation, ProvisioningError> {
        let row = held(tx, tenant).await?;
        let state = row.state()?;
        let due_at = match erase {
            Erase::Now => tx.now(),
            Erase::AfterWindow => tx.now() + TimeDelta::days(UNDELETE_DAYS),
        };
        let operation = match open_operation(tx, tenant).await? {
            Some(open) if open.kind == OperationKind::Delete.as_str() => {
                if erase == Erase::Now {
                    let text = "UPDATE operations SET due_at = least(due_at, $2) WHERE id = $1";
                    run(tx.conn(), text, [open.id.into(), due_at.into()]).await?;
                    run(tx.conn(), "UPDATE tenants SET erase_after = $2 WHERE id = $1", [tenant.0.into(), due_at.into()]).await?;
                }
                open.id
            }
            Some(_) => return Err(ProvisioningError::OperationInProgress),
            None => self.begin_delete(tx, &row, state, due_at).await?,
        };
        store::operation(tx.conn(), operation).await?.ok_or(ProvisioningError::Corrupt("operation"))
    }

    async fn begin_delete(&self, tx: &Tx, row: &TenantRow, state: TenantState, due_at: DateTime<Utc>) -> Result<Uuid, ProvisioningError> {
        // A tenant that is deleting without an operation (its deletion was refused once) is deleted anew.
        if state != TenantState::Deleting && !state.can_become(TenantState::Deleting) {
            return Err(ProvisioningError::WrongState { state, verb: "deleted" });
        }
        let previous = match state {
            TenantState::Deleting => before_deletion(tx, row).await?,
            other => other,
        };
        let input = DeleteInput { previous_state: previous.as_str().to_owned(), erased_event_id: tx.new_id() };
        let operation = tx.new_id();
        store::insert_operation(
            tx.conn(),
            NewOperation {
                id: operation,
                kind: OperationKind::Delete,
                tenant_id: TenantId(row.id),
                input: serde_json::to_value(&input).map_err(DbError::other)?,
                origin: tx.origin(),
                due_at,
                now: tx.now(),
                done_to: None,
            },
        )
        .await?;
        run(
            tx.conn(),
            "UPDATE tenants SET state = 'deleting', deleted_at = coalesce(deleted_at, $2), erase_after = $3 WHERE id = $1",
            [row.id.into(), tx.now().into(), due_at.into()],
        )
        .await?;
        let entry = AuditEntry::of("tenants.delete", "tenant", row.id).before(json!({ "state": row.state }));
        tx.audit(entry.after(json!({ "state": "deleting", "erase_after": due_at })));
        Ok(operation)
    }

    /// Deletes anew a tenant that stands as deleting without an operation to see it through; not before the end of its
    /// window. Nothing happens to any other.
    pub(crate) async fn reopen_deletion(&self, tx: &Tx, tenant: TenantId) -> Result<(), ProvisioningError> {
        #[derive(FromQueryResult)]
        struct Window {
            erase_after: Option<DateTime<Utc>>,
        }
        let row = held(tx, tenant).await?;
        let state = row.state()?;
        if state != TenantState::Deleting || open_operation(tx, tenant).await?.is_some() {
            return Ok(());
        }
        let window = Window::find_by_statement(sql("SELECT erase_after FROM tenants WHERE id = $1", [tenant.0.into()])).one(tx.conn()).await?;
        let due_at = window.and_then(|window| window.erase_after).map_or(tx.now(), |end| end.max(tx.now()));
        self.begin_delete(tx, &row, state, due_at).await.map(drop)
    }

    /// Takes a deletion back while its window is open.
    ///
    /// # Errors
    /// [`ProvisioningError::WrongState`] when the tenant is not waiting for erasure; [`ProvisioningError::OperationInProgress`]
    /// when erasing has begun.
    pub async fn undelete(&self, tx: &Tx, tenant: TenantId) -> Result<(), ProvisioningError> {
        let row = held(tx, tenant).await?;
        let state = row.state()?;
        let wrong = ProvisioningError::WrongState { state, verb: "undeleted" };
        if state != TenantState::Deleting {
            return Err(wrong);
        }
        let open = open_operation(tx, tenant).await?.ok_or(wrong)?;
        if open.state != "pending" || open.kind != OperationKind::Delete.as_str() {
            return Err(ProvisioningError::OperationInProgress);
        }
        let input: DeleteInput = serde_json::from_value(open.input).map_err(|_| ProvisioningError::Corrupt("operation input"))?;
        let previous = TenantState::from_str(&input.previous_state).map_err(|_| ProvisioningError::Corrupt("tenant state"))?;
        run(tx.conn(), "UPDATE operations SET state = 'undone', finished_at = $2 WHERE id = $1", [open.id.into(), tx.now().into()]).await?;
        run(
            tx.conn(),
            "UPDATE tenants SET state = $2, deleted_at = NULL, erase_after = NULL WHERE id = $1",
            [tenant.0.into(), previous.as_str().into()],
        )
        .await?;
        tx.audit(
            AuditEntry::of("tenants.undelete", "tenant", tenant.0)
                .before(json!({ "state": "deleting" }))
                .after(json!({ "state": previous.as_str() })),
        );
        Ok(())
    }
}
