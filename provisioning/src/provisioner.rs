//! The service: accepts operations inside the caller's transaction and answers how they stand.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures::future::join_all;
use nexus_config::{Settings, WarmPool as WarmPoolSettings};
use nexus_core::{AuditEntry, SharedClock, TenantId, TenantState};
use nexus_infra::object_store::ObjectStore;
use nexus_infra::redis::Redis;
use nexus_infra::secrets::{TenantKeyring, TenantSecrets, random_password};
use nexus_infra::{ConnectSpec, Db, DbError, Tx};
use serde_json::json;
use tokio::sync::{Notify, Semaphore};
use tokio::time::timeout;
use uuid::Uuid;

use crate::entering::EnteredAhead;
use crate::error::{ProvisioningError, StepError};
use crate::model::{NewTenant, Operation, OperationKind, ProvisionInput};
use crate::notice::Notices;
use crate::outside::Names;
use crate::plan::Step;
use crate::reach::Reach;
use crate::servers::{Server, Servers};
use crate::store::{self, NewOperation, TenantRow, run};
use crate::tenancy_end::TenancyEnd;
use crate::warm_pool::Begun;
use crate::{template, warm_pool};

/// Sagas at work at once.
const SAGAS: u8 = 4;
/// One reconciler is at work in all processes together.
const RECONCILERS: u8 = 1;

/// How long a server may take to have its template at the start: as long as the reconciler gives it.
const WARM_UP_LIMIT: Duration = Duration::from_secs(60);

/// What provisioning works with.
pub struct ProvisionerSpec<'a> {
    /// The control database, as `nexus_control`.
    pub control: Db,
    /// For progress and directory notices; without it watchers poll.
    pub redis: Option<Redis>,
    /// The object store's administrator.
    pub objects: ObjectStore,
    /// Seals tenants' secrets.
    pub keyring: Arc<TenantKeyring>,
    /// What ends with a tenant that is erased.
    pub tenancy_end: Arc<dyn TenancyEnd>,
    /// Time and ids.
    pub clock: SharedClock,
    /// Servers, credentials mode, patience with failing steps.
    pub settings: &'a Settings,
}

/// Entry to provisioning. Cheap to clone; all clones share one runner identity and one nudge.
#[derive(Clone)]
pub struct Provisioner(Arc<Inner>);

/// What sagas and the reconciler share.
pub struct Inner {
    pub(crate) control: Db,
    pub(crate) objects: ObjectStore,
    pub(crate) keyring: Arc<TenantKeyring>,
    pub(crate) tenancy_end: Arc<dyn TenancyEnd>,
    pub(crate) clock: SharedClock,
    pub(crate) servers: Servers,
    pub(crate) notices: Notices,
    pub(crate) nudge: Notify,
    /// Wakes the reconciler.
    pub(crate) look_around: Notify,
    /// Wakes what keeps the warm pool.
    pub(crate) refill: Notify,
    pub(crate) warm_pool: WarmPoolSettings,
    /// Places for what is made ahead of sign-ups.
    pub(crate) ahead: Arc<Semaphore>,
    /// Databases made ahead that are being entered for their sagas.
    pub(crate) entered_ahead: EnteredAhead,
    /// Which servers answer.
    pub(crate) reach: Reach,
    /// Who this process is in leases.
    pub(crate) runner: Uuid,
    /// Sagas at work at once.
    pub(crate) parallel: usize,
    /// How long a step may go on failing before its saga turns round.
    pub(crate) patience: TimeDelta,
}

impl Deref for Provisioner {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Provisioner {
    /// Puts the parts together; opens nothing yet.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`] when a server's URL can't be read.
    pub fn new(spec: ProvisionerSpec<'_>) -> Result<Self, ProvisioningError> {
        let patience = i64::try_from(spec.settings.provisioning.patience_s).ok().and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX);
        let warm_pool = spec.settings.provisioning.warm_pool;
        // What is at work holds a lock with one connection while it looks with another.
        let at_work = u32::from(SAGAS + warm_pool::AT_ONCE + RECONCILERS) + warm_pool.parallel;
        let servers = Servers::new(spec.settings, 2 * at_work, usize::from(SAGAS) - 1)?;
        Ok(Self(Arc::new(Inner {
            control: spec.control,
            objects: spec.objects,
            keyring: spec.keyring,
            tenancy_end: spec.tenancy_end,
            runner: spec.clock.new_id(),
            clock: spec.clock,
            servers,
            notices: Notices::new(spec.redis),
            nudge: Notify::new(),
            look_around: Notify::new(),
            refill: Notify::new(),
            warm_pool,
            ahead: Arc::new(Semaphore::new(warm_pool::AT_ONCE.into())),
            entered_ahead: EnteredAhead::default(),
            reach: Reach::default(),
            parallel: SAGAS.into(),
            patience,
        })))
    }

    /// Accepts a new tenant: its row, the owner's membership and the saga's log, in the caller's transaction. Nothing is
    /// built before that commits; call [`Provisioner::nudge`] then. What lies ready in the warm pool is taken along: then the
    /// saga begins where that ends.
    ///
    /// # Errors
    /// [`ProvisioningError::SlugTaken`], [`ProvisioningError::OwnerUnknown`], [`ProvisioningError::Db`].
    pub async fn start(&self, tx: &Tx, new: &NewTenant) -> Result<Operation, ProvisioningError> {
        self.start_with(tx, new, None).await
    }

    /// As [`Self::start`], with what was begun for it ([`Provisioner::begin_ahead`]): taken when nothing lies ready.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(&self, tx: &Tx, new: &NewTenant, begun: Option<&Begun>) -> Result<Operation, ProvisioningError> {
        let ready = warm_pool::claim(self, tx).await?;
        let from_warm_pool = ready.is_some();
        let entry = match (ready, begun) {
            (None, Some(begun)) => warm_pool::claim_begun(self, tx, begun).await?,
            (ready, _) => ready,
        };
        let begun_ahead = entry.is_some() && !from_warm_pool;
        let id = TenantId(entry.as_ref().map_or_else(|| tx.new_id(), |entry| entry.id));
        let names = Names::of(id);
        let state = if from_warm_pool { TenantState::Provisioning } else { TenantState::Pending };
        let (server, secret) = entry.map(|entry| (entry.server_id, entry.secret_sealed)).unzip();
        let entitlements = serde_json::to_value(&new.entitlements).map_err(DbError::other)?;
        run(
            tx.conn(),
            "INSERT INTO tenants (id, slug, name, state, server_id, database_name, role_name, bucket_name, secret_sealed, entitlements, created_by,
                                  created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
            [
                id.0.into(),
                new.slug.as_str().into(),
                new.name.clone().into(),
                state.as_str().into(),
                server.into(),
                names.database.into(),
                names.role.into(),
                names.bucket.into(),
                secret.into(),
                entitlements.into(),
                new.owner.0.into(),
                tx.now().into(),
            ],
        )
        .await?;
        run(
            tx.conn(),
            "INSERT INTO memberships (account_id, organization_id, is_owner, created_at) VALUES ($1, $2, true, $3)",
            [new.owner.0.into(), id.0.into(), tx.now().into()],
        )
        .await?;
        let input = ProvisionInput {
            from_warm_pool,
            begun_ahead,
            slug: new.slug.as_str().to_owned(),
            owner: new.owner.0,
            locale: new.locale.clone(),
            currency: new.currency.clone(),
            time_zone: new.time_zone.clone(),
            main_site_id: tx.new_id(),
            joined_event_id: tx.new_id(),
            activated_event_id: tx.new_id(),
        };
        tx.audit(
            AuditEntry::of("tenants.create", "tenant", id.0)
                .after(json!({ "slug": input.slug, "plan": new.entitlements.plan, "state": state.as_str() })),
        );
        self.begin_provision(tx, id, &input).await
    }

    pub(crate) async fn begin_provision(&self, tx: &Tx, tenant: TenantId, input: &ProvisionInput) -> Result<Operation, ProvisioningError> {
        let operation = tx.new_id();
        store::insert_operation(
            tx.conn(),
            NewOperation {
                id: operation,
                kind: OperationKind::Provision,
                tenant_id: tenant,
                input: serde_json::to_value(input).map_err(DbError::other)?,
                origin: tx.origin(),
                due_at: tx.now(),
                now: tx.now(),
                done_to: input.from_warm_pool.then_some(Step::Bucket),
            },
        )
        .await?;
        store::operation(tx.conn(), operation).await?.ok_or(ProvisioningError::Corrupt("operation"))
    }

    /// How an operation stands.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`].
    pub async fn operation(&self, id: Uuid) -> Result<Option<Operation>, ProvisioningError> {
        store::operation(self.control.conn(), id).await
    }

    /// How several operations stand, in two queries; those that are unknown are left out.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`].
    pub async fn operations(&self, ids: &[Uuid]) -> Result<Vec<Operation>, ProvisioningError> {
        store::operations(self.control.conn(), ids).await
    }

    /// Makes this process's runner look at once. Call it after the commit of what it should find.
    pub fn nudge(&self) {
        self.nudge.notify_one();
    }

    /// Tells every runtime that the tenant's directory record changed. Call it after the commit.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`], [`ProvisioningError::TenantNotFound`].
    pub async fn announce(&self, tenant: TenantId) -> Result<(), ProvisioningError> {
        let row = store::tenant(self.control.conn(), tenant.0).await?.ok_or(ProvisioningError::TenantNotFound)?;
        self.notices.directory_changed(tenant, row.epoch).await;
        Ok(())
    }

    /// Writes the settings' servers into the control database. When one has moved, the runtimes are told of its tenants, without being waited for: they find
    /// out by themselves, too.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`].
    pub async fn register_servers(&self) -> Result<(), ProvisioningError> {
        let moved = self.servers.register(self.control.conn(), || self.clock.new_id()).await?;
        if !moved.is_empty() {
            tracing::info!(tenants = moved.len(), "a database server has another address");
            let notices = self.notices.clone();
            tokio::spawn(async move {
                for tenant in moved {
                    notices.directory_changed(TenantId(tenant.id), tenant.epoch).await;
                }
            });
        }
        Ok(())
    }

    /// Builds the template on every server, so that the first sign-up does not wait for it. A server that is down, or does not answer in time, is left for
    /// later, and keeps no other from it.
    pub async fn warm_up(&self) {
        let warming = self.servers.all().map(async |server| {
            let warmed = async {
                let admin = server.admin().await?;
                template::ensure(admin, server.spec()).await
            };
            match timeout(WARM_UP_LIMIT, warmed).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(server = server.name, %error, "no tenant template yet"),
                Err(_) => tracing::warn!(server = server.name, "no tenant template yet: the server did not answer in time"),
            }
        });
        join_all(warming).await;
    }
}

impl Inner {
    /// The server that the tenant was placed on.
    pub(crate) fn server_of(&self, tenant: &TenantRow) -> Result<&Server, StepError> {
        let name = tenant.server_name.as_deref().ok_or_else(|| StepError::permanent("INTERNAL_ERROR", "The tenant has no database server."))?;
        self.servers.get(name)
    }

    /// Makes and seals the secrets of a new tenant.
    pub(crate) fn new_secrets(&self, tenant: TenantId, bucket: &str) -> Result<Vec<u8>, StepError> {
        let secrets = TenantSecrets { db_password: random_password(), bucket_key: self.objects.key_of(bucket) };
        self.keyring.seal_tenant(tenant, &secrets).map_err(|error| StepError::outside("The key store")(Box::new(error)))
    }

    /// Opens a tenant's secrets.
    pub(crate) fn secrets(&self, tenant: &TenantRow) -> Result<TenantSecrets, StepError> {
        let sealed = tenant.secret_sealed.as_deref().ok_or_else(|| StepError::permanent("INTERNAL_ERROR", "The tenant has no secrets."))?;
        self.open_secrets(tenant.id, sealed)
    }

    /// Opens secrets that were sealed for the tenant with this id.
    pub(crate) fn open_secrets(&self, tenant: Uuid, sealed: &[u8]) -> Result<TenantSecrets, StepError> {
        self.keyring.open_tenant(TenantId(tenant), sealed).map_err(|error| StepError::outside("The key store")(Box::new(error)))
    }

    /// Enters the tenant's database as its own role. Close it after use.
    pub(crate) async fn enter(&self, tenant: &TenantRow) -> Result<Db, StepError> {
        Ok(Db::connect(&self.way_in(tenant)?).await?)
    }

    /// How the tenant's own role enters its database.
    pub(crate) fn way_in(&self, tenant: &TenantRow) -> Result<ConnectSpec, StepError> {
        Ok(self.server_of(tenant)?.way_in(&tenant.database_name, &tenant.role_name, &self.secrets(tenant)?.db_password))
    }
}
