//! What people and programs send by mistake or on purpose: always a documented 4xx that says what and where, nothing half done.
//! Whether an answer is documented is checked by `contract` for every request of every test.

use std::time::Duration;

use nexus_test_support::{Answer, Client, Role, TestTenant};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::fixtures::{article, movement, on_hand};
use crate::platform::{Platform, key, text};

const JSON: &str = "application/json";
const PRODUCTS: &str = "/api/v1/products";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absurd_requests_hear_a_clear_refusal() {
    let platform = Platform::start().await;
    let tenant = TestTenant::in_control(&platform.control).await;
    let client = platform.client().bearer(tenant.token(Role::Owner)).tenant(&tenant.slug);
    bodies(&client).await;
    fields(&client).await;
    queries_and_paths(&client).await;
    let neighbour = TestTenant::in_control(&platform.control).await;
    cursors(&client, &platform.client().bearer(neighbour.token(Role::Owner)).tenant(&neighbour.slug)).await;
    headers(&client).await;
    heads(&platform).await;
    assert_eq!(client.get(PRODUCTS).send().await.expect(200).metadata()["total"], 0, "something was half done");
    stock_moves_only_under_a_key_and_with_sense(&client).await;
}

/// What can't be read as HTTP gets a bare 400, and strangers can't fill the log with it.
async fn heads(platform: &Platform) {
    let address = platform.process.base_url.trim_start_matches("http://");
    for head in ["GARBAGE\r\n\r\n", "GET /version HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\nb\r\n\r\n"] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut answer)).await;
        read.expect("the connection ends").unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.ends_with("\r\n\r\n"), "{head:?}: {answer}");
        assert!(!answer.to_lowercase().contains("x-request-id"), "{head:?}: {answer}");
    }
    let log = platform.process.log();
    assert!(!log.contains("actix_http"), "{log}");
}

/// Sends a body as it is.
async fn raw(client: &Client, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
    client.request(Method::POST, PRODUCTS).idempotency_key(&key()).body(content_type, body).send().await
}

async fn bodies(client: &Client) {
    raw(client, JSON, "{\"name\":").await.error(400, "BAD_REQUEST");
    raw(client, JSON, "").await.error(400, "BAD_REQUEST");
    raw(client, JSON, vec![0xff, 0xfe, b'{', b'}']).await.error(400, "BAD_REQUEST");
    raw(client, JSON, "[".repeat(100_000)).await.error(400, "BAD_REQUEST");
    raw(client, JSON, "{\"name\":\"Tea\",\"name\":\"Coffee\"}").await.error(400, "BAD_REQUEST");
    raw(client, JSON, "{\"name\":\"Tea\"} and more").await.error(400, "BAD_REQUEST");
    raw(client, "text/plain", "name=Tea").await.error(415, "UNSUPPORTED_MEDIA_TYPE");
    raw(client, "application/json; charset=latin1", "{\"name\":\"Tea\"}").await.error(415, "UNSUPPORTED_MEDIA_TYPE");
    raw(client, JSON, format!("{{\"name\":\"{}\"}}", "x".repeat(3 << 20))).await.error(413, "PAYLOAD_TOO_LARGE");
}

async fn fields(client: &Client) {
    let refused = async |body: Value, field: &str| {
        let error = raw(client, JSON, body.to_string()).await.error(422, "VALIDATION_FAILED");
        assert_eq!(error["details"][0]["field"], field, "{error}");
        assert!(error["details"][0]["message"].is_string(), "{error}");
    };
    refused(json!({ "name": "Tea", "colour": "red" }), "colour").await;
    for name in [json!("x".repeat(10_000)), json!("Tea\u{0}"), json!(""), json!("  "), json!(7), json!(null), json!(["Tea"]), json!("a\u{7}b")] {
        refused(json!({ "name": name }), "name").await;
    }
    refused(json!([]), "").await;
    refused(json!({ "name": "Tea", "status": "gone" }), "status").await;
    refused(json!({ "name": "Tea", "category_id": "12" }), "category_id").await;
    refused(json!({ "name": "Tea", "category_id": uuid::Uuid::new_v4() }), "category_id").await;
    let variant = |field: &str, value: Value| json!({ "name": "Tea", "variants": [{ "sku": "T", field: value }] });
    for amount in ["1e9", "NaN", "99999999999999999999999999", "0.00001", "-", "", " 1", "١٢", "1,50", "-1"] {
        let error =
            raw(client, JSON, variant("price", json!({ "amount": amount, "currency": "EUR" })).to_string()).await.error(422, "VALIDATION_FAILED");
        assert!(text(&error["details"][0]["field"]).starts_with("variants[0].price"), "{amount}: {error}");
    }
    refused(variant("price", json!({ "amount": 12.5, "currency": "EUR" })), "variants[0].price.amount").await;
    refused(variant("sku", json!("x".repeat(101))), "variants[0].sku").await;
    // Every fault is named, not the first.
    let many = raw(client, JSON, json!({ "name": "", "brand": "x".repeat(500), "unit": "" }).to_string()).await.error(422, "VALIDATION_FAILED");
    assert_eq!(many["details"].as_array().map(Vec::len), Some(3), "{many}");
}

async fn queries_and_paths(client: &Client) {
    let queries = "colour=red limit=0 limit=201 limit=100000 limit=x page=0 page=9999999 page=501&limit=20 sort=password sort=name,name
        status=gone cursor=forged price[gte]=x price[like]=1 q=%00 page=1&cursor= created_at[lt]=yesterday category_id=12 include=secrets
        name=a&name=b";
    for query in queries.split_whitespace() {
        let error = client.get(&format!("{PRODUCTS}?{query}")).send().await.error(400, "BAD_REQUEST");
        assert!(error["details"][0]["field"].is_string(), "{query}: {error}");
    }
    for path in ["/api/v1/products/not-a-uuid", "/api/v1/products/12", "/api/v1/nothing-here", "/api/v1/products/../admin", "/api/v2/products"] {
        client.get(path).send().await.error(404, "NOT_FOUND");
    }
    client.request(Method::PATCH, PRODUCTS).send().await.error(405, "METHOD_NOT_ALLOWED");
}

/// A cursor belongs to its list, filter, sort and tenant: with any other of these it is no cursor.
async fn cursors(client: &Client, neighbour: &Client) {
    for client in [client, neighbour] {
        for name in ["One", "Two", "Three"] {
            let _ = client.post("/api/v1/tags", &json!({ "name": name })).send().await.created();
        }
    }
    let filtered = "limit=1&sort=name&name[ne]=Nobody";
    let page = client.get(&format!("/api/v1/tags?{filtered}&cursor=")).send().await.expect(200);
    let next = text(&page.metadata()["next_cursor"]);
    let following = client.get(&format!("/api/v1/tags?{filtered}&cursor={next}")).send().await.expect(200);
    assert_eq!((&page.ok()[0]["name"], &following.ok()[0]["name"]), (&json!("One"), &json!("Three")));
    let elsewhere = [
        ("another list", client, "/api/v1/categories", filtered),
        ("another filter", client, "/api/v1/tags", "limit=1&sort=name&name[ne]=Somebody"),
        ("another form of filter", client, "/api/v1/tags", "limit=1&sort=name&name=Nobody"),
        ("no filter", client, "/api/v1/tags", "limit=1&sort=name"),
        ("another sort", client, "/api/v1/tags", "limit=1&sort=-name&name[ne]=Nobody"),
        ("another sort", client, "/api/v1/tags", "limit=1&sort=created_at&name[ne]=Nobody"),
        ("another tenant", neighbour, "/api/v1/tags", filtered),
    ];
    for (what, client, path, query) in elsewhere {
        let error = client.get(&format!("{path}?{query}&cursor={next}")).send().await.error(400, "BAD_REQUEST");
        assert_eq!(error["details"][0]["field"], "cursor", "{what}: {error}");
    }
    // Nor is one that was changed on the way.
    let mut changed = next.clone().into_bytes();
    let middle = changed.len() / 2;
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    let changed = String::from_utf8(changed).expect("letters");
    client.get(&format!("/api/v1/tags?{filtered}&cursor={changed}")).send().await.error(400, "BAD_REQUEST");
}

async fn headers(client: &Client) {
    let body = json!({ "name": "Tea" });
    for bad in ["", "with space", &"x".repeat(256)] {
        client.post(PRODUCTS, &body).idempotency_key(bad).send().await.error(400, "BAD_REQUEST");
    }
    let unknown = format!("{PRODUCTS}/{}", uuid::Uuid::new_v4());
    client.patch(&unknown, &body).send().await.error(428, "PRECONDITION_REQUIRED");
    for bad in ["*", "7", "W/\"7\"", "\"x\"", "\"7\", \"8\"", "\"-1\""] {
        client.patch(&unknown, &body).header("If-Match", bad).send().await.error(400, "BAD_REQUEST");
    }
    client.patch(&unknown, &body).if_match(1).send().await.error(404, "NOT_FOUND");
    let answer = client.get(PRODUCTS).header("X-Request-Id", "a-caller-s-own-id").send().await.expect(200);
    assert_eq!(answer.header("x-request-id"), Some("a-caller-s-own-id"));
    let answer = client.get(PRODUCTS).header("X-Request-Id", "with space").send().await.expect(200);
    assert_ne!(answer.header("x-request-id"), Some("with space"));
    for (name, value) in [("x-content-type-options", "nosniff"), ("cache-control", "no-store")] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    for name in ["content-security-policy", "referrer-policy", "permissions-policy"] {
        assert!(answer.header(name).is_some(), "no {name}");
    }
    let foreign = client.get(PRODUCTS).header("Origin", "https://evil.example").send().await;
    assert_eq!(foreign.header("access-control-allow-origin"), None);
}

async fn stock_moves_only_under_a_key_and_with_sense(client: &Client) {
    let tea = article(client, "TEA").await;
    let send = async |body: &Value, key: &str| client.post("/api/v1/stock-movements", body).idempotency_key(key).send().await;
    let receive = |quantity: Value| movement("receive", &tea, quantity);
    client.post("/api/v1/stock-movements", &receive(json!("5"))).send().await.error(400, "IDEMPOTENCY_KEY_REQUIRED");
    for quantity in [json!(5), json!("0"), json!("-1"), json!("1e3"), json!("0.0000001"), json!("999999999999999"), json!("five"), json!(null)] {
        let error = send(&receive(quantity), &key()).await.error(422, "VALIDATION_FAILED");
        assert_eq!(error["details"][0]["field"], "lines[0].quantity", "{error}");
    }
    let line = receive(json!("1"))["lines"][0].clone();
    let lines = |count: usize| json!({ "kind": "receive", "lines": vec![line.clone(); count] });
    send(&lines(0), &key()).await.error(422, "VALIDATION_FAILED");
    send(&lines(1_001), &key()).await.error(422, "VALIDATION_FAILED");
    let backdated = json!({ "kind": "receive", "occurred_at": "2001-01-01T00:00:00Z", "lines": [line] });
    send(&backdated, &key()).await.error(422, "VALIDATION_FAILED");
    assert!(on_hand(client, &tea).await.is_empty(), "something was half done");

    let first = send(&receive(json!("5")), "the same key").await;
    first.error(400, "BAD_REQUEST");
    let once = key();
    let first = send(&receive(json!("5")), &once).await.expect(201);
    assert_eq!(first.header("idempotency-replayed"), None);
    let again = send(&receive(json!("5")), &once).await.expect(201);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!((first.ok(), first.header("location")), (again.ok(), again.header("location")));
    send(&receive(json!("6")), &once).await.error(422, "IDEMPOTENCY_KEY_REUSED");

    // All lines or none; the refusal says what is there.
    let issue = |quantity: &str| movement("issue", &tea, json!(quantity));
    let mut both = issue("3");
    both["lines"] = json!([both["lines"][0], both["lines"][0]]);
    let short = send(&both, &key()).await.error(409, "INSUFFICIENT_STOCK");
    assert_eq!(short["details"]["lines"][0]["sku"], "TEA", "{short}");
    let short = send(&issue("6"), &key()).await.error(409, "INSUFFICIENT_STOCK");
    assert_eq!((&short["details"]["lines"][0]["requested"], &short["details"]["lines"][0]["available"]), (&json!("6"), &json!("5")), "{short}");
    assert_eq!(on_hand(client, &tea).await, ["5"]);
    // What was refused is not remembered under its key.
    let retried = key();
    send(&issue("6"), &retried).await.error(409, "INSUFFICIENT_STOCK");
    let _ = send(&receive(json!("1")), &key()).await.created();
    let _ = send(&issue("6"), &retried).await.created();
    assert_eq!(on_hand(client, &tea).await, ["0"]);
}
