//! Reading levels and ledger.

use nexus_test_support::Role;
use serde_json::json;

use super::{movement, post, product, warehouse};
use crate::test_app::App;

#[tokio::test]
async fn the_ledger_goes_by_cursor_and_filters() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let variant = product(&app, "A", "stocked").await;
    product(&app, "B", "stocked").await;
    let shop = warehouse(&app, "SHOP").await;
    for quantity in 1..=5 {
        let _ = movement(&client, "receive", "A", "MAIN", &quantity.to_string()).await.created();
    }
    let _ = movement(&client, "receive", "B", "SHOP", "9").await.created();
    let _ = movement(&client, "scrap", "A", "MAIN", "1").await.created();
    let first = client.get(&format!("/api/v1/stock-movements?variant_id={variant}&limit=4")).send().await;
    let quantities: Vec<_> = first.ok().as_array().unwrap().iter().map(|row| row["quantity"].as_str().unwrap().to_owned()).collect();
    assert_eq!(quantities, ["1", "5", "4", "3"], "newest first");
    let next = first.metadata()["next_cursor"].as_str().unwrap().to_owned();
    let rest = client.get(&format!("/api/v1/stock-movements?variant_id={variant}&limit=4&cursor={next}")).send().await;
    assert_eq!(rest.ok().as_array().unwrap().len(), 2);
    for (query, expected) in [("reason=scrap", 1), ("reason=receipt", 6), ("sku=B", 1), ("occurred_at[gte]=2999-01-01T00:00:00Z", 0)] {
        let found = client.get(&format!("/api/v1/stock-movements?{query}")).send().await.ok();
        assert_eq!(found.as_array().unwrap().len(), expected, "{query}");
    }
    let at_shop = client.get(&format!("/api/v1/stock-movements?location_id={}", shop["id"].as_str().unwrap())).send().await.ok();
    assert_eq!(at_shop.as_array().unwrap().len(), 1);
    let _ = client.get("/api/v1/stock-movements?page=1").send().await.error(400, "BAD_REQUEST");
    let _ = client.get("/api/v1/stock-movements/0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11").send().await.error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_products_history_spans_its_variants() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let body = json!({ "name": "Tea", "status": "active", "variants": [{ "sku": "T-1", "name": "1" }, { "sku": "T-2", "name": "2" }] });
    let tea = client.post("/api/v1/products", &body).send().await.created();
    product(&app, "OTHER", "stocked").await;
    for sku in ["T-1", "T-2", "OTHER"] {
        let _ = movement(&client, "receive", sku, "MAIN", "1").await.created();
    }
    let history = client.get(&format!("/api/v1/inventory/history/{}", tea["id"].as_str().unwrap())).send().await.ok();
    let skus: Vec<_> = history.as_array().unwrap().iter().map(|row| row["sku"].as_str().unwrap()).collect();
    assert_eq!(skus, ["T-2", "T-1"]);
    let _ = client.get("/api/v1/inventory/history/0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11").send().await.error(404, "NOT_FOUND");
}

#[tokio::test]
async fn levels_are_found_by_words_ranges_and_low_stock() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    for (sku, quantity) in [("LAMP", "5"), ("CHAIR", "50"), ("DESK", "1")] {
        product(&app, sku, "stocked").await;
        let _ = movement(&client, "receive", sku, "MAIN", quantity).await.created();
    }
    let _ = movement(&client, "issue", "DESK", "MAIN", "1").await.created();
    let skus = async |query: &str| {
        let found = client.get(&format!("/api/v1/inventory?{query}")).send().await.ok();
        found.as_array().unwrap().iter().map(|level| level["sku"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(skus("q=lam").await, ["LAMP"]);
    assert_eq!(skus("on_hand[gt]=1&sort=-on_hand").await, ["CHAIR", "LAMP"]);
    assert_eq!(skus("low_stock=true").await, ["DESK"]);
    assert_eq!(skus("location=MAIN&limit=2&page=2").await, ["LAMP"]);
    let _ = app.client(Role::Viewer).get("/api/v1/inventory").send().await.ok();
}

#[tokio::test]
async fn a_viewer_posts_nothing() {
    let app = App::start().await;
    let viewer = app.client(Role::Viewer);
    for path in ["/api/v1/stock-movements", "/api/v1/inventory/adjust", "/api/v1/inventory/transfer"] {
        let _ = post(&viewer, path, &json!({})).await.error(403, "FORBIDDEN");
    }
    let _ = viewer.post("/api/v1/locations", &json!({})).send().await.error(403, "FORBIDDEN");
}
