//! A saga is with one runner: whoever lost it does nothing more, outside the control database either.

use std::time::Duration;

use nexus_infra::Db;
use nexus_test_support::eventually;

use crate::bench::{Bench, Outside};

/// First key of the advisory locks under which databases are made (`migration/src/name_lock.rs`).
const NAME_LOCK: i32 = 0x6e78_0002;

const WAITING: &str = "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE locktype = 'advisory' AND NOT granted
                       AND classid::bigint = $1::int::bigint AND objid::bigint = hashtext($2)::bigint & 4294967295 AND a.application_name = $3)";

async fn take(admin: &Db, name: &str) {
    sqlx::query("SELECT pg_advisory_lock($1, hashtext($2))").bind(NAME_LOCK).bind(name).execute(admin.pool()).await.unwrap();
}

#[tokio::test]
async fn a_runner_that_lost_its_lease_inside_a_step_stops_there() {
    let bench = Bench::new().await;
    let (tenant, operation) = bench.sign_up("taken-away").await;
    let name = format!("nxt_{}", tenant.opaque());
    let stack = bench.control.stack();
    // One connection each: a lock belongs to its session.
    let (holder, next) = (Db::connect(&stack.admin_spec("postgres").max_connections(1)).await.unwrap(), stack.admin_db("postgres").await);
    let waiting = async |who: &str| {
        eventually(Duration::from_secs(30), async || {
            let waiting = sqlx::query_scalar::<_, bool>(WAITING).bind(NAME_LOCK).bind(&name).bind(who);
            waiting.fetch_one(bench.admin.pool()).await.unwrap().then_some(())
        })
        .await;
    };
    take(&holder, &name).await;
    bench
        .with_runner(async {
            // The runner is about to make the database. The saga goes to another runner meanwhile.
            waiting("nexus-provisioning").await;
            let control = bench.control.db().pool();
            let since: chrono::DateTime<chrono::Utc> = sqlx::query_scalar(
                "UPDATE operations SET leased_by = gen_random_uuid(), leased_until = clock_timestamp() + interval '1 hour' WHERE id = $1
                 RETURNING clock_timestamp()",
            )
            .bind(operation.id)
            .fetch_one(control)
            .await
            .unwrap();
            // Longer than a runner takes between two looks at its lease.
            eventually(Duration::from_secs(30), async || {
                let over = sqlx::query_scalar::<_, bool>("SELECT clock_timestamp() > $1 + interval '6 seconds'").bind(since);
                over.fetch_one(control).await.unwrap().then_some(())
            })
            .await;
            // Whoever waits before this one would be through with the database when its turn comes.
            tokio::join!(take(&next, &name), async {
                waiting("nexus-test-admin").await;
                holder.close().await;
            });
        })
        .await;
    // The bucket was made beside the waiting, while the saga was still its own; the role would have been made beside the copy.
    let before = Outside { database: false, role: false, bucket: true };
    assert_eq!(bench.outside(tenant).await, before, "it went on with a saga that was another's");
    let attempts: Vec<i32> = sqlx::query_scalar("SELECT attempts FROM saga_steps WHERE operation_id = $1 ORDER BY position")
        .bind(operation.id)
        .fetch_all(bench.control.db().pool())
        .await
        .unwrap();
    assert_eq!(attempts[..3], [1, 1, 0], "{attempts:?}");
}
