//! What a posting does, and what it refuses.

use std::time::Duration;

use nexus_test_support::{Role, eventually};
use serde_json::json;

use super::{assert_levels_are_true, movement, on_hand, post, product, warehouse};
use crate::test_app::App;

#[tokio::test]
async fn goods_received_and_issued_show_in_level_and_ledger() {
    let app = App::start().await;
    let client = app.client(Role::Staff);
    product(&app, "BEAN", "stocked").await;
    let body = json!({
        "kind": "receive", "reference": { "type": "delivery", "number": "D-17" },
        "lines": [{ "sku": "bean", "location": "main", "quantity": "12.5", "unit": "each", "reference_line": 1 }],
    });
    let answer = post(&client, "/api/v1/stock-movements", &body).await;
    let posted = answer.created();
    let received = &posted["movements"][0];
    assert_eq!((received["from_location"].as_str(), received["to_location"].as_str()), (Some("SUPPLIER"), Some("MAIN")));
    assert_eq!((&received["from_quantity_after"], &received["to_quantity_after"]), (&json!(null), &json!("12.5")));
    assert_eq!(received["reference"], json!({ "type": "delivery", "id": null, "number": "D-17", "line": 1 }));
    assert_eq!(answer.header("location").unwrap(), format!("/api/v1/stock-movements/{}", received["id"].as_str().unwrap()));
    assert_eq!(client.get(answer.header("location").unwrap()).send().await.ok(), *received);

    let issued = movement(&client, "issue", "BEAN", "MAIN", "2").await.created();
    assert_eq!(issued["movements"][0]["from_quantity_after"], "10.5");
    assert!(issued["movements"][0]["recorded_at"].as_str() > received["recorded_at"].as_str());
    assert_eq!(on_hand(&client, "BEAN", "MAIN").await.as_deref(), Some("10.5"));
    app.expect_audit("inventory.receive", "stock_posting").await;
    app.expect_event("inventory.stock_movement.posted.v1").await;
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn too_little_stock_names_every_short_line_and_posts_nothing() {
    let app = App::start().await;
    let client = app.client(Role::Staff);
    product(&app, "A", "stocked").await;
    product(&app, "B", "stocked").await;
    let _ = movement(&client, "receive", "A", "MAIN", "5").await.created();
    let line = |sku: &str, quantity: &str| json!({ "sku": sku, "location": "MAIN", "quantity": quantity });
    // Lines on one level are summed: 3 and 3 are more than 5.
    let body = json!({ "kind": "issue", "lines": [line("A", "3"), line("A", "3"), line("B", "1")] });
    let error = post(&client, "/api/v1/stock-movements", &body).await.error(409, "INSUFFICIENT_STOCK");
    let lines = error["details"]["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["line"], &lines[0]["requested"], &lines[0]["available"]), (&json!(1), &json!("3"), &json!("2")));
    assert_eq!((&lines[1]["line"], &lines[1]["sku"], &lines[1]["available"]), (&json!(2), &json!("B"), &json!("0")));
    assert_eq!(on_hand(&client, "A", "MAIN").await.as_deref(), Some("5"));
    assert_eq!(on_hand(&client, "B", "MAIN").await, None, "not even a level stays");
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn a_correction_may_be_conditional_and_a_conflict_carries_the_current_state() {
    let app = App::start().await;
    let client = app.client(Role::Staff);
    product(&app, "A", "stocked").await;
    let adjust = |line: serde_json::Value| json!({ "reason": "count", "note": "shelf 4", "lines": [line] });
    let first = json!({ "sku": "A", "location": "MAIN", "delta": "7", "expected_quantity": "0" });
    let _ = post(&client, "/api/v1/inventory/adjust", &adjust(first.clone())).await.created();
    let error = post(&client, "/api/v1/inventory/adjust", &adjust(first)).await.error(409, "STOCK_CHANGED");
    let line = &error["details"]["lines"][0];
    assert_eq!((&line["expected_quantity"], &line["on_hand"], &line["available"]), (&json!("0"), &json!("7"), &json!("7")));

    let staff = app.tenant.user(Role::Staff).account_id;
    let last = &line["last_movement"];
    assert_eq!(
        (&last["delta"], &last["reason"], &last["actor_kind"], &last["actor_id"]),
        (&json!("7"), &json!("count"), &json!("user"), &json!(staff))
    );
    let path = format!("/api/v1/stock-movements/{}", last["id"].as_str().unwrap());
    assert_eq!(client.get(&path).send().await.ok()["recorded_at"], last["recorded_at"]);

    let level = client.get("/api/v1/inventory?sku=A").send().await.ok()[0].clone();
    let by_id = |version: &serde_json::Value| json!({ "inventory_id": level["id"], "delta": "-2", "expected_version": version });
    let _ = post(&client, "/api/v1/inventory/adjust", &adjust(by_id(&level["version"]))).await.created();
    let error = post(&client, "/api/v1/inventory/adjust", &adjust(by_id(&level["version"]))).await.error(409, "STOCK_CHANGED");
    assert_eq!(error["details"]["lines"][0]["on_hand"], "5");
    assert_eq!(error["details"]["lines"][0]["last_movement"]["delta"], "-2");
    assert_ne!(error["details"]["lines"][0]["version"], level["version"]);

    // Where nothing has moved yet the version is 1.
    product(&app, "NEW", "stocked").await;
    let never = |version: i64| adjust(json!({ "sku": "NEW", "location": "MAIN", "delta": "1", "expected_version": version }));
    let error = post(&client, "/api/v1/inventory/adjust", &never(2)).await.error(409, "STOCK_CHANGED");
    let line = &error["details"]["lines"][0];
    assert_eq!((&line["version"], &line["on_hand"], &line["last_movement"]), (&json!(1), &json!("0"), &json!(null)));
    let _ = post(&client, "/api/v1/inventory/adjust", &never(1)).await.created();
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn stock_moves_between_places_and_never_through_a_virtual_one() {
    let app = App::start().await;
    let client = app.client(Role::Staff);
    product(&app, "A", "stocked").await;
    warehouse(&app, "SHOP").await;
    let _ = movement(&client, "receive", "A", "MAIN", "10").await.created();
    let transfer = |from: &str, to: &str| json!({ "lines": [{ "sku": "A", "from_location": from, "to_location": to, "quantity": "4" }] });
    let moved = post(&client, "/api/v1/inventory/transfer", &transfer("MAIN", "SHOP")).await.created();
    assert_eq!((&moved["movements"][0]["from_quantity_after"], &moved["movements"][0]["to_quantity_after"]), (&json!("6"), &json!("4")));
    for (from, to, code) in [("MAIN", "MAIN", "same_place"), ("SUPPLIER", "MAIN", "virtual"), ("MAIN", "NOWHERE", "unknown")] {
        let error = post(&client, "/api/v1/inventory/transfer", &transfer(from, to)).await.error(422, "VALIDATION_FAILED");
        assert_eq!(error["details"][0]["code"], code, "{from} → {to}");
    }
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn no_body_that_posts_takes_unknown_fields() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    product(&app, "A", "stocked").await;
    let line = json!({ "sku": "A", "location": "MAIN", "quantity": "1", "delta": "1", "from_location": "MAIN", "to_location": "MAIN" });
    let of = |fields: &[&str]| {
        let mut kept = json!({ "colour": "red" });
        for field in fields {
            kept[*field] = line[*field].clone();
        }
        kept
    };
    for (path, head, fields) in [
        ("/api/v1/stock-movements", json!({ "kind": "receive" }), &["sku", "location", "quantity"][..]),
        ("/api/v1/inventory/adjust", json!({ "reason": "found" }), &["sku", "location", "delta"]),
        ("/api/v1/inventory/transfer", json!({}), &["sku", "from_location", "to_location", "quantity"]),
    ] {
        let mut body = head.clone();
        body["lines"] = json!([of(fields)]);
        let error = post(&client, path, &body).await.error(422, "VALIDATION_FAILED");
        assert_eq!((&error["details"][0]["field"], &error["details"][0]["code"]), (&json!("lines[0].colour"), &json!("unknown_field")), "{path}");
        body["lines"][0].as_object_mut().unwrap().remove("colour");
        body["colour"] = json!("red");
        let error = post(&client, path, &body).await.error(422, "VALIDATION_FAILED");
        assert_eq!((&error["details"][0]["field"], &error["details"][0]["code"]), (&json!("colour"), &json!("unknown_field")), "{path}");
    }
}

#[tokio::test]
async fn every_fault_of_every_line_is_named() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    product(&app, "A", "stocked").await;
    product(&app, "POST", "non_stocked").await;
    let body = json!({ "kind": "receive", "lines": [
        { "sku": "NO-SUCH", "location": "MAIN", "quantity": "1" },
        { "sku": "POST", "location": "MAIN", "quantity": "1" },
        { "sku": "A", "location": "MAIN", "quantity": "1", "unit": "kg" },
        { "sku": "A", "location": "COUNT", "quantity": "1" },
    ] });
    let error = post(&client, "/api/v1/stock-movements", &body).await.error(422, "VALIDATION_FAILED");
    let faults: Vec<_> =
        error["details"].as_array().unwrap().iter().map(|fault| (fault["field"].as_str().unwrap(), fault["code"].as_str().unwrap())).collect();
    let expected =
        [("lines[0].sku", "unknown"), ("lines[1].sku", "not_stocked"), ("lines[2].unit", "unit_mismatch"), ("lines[3].location", "virtual")];
    assert_eq!(faults, expected);
    for (line, field) in [
        (json!({ "sku": "A", "location": "MAIN", "quantity": "0" }), "lines[0].quantity"),
        (json!({ "sku": "A", "location": "MAIN", "quantity": "-1" }), "lines[0].quantity"),
        (json!({ "sku": "A", "location": "MAIN", "quantity": "0.0000001" }), "lines[0].quantity"),
        (json!({ "location": "MAIN", "quantity": "1" }), "lines[0].variant_id"),
        (json!({ "sku": "A", "quantity": "1" }), "lines[0].location_id"),
    ] {
        let error = post(&client, "/api/v1/stock-movements", &json!({ "kind": "receive", "lines": [line] })).await.error(422, "VALIDATION_FAILED");
        assert_eq!(error["details"][0]["field"], field);
    }
}

#[tokio::test]
async fn a_repeated_request_posts_once() {
    let app = App::start().await;
    let client = app.client(Role::Staff);
    product(&app, "A", "stocked").await;
    let body = json!({ "kind": "receive", "lines": [{ "sku": "A", "location": "MAIN", "quantity": "3" }] });
    let first = client.post("/api/v1/stock-movements", &body).idempotency_key("delivery-1").send().await;
    let again = client.post("/api/v1/stock-movements", &body).idempotency_key("delivery-1").send().await;
    assert_eq!(first.created(), again.created());
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(on_hand(&client, "A", "MAIN").await.as_deref(), Some("3"));
    let _ = client.post("/api/v1/stock-movements", &body).send().await.error(400, "IDEMPOTENCY_KEY_REQUIRED");
}

#[tokio::test]
async fn backdating_needs_a_permission_and_a_reason() {
    let app = App::start().await;
    let [staff, manager] = [Role::Staff, Role::Manager].map(|role| app.client(role));
    product(&app, "A", "stocked").await;
    let body = |occurred_at: &str, reason: Option<&str>| json!({ "kind": "receive", "occurred_at": occurred_at, "backdating_reason": reason, "lines": [{ "sku": "A", "location": "MAIN", "quantity": "1" }] });
    let path = "/api/v1/stock-movements";
    let _ = post(&staff, path, &body("2024-05-01T10:00:00Z", Some("late"))).await.error(403, "FORBIDDEN");
    let error = post(&manager, path, &body("2024-05-01T10:00:00Z", None)).await.error(422, "VALIDATION_FAILED");
    assert_eq!(error["details"][0]["field"], "backdating_reason");
    let error = post(&manager, path, &body("2999-05-01T10:00:00Z", None)).await.error(422, "VALIDATION_FAILED");
    assert_eq!(error["details"][0]["code"], "future");
    for early in ["1899-12-31T23:59:59Z", "-4713-01-01T00:00:00Z", "-262143-01-01T00:00:00Z"] {
        let error = post(&manager, path, &body(early, Some("late"))).await.error(422, "VALIDATION_FAILED");
        assert_eq!(error["details"][0]["code"], "early", "{early}");
    }
    let posted = post(&manager, path, &body("2024-05-01T10:00:00Z", Some("the list came late"))).await.created();
    assert_eq!(posted["movements"][0]["backdating_reason"], "the list came late");
    assert!(posted["movements"][0]["occurred_at"].as_str().unwrap().starts_with("2024-05-01T10:00:00"));
}

#[tokio::test]
async fn a_posting_is_replayed_when_its_time_may_no_longer_be_named() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    product(&app, "A", "stocked").await;
    let body = json!({
        "kind": "receive", "occurred_at": "2024-05-01T10:00:00Z", "backdating_reason": "The list came late",
        "lines": [{ "sku": "A", "location": "MAIN", "quantity": "1" }],
    });
    let path = "/api/v1/stock-movements";
    let send = |key: String| client.post(path, &body).idempotency_key(&key).send();
    let posted = send("before".to_owned()).await.created();
    // Now this person may not say any more that it happened then...
    app.give_role(Role::Manager, Role::Staff).await;
    let mut tries = 0;
    eventually(Duration::from_secs(20), async || {
        tries += 1;
        (send(format!("after-{tries}")).await.status.as_u16() == 403).then_some(())
    })
    .await;
    // ...but this one was accepted when it could be said: what is checked of it is checked once, under its key.
    let replayed = send("before".to_owned()).await;
    assert_eq!(replayed.header("idempotency-replayed"), Some("true"));
    assert_eq!(replayed.created(), posted);
}

#[tokio::test]
async fn a_thousand_lines_are_one_posting_with_one_audit_entry_and_one_event() {
    let app = App::start().await;
    let client = app.client(Role::Manager);
    product(&app, "A", "stocked").await;
    let lines: Vec<_> = (0..1_000).map(|_| json!({ "sku": "A", "location": "MAIN", "delta": "1" })).collect();
    let posted = post(&client, "/api/v1/inventory/adjust", &json!({ "reason": "found", "lines": lines })).await.created();
    assert_eq!(posted["movements"][999]["to_quantity_after"], "1000");
    let count = async |sql: &'static str| sqlx::query_scalar::<_, i64>(sql).fetch_one(app.tenant.db().pool()).await.unwrap();
    assert_eq!(count("SELECT count(*) FROM audit_log WHERE action = 'inventory.adjust'").await, 1);
    assert_eq!(count("SELECT count(*) FROM outbox WHERE kind LIKE 'inventory.stock_movement%'").await, 1);
    assert_eq!(count("SELECT count(DISTINCT recorded_at) FROM stock_movements").await, 1_000);
    assert_levels_are_true(&app).await;
    let _ = post(&client, "/api/v1/inventory/adjust", &json!({ "reason": "found", "lines": vec![lines[0].clone(); 1_001] }))
        .await
        .error(422, "VALIDATION_FAILED");
}
