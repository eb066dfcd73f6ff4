//! When a cached policy is read again, and when it denies.

use std::collections::BTreeMap;
use std::sync::Mutex as StdMutex;
use std::sync::atomic::AtomicUsize;

use nexus_core::ManualClock;

use super::*;
use crate::policy::{Effect, Grant, PolicyUser};

const TENANT: TenantId = TenantId(Uuid::from_u128(5));
const ME: Uuid = Uuid::from_u128(1);
const ROLE: Uuid = Uuid::from_u128(2);

#[derive(Default)]
struct Tables {
    policy: StdMutex<Option<PolicySnapshot>>,
    snapshots: AtomicUsize,
    epochs: AtomicUsize,
}

impl Tables {
    fn write(&self, epoch: i64, permissions: &[&str], active: bool) {
        *self.policy.lock().unwrap() = Some(PolicySnapshot {
            epoch,
            users: active.then(|| (ME, PolicyUser { roles: [ROLE].into() })).into_iter().collect(),
            grants: permissions.iter().map(|key| Grant { role: ROLE, permission: (*key).into(), effect: Effect::Allow }).collect(),
            role_keys: BTreeMap::from([(ROLE, "viewer".to_owned())]),
        });
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

    async fn epoch(&self) -> Result<i64, PolicyError> {
        self.epochs.fetch_add(1, Ordering::Relaxed);
        Ok(self.read()?.epoch)
    }
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
        let policy = cache.for_user(TENANT, ME, &tables).await.unwrap().unwrap();
        assert!(policy.allows("products.read") && !policy.allows("products.write"));
        assert_eq!(policy.roles, ["viewer"]);
    }
    assert_eq!(tables.reads(), (1, 0));
}

#[tokio::test]
async fn after_15_seconds_the_epoch_alone_is_read_when_nothing_changed() {
    let (clock, tables, cache) = bench();
    cache.for_user(TENANT, ME, &tables).await.unwrap();
    clock.advance(chrono::TimeDelta::seconds(15));
    cache.for_user(TENANT, ME, &tables).await.unwrap();
    cache.for_user(TENANT, ME, &tables).await.unwrap();
    assert_eq!(tables.reads(), (1, 1));
}

#[tokio::test]
async fn a_change_bites_at_the_check_and_at_once_when_announced() {
    let (clock, tables, cache) = bench();
    cache.for_user(TENANT, ME, &tables).await.unwrap();
    tables.write(2, &["products.write"], true);
    assert!(cache.for_user(TENANT, ME, &tables).await.unwrap().unwrap().allows("products.read"), "not yet known");
    clock.advance(chrono::TimeDelta::seconds(15));
    assert!(!cache.for_user(TENANT, ME, &tables).await.unwrap().unwrap().allows("products.read"));

    tables.write(3, &[], false);
    cache.receive(&serde_json::to_string(&PolicyChange { tenant_id: TENANT, epoch: 3 }).unwrap()).await;
    assert_eq!(cache.for_user(TENANT, ME, &tables).await.unwrap(), None, "deactivated");
}

#[tokio::test]
async fn after_a_deaf_moment_the_epoch_is_read_again() {
    let (_, tables, cache) = bench();
    cache.for_user(TENANT, ME, &tables).await.unwrap();
    tables.write(2, &["products.write"], true);
    cache.doubt_all();
    assert!(cache.for_user(TENANT, ME, &tables).await.unwrap().unwrap().allows("products.write"));
    assert_eq!(tables.reads(), (2, 1));
}

#[tokio::test]
async fn an_unreadable_policy_is_an_error_even_when_an_old_one_is_known() {
    let (clock, tables, cache) = bench();
    cache.for_user(TENANT, ME, &tables).await.unwrap();
    *tables.policy.lock().unwrap() = None;
    assert!(cache.for_user(TENANT, ME, &tables).await.is_ok(), "fresh for 15 s");
    clock.advance(chrono::TimeDelta::seconds(15));
    assert!(cache.for_user(TENANT, ME, &tables).await.is_err());
}

#[tokio::test]
async fn tenants_never_share_a_policy() {
    let (_, tables, cache) = bench();
    let other = Tables::default();
    other.write(1, &[], false);
    assert!(cache.for_user(TENANT, ME, &tables).await.unwrap().is_some());
    assert!(cache.for_user(TenantId(Uuid::from_u128(6)), ME, &other).await.unwrap().is_none());
}
