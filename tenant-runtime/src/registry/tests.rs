//! The budget logic under a fake opener: every interleaving that the invariants speak of, without Postgres.

mod background;

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use nexus_core::TenantId;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::LeaseError;
use super::pools::{Limits, PoolOpener, Pools};

/// What the fake server sees.
#[derive(Default)]
struct Server {
    open: AtomicU32,
    peak: AtomicU32,
    openings: AtomicUsize,
    failing: Mutex<bool>,
    /// Closings wait here while a test holds them back.
    closing: Option<Arc<Semaphore>>,
}

#[derive(Clone)]
struct FakeOpener {
    server: Arc<Server>,
    per_tenant: u32,
}

/// Counts its connections as open for as long as it was not closed.
#[derive(Clone, Debug)]
struct FakePool {
    target: u32,
}

impl PoolOpener for FakeOpener {
    type Target = u32;
    type Pool = FakePool;

    fn open(&self, target: u32) -> BoxFuture<'static, Result<FakePool, LeaseError>> {
        let opener = self.clone();
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            opener.server.openings.fetch_add(1, Ordering::SeqCst);
            if *opener.server.failing.lock().unwrap() {
                return Err(LeaseError::Secret(nexus_infra::secrets::SecretsError::Refused));
            }
            let open = opener.server.open.fetch_add(opener.per_tenant, Ordering::SeqCst) + opener.per_tenant;
            opener.server.peak.fetch_max(open, Ordering::SeqCst);
            Ok(FakePool { target })
        })
    }

    fn close(&self, _: FakePool) -> BoxFuture<'static, ()> {
        let opener = self.clone();
        Box::pin(async move {
            if let Some(gate) = &opener.server.closing {
                gate.acquire().await.unwrap().forget();
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
            opener.server.open.fetch_sub(opener.per_tenant, Ordering::SeqCst);
        })
    }
}

fn limits(budget: u32, per_tenant: u32) -> Limits {
    Limits { budget, per_tenant, idle_timeout: Duration::from_secs(300), acquire_timeout: Duration::from_secs(2), residency: Duration::from_secs(1) }
}

fn pools(server: &Arc<Server>, limits: Limits) -> Pools<FakeOpener> {
    Pools::new(FakeOpener { server: Arc::clone(server), per_tenant: limits.per_tenant }, limits, Handle::current())
}

fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

#[tokio::test(start_paused = true)]
async fn many_callers_open_a_pool_once() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let pools = pools.clone();
        callers.spawn(async move { pools.lease(tenant(1), 1, 1).await.map(|_| ()) });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(server.openings.load(Ordering::SeqCst), 1);
    assert_eq!(pools.stats().reserved, 4);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_disturb_the_opening() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let hasty = tokio::time::timeout(Duration::from_millis(1), pools.lease(tenant(1), 1, 1)).await;
    assert!(hasty.is_err());
    pools.lease(tenant(1), 1, 1).await.unwrap();
    assert_eq!(server.openings.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn the_budget_holds_while_more_tenants_than_pools_come_and_go() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(12, 4));
    let mut callers = JoinSet::new();
    for round in 0..400_u128 {
        let pools = pools.clone();
        callers.spawn(async move {
            tokio::time::sleep(Duration::from_millis(u64::try_from(round * 7 % 900).unwrap())).await;
            let number = round % 9;
            let lease = pools.lease(tenant(number), 1, u32::try_from(number).unwrap()).await?;
            let served = lease.pool().target;
            assert_eq!(u128::from(served), number, "a tenant was served by another one's pool");
            tokio::time::sleep(Duration::from_millis(u64::try_from(round % 5).unwrap())).await;
            Ok::<(), LeaseError>(())
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap().unwrap();
    }
    assert!(server.peak.load(Ordering::SeqCst) <= 12, "above the budget");
    assert!(pools.stats().reserved <= 12);
}

#[tokio::test(start_paused = true)]
async fn the_least_recently_used_pool_gives_way() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    for number in [1, 2, 1] {
        pools.lease(tenant(number), 1, 0).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    pools.lease(tenant(3), 1, 0).await.unwrap();
    pools.lease(tenant(1), 1, 0).await.unwrap();
    assert_eq!(server.openings.load(Ordering::SeqCst), 3, "tenant 1 was used last and must not have been evicted");
}

#[tokio::test(start_paused = true)]
async fn the_budget_is_reused_only_after_the_last_connection_is_gone() {
    let gate = Arc::new(Semaphore::new(0));
    let server = Arc::new(Server { closing: Some(Arc::clone(&gate)), ..Server::default() });
    let pools = pools(&server, limits(4, 4));
    pools.lease(tenant(1), 1, 0).await.unwrap();
    let refused = pools.lease(tenant(2), 1, 0).await;
    assert!(matches!(refused, Err(LeaseError::Timeout)), "tenant 1's connections are still closing");
    assert_eq!(server.peak.load(Ordering::SeqCst), 4);
    gate.add_permits(1);
    pools.lease(tenant(2), 1, 0).await.unwrap();
    assert_eq!(server.peak.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn no_pool_is_closed_under_a_lease_and_the_longest_open_one_is_retired_for_who_waits() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(4, 4));
    let held = pools.lease(tenant(1), 1, 0).await.unwrap();
    let waiting = tokio::spawn({
        let pools = pools.clone();
        async move { pools.lease(tenant(2), 1, 0).await.map(|_| ()) }
    });
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(server.open.load(Ordering::SeqCst), 4, "tenant 1's pool is in use");
    assert_eq!(pools.stats().leaving, 1, "but retired, for it has had its time");
    drop(held);
    waiting.await.unwrap().unwrap();
    assert_eq!(server.peak.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn waiting_is_bounded() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(4, 4));
    let _held = pools.lease(tenant(1), 1, 0).await.unwrap();
    let started = tokio::time::Instant::now();
    assert!(matches!(pools.lease(tenant(2), 1, 0).await, Err(LeaseError::Timeout)));
    assert!(started.elapsed() <= Duration::from_millis(2_100));
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(pools.stats().waiting, 0, "who gave up waits no more");
}

#[tokio::test(start_paused = true)]
async fn a_failed_opening_answers_everybody_and_is_not_repeated_at_once() {
    let server = Arc::new(Server::default());
    *server.failing.lock().unwrap() = true;
    let pools = pools(&server, limits(8, 4));
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let pools = pools.clone();
        callers.spawn(async move { pools.lease(tenant(1), 1, 0).await.is_err() });
    }
    while let Some(refused) = callers.join_next().await {
        assert!(refused.unwrap());
    }
    assert!(pools.lease(tenant(1), 1, 0).await.is_err());
    assert_eq!(server.openings.load(Ordering::SeqCst), 1);
    assert_eq!(pools.stats().reserved, 0, "a failed opening keeps no permits");
    *server.failing.lock().unwrap() = false;
    tokio::time::sleep(Duration::from_secs(2)).await;
    pools.lease(tenant(1), 1, 0).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_new_identity_under_a_newer_epoch_reopens_and_an_older_one_does_not() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    assert_eq!(pools.lease(tenant(1), 1, 10).await.unwrap().pool().target, 10);
    assert_eq!(pools.lease(tenant(1), 2, 20).await.unwrap().pool().target, 20);
    assert_eq!(pools.lease(tenant(1), 1, 10).await.unwrap().pool().target, 20, "a stale record must not bring the old server back");
    assert_eq!(server.openings.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn idle_pools_are_closed() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let held = pools.lease(tenant(1), 1, 0).await.unwrap();
    pools.lease(tenant(2), 1, 0).await.unwrap();
    tokio::time::sleep(Duration::from_secs(301)).await;
    pools.sweep();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(pools.stats().pools, 1, "tenant 1 is in use");
    assert_eq!(server.open.load(Ordering::SeqCst), 4);
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn shutting_down_refuses_new_callers_and_waits_for_those_inside() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let held = pools.lease(tenant(1), 1, 0).await.unwrap();
    let stopping = tokio::spawn({
        let pools = pools.clone();
        async move { pools.shut_down(Duration::from_secs(5)).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(matches!(pools.lease(tenant(1), 1, 0).await, Err(LeaseError::ShuttingDown)));
    assert!(!stopping.is_finished());
    drop(held);
    stopping.await.unwrap();
    assert_eq!(server.open.load(Ordering::SeqCst), 0);
}
