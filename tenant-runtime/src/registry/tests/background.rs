//! What is left for requests while work in the background keeps its leases.

use super::*;

type Leased = super::super::pools::Lease<FakeOpener>;

async fn kept(pools: &Pools<FakeOpener>, number: u128) -> Leased {
    pools.lease_for_background(tenant(number), 1, 0).await.unwrap()
}

/// Callers of one tenant: there is always one inside, and none stays.
fn busy(pools: &Pools<FakeOpener>, number: u128) -> JoinSet<()> {
    let mut callers = JoinSet::new();
    for caller in 0..3 {
        let pools = pools.clone();
        callers.spawn(async move {
            tokio::time::sleep(Duration::from_millis(caller * 30)).await;
            loop {
                let lease = pools.lease(tenant(number), 1, 0).await;
                tokio::time::sleep(Duration::from_millis(90)).await;
                drop(lease);
            }
        });
    }
    callers
}

#[tokio::test(start_paused = true)]
async fn long_work_leaves_half_of_the_pools_to_requests() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(16, 4));
    let mut works = JoinSet::new();
    for number in 1..=4 {
        let pools = pools.clone();
        works.spawn(async move { pools.lease_for_background(tenant(number), 1, 0).await });
    }
    let (mut held, mut refused) = (Vec::new(), 0);
    while let Some(work) = works.join_next().await {
        match work.unwrap() {
            Ok(lease) => held.push(lease),
            Err(error) => {
                assert!(matches!(error, LeaseError::Timeout), "{error}");
                refused += 1;
            }
        }
    }
    assert_eq!((held.len(), refused), (2, 2));
    for number in 10..30 {
        pools.lease(tenant(number), 1, 0).await.unwrap();
    }
    assert_eq!(pools.stats().leaving, 0, "nobody had to be retired for a request");
    held.pop();
    held.push(kept(&pools, 5).await);
    assert!(server.peak.load(Ordering::SeqCst) <= 16);
}

#[tokio::test(start_paused = true)]
async fn what_runs_inside_a_tenants_work_never_waits_for_the_share() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let outer = kept(&pools, 1).await;
    let inner = tokio::time::timeout(Duration::from_millis(1), kept(&pools, 1)).await.unwrap();
    drop(outer);
    assert!(matches!(pools.lease_for_background(tenant(2), 1, 0).await, Err(LeaseError::Timeout)), "the work goes on inside");
    drop(inner);
    drop(kept(&pools, 2).await);
}

#[tokio::test(start_paused = true)]
async fn a_budget_of_one_pool_still_lets_work_be_done() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(4, 4));
    drop(kept(&pools, 1).await);
    pools.lease(tenant(2), 1, 0).await.unwrap();
    drop(kept(&pools, 1).await);
}

#[tokio::test(start_paused = true)]
async fn a_retired_pool_that_stays_in_use_is_not_counted_as_room() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let _held = pools.lease(tenant(1), 1, 0).await.unwrap();
    let _callers = busy(&pools, 2);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    pools.lease(tenant(3), 1, 0).await.unwrap();
    assert!(server.peak.load(Ordering::SeqCst) <= 8);
}

#[tokio::test(start_paused = true)]
async fn the_pool_of_long_work_is_not_retired_for_others() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let _held = kept(&pools, 1).await;
    let _callers = busy(&pools, 2);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let asked = tokio::time::Instant::now();
    pools.lease(tenant(3), 1, 0).await.unwrap();
    assert!(asked.elapsed() < Duration::from_millis(500), "retiring tenant 1's pool would have freed nothing");
    let openings = server.openings.load(Ordering::SeqCst);
    pools.lease(tenant(1), 1, 0).await.unwrap();
    assert_eq!(server.openings.load(Ordering::SeqCst), openings, "tenant 1's own requests are served by the pool it has");
}

#[tokio::test(start_paused = true)]
async fn shutting_down_refuses_work_that_waits_for_the_share() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let held = kept(&pools, 1).await;
    let waiting = tokio::spawn({
        let pools = pools.clone();
        async move { pools.lease_for_background(tenant(2), 1, 0).await.map(|_| ()) }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let stopping = tokio::spawn({
        let pools = pools.clone();
        async move { pools.shut_down(Duration::from_secs(5)).await }
    });
    assert!(matches!(waiting.await.unwrap(), Err(LeaseError::ShuttingDown)));
    drop(held);
    stopping.await.unwrap();
}
