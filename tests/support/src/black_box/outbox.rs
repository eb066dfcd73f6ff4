//! The outbox of a database, as its administrator sees it.

use std::time::Duration;

use sqlx::PgPool;

use crate::eventually;

/// As when the minute is over for which a delivery is left to whoever took it on, and died over it.
pub async fn leases_run_out(database: &PgPool) {
    let over = "UPDATE outbox_deliveries SET not_before = clock_timestamp() WHERE finished_at IS NULL";
    sqlx::query(over).execute(database).await.expect("the deliveries");
}

/// Waits until nothing is left in it.
pub async fn drained(database: &PgPool, within: Duration) {
    eventually(within, async || {
        let open: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL").fetch_one(database).await.expect("the outbox");
        (open == 0).then_some(())
    })
    .await;
}
