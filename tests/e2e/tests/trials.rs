//! Trials: a plan taken by self-service is tried; unpaid, the free plan follows, and the organization's limits with it.

use std::time::Duration;

use nexus_test_support::{Client, Nexus, eventually};
use serde_json::{Value, json};

use crate::platform::{Platform, key, log_in, request_sign_up, sign_up_body, unique_slug};

async fn subscription(client: &Client) -> Value {
    client.get("/api/v1/billing/subscription").send().await.expect(200).ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trial_that_nobody_pays_for_ends_in_the_free_plan() {
    let platform = Platform::start().await;
    let (tried, granted) = (platform.sign_up().await, unique_slug());
    request_sign_up(&platform.client(), &granted).await.succeeded(&platform.client()).await;
    let granted = log_in(&platform.client(), &granted).await;
    let begun = subscription(&tried.client).await;
    assert_eq!((&begun["state"], &begun["plan"]["key"]), (&json!("trialing"), &json!("business")), "{begun}");
    // An operator's decision stands for a payment.
    let set = Nexus::command(&platform.stack, &["admin", "tenants", "set-plan", &granted.slug, "business"]).on(&platform.stack, &platform.control);
    assert_eq!(set.run().await.code, 0);
    assert_eq!(subscription(&granted.client).await["state"], "active");

    let pool = platform.control.db().pool();
    let past = "UPDATE subscriptions SET trial_ends_at = now() - interval '1 second' WHERE state = 'trialing'";
    assert_eq!(sqlx::query(past).execute(pool).await.unwrap().rows_affected(), 1);
    // Every process looks when it starts, and every minute.
    let _second = Platform::command(&platform.stack, &platform.control).spawn().await;
    eventually(Duration::from_secs(30), async || (subscription(&tried.client).await["plan"]["key"] == "free").then_some(())).await;
    let ended = subscription(&tried.client).await;
    assert_eq!((&ended["state"], &ended["current_period_end"]), (&json!("active"), &Value::Null), "{ended}");
    // The other process' runtime hears of it, and the limits hold there.
    let me = eventually(Duration::from_secs(5), async || {
        let me = tried.client.get("/api/v1/me").send().await.expect(200).ok();
        (me["entitlements"]["plan"] == "free").then_some(me)
    })
    .await;
    assert_eq!(me["entitlements"]["limits"]["locations"], 5, "{me}");
    let place = |code: String| json!({ "code": code, "name": code, "type": "site", "kind": "warehouse" });
    let refused = eventually(Duration::from_secs(30), async || {
        let answer = tried.client.post("/api/v1/locations", &place(unique_slug())).idempotency_key(&key()).send().await;
        (answer.status.as_u16() != 201).then_some(answer)
    })
    .await;
    refused.error(402, "QUOTA_EXCEEDED");

    let told: Vec<(String, Value)> =
        sqlx::query_as("SELECT kind, payload FROM outbox WHERE aggregate_id = $1 AND kind LIKE 'billing.%' ORDER BY seq")
            .bind(tried.id)
            .fetch_all(pool)
            .await
            .unwrap();
    assert_eq!(
        told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(),
        ["billing.subscription.plan_changed.v1", "billing.subscription.trial_ended.v1"]
    );
    assert_eq!((&told[1].1["plan"], &told[1].1["previous_plan"]), (&json!("free"), &json!("business")));
    let audited: i64 = sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE action = 'subscriptions.end_trial' AND entity_id = $1")
        .bind(tried.id)
        .fetch_one(pool)
        .await
        .unwrap();
    assert_eq!(audited, 1, "once, however many processes look");
    assert_eq!(subscription(&granted.client).await["plan"]["key"], "business", "what an operator gave stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_with_a_price_and_no_trial_is_not_had_by_self_service() {
    let platform = Platform::start().await;
    let pool = platform.control.admin().await;
    sqlx::query("UPDATE plans SET trial_days = 0 WHERE key = 'business'").execute(pool.pool()).await.unwrap();
    let slug = unique_slug();
    let answer = platform.client().post("/api/v1/signup", &sign_up_body(&slug)).idempotency_key(&key()).send().await;
    answer.error(402, "PLAN_NOT_SELF_SERVICE");
    // What the platform gives to whoever chooses nothing is given.
    let mut body = sign_up_body(&slug);
    body["plan"] = Value::Null;
    let _ = platform.client().post("/api/v1/signup", &body).idempotency_key(&key()).send().await.expect(202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_plan_promises_what_another_has_without_it() {
    let platform = Platform::start().await;
    let plans = platform.client().get("/api/v1/billing/plans").send().await.expect(200).ok();
    for plan in plans.as_array().expect("plans") {
        assert_eq!(plan["features"], json!(["imports", "saved_views"]), "{plan}");
    }
}
