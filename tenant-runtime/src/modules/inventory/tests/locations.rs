//! The tree of places.

use futures::future::join;
use nexus_infra::postgres::advisory;
use nexus_test_support::{Client, Role};
use serde_json::{Value, json};

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
async fn every_fault_within_an_address_or_a_map_is_named_by_its_path() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let shop = warehouse(&app, "SHOP").await;
    let path = format!("/api/v1/locations/{}", shop["id"].as_str().unwrap());
    let bad = json!({ "address": { "country": "Germany", "city": " Berlin" }, "map": { "x": "1", "y": "2", "floor": 900 } });
    let whole = |name: &str| {
        let mut body = json!({ "code": "X", "name": "x" });
        body["address"] = bad["address"].clone();
        body["map"] = bad["map"].clone();
        if name == "post" {
            body["type"] = json!("site");
        }
        body
    };
    for answer in [
        client.post("/api/v1/locations", &whole("post")).send().await,
        client.put(&path, &whole("put")).if_match(1).send().await,
        client.patch(&path, &bad).if_match(1).send().await,
    ] {
        let error = answer.error(422, "VALIDATION_FAILED");
        let mut faults: Vec<_> =
            error["details"].as_array().unwrap().iter().map(|fault| (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect();
        faults.sort_unstable();
        assert_eq!(faults, [("address.city", "untrimmed"), ("address.country", "pattern"), ("map.floor", "range")]);
    }
    // A wrong field within is named, too, and null still clears.
    let error = client.patch(&path, &json!({ "address": { "planet": "Mars" } })).if_match(1).send().await.error(422, "VALIDATION_FAILED");
    assert_eq!((error["details"][0]["field"].as_str(), error["details"][0]["code"].as_str()), (Some("address.planet"), Some("unknown_field")));
    let cleared = client.patch(&path, &json!({ "address": null })).if_match(1).send().await.ok();
    assert_eq!(cleared["address"], json!(null));
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
    let archived = client.delete(&path(&shop)).if_match(1).send().await;
    assert_eq!((archived.ok()["status"].as_str(), archived.etag()), (Some("archived"), 2));
    assert_eq!(client.get(&path(&shop)).send().await.ok(), archived.ok());
    // Again: it is what it is.
    assert_eq!(client.delete(&path(&shop)).if_match(2).send().await.ok(), archived.ok());
    app.expect_audit("locations.archive", "location").await;
    let error = movement(&client, "receive", "A", "SHOP", "1").await.error(422, "VALIDATION_FAILED");
    assert_eq!(error["details"][0]["code"], "archived");
    assert_eq!(client.patch(&path(&shop), &json!({ "status": "active" })).if_match(2).send().await.ok()["archived_at"], json!(null));
    app.expect_audit("locations.restore", "location").await;
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

/// An area within a place.
async fn area(client: &Client, code: &str, within: &Value) -> Value {
    client.post("/api/v1/locations", &json!({ "code": code, "name": code, "type": "area", "parent_id": within["id"] })).send().await.created()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_moves_that_close_a_circle_together_one_is_refused() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    let shop = warehouse(&app, "SHOP").await;
    let [left, right] = [area(&client, "LEFT", &shop).await, area(&client, "RIGHT", &shop).await];
    let [in_left, in_right] = [area(&client, "IN-LEFT", &left).await, area(&client, "IN-RIGHT", &right).await];
    // One move is made and not yet committed: the other can't see it, and must not go by what it sees.
    let mut moving = app.tenant.db().pool().begin().await.unwrap();
    sqlx::query("UPDATE locations SET parent_id = $1::text::uuid WHERE id = $2::text::uuid")
        .bind(in_right["id"].as_str())
        .bind(left["id"].as_str())
        .execute(&mut *moving)
        .await
        .unwrap();
    let path = format!("/api/v1/locations/{}", right["id"].as_str().unwrap());
    let (moved, ()) = join(client.patch(&path, &json!({ "parent_id": in_left["id"] })).if_match(1).send(), async {
        app.sessions_wait(1).await;
        moving.commit().await.unwrap();
    })
    .await;
    let _ = moved.error(409, "LOCATION_CYCLE");
    assert_eq!(client.get(&path).send().await.ok()["parent_id"], shop["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_can_not_both_take_the_last_place_of_the_plan() {
    let app = App::with_limits(json!({ "locations": 2 })).await;
    let client = app.client(Role::Manager);
    // The last place is being taken: counted, added, not yet committed.
    let mut taking = app.tenant.db().pool().begin().await.unwrap();
    let lock = advisory::key(advisory::QUOTA, "locations");
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(lock).execute(&mut *taking).await.unwrap();
    let insert = "INSERT INTO locations (id, code, name, type, kind) VALUES (gen_random_uuid(), 'LAST', 'Last', 'site', 'warehouse')";
    sqlx::query(insert).execute(&mut *taking).await.unwrap();
    let body = json!({ "code": "ONE-TOO-MANY", "name": "One too many", "type": "site" });
    let (refused, ()) = join(client.post("/api/v1/locations", &body).send(), async {
        app.sessions_wait(1).await;
        taking.commit().await.unwrap();
    })
    .await;
    assert_eq!(refused.error(402, "QUOTA_EXCEEDED")["details"]["limit"], 2);
}
