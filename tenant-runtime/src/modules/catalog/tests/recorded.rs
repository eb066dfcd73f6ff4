//! What changes leave in the audit log and the outbox: as much as was changed, however large the thing is.

use nexus_test_support::Role;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::bulk::upsert;
use super::{path, version};
use crate::modules::catalog::upsert::{ProductUpsert, VariantUpsert};
use crate::test_app::App;

/// Before, after and the event's payload of the newest change.
async fn newest(app: &App) -> (Value, Value, Value) {
    let sql = "SELECT a.before, a.after, o.payload FROM (SELECT before, after FROM audit_log ORDER BY seq DESC LIMIT 1) a, \
               (SELECT payload FROM outbox ORDER BY seq DESC LIMIT 1) o";
    let (before, after, payload): (Option<Value>, Option<Value>, Value) = sqlx::query_as(sql).fetch_one(app.tenant.db().pool()).await.unwrap();
    (before.unwrap_or_default(), after.unwrap_or_default(), payload)
}

fn fields(of: &Value) -> Vec<&str> {
    of.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_small_change_of_a_large_product_leaves_little_behind() {
    let app = App::without_workers().await;
    let client = app.client(Role::Manager);
    let long = "x".repeat(15_000);
    let variants: Vec<Value> =
        (0..70).map(|number| json!({ "sku": format!("V-{number}"), "name": "One of many", "attributes": { "a": "y".repeat(200) } })).collect();
    let large = json!({ "name": "Large", "description": long, "metadata": { "text": long }, "variants": variants });
    let product = client.post("/api/v1/products", &large).send().await.created();
    let (_, created, payload) = newest(&app).await;
    assert_eq!((&created["name"], &created["id"]), (&json!("Large"), &product["id"]));
    assert!(created.to_string().len() < 66_000 && payload == created, "{} bytes", created.to_string().len());

    let edited = client.patch(&path("products", &product), &json!({ "name": "b" })).if_match(version(&product)).send().await.expect(200).ok();
    let (before, after, payload) = newest(&app).await;
    assert_eq!(fields(&after), ["id", "name", "updated_at", "version"]);
    assert_eq!(fields(&before), fields(&after));
    assert_eq!((&before["name"], &after["name"], &after["version"]), (&json!("Large"), &json!("b"), &edited["version"]));
    assert_eq!(payload, after);
    let left = before.to_string().len() + after.to_string().len() + payload.to_string().len();
    assert!(left < 500, "{left} bytes");

    let variant = &product["variants"][0];
    let _ = client.patch(&path("variants", variant), &json!({ "name": "c" })).if_match(version(variant)).send().await.expect(200).ok();
    let (before, after, _) = newest(&app).await;
    assert_eq!((&before["name"], &after["name"], &after["id"]), (&json!("One of many"), &json!("c"), &variant["id"]));
    assert!(after.get("attributes").is_none(), "{after}");
}

#[tokio::test]
async fn a_batch_keeps_its_ids_whatever_else_does_not_fit() {
    let app = App::without_workers().await;
    let rows = |round: i64| -> Vec<ProductUpsert> {
        let measure = Some(Decimal::from(round));
        let variant = |number: usize| VariantUpsert {
            sku: format!("{number}-{}", "S".repeat(90)),
            weight_g: measure,
            length_mm: measure,
            width_mm: measure,
            height_mm: measure,
            ..Default::default()
        };
        (0..200).map(|number| ProductUpsert { name: "Article".to_owned(), variants: vec![variant(number)], ..Default::default() }).collect()
    };
    upsert(&app, &rows(1)).await;
    upsert(&app, &rows(2)[..10]).await;
    let (_, whole, payload) = newest(&app).await;
    assert_eq!((whole["updated"].as_array().map(Vec::len), whole["updated"][9]["changed"].as_array().map(Vec::len)), (Some(10), Some(4)));
    assert_eq!((fields(&whole), &payload), (vec!["created", "updated"], &whole));
    upsert(&app, &rows(3)).await;
    let (_, cut, payload) = newest(&app).await;
    assert_eq!((cut["updated"].as_array().map(Vec::len), fields(&cut["updated"][199])), (Some(200), vec!["id"]));
    assert!(cut["changed"]["omitted_bytes"].as_u64() > Some(80_000) && payload == cut, "{}", cut["changed"]);
}
