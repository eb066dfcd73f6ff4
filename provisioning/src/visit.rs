//! Entering tenants' databases one after the other, as their own roles: what those who look after the platform need of them.

use nexus_core::TenantId;
use nexus_infra::Db;

use crate::error::ProvisioningError;
use crate::provisioner::Provisioner;
use crate::store;

impl Provisioner {
    /// A tenant's database, entered as the tenant's own role over one connection. Close it after use.
    ///
    /// # Errors
    /// [`ProvisioningError::TenantNotFound`], also for a tenant that has no database any more or not yet; [`ProvisioningError::TenantUnreachable`].
    pub async fn enter_database(&self, tenant: TenantId) -> Result<Db, ProvisioningError> {
        let row = store::tenant(self.control.conn(), tenant.0).await?.ok_or(ProvisioningError::TenantNotFound)?;
        if row.secret_sealed.is_none() || row.activated_at.is_none() {
            return Err(ProvisioningError::TenantNotFound);
        }
        self.enter(&row).await.map_err(|error| ProvisioningError::TenantUnreachable(Box::new(error)))
    }
}
