//! What each step does and how it is taken back. One file per concern; each looks before it acts.

mod activate;
mod database;
mod erase;
mod reserve;
mod seed;

use nexus_core::{Origin, TenantId};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::StepError;
use crate::plan::Step;
use crate::provisioner::Inner;
use crate::store::{self, Claimed, TenantRow};

pub(crate) use database::CONNECTION_LIMIT;

/// A step's view of its saga.
pub(crate) struct Saga<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) claimed: &'a Claimed,
}

impl Saga<'_> {
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

    /// The tenant as it is now.
    async fn tenant(&self) -> Result<TenantRow, StepError> {
        store::tenant(self.inner.control.conn(), self.claimed.tenant_id)
            .await?
            .ok_or_else(|| StepError::permanent("NOT_FOUND", "The tenant's record is gone."))
    }
}

/// The saga was taken over by another runner: stop, and write nothing.
pub(crate) fn lease_lost() -> StepError {
    StepError::transient("CONFLICT", "Another runner has taken over.", "lease lost")
}

/// Does a step. May be repeated.
pub(crate) async fn act(step: Step, saga: &Saga<'_>) -> Result<(), StepError> {
    match step {
        Step::Reserve => reserve::act(saga).await,
        Step::Database => database::create(saga).await,
        Step::RoleAndGrants => database::admit(saga).await,
        Step::Bucket => database::create_bucket(saga).await,
        Step::Seed => seed::act(saga).await,
        Step::Directory => activate::enter(saga).await,
        Step::Activate => activate::act(saga).await,
        Step::Welcome => activate::welcome(saga).await,
        Step::Fence => erase::fence(saga).await,
        Step::DropDatabase => database::erase(saga).await,
        Step::DropRole => database::expel(saga).await,
        Step::RemoveBucket => database::remove_bucket(saga).await,
        Step::Forget => erase::forget(saga).await,
    }
}

/// Takes a step back, whether it was done wholly, in part or not at all. May be repeated.
pub(crate) async fn undo(step: Step, saga: &Saga<'_>) -> Result<(), StepError> {
    // What was active once holds data. The engine turns such a saga forward; nothing is undone if it did not.
    if saga.tenant().await?.activated_at.is_some() {
        return Err(StepError::permanent("CONFLICT", "The tenant has been active: it is not taken back."));
    }
    match step {
        Step::Reserve => reserve::undo(saga).await,
        Step::Database => database::drop(saga).await,
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
