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
    // A product without variants has no history; it is there all the same.
    let bare = client.post("/api/v1/products", &json!({ "name": "Idea" })).send().await.created();
    let empty = client.get(&format!("/api/v1/inventory/history/{}", bare["id"].as_str().unwrap())).send().await;
    assert_eq!((empty.ok(), empty.metadata()["has_more"].clone()), (json!([]), json!(false)));
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
    assert_eq!(skus("low_stock[ne]=true").await, ["CHAIR", "LAMP"]);
    let error = client.get("/api/v1/inventory?low_stock=true,false").send().await.error(400, "BAD_REQUEST");
    assert_eq!((error["details"][0]["field"].as_str(), error["details"][0]["code"].as_str()), (Some("low_stock"), Some("too_many")));
    let _ = app.client(Role::Viewer).get("/api/v1/inventory").send().await.ok();
}

#[tokio::test]
async fn codes_compare_without_regard_to_case_in_every_list() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    product(&app, "Straße-ÄB", "stocked").await;
    product(&app, "OTHER", "stocked").await;
    warehouse(&app, "Süd-1").await;
    for (sku, location) in [("straße-äb", "süd-1"), ("other", "main")] {
        let _ = movement(&client, "receive", sku, location, "2").await.created();
    }
    let count = async |path: &str| client.get(&format!("/api/v1/{path}")).send().await.ok().as_array().unwrap().len();
    for sku in ["Straße-ÄB", "STRAße-äb", "straße-Äb", "%20straße-äb%20"] {
        assert_eq!(count(&format!("inventory?sku={sku}")).await, 1, "{sku}");
        assert_eq!(count(&format!("stock-movements?sku={sku}")).await, 1, "{sku}");
        assert_eq!(count(&format!("inventory?sku[ne]={sku}")).await, 1, "{sku}");
        assert_eq!(count(&format!("stock-movements?sku={sku},oTHER")).await, 2, "{sku}");
    }
    for code in ["Süd-1", "sÜD-1", "SÜD-1"] {
        assert_eq!(count(&format!("inventory?location={code}")).await, 1, "{code}");
        assert_eq!(count(&format!("locations?code={code}")).await, 1, "{code}");
        assert_eq!(count(&format!("warehouses?code={code}")).await, 1, "{code}");
        assert_eq!(count(&format!("inventory?location[ne]={code}&sku=other")).await, 1, "{code}");
    }
}

#[tokio::test]
async fn words_find_the_variant_they_name_and_the_products_words_all_of_them() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let variant = |sku: &str, name: &str, barcode: &str| json!({ "sku": sku, "name": name, "barcodes": [{ "barcode": barcode, "kind": "ean13" }] });
    let beans = json!({
        "name": "Espresso beans", "brand": "Moretti", "status": "active",
        "variants": [variant("BN-250", "Small bag", "4006381333931"), variant("BN-1000", "Large bag", "5901234123457")],
    });
    let _ = client.post("/api/v1/products", &beans).send().await.created();
    product(&app, "CUP", "stocked").await;
    for sku in ["BN-250", "BN-1000", "CUP"] {
        let _ = movement(&client, "receive", sku, "MAIN", "1").await.created();
    }
    let skus = async |q: &str| {
        let found = client.get(&format!("/api/v1/inventory?sort=-sku&q={q}")).send().await.ok();
        found.as_array().unwrap().iter().map(|level| level["sku"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for of_the_product in ["espresso", "beans%20espr", "moretti", "bag", "bn"] {
        assert_eq!(skus(of_the_product).await, ["BN-250", "BN-1000"], "{of_the_product}");
    }
    for of_one in ["bn250", "small", "4006381333931", "espresso%20small", "moretti%20250"] {
        assert_eq!(skus(of_one).await, ["BN-250"], "{of_one}");
    }
    for of_none in ["small%201000", "large%204006381333931", "espresso%20cup"] {
        assert!(skus(of_none).await.is_empty(), "{of_none}");
    }
    assert_eq!(skus("cup").await, ["CUP"]);
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
