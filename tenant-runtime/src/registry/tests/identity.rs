//! Which of two records of one tenant is believed.

use super::*;

/// The target that a request and work in the background are given under this record.
async fn given(pools: &Pools<FakeOpener>, epoch: i64, to: u32) -> (u32, u32) {
    let request = pools.requests.lease(tenant(1), epoch, &to).await.unwrap();
    let work = pools.work.lease(tenant(1), epoch, &to).await.unwrap();
    (target(&request), work.pool().target)
}

#[tokio::test(start_paused = true)]
async fn only_a_newer_record_sends_a_tenant_elsewhere() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(16, 4));
    assert_eq!(given(&pools, 3, 10).await, (10, 10));
    assert_eq!(given(&pools, 3, 20).await, (10, 10), "two records of one epoch would take turns");
    assert_eq!(given(&pools, 4, 20).await, (20, 20));
    // Moved away and back again, and used under the newest record: one in between is as old as the first.
    assert_eq!(given(&pools, 6, 20).await, (20, 20));
    assert_eq!(given(&pools, 5, 10).await, (20, 20), "a record from before this one was last used");
    millis(10).await;
    let open = server.open();
    assert_eq!((open, pools.stats().leaving), (5, 0), "a connection and a pool of the present identity");
}
