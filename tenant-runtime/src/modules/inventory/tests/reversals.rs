//! Undoing what was posted.

use futures::future::join_all;
use nexus_test_support::{Answer, Client, Role};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::{assert_levels_are_true, movement, on_hand, post, product, warehouse};
use crate::test_app::App;

async fn reverse(client: &Client, id: &Value, body: &Value) -> Answer {
    post(client, &format!("/api/v1/stock-movements/{}/reverse", id.as_str().unwrap()), body).await
}

async fn get(client: &Client, id: &Value) -> Value {
    client.get(&format!("/api/v1/stock-movements/{}", id.as_str().unwrap())).send().await.ok()
}

/// An app with the article `A`, ten of it in MAIN, and a place SHOP.
async fn stocked() -> App {
    let app = App::start().await;
    product(&app, "A", "stocked").await;
    warehouse(&app, "SHOP").await;
    let _ = movement(&app.client(Role::Staff), "receive", "A", "MAIN", "10").await.created();
    app
}

#[tokio::test]
async fn whatever_was_posted_is_taken_back_the_way_it_came_and_both_rows_say_so() {
    let app = stocked().await;
    let client = app.client(Role::Staff);
    let line = |fields: Value| json!({ "reason": "found", "reference": { "type": "delivery", "number": "D-17" }, "lines": [fields] });
    let postings = [
        (
            "/api/v1/stock-movements",
            json!({ "kind": "receive", "reference": { "type": "delivery", "number": "D-17" },
            "lines": [{ "sku": "A", "location": "MAIN", "quantity": "2.5", "reference_line": 3 }] }),
        ),
        ("/api/v1/stock-movements", json!({ "kind": "scrap", "lines": [{ "sku": "A", "location": "MAIN", "quantity": "1" }] })),
        ("/api/v1/inventory/adjust", line(json!({ "sku": "A", "location": "MAIN", "delta": "-3" }))),
        ("/api/v1/inventory/transfer", json!({ "lines": [{ "sku": "A", "from_location": "MAIN", "to_location": "SHOP", "quantity": "4" }] })),
    ];
    for (path, body) in postings {
        let posted = post(&client, path, &body).await.created()["movements"][0].clone();
        assert_eq!((&posted["reverses_id"], &posted["reversed_by_id"]), (&Value::Null, &Value::Null));
        let answer = reverse(&client, &posted["id"], &json!({ "note": "Wrong shelf" })).await;
        let undone = answer.created()["movements"][0].clone();
        assert_eq!(answer.header("location").unwrap(), format!("/api/v1/stock-movements/{}", undone["id"].as_str().unwrap()));
        let kept = ["variant_id", "quantity", "unit", "reference"];
        assert!(kept.iter().all(|field| undone[*field] == posted[*field]), "{undone} undoes {posted}");
        assert_eq!((&undone["from_location"], &undone["to_location"]), (&posted["to_location"], &posted["from_location"]));
        assert_eq!((&undone["reason"], &undone["note"], &undone["reverses_id"]), (&json!("reversal"), &json!("Wrong shelf"), &posted["id"]));
        assert_eq!(get(&client, &undone["id"]).await, undone);
        assert_eq!(get(&client, &posted["id"]).await["reversed_by_id"], undone["id"]);
        let ledger = client.get("/api/v1/stock-movements?sku=A&limit=2").send().await.ok();
        assert_eq!((&ledger[0]["reverses_id"], &ledger[1]["reversed_by_id"]), (&posted["id"], &undone["id"]));
        assert_eq!(on_hand(&client, "A", "MAIN").await.as_deref(), Some("10"), "{path}");
    }
    assert_eq!(on_hand(&client, "A", "SHOP").await.as_deref(), Some("0"));
    app.expect_audit("inventory.reverse", "stock_posting").await;
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn a_posting_is_undone_as_a_whole_the_last_line_first() {
    let app = stocked().await;
    let client = app.client(Role::Staff);
    // Undone in the order of the lines, the first would take five of nothing.
    let line = |delta: &str| json!({ "sku": "A", "location": "SHOP", "delta": delta });
    let body = json!({ "reason": "correction", "lines": [line("5"), line("-5"), line("2")] });
    let posted = post(&client, "/api/v1/inventory/adjust", &body).await.created();
    let undone = reverse(&client, &posted["movements"][1]["id"], &json!({ "scope": "batch" })).await.created();
    let ids = |posting: &Value, field: &str| posting["movements"].as_array().unwrap().iter().map(|row| row[field].clone()).collect::<Vec<_>>();
    let mut last_first = ids(&posted, "id");
    last_first.reverse();
    assert_eq!(ids(&undone, "reverses_id"), last_first);
    assert_eq!(on_hand(&client, "A", "SHOP").await.as_deref(), Some("0"));

    // Of another posting one movement is undone: what is left of it is undone one by one.
    let posted = post(&client, "/api/v1/inventory/adjust", &json!({ "reason": "found", "lines": [line("1"), line("2")] })).await.created();
    let first = reverse(&client, &posted["movements"][0]["id"], &json!({})).await.created();
    let refused = reverse(&client, &posted["movements"][1]["id"], &json!({ "scope": "batch" })).await.error(409, "ALREADY_REVERSED");
    let before = json!([{ "movement_id": posted["movements"][0]["id"], "reversal_id": first["movements"][0]["id"] }]);
    assert_eq!(refused["details"]["reversals"], before);
    let _ = reverse(&client, &posted["movements"][1]["id"], &json!({})).await.created();
    assert_levels_are_true(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_undo_the_same_one_does_and_the_others_hear_by_what_it_was_undone() {
    let app = stocked().await;
    let client = app.client(Role::Staff);
    let posted = movement(&client, "receive", "A", "MAIN", "5").await.created()["movements"][0].clone();
    let answers = join_all((0..8).map(|_| {
        let client = client.clone();
        let id = posted["id"].clone();
        async move { reverse(&client, &id, &json!({})).await }
    }))
    .await;
    let (done, refused): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|answer| answer.status.as_u16() == 201);
    assert_eq!((done.len(), refused.len()), (1, 7));
    let reversal = done[0].created()["movements"][0]["id"].clone();
    for answer in refused {
        let told = &answer.error(409, "ALREADY_REVERSED")["details"]["reversals"][0];
        assert_eq!((&told["movement_id"], &told["reversal_id"]), (&posted["id"], &reversal));
    }
    assert_eq!(on_hand(&client, "A", "MAIN").await.as_deref(), Some("10"));
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn a_repeated_undo_is_replayed() {
    let app = stocked().await;
    let client = app.client(Role::Staff);
    let posted = movement(&client, "issue", "A", "MAIN", "5").await.created()["movements"][0].clone();
    let path = format!("/api/v1/stock-movements/{}/reverse", posted["id"].as_str().unwrap());
    let first = client.post(&path, &json!({})).idempotency_key("undo").send().await.created();
    let again = client.post(&path, &json!({})).idempotency_key("undo").send().await;
    assert_eq!((again.header("idempotency-replayed"), again.created()), (Some("true"), first));
    let _ = client.post(&path, &json!({})).send().await.error(400, "IDEMPOTENCY_KEY_REQUIRED");
    assert_eq!(on_hand(&client, "A", "MAIN").await.as_deref(), Some("10"));
}

#[tokio::test]
async fn what_has_left_since_is_not_taken_back() {
    let app = stocked().await;
    let client = app.client(Role::Staff);
    let posted = movement(&client, "receive", "A", "SHOP", "5").await.created()["movements"][0].clone();
    let _ = movement(&client, "issue", "A", "SHOP", "2").await.created();
    let refused = reverse(&client, &posted["id"], &json!({})).await.error(409, "INSUFFICIENT_STOCK");
    let line = &refused["details"]["lines"][0];
    assert_eq!((&line["sku"], &line["location"], &line["requested"], &line["available"]), (&json!("A"), &json!("SHOP"), &json!("5"), &json!("3")));
    assert_eq!(get(&client, &posted["id"]).await["reversed_by_id"], Value::Null);
    assert_levels_are_true(&app).await;
}

#[tokio::test]
async fn reversals_files_and_what_is_put_away_are_not_undone() {
    let app = stocked().await;
    let client = app.client(Role::Manager);
    let reason = |answer: Answer| answer.error(409, "MOVEMENT_NOT_REVERSIBLE")["details"]["reason"].clone();
    let posted = movement(&client, "issue", "A", "MAIN", "5").await.created()["movements"][0].clone();
    let undone = reverse(&client, &posted["id"], &json!({})).await.created()["movements"][0].clone();
    assert_eq!(reason(reverse(&client, &undone["id"], &json!({})).await), "reversal");

    let part = Part::bytes("sku,quantity,location\nA,1,MAIN\nA,1,MAIN\n".as_bytes()).file_name("file.csv").mime_str("text/csv").unwrap();
    let sent = client.request(Method::POST, "/api/v1/stock-movements/import").multipart(Form::new().part("file", part));
    let ticket = sent.idempotency_key("a-file").send().await.ok();
    let job = app.job_done(&client, &format!("/api/v1/jobs/{}", ticket["id"].as_str().unwrap())).await;
    assert_eq!(job["state"], "succeeded", "{job}");
    let of_the_file = client.get("/api/v1/stock-movements?limit=1").send().await.ok()[0]["id"].clone();
    assert_eq!(reason(reverse(&client, &of_the_file, &json!({ "scope": "batch" })).await), "import");
    let _ = reverse(&client, &of_the_file, &json!({})).await.created();

    let moved = movement(&client, "receive", "A", "SHOP", "1").await.created()["movements"][0].clone();
    let emptied = movement(&client, "issue", "A", "SHOP", "1").await.created()["movements"][0].clone();
    let shop = client.get("/api/v1/locations?code=SHOP").send().await.ok()[0].clone();
    let path = format!("/api/v1/locations/{}", shop["id"].as_str().unwrap());
    let _ = client.delete(&path).if_match(shop["version"].as_i64().unwrap()).send().await.expect(200);
    for id in [&moved["id"], &emptied["id"]] {
        assert_eq!(reason(reverse(&client, id, &json!({})).await), "out_of_use");
    }
    let nobody = json!("00000000-0000-7000-8000-00000000dead");
    reverse(&client, &nobody, &json!({})).await.error(404, "NOT_FOUND");
    reverse(&client, &nobody, &json!({ "scope": "week" })).await.error(422, "VALIDATION_FAILED");
    assert_levels_are_true(&app).await;
}

/// What no request can do, no statement can do either.
#[tokio::test]
async fn the_database_takes_nothing_for_a_reversal_that_is_none() {
    let app = stocked().await;
    let client = app.client(Role::Staff);
    let received = movement(&client, "receive", "A", "MAIN", "5").await.created()["movements"][0].clone();
    let issued = movement(&client, "issue", "A", "MAIN", "5").await.created()["movements"][0].clone();
    let undone = reverse(&client, &issued["id"], &json!({})).await.created()["movements"][0].clone();
    let admin = app.tenant.owner_db().await;
    let link = async |reversal: &Value, reversed: &Value| -> String {
        let insert = "INSERT INTO stock_reversals (reversal_id, reverses_id) VALUES ($1::uuid, $2::uuid)";
        let tried = sqlx::query(insert).bind(reversal.as_str()).bind(reversed.as_str()).execute(admin.pool()).await;
        tried.unwrap_err().as_database_error().and_then(|error| error.constraint()).unwrap_or_default().to_owned()
    };
    // An issue to a customer takes nothing back to the supplier.
    assert_eq!(link(&issued["id"], &received["id"]).await, "stock_reversals_opposite");
    let again = movement(&client, "issue", "A", "MAIN", "5").await.created()["movements"][0].clone();
    assert_eq!(link(&again["id"], &undone["id"]).await, "stock_reversals_final");
    assert_eq!(link(&undone["id"], &received["id"]).await, "stock_reversals_pkey");
    assert_eq!(link(&received["id"], &issued["id"]).await, "stock_reversals_reverses_id_key");
    for change in ["UPDATE stock_reversals SET reverses_id = reverses_id", "DELETE FROM stock_reversals", "TRUNCATE stock_reversals"] {
        let refused = sqlx::query(change).execute(admin.pool()).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{change}: {refused}");
    }
}

#[tokio::test]
async fn an_organization_without_reversals_has_its_ledger_and_says_what_it_lacks() {
    let app = App::at_the_schema_before().await;
    let client = app.client(Role::Manager);
    product(&app, "A", "stocked").await;
    let posted = movement(&client, "receive", "A", "MAIN", "5").await.created()["movements"][0].clone();
    assert_eq!(get(&client, &posted["id"]).await, posted);
    assert_eq!(client.get("/api/v1/stock-movements").send().await.ok(), json!([posted]));
    let history = format!("/api/v1/inventory/history/{}", posted["product_id"].as_str().unwrap());
    assert_eq!(client.get(&history).send().await.ok(), json!([posted]));
    let answer = reverse(&client, &posted["id"], &json!({})).await;
    answer.error(503, "TENANT_NOT_MIGRATED");
    assert!(answer.header("retry-after").is_some());
}
