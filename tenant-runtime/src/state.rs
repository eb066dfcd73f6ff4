//! The runtime's state: what every request and every job of this process shares.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use nexus_config::Settings;
use nexus_core::SharedClock;
use nexus_iam::policy::PolicyCache;
use nexus_iam::tokens::{RevocationSource, TokenVerifier};
use nexus_infra::directory::{Directory, DirectoryRecord};
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::object_store::{TenantBucket, TenantBuckets};
use nexus_infra::redis::Redis;
use nexus_infra::secrets::{SecretsError, TenantKeyring};
use nexus_infra::snapshot::SnapshotFile;
use nexus_web::Slice;

use crate::context::KeyUses;
use crate::registry::Registry;
use crate::snapshot;

/// What the runtime is built from. The binary (or a test) makes the parts.
pub struct RuntimeDeps {
    /// Validated settings.
    pub settings: Arc<Settings>,
    /// Id of a tenant → its directory record.
    pub directory: Arc<Directory>,
    /// Verifies access tokens of audience `nexus-tenant`.
    pub verifier: Arc<TokenVerifier>,
    /// Sessions that were ended: the bound for a revocation when Redis is away.
    pub revocations: Arc<dyn RevocationSource>,
    /// Redis: transport and cache only.
    pub redis: Redis,
    /// Unwraps the tenants' secrets.
    pub keyring: Arc<TenantKeyring>,
    /// Clients of the tenants' buckets, cached.
    pub buckets: Arc<TenantBuckets>,
    /// Which tenants have work.
    pub dirty: Arc<DirtyTenants>,
    /// Time and ids.
    pub clock: SharedClock,
}

/// The runtime's state; cheap to clone.
#[derive(Clone)]
pub struct Runtime(Arc<Inner>);

/// The shared parts of a [`Runtime`].
pub struct Inner {
    /// Validated settings.
    pub settings: Arc<Settings>,
    /// Id of a tenant → its directory record.
    pub directory: Arc<Directory>,
    /// Verifies access tokens.
    pub verifier: Arc<TokenVerifier>,
    /// Sessions that were ended.
    pub revocations: Arc<dyn RevocationSource>,
    /// Permission sets by tenant and policy epoch.
    pub policies: PolicyCache,
    /// When API keys were last used.
    pub key_uses: KeyUses,
    /// Redis.
    pub redis: Redis,
    /// Unwraps the tenants' secrets and knows real API keys.
    pub keyring: Arc<TenantKeyring>,
    /// Clients of the tenants' buckets.
    pub buckets: Arc<TenantBuckets>,
    /// Which tenants have work.
    pub dirty: Arc<DirtyTenants>,
    /// Time and ids.
    pub clock: SharedClock,
    /// The tenants' pools, under the connection budget.
    pub registry: Registry,
    /// What is known of the control database, on disk.
    pub(crate) snapshot: Option<Arc<SnapshotFile>>,
}

impl Runtime {
    /// Builds the state. No connection is opened before the first request. Call it inside a Tokio runtime: pools are opened and
    /// closed there, whichever thread asks.
    #[must_use]
    pub fn new(deps: RuntimeDeps) -> Self {
        let RuntimeDeps { settings, directory, verifier, revocations, redis, keyring, buckets, dirty, clock } = deps;
        let registry = Registry::new(&settings, Arc::clone(&keyring), Arc::clone(&dirty));
        let policies = PolicyCache::new(clock.clone());
        let key_uses = KeyUses::default();
        crate::context::authorization::describe();
        describe_metrics();
        let snapshot = snapshot::file(&settings, &keyring);
        Self(Arc::new(Inner {
            settings,
            directory,
            verifier,
            revocations,
            policies,
            key_uses,
            redis,
            keyring,
            buckets,
            dirty,
            clock,
            registry,
            snapshot,
        }))
    }
}

impl Deref for Runtime {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Runtime {
    /// The state that the operations of [`slices`](crate::slices) work with, to be mounted before them.
    #[must_use]
    pub fn state(&self) -> Slice {
        let data = web::Data::new(self.clone());
        Slice::new("tenant_runtime", move |cfg| {
            cfg.app_data(data.clone());
        })
    }

    /// Closes the tenants' pools, waiting at most `patience` for those in use. Call it when the server and the workers have ended.
    pub async fn close(&self, patience: Duration) {
        self.registry.shut_down(patience).await;
    }

    /// The tenant's bucket, entered with the tenant's own key.
    ///
    /// # Errors
    /// [`SecretsError`] when the record's secrets can't be opened.
    pub fn bucket_of(&self, tenant: &DirectoryRecord) -> Result<TenantBucket, SecretsError> {
        let secrets = self.keyring.open_tenant(tenant.tenant_id, &tenant.secret_sealed)?;
        Ok(self.buckets.for_tenant(&self.buckets.access(&tenant.bucket, secrets.bucket_key)))
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}

/// Says what the metrics of the connections and slices mean.
fn describe_metrics() {
    describe_gauge!("nexus_tenant_pools_open", "Organizations with connections to their databases, those being opened included, by use");
    describe_gauge!("nexus_tenant_pool_connections_reserved", "Connections taken from the budget (`runtime.connection_budget`)");
    describe_gauge!("nexus_tenant_pool_waiting_tenants", "Organizations that wait for connections of the budget");
    describe_counter!(
        "nexus_tenant_pool_opens_total",
        "Openings of a connection, or a pool for background work, to an organization's database, by outcome"
    );
    describe_histogram!("nexus_tenant_pool_open_seconds", Unit::Seconds, "How long those openings took, without the wait for the budget");
    describe_counter!("nexus_tenant_pool_evictions_total", "Times that an organization lost connections, by reason");
    describe_counter!("nexus_tenant_pool_refused_total", "Requests refused because too many wait for their organization's connections");
    describe_counter!("nexus_tenant_pool_budget_timeouts_total", "Waits for a connection of the budget that ended without one");
    describe_counter!("nexus_tenant_pool_background_timeouts_total", "Waits of background work for a connection that ended without one");
    describe_counter!("nexus_api_key_uses_dropped_total", "Uses of API keys that were not noted because too many waited to be");
    describe_counter!("nexus_inventory_level_differences_total", "Stock levels that were found to differ from their ledger");
}
