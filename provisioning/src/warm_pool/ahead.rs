//! An entry begun for one sign-up when none lies ready: what the sign-up needs outside is made while its password is hashed, and its database entered with
//! the role's own password, which nobody else knows.
//!
//! To everybody else it is an entry in the making, held by this process: its row is committed before anything exists outside. The sign-up's transaction makes a
//! tenant of it, whose saga begins at its beginning and finds there, step by step, what is made by then; it waits for the copy at the lock on the database's name.
//! An entry that its sign-up did not take is given back to the pool, which finishes it or takes it down; one whose process died runs out of its lease first.

use std::sync::Arc;
use std::time::Duration;

use nexus_core::{Slug, TenantId};
use nexus_infra::{DbError, Tx};
use nexus_migration::fingerprint;
use sea_orm::FromQueryResult;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::timeout;
use uuid::Uuid;

use super::claim::Prepared;
use super::entries::LEASE_S;
use crate::entering;
use crate::error::StepError;
use crate::outside::{self, Names};
use crate::provisioner::{Inner, Provisioner};
use crate::store::{run, sql};

/// Entries of sign-ups that are made at once. Whoever comes beyond that builds when the sign-up is committed.
pub(crate) const AT_ONCE: u8 = 2;
/// Longest work on one; what lacks then is the saga's to make.
const LIMIT: Duration = Duration::from_secs(30);
/// How long the database of a sign-up that took it is kept entered for its saga, which another process may work on.
const ENTERED: Duration = Duration::from_secs(5);

/// An entry in the making, kept for one sign-up until this is dropped.
#[derive(Debug)]
pub struct Begun {
    id: Uuid,
    /// Dropped with this.
    _wanted: oneshot::Sender<()>,
}

#[derive(FromQueryResult)]
struct Placed {
    server_name: String,
}

impl Provisioner {
    /// Begins to make database, role and bucket of a sign-up that passed its checks. `None`, and nothing begun, where an entry of the warm pool lies ready, the
    /// slug is taken, others have all the places for it, or it can't be done: then the saga does all of it.
    pub async fn begin_ahead(&self, slug: &Slug) -> Option<Begun> {
        let place = Arc::clone(&self.ahead).try_acquire_owned().ok()?;
        let id = TenantId(self.clock.new_id());
        let (wanted, over) = oneshot::channel();
        let (begun, is_begun) = oneshot::channel();
        let (provisioner, slug) = (self.clone(), slug.clone());
        // Apart from the request, whose client may leave at any moment: what is reserved is given back all the same.
        tokio::spawn(async move {
            let (sealed, server) = match provisioner.reserve_ahead(id, &slug).await {
                Ok(Some(reserved)) => reserved,
                Ok(None) => return,
                Err(error) => {
                    tracing::debug!(%error, "nothing is begun ahead of a sign-up");
                    return;
                }
            };
            let _ = begun.send(());
            provisioner.make_ahead(id, &sealed, &server, place).await;
            // Ends when the sign-up has, one way or the other.
            let _ = over.await;
            if !give_back(&provisioner, id.0).await {
                tokio::time::sleep(ENTERED).await;
            }
            drop(provisioner.entered_ahead.take(id.0));
        });
        is_begun.await.ok()?;
        Some(Begun { id: id.0, _wanted: wanted })
    }

    /// Writes the entry: its secrets and the name of its server, if it is wanted and somebody has room.
    async fn reserve_ahead(&self, id: TenantId, slug: &Slug) -> Result<Option<(Vec<u8>, String)>, StepError> {
        let sealed = self.new_secrets(id, &Names::of(id).bucket)?;
        let placed = Placed::find_by_statement(sql(
            "WITH entry AS (
                 INSERT INTO warm_pool (id, server_id, fingerprint, secret_sealed, due_at, created_at, leased_by, leased_until)
                 SELECT $1, s.id, $3, $4, $5, $5, $6, clock_timestamp() + make_interval(secs => $7::int)
                 FROM database_servers s,
                      LATERAL (SELECT (SELECT count(*) FROM tenants t WHERE t.server_id = s.id AND t.state <> 'deleted')
                                    + (SELECT count(*) FROM warm_pool w WHERE w.server_id = s.id)) AS used (places)
                 WHERE s.state = 'open' AND s.name = ANY ($2) AND used.places < s.max_tenants
                   AND NOT EXISTS (SELECT FROM warm_pool w WHERE w.state = 'ready' AND w.fingerprint = $3)
                   AND NOT EXISTS (SELECT FROM tenants t WHERE t.slug = $8)
                 ORDER BY used.places, s.name LIMIT 1 RETURNING server_id)
             -- The commit does not wait for the disk: what is made under a row that was lost is an orphan, which the reconciler finds.
             SELECT s.name AS server_name, set_config('synchronous_commit', 'off', true) AS unhurried
             FROM entry JOIN database_servers s ON s.id = entry.server_id",
            [
                id.0.into(),
                self.servers.names().into(),
                fingerprint().into(),
                sealed.clone().into(),
                self.clock.now().into(),
                self.runner.into(),
                LEASE_S.into(),
                slug.as_str().into(),
            ],
        ))
        .one(self.control.conn())
        .await
        .map_err(DbError::from)?;
        Ok(placed.map(|placed| (sealed, placed.server_name)))
    }

    /// Whatever is not made here, its step makes.
    async fn make_ahead(&self, id: TenantId, sealed: &[u8], server: &str, _place: OwnedSemaphorePermit) {
        let names = Names::of(id);
        let work = async {
            let server = self.servers.get(server)?;
            let secrets = self.open_secrets(id.0, sealed)?;
            let database = async {
                let is_open = outside::create_with_role(server, &names.database, &names.role, &secrets.db_password).await?;
                if is_open {
                    self.entered_ahead.put(id.0, entering::begin(server.way_in(&names.database, &names.role, &secrets.db_password)));
                }
                Ok(())
            };
            let (database, bucket) = tokio::join!(database, outside::create_bucket(&self.objects, &names.bucket));
            database.and(bucket)
        };
        let made =
            timeout(LIMIT, work).await.unwrap_or_else(|elapsed| Err(StepError::transient("SERVICE_UNAVAILABLE", "It took too long.", elapsed)));
        if let Err(error) = made {
            tracing::debug!(tenant = %id, %error, "a part of what is made ahead of a sign-up is left to its saga");
        }
    }
}

/// Takes the entry for its sign-up; `None` when it is not this process's any more.
pub(crate) async fn claim(inner: &Inner, tx: &Tx, begun: &Begun) -> Result<Option<Prepared>, DbError> {
    Ok(Prepared::find_by_statement(sql(
        "DELETE FROM warm_pool WHERE id = $1 AND state = 'preparing' AND leased_by = $2 AND leased_until > clock_timestamp()
         RETURNING id, server_id, secret_sealed",
        [begun.id.into(), inner.runner.into()],
    ))
    .one(tx.conn())
    .await?)
}

/// Leaves the entry to the pool, which closes its database when it finishes it; unless its sign-up took it. Answers whether it was left.
async fn give_back(inner: &Inner, entry: Uuid) -> bool {
    let text = "UPDATE warm_pool SET leased_by = NULL, leased_until = NULL, due_at = $3 WHERE id = $1 AND leased_by = $2";
    match run(inner.control.conn(), text, [entry.into(), inner.runner.into(), inner.clock.now().into()]).await {
        Ok(0) => false,
        Ok(_) => {
            inner.refill.notify_one();
            true
        }
        Err(error) => {
            tracing::warn!(%entry, %error, "an entry of the warm pool not given back; its lease runs out by itself");
            true
        }
    }
}
