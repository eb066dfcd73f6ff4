//! When a cached policy is read again, and when it denies.

use std::collections::BTreeMap;
use std::sync::Mutex as StdMutex;
use std::sync::atomic::AtomicUsize;

use nexus_config::Settings;
use nexus_core::{Clock, ManualClock};
use nexus_infra::secrets::TenantKeyring;
use secrecy::ExposeSecret;

use super::*;
use crate::api_keys::{mint, read};
use crate::policy::{Effect, Grant, PolicyKey, PolicyUser};

const TENANT: TenantId = TenantId(Uuid::from_u128(5));
const ME: Uuid = Uuid::from_u128(1);
const ROLE: Uuid = Uuid::from_u128(2);
/// When the token was issued that most of the tests are about: long ago.
const LOG_IN: DateTime<Utc> = DateTime::UNIX_EPOCH;

#[derive(Default)]
struct Tables {
    policy: StdMutex<Option<PolicySnapshot>>,
    snapshots: AtomicUsize,
    epochs: AtomicUsize,
}

impl Tables {
    fn write(&self, epoch: i64, permissions: &[&str], active: bool) {
        *self.policy.lock().unwrap() = Some(PolicySnapshot {
            version: version(epoch, 0),
            users: active.then(|| (ME, PolicyUser { roles: [ROLE].into() })).into_iter().collect(),
            grants: permissions.iter().map(|key| Grant { role: ROLE, permission: (*key).into(), effect: Effect::Allow }).collect(),
            role_keys: BTreeMap::from([(ROLE, "viewer".to_owned())]),
            keys: BTreeMap::new(),
        });
    }

    /// Makes the keys of the policy these, by the key's id.
    fn write_keys(&self, epoch: i64, keys: &[(&PresentedKey, PolicyKey)]) {
        let mut policy = self.policy.lock().unwrap();
        let policy = policy.as_mut().unwrap();
        policy.version = version(epoch, 0);
        policy.keys = keys.iter().map(|(presented, key)| (presented.id, key.clone())).collect();
    }

    fn read(&self) -> Result<PolicySnapshot, PolicyError> {
        self.policy.lock().unwrap().clone().ok_or_else(|| PolicyError::Malformed("unreadable".into()))
    }

    fn reads(&self) -> (usize, usize) {
        (self.snapshots.load(Ordering::Relaxed), self.epochs.load(Ordering::Relaxed))
    }
}

impl PolicySource for Tables {
    async fn snapshot(&self) -> Result<PolicySnapshot, PolicyError> {
        self.snapshots.fetch_add(1, Ordering::Relaxed);
        self.read()
    }

    async fn version(&self) -> Result<PolicyVersion, PolicyError> {
        self.epochs.fetch_add(1, Ordering::Relaxed);
        Ok(self.read()?.version)
    }
}

/// In one history an epoch is raised at one time.
fn version(epoch: i64, history: i64) -> PolicyVersion {
    PolicyVersion { epoch, changed_at: DateTime::from_timestamp(1_700_000_000 + epoch, 0).unwrap() + chrono::TimeDelta::microseconds(history) }
}

fn bench() -> (Arc<ManualClock>, Tables, PolicyCache) {
    let clock = ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let tables = Tables::default();
    tables.write(1, &["products.read"], true);
    (clock.clone(), tables, PolicyCache::new(clock))
}

#[tokio::test]
async fn a_request_within_15_seconds_reads_nothing() {
    let (_, tables, cache) = bench();
    for _ in 0..3 {
        let policy = cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap().unwrap();
        assert!(policy.allows("products.read") && !policy.allows("products.write"));
        assert_eq!(policy.roles, ["viewer"]);
    }
    assert_eq!(tables.reads(), (1, 0));
}

#[tokio::test]
async fn after_15_seconds_the_epoch_alone_is_read_when_nothing_changed() {
    let (clock, tables, cache) = bench();
    cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap();
    clock.advance(chrono::TimeDelta::seconds(15));
    cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap();
    cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap();
    assert_eq!(tables.reads(), (1, 1));
}

#[tokio::test]
async fn a_change_bites_at_the_check_and_at_once_when_announced() {
    let (clock, tables, cache) = bench();
    cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap();
    tables.write(2, &["products.write"], true);
    assert!(cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap().unwrap().allows("products.read"), "not yet known");
    clock.advance(chrono::TimeDelta::seconds(15));
    assert!(!cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap().unwrap().allows("products.read"));

    tables.write(3, &[], false);
    cache.receive(&serde_json::to_string(&PolicyChange { tenant_id: TENANT, version: version(3, 0) }).unwrap()).await;
    assert_eq!(cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap(), None, "deactivated");
}

#[tokio::test]
async fn a_restored_database_that_comes_to_the_same_epoch_is_not_taken_for_the_one_before() {
    let (clock, tables, cache) = bench();
    tables.write(7, &["products.write"], true);
    assert!(cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap().unwrap().allows("products.write"));
    let restored = |epoch: i64, permissions: &[&str]| {
        tables.write(epoch, permissions, true);
        tables.policy.lock().unwrap().as_mut().unwrap().version = version(epoch, 1);
    };
    let may_write = async || cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap().unwrap().allows("products.write");
    // Restored to epoch 5, and changed twice since.
    restored(7, &["products.read"]);
    clock.advance(chrono::TimeDelta::seconds(15));
    assert!(!may_write().await, "the epoch is the same, the policy is another");

    // Restored again, and changed by another process, which says so.
    for epoch in [6, 7] {
        tables.write(7, &["products.write"], true);
        clock.advance(chrono::TimeDelta::seconds(15));
        assert!(may_write().await);
        restored(epoch, &[]);
        let told = serde_json::to_string(&PolicyChange { tenant_id: TENANT, version: version(epoch, 1) }).unwrap();
        cache.receive(&told).await;
        assert!(!may_write().await, "epoch {epoch}");
    }
}

#[tokio::test]
async fn what_is_known_already_costs_no_read_when_it_is_announced() {
    let (_, tables, cache) = bench();
    tables.write(3, &["products.read"], true);
    cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap();
    cache.announce(PolicyChange { tenant_id: TENANT, version: version(3, 0) }).await;
    cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap();
    assert_eq!(tables.reads(), (1, 0));
}

/// A database that gives no answer, and says so after a second.
struct Silent<'a>(&'a Tables);

impl PolicySource for Silent<'_> {
    async fn snapshot(&self) -> Result<PolicySnapshot, PolicyError> {
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.0.snapshot().await
    }

    async fn version(&self) -> Result<PolicyVersion, PolicyError> {
        Ok(self.snapshot().await?.version)
    }
}

#[tokio::test(start_paused = true)]
async fn many_who_wait_for_a_silent_database_wait_no_longer_than_one() {
    let (_, tables, cache) = bench();
    *tables.policy.lock().unwrap() = None;
    let silent = Silent(&tables);
    let since = tokio::time::Instant::now();
    let answers = futures::future::join_all((0..20).map(|_| cache.for_user(TENANT, ME, LOG_IN, &silent))).await;
    assert!(answers.iter().all(Result::is_err));
    assert_eq!(since.elapsed().as_secs(), 1, "they waited in turn");
    tables.write(2, &["products.read"], true);
    assert!(cache.for_user(TENANT, ME, LOG_IN, &silent).await.unwrap().unwrap().allows("products.read"), "whoever comes later asks anew");
}

#[tokio::test]
async fn after_a_deaf_moment_the_epoch_is_read_again() {
    let (_, tables, cache) = bench();
    cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap();
    tables.write(2, &["products.write"], true);
    cache.doubt_all();
    assert!(cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap().unwrap().allows("products.write"));
    assert_eq!(tables.reads(), (2, 1));
}

#[tokio::test]
async fn an_unreadable_policy_is_an_error_even_when_an_old_one_is_known() {
    let (clock, tables, cache) = bench();
    cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap();
    *tables.policy.lock().unwrap() = None;
    assert!(cache.for_user(TENANT, ME, LOG_IN, &tables).await.is_ok(), "fresh for 15 s");
    clock.advance(chrono::TimeDelta::seconds(15));
    assert!(cache.for_user(TENANT, ME, LOG_IN, &tables).await.is_err());
}

#[tokio::test]
async fn tenants_never_share_a_policy() {
    let (_, tables, cache) = bench();
    let other = Tables::default();
    other.write(1, &[], false);
    assert!(cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap().is_some());
    assert!(cache.for_user(TenantId(Uuid::from_u128(6)), ME, LOG_IN, &other).await.unwrap().is_none());
}

/// A key of the tenant made at the clock's time, as it is presented and as it is kept.
fn key(clock: &ManualClock) -> (PresentedKey, PolicyKey) {
    let keyring = TenantKeyring::from_settings(&Settings::development().secrets).unwrap();
    let minted = mint(&keyring, TENANT, clock.new_id()).unwrap();
    let presented = read(&keyring, minted.key.expose_secret()).unwrap();
    (presented, PolicyKey { scopes: ["products.read".to_owned()].into(), digest: minted.digest, expires_at: None })
}

#[tokio::test]
async fn a_key_works_until_it_is_revoked_and_costs_no_reads_either_way() {
    let (clock, tables, cache) = bench();
    let (presented, kept) = key(&clock);
    tables.write_keys(1, &[(&presented, kept)]);
    clock.advance(chrono::TimeDelta::seconds(60));
    for _ in 0..3 {
        let policy = cache.for_key(&presented, &tables).await.unwrap().expect("a good key");
        assert!(policy.allows("products.read") && !policy.allows("products.write") && policy.roles.is_empty());
    }
    assert_eq!(tables.reads(), (1, 0));
    tables.write_keys(2, &[]);
    cache.announce(PolicyChange { tenant_id: TENANT, version: version(2, 0) }).await;
    for _ in 0..100 {
        assert_eq!(cache.for_key(&presented, &tables).await.unwrap(), None, "revoked");
    }
    assert_eq!(tables.reads(), (2, 0), "a revoked key is tried in vain without asking the database");
}

#[tokio::test]
async fn a_key_with_another_secret_is_refused() {
    let (clock, tables, cache) = bench();
    let ((presented, kept), (_, other)) = (key(&clock), key(&clock));
    tables.write_keys(1, &[(&presented, PolicyKey { digest: other.digest, ..kept })]);
    assert_eq!(cache.for_key(&presented, &tables).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_expires_at_its_instant_whatever_is_remembered() {
    let (clock, tables, cache) = bench();
    let (presented, kept) = key(&clock);
    let end = clock.now() + chrono::TimeDelta::seconds(3);
    tables.write_keys(1, &[(&presented, PolicyKey { expires_at: Some(end), ..kept })]);
    assert!(cache.for_key(&presented, &tables).await.unwrap().is_some());
    clock.advance(chrono::TimeDelta::milliseconds(2_999));
    assert!(cache.for_key(&presented, &tables).await.unwrap().is_some());
    clock.advance(chrono::TimeDelta::milliseconds(1));
    assert_eq!(cache.for_key(&presented, &tables).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_made_after_the_policy_was_read_works_at_once() {
    let (clock, tables, cache) = bench();
    cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap();
    clock.advance(chrono::TimeDelta::seconds(1));
    let (presented, kept) = key(&clock);
    tables.write_keys(2, &[(&presented, kept)]);
    assert!(cache.for_key(&presented, &tables).await.unwrap().is_some(), "nobody announced it");
    assert_eq!(tables.reads(), (2, 1));
}

#[tokio::test]
async fn whoever_joined_since_is_known_by_a_new_token_and_an_old_one_asks_nobody() {
    let (clock, tables, cache) = bench();
    tables.write(1, &["products.read"], false);
    assert!(cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap().is_none());
    clock.advance(chrono::TimeDelta::seconds(4));
    // Joined, and announced to nobody.
    tables.write(2, &["products.read"], true);
    let asked = tables.reads();
    assert!(cache.for_user(TENANT, ME, LOG_IN, &tables).await.unwrap().is_none());
    assert_eq!(tables.reads(), asked, "an old token is no reason to ask");
    assert!(cache.for_user(TENANT, ME, clock.now(), &tables).await.unwrap().is_some());
    // A stranger's new token makes it asked for two seconds, not for ever.
    let stranger = Uuid::from_u128(77);
    let issued_at = clock.now();
    clock.advance(chrono::TimeDelta::seconds(3));
    assert!(cache.for_user(TENANT, stranger, issued_at, &tables).await.unwrap().is_none());
    let asked = tables.reads();
    for _ in 0..5 {
        assert!(cache.for_user(TENANT, stranger, issued_at, &tables).await.unwrap().is_none());
    }
    assert_eq!(tables.reads(), asked);
}
