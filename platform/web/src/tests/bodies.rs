//! What a request may hold, and in which order it is judged.

use actix_web::test::TestRequest;
use serde_json::json;

use super::app::{app, get, known, send, with_json};
use super::slice::ID;

const GOOD: &str = r#"{"name":"a","quantity":"1"}"#;

fn post(body: &str) -> TestRequest {
    with_json(known(TestRequest::post().uri("/api/v1/things")), body)
}

fn edit(body: &str) -> TestRequest {
    with_json(known(TestRequest::patch().uri(&format!("/api/v1/things/{ID}"))), body)
}

fn move_thing(path: &str, body: &str) -> TestRequest {
    with_json(known(TestRequest::post().uri(path)), body)
}

fn pair(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[actix_web::test]
async fn a_stranger_hears_401_whatever_else_is_wrong() {
    let app = app().await;
    for request in [
        TestRequest::post().uri("/api/v1/things"),
        TestRequest::patch().uri("/api/v1/things/not-an-id"),
        TestRequest::post().uri(&format!("/api/v1/things/{ID}/move")),
        get("/api/v1/things?colour=red"),
        with_json(TestRequest::post().uri("/api/v1/things"), "{"),
    ] {
        let answer = send(&app, request).await;
        assert_eq!(answer.error(), (401, "UNAUTHORIZED".to_owned()));
        assert!(answer.header("www-authenticate").is_some());
    }
}

#[actix_web::test]
async fn a_created_resource_answers_201_with_its_place_and_version() {
    let app = app().await;
    let answer = send(&app, post(GOOD)).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("location"), Some(format!("/api/v1/things/{ID}").as_str()));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert_eq!(answer.json()["data"]["name"], "a");
    assert!(answer.json().get("metadata").is_none());
}

#[actix_web::test]
async fn wrong_bodies_answer_a_4xx_that_says_what_and_where() {
    let app = app().await;
    let plain = known(TestRequest::post().uri("/api/v1/things")).set_payload(GOOD);
    assert_eq!(send(&app, plain).await.error().0, 415);
    let latin =
        known(TestRequest::post().uri("/api/v1/things")).insert_header(("content-type", "application/json; charset=latin1")).set_payload(GOOD);
    assert_eq!(send(&app, latin).await.error().0, 415);
    assert_eq!(send(&app, post(GOOD).insert_header(("content-encoding", "gzip"))).await.error().0, 415);
    assert_eq!(send(&app, post("")).await.error(), (400, "BAD_REQUEST".to_owned()));
    assert_eq!(send(&app, post(r#"{"name":"#)).await.error().0, 400);
    assert_eq!(send(&app, post(&format!("{}{}", "[".repeat(100), "]".repeat(100)))).await.error().0, 400);
    assert_eq!(send(&app, post(&format!("\"{}\"", "x".repeat(1024 * 1024)))).await.error(), (413, "PAYLOAD_TOO_LARGE".to_owned()));
    let number = send(&app, post(r#"{"name":"a","quantity":1}"#)).await;
    assert_eq!(number.error(), (422, "VALIDATION_FAILED".to_owned()));
    assert_eq!(number.faults(), [pair("quantity", "type")]);
    assert_eq!(send(&app, post(r#"{"name":"a\u0000","quantity":"1"}"#)).await.faults(), [pair("name", "characters")]);
    assert_eq!(send(&app, post(r#"{"name":"","quantity":"1"}"#)).await.faults(), [pair("name", "empty")]);
    assert_eq!(send(&app, post(r#"{"name":"a","quantity":"1","x":1}"#)).await.faults(), [pair("x", "unknown_field")]);
    assert_eq!(send(&app, post(&format!(r#"{{"name":"{}","quantity":"1"}}"#, "a".repeat(21)))).await.faults(), [pair("name", "too_long")]);
}

#[actix_web::test]
async fn an_edit_needs_the_version_it_is_based_on() {
    let app = app().await;
    assert_eq!(send(&app, edit("{}")).await.error(), (428, "PRECONDITION_REQUIRED".to_owned()));
    for bad in ["3", "*", "W/\"3\"", "\"3\", \"4\""] {
        assert_eq!(send(&app, edit("{}").insert_header(("if-match", bad))).await.error().0, 400, "{bad}");
    }
    let stale = send(&app, edit("{}").insert_header(("if-match", "\"2\""))).await;
    assert_eq!(stale.error(), (412, "PRECONDITION_FAILED".to_owned()));
    assert_eq!(stale.json()["error"]["details"]["name"], "current");
    let done = send(&app, edit("{}").insert_header(("if-match", "\"3\""))).await;
    assert_eq!((done.status, done.header("etag")), (200, Some("\"4\"")));
    let unknown = TestRequest::delete().uri("/api/v1/things/123").insert_header(("if-match", "\"3\""));
    assert_eq!(send(&app, known(unknown)).await.error(), (404, "NOT_FOUND".to_owned()));
}

#[actix_web::test]
async fn a_patch_tells_absent_from_null() {
    let app = app().await;
    for (body, expected) in [("{}", "absent"), (r#"{"note":null}"#, "null"), (r#"{"note":"blue"}"#, "blue")] {
        let answer = send(&app, edit(body).insert_header(("if-match", "\"3\""))).await;
        assert_eq!(answer.json()["data"]["name"], expected);
    }
    let answer = send(&app, edit(r#"{"name":null}"#).insert_header(("if-match", "\"3\""))).await;
    assert_eq!(answer.faults(), [pair("name", "not_null")]);
}

#[actix_web::test]
async fn a_key_is_completed_by_caller_route_path_and_body() {
    let app = app().await;
    let path = format!("/api/v1/things/{ID}/move");
    let other = "/api/v1/things/0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e12/move";
    let key_of = async |path: &str, body: &str, tenant: &str| {
        let request = move_thing(path, body).insert_header(("idempotency-key", "k-1")).insert_header(("x-tenant", tenant));
        let data = send(&app, request).await.json()["data"].clone();
        serde_json::from_value::<[String; 3]>(data).unwrap()
    };
    let [scope, key, fingerprint] = key_of(&path, GOOD, "1").await;
    assert_eq!(scope, "00000000-0000-0000-0000-000000000001/user:00000000-0000-0000-0000-000000000007 POST /api/v1/things/{id}/move");
    assert_eq!((key.as_str(), fingerprint.len()), ("k-1", 64));
    assert_eq!(key_of(&path, GOOD, "1").await[2], fingerprint, "the same request has the same fingerprint");
    assert_ne!(key_of(&path, r#"{"name":"b","quantity":"1"}"#, "1").await[2], fingerprint);
    assert_ne!(key_of(other, GOOD, "1").await[2], fingerprint);
    assert_ne!(key_of(&path, GOOD, "2").await[0], scope);
}

#[actix_web::test]
async fn a_key_is_required_where_stock_moves_and_checked_everywhere() {
    let app = app().await;
    let path = format!("/api/v1/things/{ID}/move");
    assert_eq!(send(&app, move_thing(&path, GOOD)).await.error(), (400, "IDEMPOTENCY_KEY_REQUIRED".to_owned()));
    for bad in ["", "a b", "ü", &"k".repeat(256)] {
        let answer = send(&app, post(GOOD).insert_header(("idempotency-key", bad))).await;
        assert_eq!(answer.error().0, 400, "{bad}");
    }
    assert_eq!(send(&app, post(GOOD)).await.header("idempotency-replayed"), None);
    assert_eq!(send(&app, post(GOOD).insert_header(("idempotency-key", "again"))).await.header("idempotency-replayed"), Some("true"));
    let faulty = move_thing(&path, r#"{"name":"a"}"#).insert_header(("idempotency-key", "k"));
    assert_eq!(send(&app, faulty).await.faults(), [pair("quantity", "required")]);
}

#[actix_web::test]
async fn query_parameters_are_read_checked_and_never_ignored() {
    let app = app().await;
    assert_eq!(send(&app, get("/api/v1/report?dry_run=true&depth=2")).await.json(), json!({ "data": 3 }));
    assert_eq!(send(&app, get("/api/v1/report")).await.status, 200);
    let answer = send(&app, get("/api/v1/report?depth=9")).await;
    assert_eq!((answer.error().0, answer.faults()), (400, vec![pair("depth", "range")]));
    assert_eq!(send(&app, get("/api/v1/report?colour=red&depth=1")).await.faults(), [pair("colour", "unknown")]);
    let none = send(&app, known(get(&format!("/api/v1/things/{ID}?colour=red")))).await;
    assert_eq!((none.error().0, none.faults()), (400, vec![pair("colour", "unknown")]));
}

#[actix_web::test]
async fn a_text_in_a_path_is_decoded_once_and_bounded() {
    let app = app().await;
    assert_eq!(send(&app, get("/api/v1/keys/a%20b%2Fc+%2541")).await.json(), json!({ "data": "a b/c+%41" }));
    for bad in ["%00", "%0a", "%ff", &"k".repeat(201)] {
        assert_eq!(send(&app, get(&format!("/api/v1/keys/{bad}"))).await.error().0, 404, "{bad}");
    }
}
