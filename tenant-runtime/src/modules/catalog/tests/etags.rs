//! ETags: strong, so whatever an answer shows moves its own.

use nexus_test_support::Role;
use serde_json::json;

use super::{beans, path, version};
use crate::test_app::App;

#[tokio::test]
async fn renaming_a_tag_moves_the_etags_of_the_products_that_carry_it() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let carrying = client.post("/api/v1/products", &beans()).send().await.created();
    let other = client.post("/api/v1/products", &json!({ "name": "Cups", "tags": ["paper"] })).send().await.created();
    let tag = client.get("/api/v1/tags?q=coffee").send().await.ok()[0].clone();
    let recoloured = client.patch(&path("tags", &tag), &json!({ "color": "#112233" })).if_match(version(&tag)).send().await.ok();
    let read = client.get(&path("products", &carrying)).send().await;
    assert_eq!(read.etag(), version(&carrying), "products don't show colours");
    let _ = client.patch(&path("tags", &tag), &json!({ "name": "Kaffee" })).if_match(version(&recoloured)).send().await.expect(200).ok();
    let etag = format!("\"{}\"", version(&carrying));
    let read = client.get(&path("products", &carrying)).header("if-none-match", &etag).send().await.expect(200);
    assert_eq!(read.ok()["tags"], json!(["Kaffee", "organic"]));
    assert!(read.etag() > version(&carrying));
    assert_eq!(client.get(&path("products", &other)).send().await.etag(), version(&other), "others keep theirs");
    client.patch(&path("products", &carrying), &json!({ "brand": "B" })).if_match(version(&carrying)).send().await.error(412, "PRECONDITION_FAILED");
}

#[tokio::test]
async fn every_answer_to_a_change_carries_the_new_etag() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let product = client.post("/api/v1/products", &beans()).send().await;
    let category = client.post("/api/v1/categories", &json!({ "name": "Coffee" })).send().await;
    let tag = client.get("/api/v1/tags?q=coffee").send().await.ok()[0].clone();
    let variant = product.ok()["variants"][0].clone();
    for answer in [&product, &category] {
        assert_eq!(answer.etag(), version(&answer.created()));
    }
    for (resource, of, put) in [
        ("products", product.ok(), Some(json!({ "name": "Blend", "status": "active" }))),
        ("variants", variant, Some(json!({ "sku": "BEAN-250", "name": "250" }))),
        ("categories", category.ok(), Some(json!({ "name": "Tea" }))),
        ("tags", tag, None),
    ] {
        let path = path(resource, &of);
        let edited = client.patch(&path, &json!({ "name": "Renamed" })).if_match(version(&of)).send().await.expect(200);
        assert!(edited.etag() > version(&of), "{path}");
        assert_eq!(edited.etag(), version(&edited.ok()), "{path}");
        if let Some(put) = put {
            let replaced = client.put(&path, &put).if_match(edited.etag()).send().await.expect(200);
            assert!(replaced.etag() > edited.etag(), "{path}");
            assert_eq!(replaced.etag(), version(&replaced.ok()), "{path}");
        }
    }
}
