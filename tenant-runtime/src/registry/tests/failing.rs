//! A server that can't be reached is not stormed.

use super::*;

#[tokio::test(start_paused = true)]
async fn while_some_connections_stand_a_failed_opening_is_not_repeated_at_once_either() {
    let server = Arc::new(Server::default());
    let pools = pools(&server, limits(8, 4));
    let held = lease(&pools, 1).await.unwrap();
    *server.failing.lock().unwrap() = true;
    let mut callers = Vec::new();
    for _ in 0..50 {
        callers.push(asks(&pools, 1));
        millis(10).await;
    }
    assert_eq!(server.openings(), 2, "each caller begins another opening");
    millis(600).await;
    callers.push(asks(&pools, 1));
    millis(10).await;
    assert_eq!(server.openings(), 3, "after a second it is tried again");
    drop(held);
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert_eq!((server.openings(), pools.stats().reserved), (3, 1), "the connection that stands serves them all");
}
