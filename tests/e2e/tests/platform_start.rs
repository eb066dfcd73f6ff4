//! The start of the program: nobody is sent to where something used to be.

use std::time::Duration;

use nexus_test_support::{ControlDb, Role, TestStack, TestTenant, eventually};

use crate::platform::Platform;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_server_that_moved_is_known_before_the_first_request() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let tenant = TestTenant::in_control(&control).await;
    // The address of the last start, which another transaction keeps the program from changing at once.
    let mut holder = control.db().pool().begin().await.unwrap();
    let moved = sqlx::query("UPDATE database_servers SET port = 1").execute(control.db().pool()).await.unwrap();
    assert_eq!(moved.rows_affected(), 1);
    sqlx::query("SELECT FROM database_servers FOR UPDATE").execute(&mut *holder).await.unwrap();
    let mut process = Platform::command(&stack, &control).spawn_unready();
    eventually(Duration::from_secs(60), async || {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(control.db().pool()).await.unwrap();
        (waiting > 0).then_some(())
    })
    .await;
    assert!(!process.log().contains("serving"), "it serves before it knows where the servers are:\n{}", process.log());
    holder.rollback().await.unwrap();

    process.wait_ready(Duration::from_secs(60)).await;
    let client = process.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    let _ = client.get("/api/v1/products").send().await.expect(200);
    assert_eq!(process.terminate().await, 0, "the program ends cleanly");
}
