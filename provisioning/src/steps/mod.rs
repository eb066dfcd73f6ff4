//! What each step does and how it is taken back. One file per concern; each looks before it acts.

mod activate;
mod database;
mod erase;
mod reserve;
mod seed;

use std::cell::Cell;
use std::pin::Pin;

use nexus_core::{Origin, TenantId};
use nexus_infra::{Db, DbError};
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::entering::{self, Entering};
use crate::error::StepError;
use crate::plan::Step;
use crate::provisioner::Inner;
use crate::store::{self, Claimed, TenantRow};

/// A step's view of its saga.
pub(crate) struct Saga<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) claimed: &'a Claimed,
    /// The tenant's own database, entered once for the steps of one turn that need it.
    entered: OnceCell<Db>,
    /// Where the tenant is, once it has a place.
    placed: OnceCell<TenantRow>,
    /// What a step of this turn did for one that follows.
    pub(crate) beside: Beside,
}

/// What was done beside a step and is the work of one that follows. In another turn that looks for itself.
#[derive(Default)]
pub(crate) struct Beside {
    pub(crate) admitted: Cell<bool>,
    pub(crate) bucket: Cell<bool>,
    /// The tenant's database being entered.
    entering: Cell<Option<Entering>>,
}

impl<'a> Saga<'a> {
    pub(crate) fn new(inner: &'a Inner, claimed: &'a Claimed) -> Self {
        Self { inner, claimed, entered: OnceCell::new(), placed: OnceCell::new(), beside: Beside::default() }
    }

    /// The tenant's database, as its own role.
    async fn database(&self, tenant: &TenantRow) -> Result<&Db, StepError> {
        let enter = async || match self.beside.entering.take() {
            Some(entering) => match entering.await {
                Ok(Ok(db)) => Ok(db),
                _ => self.inner.enter(tenant).await,
            },
            None => self.inner.enter(tenant).await,
        };
        self.entered.get_or_try_init(enter).await
    }

    /// Begins to enter the tenant's database, which is open by now, for a step that follows; unless that was begun ahead.
    fn enter_soon(&self, tenant: &TenantRow) {
        let begun = self.inner.entered_ahead.take(tenant.id);
        self.beside.entering.set(begun.or_else(|| Some(entering::begin(self.inner.way_in(tenant).ok()?))));
    }

    /// The end of a turn: leaves the tenant's database.
    pub(crate) async fn leave(self) {
        if let Some(db) = self.entered.into_inner() {
            db.close().await;
        }
    }

    fn tenant_id(&self) -> TenantId {
        TenantId(self.claimed.tenant_id)
    }

    fn operation(&self) -> Uuid {
        self.claimed.id
    }

    fn origin(&self) -> Origin {
        Origin::system(self.claimed.request_id.clone())
    }

    fn input<T: DeserializeOwned>(&self) -> Result<T, StepError> {
        serde_json::from_value(self.claimed.input.clone())
            .map_err(|_| StepError::permanent("INTERNAL_ERROR", "The operation's record can't be read."))
    }

    /// The tenant with its server, names and secrets, which stay as they are while it is built or erased; its state may have changed since. `None`: it has no
    /// place yet.
    pub(crate) async fn place(&self) -> Result<Option<&TenantRow>, DbError> {
        if self.placed.get().is_none()
            && let Some(tenant) = store::tenant(self.inner.control.conn(), self.claimed.tenant_id).await?
            && tenant.server_name.is_some()
        {
            // One turn is one future: nobody was quicker.
            let _ = self.placed.set(tenant);
        }
        Ok(self.placed.get())
    }

    /// As [`Self::place`], for a step on the way forward, which can't go on without.
    async fn placed(&self) -> Result<&TenantRow, StepError> {
        self.place().await?.ok_or_else(|| StepError::permanent("INTERNAL_ERROR", "The tenant has no database server."))
    }

    /// The tenant as it is now.
    async fn tenant(&self) -> Result<TenantRow, StepError> {
        store::tenant(self.inner.control.conn(), self.claimed.tenant_id)
            .await?
            .ok_or_else(|| StepError::permanent("NOT_FOUND", "The tenant's record is gone."))
    }
}

/// The saga was taken over by another runner: stop, and write nothing.
pub(crate) fn lease_lost() -> StepError {
    StepError::told("CONFLICT", "Another runner has taken over.", "lease lost")
}

/// Does a step. May be repeated. On the heap: unoptimised, the futures of all steps together are too much for a thread's stack.
pub(crate) async fn act(step: Step, saga: &Saga<'_>) -> Result<(), StepError> {
    let work: Pin<Box<dyn Future<Output = Result<(), StepError>> + '_>> = match step {
        Step::Reserve => Box::pin(reserve::act(saga)),
        Step::Database => Box::pin(database::create(saga)),
        Step::RoleAndGrants => Box::pin(database::admit(saga)),
        Step::Bucket => Box::pin(database::create_bucket(saga)),
        Step::Seed => Box::pin(seed::act(saga)),
        Step::Directory => Box::pin(activate::enter(saga)),
        Step::Activate => Box::pin(activate::act(saga)),
        Step::Welcome => Box::pin(activate::welcome(saga)),
        Step::Fence => Box::pin(erase::fence(saga)),
        Step::DropDatabase => Box::pin(database::erase(saga)),
        Step::DropRole => Box::pin(database::expel(saga)),
        Step::RemoveBucket => Box::pin(database::remove_bucket(saga)),
        Step::Forget => Box::pin(erase::forget(saga)),
    };
    work.await
}

/// Takes a step back, whether it was done wholly, in part or not at all. May be repeated.
pub(crate) async fn undo(step: Step, saga: &Saga<'_>) -> Result<(), StepError> {
    // What was active once holds data. The engine turns such a saga forward; nothing is undone if it did not.
    if saga.tenant().await?.activated_at.is_some() {
        return Err(StepError::permanent("CONFLICT", "The tenant has been active: it is not taken back."));
    }
    match step {
        Step::Reserve => reserve::undo(saga).await,
        Step::Database => database::uncreate(saga).await,
        Step::RoleAndGrants => database::expel(saga).await,
        Step::Bucket => database::remove_bucket(saga).await,
        // The seed goes with its database.
        Step::Seed => Ok(()),
        Step::Directory => activate::leave(saga).await,
        // Past these there is no undo; before them nothing was written (one transaction each).
        Step::Activate | Step::Welcome => Ok(()),
        Step::Fence | Step::DropDatabase | Step::DropRole | Step::RemoveBucket | Step::Forget => Ok(()),
    }
}
