//! Saved views over HTTP, on a real tenant database.

use nexus_test_support::Role;
use serde_json::json;

use crate::test_app::App;

#[tokio::test]
async fn a_view_is_kept_shared_changed_and_deleted_by_its_owner_alone() {
    let app = App::start().await;
    let (mine, theirs) = (app.client(Role::Manager), app.client(Role::Staff));
    let body = json!({ "resource": "products", "name": "Low", "query": { "q": "coffee", "sort": "-updated_at" } });
    let view = mine.post("/api/v1/saved-views", &body).send().await.created();
    let path = format!("/api/v1/saved-views/{}", view["id"].as_str().unwrap());
    theirs.get(&path).send().await.error(404, "NOT_FOUND");
    mine.post("/api/v1/saved-views", &body).send().await.error(409, "SAVED_VIEW_EXISTS");
    let shared = mine.patch(&path, &json!({ "shared": true })).if_match(1).send().await.ok();
    assert_eq!(theirs.get("/api/v1/saved-views?resource=products").send().await.ok()[0]["id"], view["id"]);
    theirs.patch(&path, &json!({ "name": "Mine" })).if_match(2).send().await.error(403, "FORBIDDEN");
    theirs.delete(&path).if_match(2).send().await.error(403, "FORBIDDEN");
    mine.delete(&path).if_match(shared["version"].as_i64().unwrap()).send().await.no_content();
    mine.get(&path).send().await.error(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_query_is_an_object_of_bounded_size() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    for query in [json!([]), json!("q"), json!({ "q": "x".repeat(9_000) })] {
        let body = json!({ "resource": "products", "name": "Bad", "query": query });
        client.post("/api/v1/saved-views", &body).send().await.error(422, "VALIDATION_FAILED");
    }
}

#[tokio::test]
async fn numbers_that_the_database_writes_out_are_refused_and_not_our_fault() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    // Short as text, 301 digits each as the database keeps them.
    let query = json!({ "numbers": vec![1e300; 30] });
    let error = client.post("/api/v1/saved-views", &json!({ "resource": "products", "name": "Big", "query": query })).send().await;
    let error = error.error(422, "VALIDATION_FAILED");
    assert_eq!((&error["details"][0]["field"], &error["details"][0]["code"]), (&json!("query"), &json!("too_large")));
    let fine = json!({ "resource": "products", "name": "Fine", "query": { "q": "coffee" } });
    let view = client.post("/api/v1/saved-views", &fine).send().await.created();
    let path = format!("/api/v1/saved-views/{}", view["id"].as_str().unwrap());
    client.patch(&path, &json!({ "query": query })).if_match(1).send().await.error(422, "VALIDATION_FAILED");
}

/// The database writes numbers out in full: 309 digits for the greatest, 324 zeros for the least.
#[tokio::test]
async fn every_number_comes_back_as_it_was() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let numbers = json!([f64::MAX, f64::MIN, 1.797_693_134_862_315e308, f64::MIN_POSITIVE, 5e-324, 0.1 + 0.2, 1e23, u64::MAX, i64::MIN, 2.5]);
    let query = json!({ "numbers": numbers });
    let view = client.post("/api/v1/saved-views", &json!({ "resource": "products", "name": "Edges", "query": query })).send().await.created();
    assert_eq!(view["query"], query);
    assert_eq!(client.get("/api/v1/saved-views?resource=products").send().await.ok()[0]["query"], query);

    let variants = json!([{ "sku": "EDGE-1", "name": "One" }]);
    let product = client.post("/api/v1/products", &json!({ "name": "Edges", "metadata": query, "variants": variants })).send().await.created();
    assert_eq!(product["metadata"], query);
    assert_eq!(client.get("/api/v1/products").send().await.ok()[0]["metadata"], query);
}
