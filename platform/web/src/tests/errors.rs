//! Faults leave as envelopes, without their causes.

use actix_web::http::Method;
use actix_web::test::TestRequest;

use super::app::{app, get, known, send};
use super::slice::ID;

#[actix_web::test]
async fn unknown_paths_and_methods_answer_envelopes() {
    let app = app().await;
    for path in ["/", "/nowhere", "/api/v1/nowhere", "/api/v2/things", "/docs/nothing.js"] {
        assert_eq!(send(&app, get(path)).await.error(), (404, "NOT_FOUND".to_owned()), "{path}");
    }
    let answer = send(&app, TestRequest::put().uri("/api/v1/things")).await;
    assert_eq!(answer.error(), (405, "METHOD_NOT_ALLOWED".to_owned()));
    assert_eq!(answer.header("allow"), Some("GET, HEAD, POST"));
    let trace = TestRequest::default().method(Method::TRACE).uri(&format!("/api/v1/things/{ID}"));
    assert_eq!(send(&app, trace).await.header("allow"), Some("DELETE, GET, HEAD, PATCH"));
}

#[actix_web::test]
async fn an_internal_fault_tells_nothing_of_its_cause() {
    let app = app().await;
    let answer = send(&app, get("/api/v1/fail")).await;
    assert_eq!(answer.error(), (500, "INTERNAL_ERROR".to_owned()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("10.0.0.7"));
}

#[actix_web::test]
async fn a_panic_is_one_request_s_500_and_the_server_goes_on() {
    let app = app().await;
    let answer = send(&app, get("/api/v1/panic")).await;
    assert_eq!(answer.error(), (500, "INTERNAL_ERROR".to_owned()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("secret"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(send(&app, known(get("/api/v1/things"))).await.status, 200);
}

#[actix_web::test]
async fn errors_that_actix_makes_become_envelopes() {
    let app = app().await;
    let answer = send(&app, get("/api/v1/foreign")).await;
    assert_eq!(answer.error(), (403, "FORBIDDEN".to_owned()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("internal words"));
}

#[actix_web::test]
async fn an_excessive_request_head_is_refused() {
    let app = app().await;
    assert_eq!(send(&app, get(&format!("/api/v1/report?depth={}", "1".repeat(9000)))).await.error(), (414, "URI_TOO_LONG".to_owned()));
    let large = get("/api/v1/report").insert_header(("x-filler", "x".repeat(17_000)));
    assert_eq!(send(&app, large).await.error(), (431, "HEADERS_TOO_LARGE".to_owned()));
}
