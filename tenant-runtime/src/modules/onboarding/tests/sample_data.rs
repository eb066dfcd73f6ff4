//! Sample data come and go, and leave what is real alone.

use futures::future::join_all;
use nexus_test_support::{Client, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{assert_levels_are_true, load, product, receive};
use crate::test_app::App;

async fn all(client: &Client, path: &str) -> Vec<Value> {
    let separator = if path.contains('?') { '&' } else { '?' };
    client.get(&format!("/api/v1/{path}{separator}limit=200")).send().await.ok().as_array().unwrap().clone()
}

async fn one(client: &Client, path: &str) -> Value {
    let found = all(client, path).await;
    assert_eq!(found.len(), 1, "{path}: {found:?}");
    found[0].clone()
}

async fn remove(client: &Client) -> Value {
    client.delete("/api/v1/sample-data").send().await.ok()
}

fn counts(products: i64, categories: i64, locations: i64) -> Value {
    json!({ "products": products, "categories": categories, "locations": locations })
}

async fn rows(app: &App, table: &str) -> i64 {
    let count = format!("SELECT count(*) FROM {table}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(app.tenant.db().pool()).await.unwrap()
}

#[tokio::test]
async fn one_click_makes_a_small_shop_with_a_month_behind_it() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let absent = json!({ "loaded": false, "id": null, "loaded_at": null, "counts": counts(0, 0, 0), "movements": 0 });
    assert_eq!(client.get("/api/v1/sample-data").send().await.ok(), absent);
    let real = product(&app, "REAL").await;
    let send = || client.request(reqwest::Method::POST, "/api/v1/sample-data").idempotency_key("a-click").send();
    let loaded = send().await.created();
    assert_eq!((&loaded["loaded"], &loaded["counts"]), (&json!(true), &counts(24, 6, 2)));
    let again = send().await;
    assert_eq!((again.header("idempotency-replayed"), again.created()), (Some("true"), loaded.clone()));
    load(&client).await.error(409, "SAMPLE_DATA_LOADED");
    assert_eq!(app.client(Role::Viewer).get("/api/v1/sample-data").send().await.ok(), loaded);

    let samples = all(&client, "products?sample=true&include=variants").await;
    assert_eq!(samples.len(), 24);
    let is_coded = |variant: &Value| variant["sku"].as_str().unwrap().starts_with("SAMPLE-") && variant["price"]["currency"] == "EUR";
    assert!(samples.iter().all(|sample| sample["sample"] == true && sample["variants"].as_array().unwrap().iter().all(is_coded)));
    assert_eq!(one(&client, "products?sample=false").await["id"], real["id"]);
    let sample = client.get(&format!("/api/v1/products/{}", samples[0]["id"].as_str().unwrap())).send().await.ok();
    assert_eq!(sample["sample"], true);
    let sites: Vec<Value> = all(&client, "warehouses?sample=true").await.iter().map(|site| site["code"].clone()).collect();
    assert_eq!(sites, ["SAMPLE-SHOP", "SAMPLE-WH"]);
    assert!(all(&client, "locations?code=MAIN").await.iter().all(|main| main["sample"] == false));

    let ledger = all(&client, "stock-movements").await;
    assert_eq!(json!(ledger.len()), loaded["movements"]);
    let posted =
        ledger.iter().all(|row| row["backdating_reason"] == "Sample data" && row["actor_id"] == json!(app.tenant.user(Role::Manager).account_id));
    assert!(posted, "{ledger:?}");
    let activity = client.get("/api/v1/inventory/activity").send().await.ok();
    let busy = activity["days"].as_array().unwrap().iter().filter(|day| day["movements"].as_i64() > Some(0)).count();
    assert!(busy >= 28, "{busy} days of {activity}");
    assert!(!all(&client, "inventory?low_stock=true").await.is_empty(), "something is sold out");
    app.expect_audit("sample_data.load", "sample_data").await;
    app.expect_event("onboarding.sample_data.loaded.v1").await;
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn what_nobody_has_touched_goes_without_a_trace_in_stock_and_catalogue() {
    let app = App::start().await;
    let client = app.client(Role::Owner);
    let real = product(&app, "REAL").await;
    let _ = receive(&client, "REAL", "MAIN").await;
    let before = client.get(&format!("/api/v1/products/{}", real["id"].as_str().unwrap())).send().await.ok();
    for (round, code) in [(1, "SAMPLE-WH"), (2, "SAMPLE-WH-2")] {
        let loaded = load(&client).await.created();
        assert_eq!(one(&client, "locations?sample=true&status=active&name[ne]=Sample%20shop").await["code"], code, "round {round}");
        let foreseen = client.delete("/api/v1/sample-data?dry_run=true").send().await.ok();
        assert_eq!(client.get("/api/v1/sample-data").send().await.ok(), loaded, "a dry run changes nothing");
        let removed = remove(&client).await;
        let expected = json!({
            "id": loaded["id"], "dry_run": false, "deleted": counts(2, 6, 0), "archived": counts(22, 0, 2), "kept": counts(0, 0, 0),
            "reversed_movements": loaded["movements"],
        });
        assert_eq!(removed, expected);
        let mut told = foreseen;
        assert_eq!(told["dry_run"].take(), true);
        told["dry_run"] = json!(false);
        assert_eq!(told, removed, "a dry run tells what then happens");
        assert_eq!(client.get("/api/v1/sample-data").send().await.ok()["loaded"], false);
        client.delete("/api/v1/sample-data").send().await.error(409, "SAMPLE_DATA_NOT_LOADED");
        assert!(all(&client, "products?sample=true&status=active,draft").await.is_empty());
        assert!(all(&client, "categories").await.is_empty());
        assert!(all(&client, "locations?sample=true&status=active").await.is_empty());
    }
    // Archived, and still told from what is real.
    assert_eq!(all(&client, "products?sample=true&status=archived").await.len(), 44);
    assert_eq!(client.get(&format!("/api/v1/products/{}", real["id"].as_str().unwrap())).send().await.ok(), before);
    assert!(all(&client, "inventory?on_hand[gt]=0").await.iter().all(|level| level["sku"] == "REAL"));
    let day = client.get("/api/v1/inventory/activity").send().await.ok();
    let moved: i64 = day["days"].as_array().unwrap().iter().filter_map(|day| day["movements"].as_i64()).sum();
    assert_eq!(moved, 1, "what was undone does not count");
    app.expect_audit("sample_data.remove", "sample_data").await;
    app.expect_audit("products.retire", "product").await;
    for event in ["onboarding.sample_data.removed.v1", "catalog.products.retired.v1"] {
        app.expect_event(event).await;
    }
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn what_somebody_has_worked_with_stays_and_is_no_sample_any_more() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    product(&app, "REAL").await;
    let _ = load(&client).await.created();
    let of = async |sku: &str| one(&client, &format!("products?q={sku}")).await;
    // One is edited, a variant of another too, one is moved; of the last one a sale is undone.
    let edited = of("SAMPLE-DEC-250").await;
    let path = format!("/api/v1/products/{}", edited["id"].as_str().unwrap());
    let edited = client.patch(&path, &json!({ "name": "Our decaf" })).if_match(edited["version"].as_i64().unwrap()).send().await;
    assert_eq!(edited.ok()["sample"], true, "until they are removed");
    let variant = one(&client, "variants?sku=SAMPLE-KET-080").await;
    let path = format!("/api/v1/variants/{}", variant["id"].as_str().unwrap());
    let _ = client.patch(&path, &json!({ "name": "Steel" })).if_match(variant["version"].as_i64().unwrap()).send().await.expect(200);
    let _ = receive(&client, "SAMPLE-SEN-100", "MAIN").await;
    let sale = all(&client, "stock-movements?sku=SAMPLE-ESP-250&reason=issue").await[0]["id"].clone();
    let path = format!("/api/v1/stock-movements/{}/reverse", sale.as_str().unwrap());
    let _ = client.post(&path, &json!({})).idempotency_key(&Uuid::new_v4().to_string()).send().await.created();
    // Something real lies in the shop, and in a category.
    let _ = receive(&client, "REAL", "SAMPLE-SHOP").await;
    let treats = one(&client, "categories?q=treats").await;
    let body = json!({ "name": "Our cake", "category_id": treats["id"] });
    let _ = client.post("/api/v1/products", &body).send().await.created();
    let stock = async |sku: &str| all(&client, &format!("inventory?sku={sku}")).await;
    let kept = ["SAMPLE-DEC-250", "SAMPLE-KET-080", "SAMPLE-SEN-100", "SAMPLE-ESP-250"];
    let mut before = Vec::new();
    for sku in kept {
        before.push((of(sku).await, stock(sku).await));
    }
    let shop = one(&client, "locations?code=SAMPLE-SHOP").await;

    let removed = remove(&client).await;
    // Coffee and Brewing hold products that stay, Tea one, Treats a real one; all of them lie in their parent.
    assert_eq!((&removed["kept"], &removed["deleted"]), (&counts(4, 5, 2), &counts(2, 1, 0)), "{removed}");
    assert_eq!(removed["archived"], counts(18, 0, 0));
    for (sku, (product, levels)) in kept.iter().zip(before) {
        let now = of(sku).await;
        assert_eq!((&now["sample"], &now["status"], &now["name"]), (&json!(false), &product["status"], &product["name"]), "{sku}");
        assert!(now["version"].as_i64() > product["version"].as_i64(), "{sku}: whoever asks by the ETag must hear of it");
        assert_eq!(stock(sku).await, levels, "{sku}");
    }
    let now = one(&client, "locations?code=SAMPLE-SHOP").await;
    assert_eq!((&now["sample"], &now["status"]), (&json!(false), &json!("active")));
    assert!(now["version"].as_i64() > shop["version"].as_i64());
    assert!(all(&client, "products?sample=true&status=active,draft").await.is_empty());
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn what_lay_in_a_shop_that_was_put_away_stays() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let _ = load(&client).await.created();
    let shop = one(&client, "locations?code=SAMPLE-SHOP").await;
    let lines: Vec<Value> = all(&client, &format!("inventory?location_id={}&on_hand[gt]=0", shop["id"].as_str().unwrap()))
        .await
        .iter()
        .map(|level| json!({ "sku": level["sku"], "location": "SAMPLE-SHOP", "quantity": level["on_hand"] }))
        .collect();
    let body = json!({ "kind": "issue", "lines": lines });
    let _ = client.post("/api/v1/stock-movements", &body).idempotency_key("empty").send().await.created();
    let path = format!("/api/v1/locations/{}", shop["id"].as_str().unwrap());
    let _ = client.delete(&path).if_match(shop["version"].as_i64().unwrap()).send().await.expect(200);
    let passed_through = one(&client, "variants?sku=SAMPLE-SEN-100").await;
    assert!(lines.iter().all(|line| line["sku"] != "SAMPLE-SEN-100"), "of this nothing was left there: {passed_through}");

    let removed = remove(&client).await;
    let kept = one(&client, "products?q=SAMPLE-SEN-100").await;
    assert_eq!((&kept["sample"], &kept["status"]), (&json!(false), &json!("active")), "{removed}");
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn a_real_article_with_a_samples_code_is_left_alone() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let real = product(&app, "sample-esp-250").await;
    let _ = load(&client).await.created();
    assert!(all(&client, "products?sample=true&include=variants").await.iter().all(|sample| {
        let skus = sample["variants"].as_array().unwrap().iter().map(|variant| variant["sku"].as_str().unwrap());
        skus.into_iter().all(|sku| sku.ends_with("-2"))
    }));
    let _ = remove(&client).await;
    assert_eq!(client.get(&format!("/api/v1/products/{}", real["id"].as_str().unwrap())).send().await.ok(), real);
}

#[tokio::test]
async fn samples_keep_to_the_plan_and_come_whole_or_not_at_all() {
    for (limits, resource) in [(json!({ "products": 20 }), "products"), (json!({ "locations": 2 }), "locations")] {
        let app = App::with_limits(limits).await;
        let client = app.client(Role::Manager);
        let refused = load(&client).await;
        let _ = refused.error(402, "QUOTA_EXCEEDED");
        assert!(refused.text().contains(resource), "{}", refused.text());
        for table in ["products", "categories", "stock_movements", "sample_data", "sample_records"] {
            assert_eq!(rows(&app, table).await, 0, "{table} without room for {resource}");
        }
    }
    let app = App::with_limits(json!({ "products": 24, "locations": 3 })).await;
    let _ = load(&app.client(Role::Manager)).await.created();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clicks_at_once_make_one_set() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let mut answers: Vec<u16> = join_all((0..3).map(|_| load(&client))).await.iter().map(|answer| answer.status.as_u16()).collect();
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409]);
    let mut answers: Vec<u16> =
        join_all((0..3).map(|_| client.delete("/api/v1/sample-data").send())).await.iter().map(|answer| answer.status.as_u16()).collect();
    answers.sort_unstable();
    assert_eq!(answers, [200, 409, 409]);
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn whoever_works_with_stock_from_day_to_day_loads_and_removes_nothing() {
    let app = App::start().await;
    let client = app.client(Role::Staff);
    load(&client).await.error(403, "FORBIDDEN");
    client.delete("/api/v1/sample-data").send().await.error(403, "FORBIDDEN");
    assert_eq!(client.get("/api/v1/sample-data").send().await.ok()["loaded"], false);
}
