//! Taking an entry, in the transaction of the sign-up that gets it.

use nexus_infra::Tx;
use nexus_migration::fingerprint;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::error::ProvisioningError;
use crate::provisioner::Inner;
use crate::store::sql;

/// A prepared database, role and bucket that are a sign-up's own from now on.
#[derive(FromQueryResult)]
pub(crate) struct Prepared {
    /// The tenant's id.
    pub(crate) id: Uuid,
    pub(crate) server_id: Uuid,
    pub(crate) secret_sealed: Vec<u8>,
}

/// Takes the entry that has been ready longest, of this program's schema, on a server that takes tenants in; `None` when there is
/// none. Entries that others are about to take are passed by, and no server is asked.
pub(crate) async fn claim(inner: &Inner, tx: &Tx) -> Result<Option<Prepared>, ProvisioningError> {
    if inner.warm_pool.size == 0 {
        return Ok(None);
    }
    let found = Prepared::find_by_statement(sql(
        "DELETE FROM warm_pool WHERE id = (
             SELECT w.id FROM warm_pool w JOIN database_servers s ON s.id = w.server_id
             WHERE w.state = 'ready' AND w.fingerprint = $1 AND s.name = ANY ($2) AND s.state = 'open'
               AND (SELECT count(*) FROM tenants t WHERE t.server_id = s.id AND t.state <> 'deleted') < s.max_tenants
             ORDER BY w.ready_at, w.id LIMIT 1 FOR UPDATE OF w SKIP LOCKED)
         RETURNING id, server_id, secret_sealed",
        [fingerprint().into(), inner.servers.names().into()],
    ))
    .one(tx.conn())
    .await?;
    metrics::counter!("nexus_warm_pool_claims_total", "outcome" => if found.is_some() { "claimed" } else { "missed" }).increment(1);
    Ok(found)
}
