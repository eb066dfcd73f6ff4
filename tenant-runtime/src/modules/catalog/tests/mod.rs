//! The catalogue over HTTP, on a real tenant database.

mod bulk;
mod etags;
mod exports;
mod heavy;
mod quota;
mod recorded;
mod skus;
mod stock;
mod tree;

use nexus_test_support::{Answer, Client, Role};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::test_app::App;

fn beans() -> Value {
    json!({
        "name": "Espresso beans", "status": "active", "brand": "Acme", "tags": ["Coffee", "organic"],
        "variants": [
            { "sku": "BEAN-250", "name": "250 g", "price": { "amount": "8.90", "currency": "EUR" }, "weight_g": "250" },
            { "sku": "BEAN-1000", "name": "1 kg", "price": { "amount": "29.00", "currency": "EUR" },
              "barcodes": [{ "barcode": "4006381333931", "kind": "ean13" }], "attributes": { "size": "1 kg" } },
        ],
    })
}

/// `/api/v1/products/{id}` and the like.
fn path(resource: &str, of: &Value) -> String {
    format!("/api/v1/{resource}/{}", of["id"].as_str().unwrap())
}

fn version(of: &Value) -> i64 {
    of["version"].as_i64().unwrap()
}

/// Receives into MAIN, or issues from it.
async fn move_stock(client: &Client, kind: &str, sku: &str, quantity: &str) -> Answer {
    let body = json!({ "kind": kind, "lines": [{ "sku": sku, "location": "MAIN", "quantity": quantity }] });
    client.post("/api/v1/stock-movements", &body).idempotency_key(&Uuid::new_v4().to_string()).send().await
}

#[tokio::test]
async fn a_product_is_created_with_its_variants_and_read_back() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let answer = client.post("/api/v1/products", &beans()).send().await;
    let product = answer.created();
    assert_eq!(product["tags"], json!(["Coffee", "organic"]));
    assert_eq!(product["variants"].as_array().unwrap().len(), 2);
    assert_eq!(product["variants"][0]["price"], json!({ "amount": "8.90", "currency": "EUR" }));
    assert_eq!(product["variants"][1]["barcodes"][0]["barcode"], "4006381333931");
    let read = client.get(&format!("/api/v1/products/{}", product["id"].as_str().unwrap())).send().await;
    assert_eq!(read.ok(), product);
    assert_eq!(read.etag(), product["version"].as_i64().unwrap());
    app.expect_audit("products.create", "product").await;
    app.expect_event("catalog.product.created.v1").await;
}

#[tokio::test]
async fn a_sku_is_unique_without_regard_to_case_and_the_answer_names_it() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let _ = client.post("/api/v1/products", &beans()).send().await.created();
    let again = json!({ "name": "Other", "variants": [{ "sku": "NEW-1" }, { "sku": "bean-250" }] });
    let error = client.post("/api/v1/products", &again).send().await.error(409, "SKU_TAKEN");
    assert_eq!(error["details"]["sku"], "bean-250");
    let listed = client.get("/api/v1/products?q=other").send().await;
    assert_eq!(listed.metadata()["total"], 0, "nothing of a refused product stays");
}

#[tokio::test]
async fn a_barcode_belongs_to_one_variant_and_its_check_digit_is_checked() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let _ = client.post("/api/v1/products", &beans()).send().await.created();
    let taken = json!({ "name": "Other", "variants": [{ "sku": "X", "barcodes": [{ "barcode": "4006381333931", "kind": "ean13" }] }] });
    let error = client.post("/api/v1/products", &taken).send().await.error(409, "BARCODE_TAKEN");
    assert_eq!(error["details"]["barcode"], "4006381333931");
    let wrong = json!({ "name": "Other", "variants": [{ "sku": "X", "barcodes": [{ "barcode": "4006381333932", "kind": "ean13" }] }] });
    let error = client.post("/api/v1/products", &wrong).send().await.error(422, "VALIDATION_FAILED");
    assert_eq!(error["details"][0]["code"], "check_digit");
    assert!(error["details"][0]["field"].as_str().unwrap().starts_with("variants[0].barcodes[0]"));
}

#[tokio::test]
async fn search_finds_prefixes_of_names_brands_skus_and_barcodes() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let _ = client.post("/api/v1/products", &beans()).send().await.created();
    let _ = client.post("/api/v1/products", &json!({ "name": "Paper cups" })).send().await.created();
    for q in ["espr", "acm", "bean-10", "bean1000", "400638", "espr acm"] {
        let found = client.get(&format!("/api/v1/products?q={}", q.replace(' ', "%20"))).send().await;
        assert_eq!(found.metadata()["total"], 1, "{q}");
        assert_eq!(found.ok()[0]["name"], "Espresso beans", "{q}");
    }
    let none = client.get("/api/v1/products?q=%27%3B--").send().await;
    assert_eq!(none.metadata()["total"], 0, "a text without words finds nothing");
}

#[tokio::test]
async fn lists_filter_by_status_tag_and_price_and_page_by_cursor() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let _ = client.post("/api/v1/products", &beans()).send().await.created();
    for number in 0..5 {
        let product = json!({ "name": format!("Draft {number}"), "tags": ["x"], "variants": [{ "sku": format!("D-{number}"), "price": { "amount": "100", "currency": "EUR" } }] });
        let _ = client.post("/api/v1/products", &product).send().await.created();
    }
    let count = async |query: &str| client.get(&format!("/api/v1/products?{query}")).send().await.metadata()["total"].clone();
    assert_eq!(count("status=active").await, 1);
    assert_eq!(count("status=active,draft").await, 6);
    assert_eq!(count("tag=COFFEE").await, 1);
    assert_eq!(count("tag[ne]=x").await, 1);
    assert_eq!(count("price[gte]=20&price[lt]=30").await, 1);
    assert_eq!(count("price[gt]=100").await, 0);
    let mut names = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/api/v1/products?sort=-name&limit=2&cursor={cursor}")).send().await;
        names.extend(page.ok().as_array().unwrap().iter().map(|product| product["name"].as_str().unwrap().to_owned()));
        match page.metadata()["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(names, ["Espresso beans", "Draft 4", "Draft 3", "Draft 2", "Draft 1", "Draft 0"]);
    client.get("/api/v1/products?colour=red").send().await.error(400, "BAD_REQUEST");
    let expanded = client.get("/api/v1/products?include=variants&status=active").send().await;
    assert_eq!(expanded.ok()[0]["variants"].as_array().unwrap().len(), 2);
    assert!(client.get("/api/v1/products?status=active").send().await.ok()[0].get("variants").is_none());
}

#[tokio::test]
async fn edits_want_the_version_and_tell_absent_from_null() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &beans()).send().await.created();
    let path = format!("/api/v1/products/{}", product["id"].as_str().unwrap());
    let version = product["version"].as_i64().unwrap();
    client.patch(&path, &json!({ "name": "House blend" })).send().await.error(428, "PRECONDITION_REQUIRED");
    let edited = client.patch(&path, &json!({ "name": "House blend" })).if_match(version).send().await.ok();
    assert_eq!((&edited["name"], &edited["brand"]), (&json!("House blend"), &json!("Acme")));
    let stale = client.patch(&path, &json!({ "brand": null })).if_match(version).send().await.error(412, "PRECONDITION_FAILED");
    assert_eq!(stale["details"]["name"], "House blend");
    let cleared = client.patch(&path, &json!({ "brand": null, "tags": [] })).if_match(edited["version"].as_i64().unwrap()).send().await.ok();
    assert_eq!((&cleared["brand"], &cleared["tags"]), (&Value::Null, &json!([])));
    let refused = client.patch(&path, &json!({ "status": "draft" })).if_match(cleared["version"].as_i64().unwrap()).send().await;
    refused.error(409, "PRODUCT_STATUS");
    let replaced =
        client.put(&path, &json!({ "name": "Blend", "status": "active" })).if_match(cleared["version"].as_i64().unwrap()).send().await.ok();
    assert_eq!(replaced["description"], "");
    assert_eq!(replaced["variants"].as_array().unwrap().len(), 2, "variants are edited on their own");
}

#[tokio::test]
async fn variants_are_added_changed_looked_up_and_deleted_and_move_the_products_version() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &beans()).send().await.created();
    let path = format!("/api/v1/products/{}", product["id"].as_str().unwrap());
    let added = client.post(&format!("{path}/variants"), &json!({ "sku": "BEAN-5000", "name": "5 kg", "position": 3 })).send().await.created();
    assert!(client.get(&path).send().await.etag() > product["version"].as_i64().unwrap());
    let variant = format!("/api/v1/variants/{}", added["id"].as_str().unwrap());
    let body = json!({ "sku": "BEAN-250" });
    let error = client.patch(&variant, &body).if_match(added["version"].as_i64().unwrap()).send().await.error(409, "SKU_TAKEN");
    assert_eq!(error["details"]["sku"], "BEAN-250");
    let body = json!({ "barcodes": [{ "barcode": "036000291452", "kind": "upca" }], "price": { "amount": "120", "currency": "EUR" } });
    let changed = client.patch(&variant, &body).if_match(added["version"].as_i64().unwrap()).send().await.ok();
    assert_eq!(changed["price"]["amount"], "120.00");
    for query in ["sku=bean-5000", "barcode=036000291452"] {
        let found = client.get(&format!("/api/v1/variants?{query}")).send().await.ok();
        assert_eq!(found[0]["id"], added["id"], "{query}");
    }
    assert_eq!(client.get(&format!("{path}/variants")).send().await.metadata()["total"], 3);
    client.delete(&variant).if_match(changed["version"].as_i64().unwrap()).send().await.no_content();
    client.get(&variant).send().await.error(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_plans_number_of_products_is_a_hard_limit_under_concurrency() {
    let app = App::with_limits(json!({ "products": 3 })).await;
    let client = app.client(Role::Manager);
    let attempts = (0..8).map(|number| {
        let client = client.clone();
        async move { client.post("/api/v1/products", &json!({ "name": format!("P{number}") })).send().await.status.as_u16() }
    });
    let statuses = futures::future::join_all(attempts).await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 3, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 402).count(), 5, "{statuses:?}");
    assert_eq!(client.get("/api/v1/products").send().await.metadata()["total"], 3);
}

#[tokio::test]
async fn an_idempotency_key_creates_one_product() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let first = client.post("/api/v1/products", &beans()).idempotency_key("k-1").send().await;
    let second = client.post("/api/v1/products", &beans()).idempotency_key("k-1").send().await;
    assert_eq!(first.created()["id"], second.created()["id"]);
    assert_eq!(second.header("idempotency-replayed"), Some("true"));
    client.post("/api/v1/products", &json!({ "name": "Other" })).idempotency_key("k-1").send().await.error(422, "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(client.get("/api/v1/products").send().await.metadata()["total"], 1);
}

#[tokio::test]
async fn tags_are_unique_and_deleted_only_when_unused() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let tag = client.post("/api/v1/tags", &json!({ "name": "Organic", "color": "#1f8a4c" })).send().await.created();
    client.post("/api/v1/tags", &json!({ "name": "organic" })).send().await.error(409, "TAG_EXISTS");
    let product = client.post("/api/v1/products", &json!({ "name": "Beans", "tags": ["ORGANIC"] })).send().await.created();
    assert_eq!(product["tags"], json!(["Organic"]));
    let path = format!("/api/v1/tags/{}", tag["id"].as_str().unwrap());
    client.delete(&path).if_match(1).send().await.error(409, "TAG_IN_USE");
    let renamed = client.patch(&path, &json!({ "name": "Bio", "color": null })).if_match(1).send().await.ok();
    assert_eq!(renamed["color"], Value::Null);
    let product = format!("/api/v1/products/{}", product["id"].as_str().unwrap());
    let version = client.get(&product).send().await.etag();
    let _ = client.patch(&product, &json!({ "tags": [] })).if_match(version).send().await.expect(200).ok();
    client.delete(&path).if_match(2).send().await.no_content();
}

#[tokio::test]
async fn a_viewer_reads_and_does_not_write() {
    let app = App::start().await;
    let product = app.client(Role::Manager).post("/api/v1/products", &beans()).send().await.created();
    let viewer = app.client(Role::Viewer);
    let _ = viewer.get(&format!("/api/v1/products/{}", product["id"].as_str().unwrap())).send().await.expect(200).ok();
    let error = viewer.post("/api/v1/products", &json!({ "nonsense": true })).send().await.error(403, "FORBIDDEN");
    assert_eq!(error["details"]["permission"], "products.write");
}

#[tokio::test]
async fn an_export_becomes_a_file_without_formulas() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let _ = client.post("/api/v1/products", &beans()).send().await.created();
    let _ = client.post("/api/v1/products", &json!({ "name": "=cmd|' /C calc'!A0" })).send().await.created();
    let accepted = client.post("/api/v1/products/export", &json!({})).send().await.expect(202);
    let job = accepted.header("location").unwrap().to_owned();
    let done = app.job_done(&client, &job).await;
    assert_eq!(done["state"], "succeeded", "{done}");
    assert_eq!(done["summary"], json!({ "products": 2, "rows": 3 }));
    let file = client.get(done["result_url"].as_str().unwrap()).send().await.expect(200);
    assert!(file.header("content-disposition").unwrap().starts_with("attachment"));
    let text = file.text();
    assert_eq!(text.lines().count(), 4);
    assert!(text.contains("BEAN-1000") && text.contains("'=cmd"), "{text}");
}
