//! What ends with an erased tenant: its subscription, its invitations, and the sessions of its people.

use nexus_billing::BillingError;
use nexus_core::TenantId;
use nexus_iam::{accounts, sessions};
use nexus_infra::postgres::{DbError, Tx};
use nexus_provisioning::{InTx, TenancyEnd};

use crate::invitations;

/// Ends what the control plane holds of a tenant, in the transaction that erases it.
///
/// Other processes learn of the sessions from the view `revocations` within 15 seconds; the tenant's API has answered nobody since the deletion was asked for.
#[derive(Debug, Clone, Copy)]
pub struct EndOfTenancy;

impl TenancyEnd for EndOfTenancy {
    fn end<'t>(&'t self, tx: &'t Tx, tenant: TenantId) -> InTx<'t> {
        Box::pin(async move {
            nexus_billing::cancel(tx, tenant).await.map_err(|error| match error {
                BillingError::Db(error) => error,
                other => DbError::other(other),
            })?;
            accounts::end_codes_of(tx, tenant).await?;
            invitations::end_all_of(tx, tenant).await?;
            sessions::end_all_of(tx, tenant).await
        })
    }
}
