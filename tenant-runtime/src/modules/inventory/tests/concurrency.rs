//! Many clients on one short article.

use futures::future::join_all;
use nexus_test_support::Role;
use serde_json::json;

use super::{assert_levels_are_true, movement, on_hand, post, product, warehouse};
use crate::test_app::App;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_two_clients_on_too_little_stock_never_go_below_zero_and_lose_nothing() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    product(&app, "SHORT", "stocked").await;
    let _ = movement(&client, "receive", "SHORT", "MAIN", "100").await.created();
    // 32 clients want 5 pieces each, one by one: 160 of 100.
    let taken: usize = join_all((0..32).map(async |_| {
        let mut taken = 0;
        for _ in 0..5 {
            let answer = movement(&client, "issue", "SHORT", "MAIN", "1").await;
            match answer.status.as_u16() {
                201 => taken += 1,
                _ => drop(answer.error(409, "INSUFFICIENT_STOCK")),
            }
        }
        taken
    }))
    .await
    .into_iter()
    .sum();
    assert_eq!(taken, 100);
    assert_eq!(on_hand(&client, "SHORT", "MAIN").await.as_deref(), Some("0"));
    assert_levels_are_true(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postings_over_the_same_levels_in_any_order_all_get_through() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    for sku in ["A", "B", "C"] {
        product(&app, sku, "stocked").await;
    }
    warehouse(&app, "SHOP").await;
    let line = |sku: &str, location: &str| json!({ "sku": sku, "location": location, "delta": "1" });
    // The levels do not exist yet: the postings create them together.
    let done = join_all((0..24).map(async |number| {
        let mut lines: Vec<_> = ["A", "B", "C"].iter().flat_map(|sku| [line(sku, "MAIN"), line(sku, "SHOP")]).collect();
        lines.rotate_left(number % 6);
        if number % 2 == 0 {
            lines.reverse();
        }
        post(&client, "/api/v1/inventory/adjust", &json!({ "reason": "found", "lines": lines })).await.status.as_u16()
    }))
    .await;
    assert!(done.iter().all(|status| *status == 201), "{done:?}");
    assert_eq!(on_hand(&client, "B", "SHOP").await.as_deref(), Some("24"));
    assert_levels_are_true(&app).await;
}
