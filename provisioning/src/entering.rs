//! Tenants' databases that are being entered for a step to come: the first connection to a new database takes the server a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use nexus_infra::{ConnectSpec, Db, DbError};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

/// A database being entered; given up when dropped.
pub(crate) type Entering = AbortOnDropHandle<Result<Db, DbError>>;

/// Begins to enter.
pub(crate) fn begin(way_in: ConnectSpec) -> Entering {
    AbortOnDropHandle::new(tokio::spawn(async move { Db::connect(&way_in).await }))
}

/// What was begun ahead of a saga, by tenant.
#[derive(Default)]
pub(crate) struct EnteredAhead(Mutex<HashMap<Uuid, Entering>>);

impl EnteredAhead {
    pub(crate) fn put(&self, tenant: Uuid, entering: Entering) {
        self.all().insert(tenant, entering);
    }

    pub(crate) fn take(&self, tenant: Uuid) -> Option<Entering> {
        self.all().remove(&tenant)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Uuid, Entering>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
