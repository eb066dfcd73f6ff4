//! The tree of places.

use nexus_test_support::Role;
use serde_json::json;

use super::{movement, product, warehouse};
use crate::test_app::App;

#[tokio::test]
async fn a_tree_of_places_is_built_and_looked_through() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let shop = warehouse(&app, "SHOP").await;
    assert_eq!(shop["kind"], "warehouse");
    let area =
        json!({ "code": "SHOP-A", "name": "Area", "type": "area", "parent_id": shop["id"], "address": { "city": "Hamburg", "country": "DE" } });
    let area = client.post("/api/v1/locations", &area).send().await.created();
    let bin = json!({ "code": "SHOP-A-1", "name": "Bin", "type": "bin", "parent_id": area["id"], "map": { "x": "1.5", "y": "2" } });
    let bin = client.post("/api/v1/locations", &bin).send().await.created();
    assert_eq!(bin["map"], json!({ "x": "1.5", "y": "2" }));
    let within = client.get(&format!("/api/v1/locations?within={}", shop["id"].as_str().unwrap())).send().await;
    assert_eq!(within.metadata()["total"], 3);
    let sites = client.get("/api/v1/warehouses?sort=code").send().await.ok();
    let codes: Vec<_> = sites.as_array().unwrap().iter().map(|site| site["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["MAIN", "SHOP"]);
    let _ = client.post("/api/v1/locations", &json!({ "code": "shop", "name": "x", "type": "site" })).send().await.error(409, "LOCATION_CODE_TAKEN");
    for (body, field) in [
        (json!({ "code": "X", "name": "x", "type": "area" }), "parent_id"),
        (json!({ "code": "X", "name": "x", "type": "site", "parent_id": shop["id"] }), "parent_id"),
        (json!({ "code": "X", "name": "x", "type": "bin", "parent_id": bin["id"] }), "parent_id"),
        (json!({ "code": "X", "name": "x", "type": "bin", "parent_id": area["id"], "kind": "store" }), "kind"),
    ] {
        let error = client.post("/api/v1/locations", &body).send().await.error(422, "VALIDATION_FAILED");
        assert_eq!(error["details"][0]["field"], field, "{body}");
    }
}

#[tokio::test]
async fn an_edit_wants_the_version_and_a_circle_is_refused() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let shop = warehouse(&app, "SHOP").await;
    let area = |code: &str, parent: &serde_json::Value| json!({ "code": code, "name": code, "type": "area", "parent_id": parent });
    let outer = client.post("/api/v1/locations", &area("OUTER", &shop["id"])).send().await.created();
    let inner = client.post("/api/v1/locations", &area("INNER", &outer["id"])).send().await.created();
    let path = format!("/api/v1/locations/{}", outer["id"].as_str().unwrap());
    let _ = client.patch(&path, &json!({ "name": "New" })).send().await.error(428, "PRECONDITION_REQUIRED");
    let renamed = client.patch(&path, &json!({ "name": "New" })).if_match(1).send().await;
    assert_eq!((renamed.ok()["name"].as_str(), renamed.etag()), (Some("New"), 2));
    let stale = client.patch(&path, &json!({ "name": "Newer" })).if_match(1).send().await.error(412, "PRECONDITION_FAILED");
    assert_eq!(stale["details"]["name"], "New");
    let _ = client.patch(&path, &json!({ "parent_id": inner["id"] })).if_match(2).send().await.error(409, "LOCATION_CYCLE");
    let put = json!({ "code": "OUTER", "name": "Put", "parent_id": shop["id"] });
    assert_eq!(client.put(&path, &put).if_match(2).send().await.ok()["name"], "Put");
}

#[tokio::test]
async fn what_has_history_is_archived_and_what_has_stock_stays() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    product(&app, "A", "stocked").await;
    let [shop, unused] = [warehouse(&app, "SHOP").await, warehouse(&app, "UNUSED").await];
    let path = |place: &serde_json::Value| format!("/api/v1/locations/{}", place["id"].as_str().unwrap());
    client.delete(&path(&unused)).if_match(1).send().await.no_content();
    let _ = client.get(&path(&unused)).send().await.error(404, "NOT_FOUND");

    let _ = movement(&client, "receive", "A", "SHOP", "1").await.created();
    let _ = client.delete(&path(&shop)).if_match(1).send().await.error(409, "LOCATION_HAS_STOCK");
    let _ = movement(&client, "issue", "A", "SHOP", "1").await.created();
    client.delete(&path(&shop)).if_match(1).send().await.no_content();
    assert_eq!(client.get(&path(&shop)).send().await.ok()["status"], "archived");
    let error = movement(&client, "receive", "A", "SHOP", "1").await.error(422, "VALIDATION_FAILED");
    assert_eq!(error["details"][0]["code"], "archived");
    assert_eq!(client.patch(&path(&shop), &json!({ "status": "active" })).if_match(2).send().await.ok()["archived_at"], json!(null));
    let _ = movement(&client, "receive", "A", "SHOP", "1").await.created();
}

#[tokio::test]
async fn virtual_locations_are_read_only_and_the_plan_limits_the_others() {
    let app = App::with_limits(json!({ "locations": 2 })).await;
    let client = app.client(Role::Manager);
    let supplier = client.get("/api/v1/locations?type=virtual&sort=code").send().await.ok();
    assert_eq!(supplier.as_array().unwrap().len(), 6);
    let path = format!("/api/v1/locations/{}", supplier[0]["id"].as_str().unwrap());
    let _ = client.patch(&path, &json!({ "name": "Mine" })).if_match(1).send().await.error(409, "LOCATION_READ_ONLY");
    let _ = client.delete(&path).if_match(1).send().await.error(409, "LOCATION_READ_ONLY");
    warehouse(&app, "SECOND").await;
    let third = json!({ "code": "THIRD", "name": "Third", "type": "site" });
    let error = client.post("/api/v1/locations", &third).send().await.error(402, "QUOTA_EXCEEDED");
    assert_eq!(error["details"]["limit"], 2);
}
