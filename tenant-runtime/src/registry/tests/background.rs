//! What is left for requests while work in the background keeps its leases.

use super::*;
use crate::registry::work;

type Kept = work::Lease<FakeOpener>;

async fn kept(pools: &Pools<FakeOpener>, number: u128) -> Result<Kept, LeaseError> {
    pools.work.lease(tenant(number), 1, &0).await
}

#[tokio::test(start_paused = true)]
async fn long_work_leaves_half_of_the_budget_to_requests() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(16, 4));
    let mut works = JoinSet::new();
    for number in 1..=4 {
        let pools = pools.clone();
        works.spawn(async move { kept(&pools, number).await });
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
    let mut requests = Vec::new();
    for number in 10..18 {
        requests.push(lease(&pools, number).await.unwrap());
    }
    assert_eq!(server.open(), 16);
    held.pop();
    requests.clear();
    held.push(kept(&pools, 5).await.unwrap());
    assert!(server.peak() <= 16);
}

#[tokio::test(start_paused = true)]
async fn what_runs_inside_a_tenants_work_never_waits_for_the_share() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let outer = kept(&pools, 1).await.unwrap();
    let inner = tokio::time::timeout(Duration::from_millis(1), kept(&pools, 1)).await.unwrap().unwrap();
    drop(outer);
    assert!(matches!(kept(&pools, 2).await, Err(LeaseError::Timeout)), "the work goes on inside");
    drop(inner);
    drop(kept(&pools, 2).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn the_smallest_budgets_still_let_work_be_done() {
    for budget in [1, 2, 4] {
        let server = Arc::new(Server::default());
        let pools = pools(&server, limits(budget, 4));
        for _ in 0..3 {
            drop(kept(&pools, 1).await.unwrap());
            drop(lease(&pools, 2).await.unwrap());
            drop(lease(&pools, 1).await.unwrap());
        }
        assert!(server.peak() <= budget);
    }
}

#[tokio::test(start_paused = true)]
async fn requests_are_served_beside_the_tenants_own_work() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let held = kept(&pools, 1).await.unwrap();
    let asked = Instant::now();
    drop(lease(&pools, 1).await.unwrap());
    assert!(asked.elapsed() < Duration::from_millis(50));
    assert_eq!(held.pool().connections, 4);
}

#[tokio::test(start_paused = true)]
async fn work_that_wants_several_connections_is_not_starved_by_requests_that_want_one() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let mut busy = JoinSet::new();
    for number in 0..16_u128 {
        let pools = pools.clone();
        busy.spawn(async move {
            loop {
                let lease = lease(&pools, 10 + number).await;
                millis(30).await;
                drop(lease);
            }
        });
    }
    millis(200).await;
    let asked = Instant::now();
    drop(kept(&pools, 1).await.unwrap());
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    assert!(server.peak() <= 8);
}

#[tokio::test(start_paused = true)]
async fn work_that_wants_several_connections_takes_those_that_rest_and_no_more() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(16, 4));
    for number in 10..18 {
        drop(lease(&pools, number).await.unwrap());
    }
    let mut busy = JoinSet::new();
    for number in 20..28_u128 {
        let pools = pools.clone();
        busy.spawn(async move {
            loop {
                let lease = lease(&pools, number).await;
                millis(1).await;
                drop(lease);
                tokio::task::yield_now().await;
            }
        });
    }
    millis(100).await;
    assert_eq!(server.openings(), 16);
    drop(kept(&pools, 1).await.unwrap());
    millis(100).await;
    assert_eq!(server.openings(), 17, "connections in use were closed for more than was wanted");
    assert_eq!(server.open(), 16);
}

#[tokio::test(start_paused = true)]
async fn pools_that_rest_give_way_to_requests() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    drop(kept(&pools, 1).await.unwrap());
    drop(kept(&pools, 2).await.unwrap());
    let mut held = Vec::new();
    for number in 10..18 {
        held.push(lease(&pools, number).await.unwrap());
    }
    assert_eq!(server.open(), 8);
}

#[tokio::test(start_paused = true)]
async fn shutting_down_refuses_work_that_waits_for_the_share() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let held = kept(&pools, 1).await.unwrap();
    let waiting = tokio::spawn({
        let pools = pools.clone();
        async move { kept(&pools, 2).await.map(|_| ()) }
    });
    millis(100).await;
    let stopping = tokio::spawn({
        let pools = pools.clone();
        async move { pools.shut_down(Duration::from_secs(5)).await }
    });
    assert!(matches!(waiting.await.unwrap(), Err(LeaseError::ShuttingDown)));
    drop(held);
    stopping.await.unwrap();
}
