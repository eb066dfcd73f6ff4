//! Marking what is not to be handed out any more. What is marked is taken down like everything else that is due.

use nexus_core::{AuditEntry, Origin};
use nexus_infra::Tx;
use nexus_migration::fingerprint;
use serde_json::json;

use super::{OTHERS_KEEP, entries};
use crate::error::ProvisioningError;
use crate::provisioner::{Inner, Provisioner};
use crate::store::run;

/// Marks entries of another schema, those on servers that take nobody in any more, and those beyond the size. Nobody waits for a
/// claim that is under way: what is claimed is not an entry any more, and what is not is marked next time.
pub(super) async fn mark_unfit(inner: &Inner) -> Result<(), ProvisioningError> {
    let conn = inner.control.conn();
    let (now, names, current) = (inner.clock.now(), inner.servers.names(), fingerprint());
    let unfit = run(
        conn,
        &entries::drain(
            "SELECT w.id FROM warm_pool w JOIN database_servers s ON s.id = w.server_id
             WHERE (s.name = ANY ($3) OR s.state = 'closed')
               AND ((w.fingerprint <> $4 AND w.created_at < $5) OR s.state <> 'open'
                    OR (SELECT count(*) FROM tenants t WHERE t.server_id = s.id AND t.state <> 'deleted') >= s.max_tenants)",
        ),
        [
            now.into(),
            "It was prepared for another schema, or on a server that takes no tenants any more.".into(),
            names.into(),
            current.clone().into(),
            (now - OTHERS_KEEP).into(),
        ],
    )
    .await?;
    let surplus = run(
        conn,
        &entries::drain(
            "SELECT id FROM warm_pool WHERE state <> 'draining' AND fingerprint = $3
             ORDER BY state = 'ready' DESC, created_at, id OFFSET $4",
        ),
        [now.into(), "There are more than wanted.".into(), current.into(), i64::from(inner.warm_pool.size).into()],
    )
    .await?;
    if unfit + surplus > 0 {
        tracing::info!(unfit, surplus, "entries of the warm pool are taken down");
    }
    Ok(())
}

impl Provisioner {
    /// Has every entry taken down that is not claimed by then. A pool that is kept is filled anew.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`].
    pub async fn drain_warm_pool(&self, origin: &Origin) -> Result<u64, ProvisioningError> {
        let inner = &**self;
        let drained = inner
            .control
            .write("warm_pool.drain", &inner.clock, origin, async |tx: &Tx| -> Result<u64, ProvisioningError> {
                let text = entries::drain("SELECT id FROM warm_pool");
                let drained = run(tx.conn(), &text, [tx.now().into(), "An operator asked for it.".into()]).await?;
                if drained > 0 {
                    tx.audit(AuditEntry::batch("warm_pool.drain", "warm_pool").after(json!({ "entries": drained })));
                }
                Ok(drained)
            })
            .await?;
        self.refill.notify_one();
        Ok(drained)
    }
}
