//! Reading the platform's audit log.

use nexus_core::list::{ListRequest, Listing};
use nexus_infra::DbError;

use super::store::{self, EntryRow};
use crate::state::ControlPlane;

/// One part of the log.
pub(super) async fn list(state: &ControlPlane, request: &ListRequest) -> Result<Listing<EntryRow>, DbError> {
    store::list(state.db.conn(), request).await
}
