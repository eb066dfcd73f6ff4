//! Tenants' secrets under the present key, after a change of the master key.

use nexus_core::{AuditEntry, Origin, TenantId};
use nexus_infra::Tx;
use nexus_infra::secrets::{Rewrapped, TenantKeyring};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::error::ProvisioningError;
use crate::provisioner::Provisioner;
use crate::store::{run, sql};

/// Bundles of one transaction.
const BATCH: u32 = 100;

#[derive(FromQueryResult)]
struct Sealed {
    id: Uuid,
    secret_sealed: Vec<u8>,
}

impl Provisioner {
    /// The keys of the tenants' secrets, which also tell a real API key from a made-up one.
    #[must_use]
    pub fn tenant_keyring(&self) -> &TenantKeyring {
        &self.keyring
    }

    /// Wraps the data key of every tenant's secrets (and of those prepared for tenants to come) anew that lies under an older key, batch by batch. What is under the present key is left alone, so that it
    /// may be interrupted and begun again; runtimes open a tenant's pool anew when its record has changed.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`]; what was done until then is kept.
    pub async fn rewrap_secrets(&self, origin: &Origin) -> Result<Rewrapped, ProvisioningError> {
        let mut done = Rewrapped::default();
        // In this order: what is claimed in between is a tenant by then.
        for table in ["warm_pool", "tenants"] {
            let mut after = Uuid::nil();
            while let (batch, Some(last)) = self.rewrap_batch(origin, table, after).await? {
                done += batch;
                after = last;
            }
        }
        Ok(done)
    }

    /// The batch after this id; its last id, unless it was empty.
    async fn rewrap_batch(&self, origin: &Origin, table: &'static str, after: Uuid) -> Result<(Rewrapped, Option<Uuid>), ProvisioningError> {
        let inner = &**self;
        inner
            .control
            .write("secrets.rewrap", &inner.clock, origin, async |tx: &Tx| {
                // Locked: a saga that replaces or removes the secrets waits for the batch, or is seen.
                let text = format!(
                    "SELECT id, secret_sealed FROM {table} WHERE id > $1 AND secret_sealed IS NOT NULL ORDER BY id LIMIT $2 FOR NO KEY UPDATE"
                );
                let rows = Sealed::find_by_statement(sql(&text, [after.into(), i64::from(BATCH).into()])).all(tx.conn()).await?;
                let last = rows.last().map(|row| row.id);
                let mut done = Rewrapped::default();
                for row in rows {
                    match inner.keyring.rewrap_tenant(TenantId(row.id), &row.secret_sealed) {
                        Ok(None) => done.current += 1,
                        Ok(Some(anew)) => {
                            let text = format!("UPDATE {table} SET secret_sealed = $2 WHERE id = $1");
                            run(tx.conn(), &text, [row.id.into(), anew.into()]).await?;
                            done.rewrapped += 1;
                        }
                        Err(error) => {
                            tracing::warn!(tenant = %row.id, %error, "a tenant's secrets can't be sealed anew");
                            done.failed += 1;
                        }
                    }
                }
                if done.rewrapped > 0 {
                    tx.audit(AuditEntry::batch("secrets.rewrap", "tenant").after(serde_json::json!({ "rewrapped": done.rewrapped })));
                }
                Ok((done, last))
            })
            .await
    }
}
