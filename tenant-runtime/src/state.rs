//! The runtime's state: what every request and every job of this process shares.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

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
