//! Watching an operation: many may, not too many, and it ends.

use std::time::Duration;

use futures::future::join_all;
use nexus_test_support::Client;
use uuid::Uuid;

use crate::platform::{Platform, unique_slug};

/// Streams that one caller may have open.
const PER_CALLER: usize = 10;

/// An operation that nobody works on: it is due tomorrow.
async fn pending(platform: &Platform) -> Uuid {
    let (tenant, operation) = (Uuid::new_v4(), Uuid::new_v4());
    let pool = platform.control.db().pool();
    sqlx::query(
        "INSERT INTO tenants (id, slug, name, database_name, role_name, bucket_name)
         VALUES ($1, $2, 'Waiting', 'nxt_' || replace($1::text, '-', ''), 'nxt_' || replace($1::text, '-', ''), 'nxt-' || replace($1::text, '-', ''))",
    )
    .bind(tenant)
    .bind(unique_slug())
    .execute(pool)
    .await
    .unwrap();
    let made = "INSERT INTO operations (id, kind, tenant_id, created_by_kind, request_id, due_at)
                VALUES ($1, 'provision', $2, 'system', 'test', now() + interval '1 day')";
    sqlx::query(made).bind(operation).bind(tenant).execute(pool).await.unwrap();
    sqlx::query("INSERT INTO saga_steps (operation_id, step, position) VALUES ($1, 'reserve', 1)").bind(operation).execute(pool).await.unwrap();
    operation
}

/// An operator's client, and the token in it.
fn operator(platform: &Platform) -> (Client, String) {
    let tokens = platform.control.tokens();
    let token = tokens.mint(&tokens.operator_claims(Uuid::new_v4(), "support"));
    (platform.client().bearer(&token), token)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_watch_but_no_more_than_are_seated() {
    let platform = Platform::start().await;
    let operation = pending(&platform).await;
    let path = format!("/api/v1/operations/{operation}/events");
    let callers = [operator(&platform), operator(&platform), operator(&platform)];
    // The test's client reads answers to their end; these are to stay open.
    let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().unwrap();
    let open = async |path: &str, token: &str| {
        let answer = http.get(format!("{}{path}", platform.process.base_url)).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        answer
    };
    let mut streams = Vec::new();
    for (client, token) in &callers {
        for _ in 0..PER_CALLER {
            streams.push(open(&path, token).await);
        }
        let refused = client.get(&path).send().await;
        refused.error(429, "RATE_LIMITED");
        assert!(refused.header("retry-after").is_some(), "{}", refused.text());
        // The operation itself can be read all the same.
        let _ = client.get(&format!("/api/v1/operations/{operation}")).send().await.expect(200);
    }
    let pool = platform.control.db().pool();
    let steps = "UPDATE saga_steps SET state = 'succeeded', attempts = 1, started_at = now(), finished_at = now() WHERE operation_id = $1";
    sqlx::query(steps).bind(operation).execute(pool).await.unwrap();
    sqlx::query("UPDATE operations SET state = 'succeeded', finished_at = now() WHERE id = $1").bind(operation).execute(pool).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(10), join_all(streams.into_iter().map(reqwest::Response::text)));
    for told in told.await.expect("the streams end with the operation") {
        let told = told.unwrap();
        for event in ["id: 1.running.1", "id: 1.succeeded.1", "id: end"] {
            assert_eq!(told.matches(event).count(), 1, "{event} in {told}");
        }
    }
    // The seats are free again.
    let another = format!("/api/v1/operations/{}/events", pending(&platform).await);
    for (_, token) in &callers {
        drop(open(&another, token).await);
    }
}
