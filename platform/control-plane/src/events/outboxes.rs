//! Entering tenants' databases for the events that the control plane hears: as the tenant's own role, over one connection, a few at once.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use nexus_core::{TenantId, TenantState};
use nexus_infra::databases::Databases;
use nexus_infra::{Db, DbError};
use nexus_provisioning::ProvisioningError;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::state::ControlPlane;
use crate::tenancy;

/// Tenants' databases that one process has entered at once: they are none of the runtime's connection budget, so there are few of them.
const AT_ONCE: usize = 4;
/// Longest wait for one of these places; the events are left for later then.
const WAIT: Duration = Duration::from_secs(60);

/// The outboxes of tenants in use. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct TenantOutboxes {
    state: ControlPlane,
    places: Arc<Semaphore>,
}

impl TenantOutboxes {
    /// The outboxes of this control plane's tenants.
    pub(crate) fn new(state: &ControlPlane) -> Self {
        Self { state: state.clone(), places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// A tenant's database, and a place. Leaving closes the connection, and only then gives the place back.
#[derive(Debug)]
pub(crate) struct Visit {
    db: Db,
    place: Option<OwnedSemaphorePermit>,
}

impl Deref for Visit {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Ok(runtime) = Handle::try_current() {
            let (db, place) = (self.db.clone(), self.place.take());
            runtime.spawn(async move {
                db.close().await;
                drop(place);
            });
        }
    }
}

impl Databases for TenantOutboxes {
    type Lease = Visit;

    /// The database of a tenant whose people may read: what others have to tell waits, as it does for the runtime's own subscribers.
    async fn open(&self, tenant: Option<TenantId>) -> Result<Visit, DbError> {
        let tenant = tenant.ok_or(DbError::NotFound)?;
        let row = tenancy::get(self.state.db.conn(), tenant).await?.ok_or(DbError::NotFound)?;
        if !row.state.parse().is_ok_and(TenantState::admits_reads) {
            return Err(DbError::NotFound);
        }
        let waiting = tokio::time::timeout(WAIT, Arc::clone(&self.places).acquire_owned());
        let place = waiting.await.map_err(|elapsed| DbError::Unavailable(Box::new(elapsed)))?;
        let place = place.map_err(|closed| DbError::Unavailable(Box::new(closed)))?;
        let db = self.state.provisioner.enter_database(tenant).await.map_err(|error| match error {
            ProvisioningError::TenantNotFound => DbError::NotFound,
            ProvisioningError::Db(error) => error,
            other => DbError::Unavailable(Box::new(other)),
        })?;
        Ok(Visit { db, place: Some(place) })
    }

    /// Nobody sweeps here: the runtime's relays visit these databases, and announce what is to be heard.
    async fn all(&self) -> Result<Vec<Option<TenantId>>, DbError> {
        Ok(Vec::new())
    }
}
