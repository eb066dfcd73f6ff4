//! Policies remembered per tenant, and the permissions of each person and each key per epoch.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use nexus_core::{SharedClock, TenantId};
use nexus_infra::postgres::Db;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{PolicyError, PolicySnapshot, PolicyVersion, Subject, decide};
use crate::api_keys::PresentedKey;
use crate::permissions::PermissionSet;

/// Redis channel that carries a [`PolicyChange`] as JSON.
pub const POLICY_CHANNEL: &str = "nexus:policy";
/// What is older is checked against the database's epoch before it is believed.
const FRESH: chrono::TimeDelta = chrono::TimeDelta::seconds(15);
/// Tenants remembered at once.
const TENANTS: u64 = 4_096;
/// A tenant nobody asks about is forgotten after this.
const IDLE: Duration = Duration::from_secs(600);

/// How far the clocks of two processes may lie apart, with the fraction of a second that a token's time leaves out.
const NEWS: chrono::TimeDelta = chrono::TimeDelta::seconds(2);

/// How far the clocks of two processes may lie apart, and how long a key takes from its id to its commit.
const YOUNG: chrono::TimeDelta = chrono::TimeDelta::seconds(5);

/// Told after a commit that changed users, roles, grants or API keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyChange {
    /// Whose policy.
    pub tenant_id: TenantId,
    /// What it is now.
    #[serde(flatten)]
    pub version: PolicyVersion,
}

/// Where a tenant's policy is read from. `Db` is one; the tenant runtime passes a source that opens the tenant's pool only when it is asked.
pub trait PolicySource {
    /// The whole policy.
    fn snapshot(&self) -> impl Future<Output = Result<PolicySnapshot, PolicyError>>;
    /// Only its version.
    fn version(&self) -> impl Future<Output = Result<PolicyVersion, PolicyError>>;
}

impl PolicySource for Db {
    async fn snapshot(&self) -> Result<PolicySnapshot, PolicyError> {
        PolicySnapshot::load(self).await
    }

    async fn version(&self) -> Result<PolicyVersion, PolicyError> {
        PolicyVersion::load(self).await
    }
}

/// What the policy says about one active person or one good API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPolicy {
    /// Everything they may do.
    pub permissions: PermissionSet,
    /// Keys of the roles held (`owner`, …), sorted; an API key holds none.
    pub roles: Vec<String>,
}

impl UserPolicy {
    /// Whether they may do `permission`.
    pub fn allows(&self, permission: &str) -> bool {
        self.permissions.allows(permission)
    }
}

struct Loaded {
    snapshot: Arc<PolicySnapshot>,
    checked_at: DateTime<Utc>,
    /// [`Entry::doubts`] when it was checked.
    doubts: u64,
    /// Only of subjects of the snapshot: it bounds how many there are.
    decided: Arc<RwLock<HashMap<Subject, Arc<UserPolicy>>>>,
}

#[derive(Default)]
struct Entry {
    /// No snapshot below this epoch is believed: set by announcements, which may overtake a read.
    at_least: AtomicI64,
    /// How often what is known was doubted. Nothing is believed whose check began before the last time.
    doubts: AtomicU64,
    loaded: RwLock<Option<Arc<Loaded>>>,
    loading: Mutex<()>,
    /// How many reads have failed, and how the last one did.
    failed: RwLock<(u64, Option<PolicyError>)>,
}

impl Entry {
    fn loaded(&self) -> Option<Arc<Loaded>> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn store(&self, loaded: Arc<Loaded>) {
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = Some(loaded);
    }

    fn is_current(&self, loaded: &Loaded, now: DateTime<Utc>) -> bool {
        now - loaded.checked_at < FRESH
            && loaded.doubts == self.doubts.load(Ordering::Acquire)
            && loaded.snapshot.version.epoch >= self.at_least.load(Ordering::Acquire)
    }

    fn failures(&self) -> u64 {
        self.failed.read().unwrap_or_else(PoisonError::into_inner).0
    }

    /// How a read failed that ended since there were `known` failures.
    fn failed_since(&self, known: u64) -> Option<PolicyError> {
        let failed = self.failed.read().unwrap_or_else(PoisonError::into_inner);
        failed.1.clone().filter(|_| failed.0 > known)
    }

    fn note_failure(&self, error: &PolicyError) {
        let mut failed = self.failed.write().unwrap_or_else(PoisonError::into_inner);
        *failed = (failed.0 + 1, Some(error.clone()));
    }

    /// Makes the next request read the epoch again.
    fn doubt(&self) {
        self.doubts.fetch_add(1, Ordering::AcqRel);
    }
}

/// The policies of all tenants a process serves. Keys begin with the tenant's id.
pub struct PolicyCache {
    tenants: moka::future::Cache<TenantId, Arc<Entry>>,
    clock: SharedClock,
}

impl std::fmt::Debug for PolicyCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PolicyCache").field("tenants", &self.tenants.entry_count()).finish_non_exhaustive()
    }
}

impl PolicyCache {
    /// An empty cache.
    pub fn new(clock: SharedClock) -> Self {
        Self { tenants: moka::future::Cache::builder().max_capacity(TENANTS).time_to_idle(IDLE).build(), clock }
    }

    /// What `user` may do in `tenant`, by a token of `issued_at`. `None`: no active user of this tenant. Reads the database only on first use, on a change, when
    /// the last check is older than 15 s, and for somebody unknown whose token is newer than it.
    ///
    /// # Errors
    /// [`PolicyError`]; the caller denies.
    pub async fn for_user<S: PolicySource>(
        &self,
        tenant: TenantId,
        user: Uuid,
        issued_at: DateTime<Utc>,
        source: &S,
    ) -> Result<Option<Arc<UserPolicy>>, PolicyError> {
        let entry = self.entry(tenant).await;
        let mut loaded = self.current(&entry, source).await?;
        if !loaded.snapshot.users.contains_key(&user) && loaded.checked_at < issued_at + NEWS {
            // Joined after the policy was looked at, perhaps at another process whose announcement has not arrived.
            entry.doubt();
            loaded = self.current(&entry, source).await?;
        }
        let Some(person) = loaded.snapshot.users.get(&user) else { return Ok(None) };
        let roles = || {
            let mut roles: Vec<String> = person.roles.iter().filter_map(|role| loaded.snapshot.role_keys.get(role).cloned()).collect();
            roles.sort_unstable();
            roles
        };
        decided(&loaded, Subject::User(user), roles).await.map(Some)
    }

    /// What an API key may do in its tenant. `None`: unknown (revoked, or lost by a restore), expired, or another secret than
    /// the one that was kept. Reads the database as rarely as [`for_user`](Self::for_user) does, for keys that are refused as well.
    ///
    /// # Errors
    /// [`PolicyError`]; the caller denies.
    pub async fn for_key<S: PolicySource>(&self, key: &PresentedKey, source: &S) -> Result<Option<Arc<UserPolicy>>, PolicyError> {
        let entry = self.entry(key.tenant).await;
        let mut loaded = self.current(&entry, source).await?;
        if !knows(&loaded, key.id) && born(key.id).is_some_and(|born| loaded.checked_at < born + YOUNG) {
            // Made after the policy was looked at, perhaps by another process whose announcement has not arrived.
            entry.doubt();
            loaded = self.current(&entry, source).await?;
        }
        let now = self.clock.now();
        let good = loaded.snapshot.keys.get(&key.id).filter(|known| key.has_digest(&known.digest) && known.expires_at.is_none_or(|end| now < end));
        match good {
            Some(_) => decided(&loaded, Subject::Key(key.id), Vec::new).await.map(Some),
            None => Ok(None),
        }
    }

    async fn entry(&self, tenant: TenantId) -> Arc<Entry> {
        self.tenants.get_with(tenant, async { Arc::new(Entry::default()) }).await
    }

    /// Takes note that the tenant's policy has changed: nothing older is believed from now on.
    pub async fn announce(&self, change: PolicyChange) {
        let Some(entry) = self.tenants.get(&change.tenant_id).await else { return };
        entry.at_least.fetch_max(change.version.epoch, Ordering::AcqRel);
        // No newer epoch, and yet not what is known: a message that was overtaken, or the database was restored and counts anew.
        if entry.loaded().is_some_and(|known| change.version.epoch <= known.snapshot.version.epoch && change.version != known.snapshot.version) {
            entry.doubt();
        }
    }

    /// Takes in one message of [`POLICY_CHANNEL`]. Malformed messages are dropped: the 15 s check repairs what they meant.
    pub async fn receive(&self, message: &str) {
        match serde_json::from_str::<PolicyChange>(message) {
            Ok(change) => self.announce(change).await,
            Err(error) => tracing::warn!(%error, "malformed message on the policy channel"),
        }
    }

    /// Announcements may have been missed (the subscription to Redis began anew): every tenant's next request reads its epoch again.
    pub fn doubt_all(&self) {
        for (_, entry) in &self.tenants {
            entry.doubt();
        }
    }

    async fn current<S: PolicySource>(&self, entry: &Entry, source: &S) -> Result<Arc<Loaded>, PolicyError> {
        if let Some(loaded) = entry.loaded().filter(|loaded| entry.is_current(loaded, self.clock.now())) {
            return Ok(loaded);
        }
        let failures = entry.failures();
        let _single_flight = entry.loading.lock().await;
        let now = self.clock.now();
        if let Some(loaded) = entry.loaded().filter(|loaded| entry.is_current(loaded, now)) {
            return Ok(loaded);
        }
        // Whoever waited while it could not be read has its answer: to try in turn would make the last of many wait many times as long.
        if let Some(error) = entry.failed_since(failures) {
            return Err(error);
        }
        self.read(entry, source, now).await.inspect_err(|error| entry.note_failure(error))
    }

    /// Reads the version, and all of it if that is another.
    async fn read<S: PolicySource>(&self, entry: &Entry, source: &S, now: DateTime<Utc>) -> Result<Arc<Loaded>, PolicyError> {
        // Before the first look: what is doubted while it is read stays doubtful.
        let doubts = entry.doubts.load(Ordering::Acquire);
        if let Some(old) = entry.loaded()
            && old.snapshot.version.epoch >= entry.at_least.load(Ordering::Acquire)
            && source.version().await? == old.snapshot.version
        {
            let renewed = Arc::new(Loaded { snapshot: old.snapshot.clone(), checked_at: now, doubts, decided: old.decided.clone() });
            entry.store(renewed.clone());
            return Ok(renewed);
        }
        let announced = entry.at_least.load(Ordering::Acquire);
        let snapshot = Arc::new(source.snapshot().await?);
        if snapshot.version.epoch < announced {
            // A restored tenant may be at a lower epoch than was once announced: what the database said after the announcement is the truth. An announcement
            // that arrived while it was read stays.
            let _ = entry.at_least.compare_exchange(announced, snapshot.version.epoch, Ordering::AcqRel, Ordering::Acquire);
        }
        let loaded = Arc::new(Loaded { snapshot, checked_at: now, doubts, decided: Arc::default() });
        entry.store(loaded.clone());
        Ok(loaded)
    }
}

fn knows(loaded: &Loaded, key: Uuid) -> bool {
    loaded.snapshot.keys.contains_key(&key)
}

/// When a key was made: its id tells, and nobody but the platform makes ids of keys.
fn born(key: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanoseconds) = key.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
}

/// What a subject of the snapshot may do: computed once.
async fn decided(loaded: &Loaded, subject: Subject, roles: impl FnOnce() -> Vec<String>) -> Result<Arc<UserPolicy>, PolicyError> {
    if let Some(known) = loaded.decided.read().unwrap_or_else(PoisonError::into_inner).get(&subject) {
        return Ok(known.clone());
    }
    let snapshot = loaded.snapshot.clone();
    let permissions = tokio::task::spawn_blocking(move || decide(&snapshot, subject))
        .await
        .map_err(|error| PolicyError::Evaluation { subject, reason: error.to_string() })??;
    let policy = Arc::new(UserPolicy { permissions, roles: roles() });
    loaded.decided.write().unwrap_or_else(PoisonError::into_inner).insert(subject, policy.clone());
    Ok(policy)
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
