//! What others hold of a tenant and give up when it is erased.

use std::pin::Pin;

use nexus_core::TenantId;
use nexus_infra::{DbError, Tx};

/// A piece of work inside a transaction.
pub type InTx<'t> = Pin<Box<dyn Future<Output = Result<(), DbError>> + Send + 't>>;

/// Ends what hangs on a tenant in the control database and is not provisioning's: its subscription, its people's sessions.
pub trait TenancyEnd: Send + Sync {
    /// Ends it, in the transaction that forgets the tenant. The step may be repeated: ending again what has ended does nothing.
    fn end<'t>(&'t self, tx: &'t Tx, tenant: TenantId) -> InTx<'t>;
}
