//! The plan's number of products, whoever adds one at once.

use futures::future::join;
use nexus_infra::postgres::advisory;
use nexus_test_support::Role;
use serde_json::json;

use crate::test_app::App;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_can_not_both_take_the_last_place_of_the_plan() {
    let app = App::with_limits(json!({ "products": 1 })).await;
    let client = app.client(Role::Manager);
    // The last place is being taken: counted, added, not yet committed.
    let mut taking = app.tenant.db().pool().begin().await.unwrap();
    let lock = advisory::key(advisory::QUOTA, "products");
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(lock).execute(&mut *taking).await.unwrap();
    sqlx::query("INSERT INTO products (id, name) VALUES (gen_random_uuid(), 'The last')").execute(&mut *taking).await.unwrap();
    let (refused, ()) = join(client.post("/api/v1/products", &json!({ "name": "One too many" })).send(), async {
        app.sessions_wait(1).await;
        taking.commit().await.unwrap();
    })
    .await;
    assert_eq!(refused.error(402, "QUOTA_EXCEEDED")["details"]["limit"], 1);
}
