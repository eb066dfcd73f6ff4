//! The budget logic under a fake opener: every interleaving that the invariants speak of, without Postgres.

mod background;
mod failing;
mod identity;
mod meters;

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use nexus_core::TenantId;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use uuid::Uuid;

use super::{LeaseError, Limits, PoolOpener, Pools, requests};

/// Connections to this target never close.
const VANISHED: u32 = 99;
/// Opening a connection to this target panics.
const PANICS: u32 = 98;

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
}

/// Counts its connections as open for as long as it was not closed.
#[derive(Clone, Debug)]
struct FakePool {
    target: u32,
    connections: u32,
}

impl PoolOpener for FakeOpener {
    type Target = u32;
    type Pool = FakePool;

    fn open(&self, target: u32, connections: u32) -> BoxFuture<'static, Result<FakePool, LeaseError>> {
        let server = Arc::clone(&self.server);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            server.openings.fetch_add(1, Ordering::SeqCst);
            assert_ne!(target, PANICS, "on purpose");
            if *server.failing.lock().unwrap() {
                return Err(LeaseError::Secret(nexus_infra::secrets::SecretsError::Refused));
            }
            let open = server.open.fetch_add(connections, Ordering::SeqCst) + connections;
            server.peak.fetch_max(open, Ordering::SeqCst);
            Ok(FakePool { target, connections })
        })
    }

    fn close(&self, pool: FakePool) -> BoxFuture<'static, ()> {
        let server = Arc::clone(&self.server);
        Box::pin(async move {
            if pool.target == VANISHED {
                return std::future::pending().await;
            }
            if let Some(gate) = &server.closing {
                gate.acquire().await.unwrap().forget();
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
            server.open.fetch_sub(pool.connections, Ordering::SeqCst);
        })
    }
}

impl Server {
    fn openings(&self) -> usize {
        self.openings.load(Ordering::SeqCst)
    }

    fn open(&self) -> u32 {
        self.open.load(Ordering::SeqCst)
    }

    fn peak(&self) -> u32 {
        self.peak.load(Ordering::SeqCst)
    }
}

fn limits(budget: u32, per_tenant: u32) -> Limits {
    Limits {
        budget,
        per_tenant,
        waiting: 100,
        background: per_tenant,
        idle_timeout: Duration::from_secs(300),
        acquire_timeout: Duration::from_secs(2),
        residency: Duration::from_secs(1),
    }
}

fn pools(server: &Arc<Server>, limits: Limits) -> Pools<FakeOpener> {
    Pools::new(FakeOpener { server: Arc::clone(server) }, limits, Handle::current())
}

fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

type Leased = requests::Lease<FakeOpener>;

async fn lease(pools: &Pools<FakeOpener>, number: u128) -> Result<Leased, LeaseError> {
    pools.requests.lease(tenant(number), 1, &0).await
}

fn target(lease: &Leased) -> u32 {
    lease.pool().unwrap().target
}

fn asks(pools: &Pools<FakeOpener>, number: u128) -> JoinHandle<Result<Leased, LeaseError>> {
    let pools = pools.clone();
    tokio::spawn(async move { lease(&pools, number).await })
}

/// What nobody has used for long is closed.
async fn rested(pools: &Pools<FakeOpener>) {
    tokio::time::sleep(Duration::from_secs(301)).await;
    pools.sweep();
}

async fn millis(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

#[tokio::test(start_paused = true)]
async fn a_tenant_has_as_many_connections_as_its_callers_use_at_once() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    for _ in 0..50 {
        lease(&pools, 1).await.unwrap();
    }
    assert_eq!((server.openings(), pools.stats().reserved), (1, 1), "one after the other they need one");
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let pools = pools.clone();
        callers.spawn(async move {
            let lease = lease(&pools, 1).await;
            millis(20).await;
            lease.map(|_| ())
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!((server.openings(), pools.stats().reserved), (4, 4), "all at once they get the tenant's bound");
}

#[tokio::test(start_paused = true)]
async fn a_connection_serves_one_caller_at_a_time() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 1));
    let held = lease(&pools, 1).await.unwrap();
    let next = asks(&pools, 1);
    millis(500).await;
    assert!(!next.is_finished());
    drop(held);
    next.await.unwrap().unwrap();
    assert_eq!(server.openings(), 1);
}

#[tokio::test(start_paused = true)]
async fn callers_of_a_tenant_are_served_in_the_order_of_their_coming() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 1));
    let held = lease(&pools, 1).await.unwrap();
    let served = Arc::new(Mutex::new(Vec::new()));
    let mut callers = JoinSet::new();
    for number in 0..20 {
        let (pools, served) = (pools.clone(), Arc::clone(&served));
        callers.spawn(async move {
            let _lease = lease(&pools, 1).await.unwrap();
            served.lock().unwrap().push(number);
        });
        millis(1).await;
    }
    drop(held);
    while let Some(done) = callers.join_next().await {
        done.unwrap();
    }
    assert_eq!(*served.lock().unwrap(), (0..20).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_queue_has_a_bound_and_who_gave_up_is_not_counted() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, Limits { waiting: 3, ..limits(8, 1) });
    let held = lease(&pools, 1).await.unwrap();
    let queued: Vec<_> = (0..3).map(|_| asks(&pools, 1)).collect();
    millis(1).await;
    assert!(matches!(lease(&pools, 1).await, Err(LeaseError::Busy)));
    lease(&pools, 2).await.unwrap();
    queued[1].abort();
    millis(1).await;
    let late = asks(&pools, 1);
    millis(1).await;
    drop(held);
    for (number, caller) in queued.into_iter().chain([late]).enumerate() {
        assert_eq!(caller.await.is_ok_and(|lease| lease.is_ok()), number != 1, "caller {number}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_disturb_the_opening_and_loses_no_connection() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 1));
    let hasty = tokio::time::timeout(Duration::from_millis(1), lease(&pools, 1)).await;
    assert!(hasty.is_err());
    drop(lease(&pools, 1).await.unwrap());
    assert_eq!(server.openings(), 1);
    // Given up while it queues, at every moment around the handing over.
    for after in 0..40 {
        let held = lease(&pools, 1).await.unwrap();
        let caller = asks(&pools, 1);
        tokio::time::sleep(Duration::from_micros(after)).await;
        drop(held);
        caller.abort();
        let _ = caller.await;
    }
    drop(lease(&pools, 1).await.unwrap());
    assert_eq!((server.openings(), pools.stats().reserved), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_budget_holds_while_more_tenants_than_connections_come_and_go() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(12, 4));
    let mut callers = JoinSet::new();
    for round in 0..2_000_u128 {
        let pools = pools.clone();
        callers.spawn(async move {
            millis(u64::try_from(round * 7 % 900).unwrap()).await;
            let number = round % 29;
            let lease = pools.requests.lease(tenant(number), 1, &u32::try_from(number).unwrap()).await?;
            assert_eq!(u128::from(target(&lease)), number, "a tenant was served by another one's connection");
            millis(u64::try_from(round % 5).unwrap()).await;
            drop(lease);
            if round % 50 == 0 {
                let _work = pools.work.lease(tenant(number), 1, &u32::try_from(number).unwrap()).await?;
                millis(5).await;
            }
            Ok::<(), LeaseError>(())
        });
    }
    while let Some(done) = callers.join_next().await {
        done.unwrap().unwrap();
    }
    assert!(server.peak() <= 12, "above the budget");
    millis(100).await;
    let stats = pools.stats();
    assert!(stats.reserved <= 12 && stats.waiting == 0 && stats.leaving == 0, "{stats:?}");
    assert_eq!(server.open(), u32::try_from(stats.reserved).unwrap(), "each permit is a connection");
}

#[tokio::test(start_paused = true)]
async fn what_has_rested_for_longest_gives_way() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(2, 4));
    for number in [1, 2, 1] {
        lease(&pools, number).await.unwrap();
        millis(10).await;
    }
    lease(&pools, 3).await.unwrap();
    lease(&pools, 1).await.unwrap();
    assert_eq!(server.openings(), 3, "tenant 1 was used last and must not have been evicted");
}

#[tokio::test(start_paused = true)]
async fn the_budget_is_reused_only_after_the_connection_is_gone() {
    let gate = Arc::new(Semaphore::new(0));
    let server = Arc::new(Server { closing: Some(Arc::clone(&gate)), ..Server::default() });
    let pools = pools(&server, limits(1, 4));
    lease(&pools, 1).await.unwrap();
    let refused = lease(&pools, 2).await;
    assert!(matches!(refused, Err(LeaseError::Timeout)), "tenant 1's connection is still closing");
    assert_eq!(server.peak(), 1);
    gate.add_permits(1);
    lease(&pools, 2).await.unwrap();
    assert_eq!(server.peak(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_does_not_close_is_not_waited_for_while_others_rest() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(2, 4));
    drop(pools.requests.lease(tenant(1), 1, &VANISHED).await.unwrap());
    rested(&pools).await;
    drop(lease(&pools, 2).await.unwrap());
    let asked = Instant::now();
    drop(lease(&pools, 3).await.unwrap());
    assert!(asked.elapsed() < Duration::from_millis(500), "{:?}", asked.elapsed());
    assert_eq!((server.peak(), pools.stats().reserved), (2, 2), "its permit stays with it");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_closed_under_a_lease_and_what_is_given_back_goes_to_who_waits() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(1, 1));
    let held = lease(&pools, 1).await.unwrap();
    let waiting = asks(&pools, 2);
    millis(1_500).await;
    assert_eq!(server.open(), 1, "tenant 1's connection is in use");
    drop(held);
    waiting.await.unwrap().unwrap();
    assert_eq!(server.peak(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_busy_tenant_gives_its_second_connection_up_at_once_and_its_only_one_after_a_while() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(2, 2));
    let busy: Vec<_> = (0..4)
        .map(|_| {
            let pools = pools.clone();
            tokio::spawn(async move {
                loop {
                    let lease = lease(&pools, 1).await;
                    millis(20).await;
                    drop(lease);
                }
            })
        })
        .collect();
    millis(200).await;
    let asked = Instant::now();
    let second = lease(&pools, 2).await.unwrap();
    assert!(asked.elapsed() < Duration::from_millis(60), "{:?}", asked.elapsed());
    let asked = Instant::now();
    let third = lease(&pools, 3).await.unwrap();
    assert!(asked.elapsed() < Duration::from_millis(1_100), "{:?}", asked.elapsed());
    drop((second, third));
    assert!(lease(&pools, 1).await.is_ok(), "its callers come round again");
    assert_eq!(server.peak(), 2);
    for task in busy {
        task.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_grows_at_the_cost_of_what_rests_but_not_of_what_was_just_used() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(2, 2));
    drop(lease(&pools, 2).await.unwrap());
    let first = lease(&pools, 1).await.unwrap();
    let second = asks(&pools, 1);
    millis(300).await;
    assert!(!second.is_finished(), "tenant 2's connection was used a moment ago");
    millis(800).await;
    let third = asks(&pools, 1);
    millis(50).await;
    let fourth = asks(&pools, 1);
    second.await.unwrap().unwrap();
    assert_eq!(server.peak(), 2);
    drop((first, third, fourth));
}

#[tokio::test(start_paused = true)]
async fn waiting_is_bounded() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(1, 4));
    let _held = lease(&pools, 1).await.unwrap();
    for number in [1, 2] {
        let started = Instant::now();
        assert!(matches!(lease(&pools, number).await, Err(LeaseError::Timeout)));
        assert!(started.elapsed() <= Duration::from_millis(2_100));
    }
    millis(10).await;
    assert_eq!(pools.stats().waiting, 0, "who gave up waits no more");
}

#[tokio::test(start_paused = true)]
async fn a_failed_opening_answers_everybody_and_is_not_repeated_at_once() {
    let server = Arc::new(Server::default());
    *server.failing.lock().unwrap() = true;
    let pools = pools(&server, limits(8, 1));
    let mut callers = JoinSet::new();
    for _ in 0..20 {
        let pools = pools.clone();
        callers.spawn(async move { lease(&pools, 1).await.is_err() });
    }
    while let Some(refused) = callers.join_next().await {
        assert!(refused.unwrap());
    }
    assert!(lease(&pools, 1).await.is_err());
    assert_eq!(server.openings(), 1);
    assert_eq!(pools.stats().reserved, 0, "a failed opening keeps no permit");
    *server.failing.lock().unwrap() = false;
    tokio::time::sleep(Duration::from_secs(2)).await;
    lease(&pools, 1).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_opening_that_panics_is_a_failed_one_and_keeps_no_permit() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(4, 2));
    for _ in 0..3 {
        assert!(matches!(pools.requests.lease(tenant(1), 1, &PANICS).await, Err(LeaseError::Open(_))));
        assert!(matches!(pools.work.lease(tenant(1), 1, &PANICS).await, Err(LeaseError::Open(_))));
        millis(1_500).await;
    }
    assert_eq!((pools.stats().reserved, pools.stats().pools), (0, 0));
    lease(&pools, 2).await.unwrap();
    pools.shut_down(Duration::from_secs(5)).await;
    assert_eq!(server.open(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_new_identity_under_a_newer_epoch_reopens_and_an_older_one_does_not() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let at = async |epoch, target| pools.requests.lease(tenant(1), epoch, &target).await.unwrap();
    let old = at(1, 10).await;
    assert_eq!(target(&old), 10);
    assert_eq!(target(&at(2, 20).await), 20);
    assert_eq!(target(&at(1, 10).await), 20, "a stale record must not bring the old server back");
    drop(old);
    millis(10).await;
    assert_eq!((server.openings(), server.open()), (2, 1), "the old one is closed when it is given back");
}

#[tokio::test(start_paused = true)]
async fn who_waits_while_the_identity_changes_is_served_by_the_new_one() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 1));
    let held = pools.requests.lease(tenant(1), 1, &10).await.unwrap();
    let waiting = tokio::spawn({
        let pools = pools.clone();
        async move { target(&pools.requests.lease(tenant(1), 1, &10).await.unwrap()) }
    });
    millis(1).await;
    assert_eq!(target(&pools.requests.lease(tenant(1), 2, &20).await.unwrap()), 20);
    assert_eq!(waiting.await.unwrap(), 20);
    drop(held);
    rested(&pools).await;
    millis(10).await;
    assert_eq!((server.open(), pools.stats().reserved), (0, 0), "nothing is left of either identity");
}

#[tokio::test(start_paused = true)]
async fn idle_connections_are_closed() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let held = lease(&pools, 1).await.unwrap();
    drop(lease(&pools, 2).await.unwrap());
    drop(pools.work.lease(tenant(2), 1, &0).await.unwrap());
    tokio::time::sleep(Duration::from_secs(301)).await;
    pools.sweep();
    millis(10).await;
    assert_eq!(pools.stats().pools, 1, "tenant 1 is in use");
    assert_eq!(server.open(), 1);
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn shutting_down_refuses_new_callers_and_waits_for_those_inside() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 1));
    let held = lease(&pools, 1).await.unwrap();
    let queued = asks(&pools, 1);
    let stopping = tokio::spawn({
        let pools = pools.clone();
        async move { pools.shut_down(Duration::from_secs(5)).await }
    });
    millis(100).await;
    assert!(matches!(queued.await.unwrap(), Err(LeaseError::ShuttingDown)));
    assert!(matches!(lease(&pools, 1).await, Err(LeaseError::ShuttingDown)));
    assert!(!stopping.is_finished());
    drop(held);
    stopping.await.unwrap();
    assert_eq!(server.open(), 0);
}
