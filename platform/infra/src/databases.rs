//! Which databases background work runs on, and how to get at one.
//!
//! The tenant runtime answers with leases of its pool of pools, the control plane with its one database.

use std::future::Future;
use std::ops::Deref;

use nexus_core::TenantId;

use crate::postgres::{Db, DbError};

/// A source of databases for relays, consumers and job runners. `None` is the control database.
pub trait Databases: 'static {
    /// Keeps the database open as long as it is held.
    type Lease: Deref<Target = Db>;

    /// The database of one tenant.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when it can't be reached, [`DbError::NotFound`] when background work must not run
    /// on it now (unknown, suspended, moving): it is skipped then, and found again by the sweep.
    fn open(&self, tenant: Option<TenantId>) -> impl Future<Output = Result<Self::Lease, DbError>>;

    /// The database of one tenant for a look that takes a moment: no more than one connection is needed.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    fn glance(&self, tenant: TenantId) -> impl Future<Output = Result<Self::Lease, DbError>> {
        self.open(Some(tenant))
    }

    /// Everything the sweep looks at.
    ///
    /// # Errors
    /// When the list can't be read; the sweep is repeated later.
    fn all(&self) -> impl Future<Output = Result<Vec<Option<TenantId>>, DbError>>;
}

/// The control database alone.
#[derive(Debug, Clone)]
pub struct ControlDatabase(Db);

impl ControlDatabase {
    /// Background work on `db` only.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self(db)
    }
}

/// A handle to the control database.
#[derive(Debug)]
pub struct ControlLease(Db);

impl Deref for ControlLease {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.0
    }
}

impl Databases for ControlDatabase {
    type Lease = ControlLease;

    async fn open(&self, tenant: Option<TenantId>) -> Result<ControlLease, DbError> {
        if tenant.is_some() { Err(DbError::NotFound) } else { Ok(ControlLease(self.0.clone())) }
    }

    async fn all(&self) -> Result<Vec<Option<TenantId>>, DbError> {
        Ok(vec![None])
    }
}
