//! Adding what lacks: rows first. Everything else is made from them.

use nexus_core::{Origin, TenantId};
use nexus_infra::{Tx, advisory};
use nexus_migration::fingerprint;

use super::entries;
use crate::error::{ProvisioningError, StepError};
use crate::failpoint::{self, Moment};
use crate::outside::Names;
use crate::provisioner::Inner;

/// Rows added in one transaction.
const BATCH: i64 = 50;

/// Adds as many entries as lack, each on the server that has the fewest tenants and entries.
pub(super) async fn top_up(inner: &Inner) -> Result<(), ProvisioningError> {
    let size = i64::from(inner.warm_pool.size);
    if entries::lacking(inner.control.conn(), size, &fingerprint()).await? <= 0 {
        return Ok(());
    }
    let added = inner
        .control
        .write("warm_pool.top_up", &inner.clock, &Origin::system("warm-pool"), async |tx: &Tx| -> Result<u32, StepError> {
            failpoint::hit("warm_entry", Moment::Before)?;
            // Two who count at once would both find the same one lacking.
            tx.lock(advisory::WARM_POOL, "").await?;
            let mut added = 0;
            for _ in 0..entries::lacking(tx.conn(), size, &fingerprint()).await?.min(BATCH) {
                let id = TenantId(tx.new_id());
                let secret = inner.new_secrets(id, &Names::of(id).bucket)?;
                if !entries::insert(tx, id, &inner.servers.names(), &fingerprint(), secret).await? {
                    tracing::debug!("no database server has room for another entry of the warm pool");
                    break;
                }
                added += 1;
            }
            Ok(added)
        })
        .await;
    match added.and_then(|added| failpoint::hit("warm_entry", Moment::After).map(|()| added)) {
        Ok(_) => Ok(()),
        Err(error) => Err(ProvisioningError::WarmPool(Box::new(error))),
    }
}
