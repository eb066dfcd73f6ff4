//! `reserve`: slug, place and secrets. Nothing outside the control database exists before this is committed.

use nexus_core::AuditEntry;
use nexus_infra::Tx;
use serde_json::json;

use super::{Saga, database, lease_lost};
use crate::error::StepError;
use crate::model::ProvisionInput;
use crate::store::{self, run};

/// A slug that nobody uses: no valid slug has a `~`.
pub(crate) fn released(slug: &str, tenant: uuid::Uuid) -> String {
    let id = tenant.simple().to_string();
    // The last digits: the first ones of a time-ordered id are shared by neighbours.
    format!("{}~{}", slug.split('~').next().unwrap_or(slug), &id[id.len() - 12..])
}

pub(super) async fn act(saga: &Saga<'_>) -> Result<(), StepError> {
    let input: ProvisionInput = saga.input()?;
    let inner = saga.inner;
    inner
        .control
        .write("provisioning.reserve", &inner.clock, &saga.origin(), async |tx: &Tx| -> Result<(), StepError> {
            if !store::fence(tx.conn(), saga.operation(), inner.runner).await? {
                return Err(lease_lost());
            }
            let tenant = store::tenant_for_update(tx.conn(), saga.claimed.tenant_id)
                .await?
                .ok_or_else(|| StepError::permanent("NOT_FOUND", "The tenant's record is gone."))?;
            // In use already: its place, slug and secrets stand, and the saga only has to catch up.
            if tenant.activated_at.is_some() {
                return Ok(());
            }
            if tenant.server_name.is_none() {
                let server = inner.servers.place(tx.conn()).await?;
                run(tx.conn(), "UPDATE tenants SET server_id = $2 WHERE id = $1", [tenant.id.into(), server.into()]).await?;
            }
            if tenant.secret_sealed.is_none() {
                let sealed = inner.new_secrets(saga.tenant_id(), &tenant.bucket_name)?;
                run(tx.conn(), "UPDATE tenants SET secret_sealed = $2 WHERE id = $1", [tenant.id.into(), sealed.into()]).await?;
            }
            run(
                tx.conn(),
                "UPDATE tenants SET slug = $2, state = 'provisioning', state_reason = NULL WHERE id = $1",
                [tenant.id.into(), input.slug.clone().into()],
            )
            .await?;
            run(
                tx.conn(),
                "INSERT INTO memberships (account_id, organization_id, is_owner, created_at) VALUES ($1, $2, true, $3) ON CONFLICT DO NOTHING",
                [input.owner.into(), tenant.id.into(), tx.now().into()],
            )
            .await?;
            Ok(())
        })
        .await
}

/// The end of a failed sign-up: the slug is free again, the tenant's record says that and why it is broken.
pub(super) async fn undo(saga: &Saga<'_>) -> Result<(), StepError> {
    let inner = saga.inner;
    if saga.input::<ProvisionInput>()?.begun_ahead {
        database::uncreate(saga).await?;
    }
    let operation = store::operation(inner.control.conn(), saga.operation()).await.ok().flatten();
    let reason = operation.and_then(|operation| operation.error).map_or_else(
        || "Provisioning failed and was taken back.".to_owned(),
        |error| format!("Provisioning failed at `{}` and was taken back: {}", error.step, error.message),
    );
    inner
        .control
        .write("tenants.fail", &inner.clock, &saga.origin(), async |tx: &Tx| -> Result<(), StepError> {
            if !store::fence(tx.conn(), saga.operation(), inner.runner).await? {
                return Err(lease_lost());
            }
            let Some(tenant) = store::tenant_for_update(tx.conn(), saga.claimed.tenant_id).await? else { return Ok(()) };
            let changed = run(
                tx.conn(),
                // The secrets stay for another try: a role whose making was cut off may turn up after it was removed, and has this password.
                "UPDATE tenants SET slug = $2, state = 'broken', state_reason = $3, server_id = NULL, schema_version = 0
                 WHERE id = $1 AND (state, slug) IS DISTINCT FROM ('broken', $2)",
                [tenant.id.into(), released(&tenant.slug, tenant.id).into(), reason.clone().into()],
            )
            .await?;
            run(tx.conn(), "DELETE FROM memberships WHERE organization_id = $1", [tenant.id.into()]).await?;
            if changed == 1 {
                tx.audit(
                    AuditEntry::of("tenants.fail", "tenant", tenant.id).before(json!({ "state": tenant.state })).after(json!({ "state": "broken" })),
                );
            }
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_slug_stays_readable_and_is_released_once() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(released("acme", id), "acme~b302099a8057");
        assert_eq!(released(&released("acme", id), id), "acme~b302099a8057");
    }
}
