//! The lock on a name: whoever holds it is heard of, and nobody waits for it for ever.

#![expect(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::time::Duration;

use nexus_migration::MigrationError;
use nexus_migration::database::{self, DatabaseState, NewDatabase};
use nexus_test_support::{TestStack, eventually};
use sqlx::PgPool;
use tokio::time::timeout;

/// First key of the locks on names (`migration/src/name_lock.rs`).
const NAME_LOCK: i32 = 0x6e78_0002;
const SOON: Duration = Duration::from_secs(15);

fn unique(prefix: &str) -> String {
    format!("{prefix}_{}", std::process::id())
}

/// The session that holds the lock on a name, and since when it rests.
async fn holder(admin: &PgPool, name: &str) -> Option<(i32, String)> {
    sqlx::query_as(
        "SELECT pid, state_change::text FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND granted AND classid::bigint = $1::int::bigint AND objid::bigint = hashtext($2)::bigint & 4294967295
           AND objsubid = 2 AND state = 'idle'",
    )
    .bind(NAME_LOCK)
    .bind(name)
    .fetch_optional(admin)
    .await
    .unwrap()
}

#[tokio::test]
async fn long_work_under_a_lock_is_heard_of_and_ends_with_the_lock() {
    let stack = TestStack::from_env();
    let (admin, other) = (stack.admin_db("postgres").await, stack.admin_db("postgres").await);
    let name = unique("work");
    let work = database::holding(admin.pool(), &name, std::future::pending::<Result<(), MigrationError>>());
    let watching = async {
        let (pid, since) = eventually(SOON, async || holder(other.pool(), &name).await).await;
        eventually(SOON, async || holder(other.pool(), &name).await.filter(|(_, later)| *later != since)).await;
        sqlx::query("SELECT pg_terminate_backend($1)").bind(pid).execute(other.pool()).await.unwrap();
    };
    let (ended, ()) = tokio::join!(timeout(SOON * 2, work), watching);
    assert!(matches!(ended, Ok(Err(MigrationError::Database(_)))), "work goes on under a lock that is lost: {ended:?}");
    assert_eq!(database::holding(other.pool(), &name, async { Ok::<_, MigrationError>(7) }).await.unwrap(), 7);
    assert!(holder(other.pool(), &name).await.is_none(), "the lock is given back");
}

#[tokio::test]
async fn a_copied_database_does_not_wait_long_for_its_role() {
    let stack = TestStack::from_env();
    let admin = stack.admin_db("postgres").await;
    let name = unique("copied");
    let new = NewDatabase { name: &name, template: "template0", open: false, connection_limit: None };
    let created = database::create_and_admit(admin.pool(), new, "nobody", std::future::pending());
    let is_open = timeout(Duration::from_secs(14), created).await.expect("the lock is held in silence until it counts as forsaken").unwrap();
    let mut connection = admin.pool().acquire().await.unwrap();
    let state = database::state(&mut connection, &name).await.unwrap();
    drop(connection);
    database::remove(admin.pool(), &name).await.unwrap();
    assert_eq!((is_open, state), (false, DatabaseState::Present { template: false }));
}
