//! Removing what is nobody's, and making anew what a tenant lost.

use nexus_core::TenantId;
use nexus_migration::database as catalogue;
use tokio::time::timeout;

use super::rows::{self, Wanted};
use super::{LOOK_LIMIT, Orphan, OrphanKind, REMOVAL_LIMIT, ReconcileReport, Reconciler};
use crate::error::{ProvisioningError, StepError};
use crate::outside;
use crate::{store, warm_pool};

impl Reconciler {
    /// Answers whether it is gone. `whatever`: even if it is marked as in use.
    pub(super) async fn remove(&self, thing: Orphan, whatever: bool, report: &mut ReconcileReport) -> Result<bool, ProvisioningError> {
        let conn = self.provisioner.control.conn();
        // A last look: a retry may have begun since the list was read.
        let names = |tenant: &Wanted| [&tenant.database_name, &tenant.role_name, &tenant.bucket_name].contains(&&thing.name);
        if rows::wanted(conn, self.provisioner.clock.now()).await?.iter().any(names) {
            return Ok(false);
        }
        let outcome = timeout(REMOVAL_LIMIT, self.take_down(&thing, whatever)).await;
        let outcome = outcome.unwrap_or_else(|_| Err(format!("not done within {} s", REMOVAL_LIMIT.as_secs())));
        rows::note_removal(conn, &thing, &outcome, self.provisioner.clock.now()).await?;
        let gone = outcome.is_ok();
        match outcome {
            Ok(()) => report.removed.push(thing),
            Err(error) => report.faults.push(format!("{}: {error}", thing.name)),
        }
        Ok(gone)
    }

    async fn take_down(&self, thing: &Orphan, whatever: bool) -> Result<(), String> {
        if thing.kind == OrphanKind::Bucket {
            return self.provisioner.objects.empty_and_delete_bucket(&thing.name).await.map_err(|error| error.to_string());
        }
        let server = self.provisioner.servers.get(&thing.place).map_err(|error| error.to_string())?;
        let admin = server.admin().await.map_err(|error| error.to_string())?;
        if whatever && thing.kind == OrphanKind::Database {
            catalogue::unmark_in_use(admin.pool(), &thing.name).await.map_err(|error| error.to_string())?;
        }
        let removed = match thing.kind {
            OrphanKind::Role => catalogue::remove_role(admin.pool(), &thing.name).await,
            _ => catalogue::remove(admin.pool(), &thing.name).await,
        };
        removed.map_err(|error| error.to_string())
    }

    pub(super) async fn repair(&self, thing: &Orphan, tenant: &Wanted, report: &mut ReconcileReport) {
        let outcome = match thing.kind {
            OrphanKind::Database => {
                tracing::error!(tenant = %TenantId(tenant.id), database = thing.name, server = thing.place, "a tenant's database is gone");
                report.lost.push(thing.clone());
                return;
            }
            OrphanKind::Bucket => {
                tracing::error!(tenant = %TenantId(tenant.id), bucket = thing.name, "a tenant's bucket is gone; it is replaced by an empty one");
                report.lost.push(thing.clone());
                let made = timeout(LOOK_LIMIT, self.provisioner.objects.create_bucket(&thing.name)).await;
                made.map_or_else(|error| Err(error.to_string()), |made| made.map_err(|error| error.to_string()))
            }
            OrphanKind::Role => {
                let made = timeout(LOOK_LIMIT, self.make_role(tenant)).await;
                made.map_or_else(|error| Err(error.to_string()), |made| made.map_err(|error| error.to_string()))
            }
        };
        match outcome {
            Ok(()) => report.repaired.push(thing.clone()),
            Err(error) => report.faults.push(format!("{}: {error}", thing.name)),
        }
    }

    /// An entry of the warm pool that lost a part is not handed out; another takes its place.
    pub(super) async fn discard(&self, thing: &Orphan, entry: &Wanted, report: &mut ReconcileReport) -> Result<(), ProvisioningError> {
        let why = format!("Its {} is gone.", thing.kind.as_str());
        if warm_pool::throw_away(&self.provisioner, entry.id, &why).await? {
            tracing::warn!(entry = %entry.id, name = thing.name, place = thing.place, "a prepared {} is gone; its entry is thrown away", thing.kind.as_str());
            report.discarded.push(thing.clone());
            self.provisioner.refill.notify_one();
        }
        Ok(())
    }

    async fn make_role(&self, tenant: &Wanted) -> Result<(), StepError> {
        let inner = &self.provisioner;
        let Some(row) = store::tenant(inner.control.conn(), tenant.id).await? else { return Ok(()) };
        let secrets = inner.secrets(&row)?;
        outside::create_role(inner.server_of(&row)?, &row.role_name, &row.database_name, &secrets.db_password).await
    }
}
