//! The runtime's state: what every request and every job of this process shares.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use nexus_config::Settings;
use nexus_core::SharedClock;
use nexus_iam::policy::PolicyCache;
use nexus_iam::tokens::TokenVerifier;
use nexus_infra::directory::Directory;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::object_store::TenantBuckets;
use nexus_infra::redis::Redis;
use nexus_infra::secrets::Keyring;

use crate::registry::Registry;

/// What the runtime is built from. The binary (or a test) makes the parts.
pub struct RuntimeDeps {
    /// Validated settings.
    pub settings: Arc<Settings>,
    /// Host or id → directory record.
    pub directory: Arc<Directory>,
    /// Verifies access tokens of audience `nexus-tenant`.
    pub verifier: Arc<TokenVerifier>,
    /// Redis: transport and cache only.
    pub redis: Redis,
    /// Unwraps the tenants' secrets.
    pub keyring: Arc<Keyring>,
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
    /// Host or id → directory record.
    pub directory: Arc<Directory>,
    /// Verifies access tokens.
    pub verifier: Arc<TokenVerifier>,
    /// Permission sets by tenant and policy epoch.
    pub policies: PolicyCache,
    /// Redis.
    pub redis: Redis,
    /// Unwraps the tenants' secrets.
    pub keyring: Arc<Keyring>,
    /// Clients of the tenants' buckets.
    pub buckets: Arc<TenantBuckets>,
    /// Which tenants have work.
    pub dirty: Arc<DirtyTenants>,
    /// Time and ids.
    pub clock: SharedClock,
    /// The tenants' pools, under the connection budget.
    pub registry: Registry,
}

impl Runtime {
    /// Builds the state. No connection is opened before the first request. Call it inside a Tokio runtime: pools are opened and
    /// closed there, whichever thread asks.
    #[must_use]
    pub fn new(deps: RuntimeDeps) -> Self {
        let RuntimeDeps { settings, directory, verifier, redis, keyring, buckets, dirty, clock } = deps;
        let registry = Registry::new(&settings.runtime, Arc::clone(&keyring));
        let policies = PolicyCache::new(redis.clone());
        Self(Arc::new(Inner { settings, directory, verifier, policies, redis, keyring, buckets, dirty, clock, registry }))
    }
}

impl Deref for Runtime {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}
