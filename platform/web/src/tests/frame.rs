//! What every answer carries.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use uuid::Uuid;

use super::app::{app, app_of, clock, get, known, send, spec_of};
use super::slice::ID;
use crate::options::WebOptions;

#[actix_web::test]
async fn a_harmless_request_id_is_kept_and_any_other_replaced() {
    let app = app().await;
    let id_of =
        async |given: &str| send(&app, get("/healthz").insert_header(("x-request-id", given))).await.header("x-request-id").unwrap().to_owned();
    assert_eq!(id_of("trace-1.a_b:c").await, "trace-1.a_b:c");
    for bad in ["", "a b", "<script>", &"x".repeat(129)] {
        let id = id_of(bad).await;
        assert_eq!(id.parse::<Uuid>().unwrap().get_version_num(), 7, "{bad}");
    }
}

#[actix_web::test]
async fn every_answer_has_security_headers() {
    let app = app().await;
    for path in ["/healthz", "/nowhere", "/openapi.json", "/docs/", "/api/v1/things"] {
        let answer = send(&app, get(path)).await;
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        assert!(answer.header("permissions-policy").is_some());
        let script = if path == "/docs/" { "script-src 'self'" } else { "default-src 'none'" };
        assert!(answer.header("content-security-policy").unwrap().contains(script), "{path}");
        assert_eq!(answer.header("strict-transport-security"), None);
    }
    let https = app_of(spec_of(WebOptions { hsts: true, ..WebOptions::new(b"key") }, clock(), Vec::new())).await;
    assert!(send(&https, get("/healthz")).await.header("strict-transport-security").unwrap().starts_with("max-age=63072000"));
}

#[actix_web::test]
async fn an_unchanged_resource_answers_304_without_a_body() {
    let app = app().await;
    let path = format!("/api/v1/things/{ID}");
    let fresh = send(&app, known(get(&path))).await;
    assert_eq!((fresh.status, fresh.header("etag"), fresh.header("cache-control")), (200, Some("\"3\""), Some("private, no-cache")));
    for tag in ["\"3\"", "W/\"3\"", "\"1\", \"3\"", "*"] {
        let answer = send(&app, known(get(&path)).insert_header(("if-none-match", tag))).await;
        assert_eq!((answer.status, answer.header("etag"), answer.body.len()), (304, Some("\"3\""), 0), "{tag}");
    }
    let changed = send(&app, known(get(&path)).insert_header(("if-none-match", "\"2\""))).await;
    assert_eq!(changed.status, 200);
}

#[actix_web::test]
async fn head_is_answered_like_get() {
    let app = app().await;
    let answer = send(&app, known(TestRequest::default().method(Method::HEAD).uri("/api/v1/things"))).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("link").is_some());
}

#[actix_web::test]
async fn only_configured_origins_may_call_from_a_browser() {
    let options = WebOptions { cors_origins: vec!["https://app.example".to_owned()], ..WebOptions::new(b"key") };
    let app = app_of(spec_of(options, clock(), Vec::new())).await;
    let preflight = |origin: &'static str| {
        TestRequest::default()
            .method(Method::OPTIONS)
            .uri("/api/v1/things")
            .insert_header(("origin", origin))
            .insert_header(("access-control-request-method", "POST"))
            .insert_header(("access-control-request-headers", "content-type,idempotency-key"))
    };
    let allowed = send(&app, preflight("https://app.example")).await;
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (200, Some("https://app.example")));
    assert_eq!(allowed.header("access-control-allow-credentials"), None);
    let refused = send(&app, preflight("https://evil.example")).await;
    assert_eq!((refused.error().0, refused.header("access-control-allow-origin")), (400, None));
    let read = send(&app, known(get("/api/v1/things")).insert_header(("origin", "https://app.example"))).await;
    assert_eq!(read.header("access-control-allow-origin"), Some("https://app.example"));
    assert!(read.header("access-control-expose-headers").unwrap().to_lowercase().contains("etag"));
    let denied = send(&app, get("/api/v1/things").insert_header(("origin", "https://app.example"))).await;
    assert_eq!((denied.error().0, denied.header("access-control-allow-origin")), (401, Some("https://app.example")));
}

#[actix_web::test]
async fn an_answer_has_one_vary_that_names_everything_once() {
    let options = WebOptions { cors_origins: vec!["https://app.example".to_owned()], ..WebOptions::new(b"key") };
    let app = app_of(spec_of(options, clock(), Vec::new())).await;
    for request in [get("/api/v1/long"), known(get("/api/v1/things")), get("/api/v1/things"), get("/api/v1/nowhere")] {
        let answer = send(&app, request.insert_header(("accept-encoding", "gzip")).insert_header(("origin", "https://app.example"))).await;
        let fields: Vec<_> = answer.headers.get_all("vary").collect();
        assert_eq!(fields.len(), 1, "{fields:?}");
        let mut names: Vec<_> = fields[0].to_str().unwrap().split(", ").map(str::to_lowercase).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{fields:?}");
        for name in ["authorization", "x-tenant", "origin"] {
            assert!(names.iter().any(|known| known == name), "{name} is missing in {fields:?}");
        }
    }
    let plain = send(&app, get("/healthz")).await;
    assert!(plain.headers.get_all("vary").count() <= 1);
}

#[actix_web::test]
async fn answers_are_compressed_but_event_streams_are_not() {
    let app = app().await;
    let long = send(&app, get("/api/v1/long").insert_header(("accept-encoding", "gzip"))).await;
    assert_eq!(long.header("content-encoding"), Some("gzip"));
    assert!(long.body.len() < 2000 && long.headers.get_all("vary").any(|value| value.to_str().unwrap().to_lowercase().contains("accept-encoding")));
    let events = send(&app, get("/api/v1/events").insert_header(("accept-encoding", "gzip, br"))).await;
    assert_eq!((events.header("content-encoding"), events.header("x-kept")), (None, Some("1")));
    assert!(events.header("content-type").unwrap().starts_with("text/event-stream"));
    let text = String::from_utf8(events.body).unwrap();
    assert!(text.starts_with(": connected\n\nid: 0\nevent: tick\ndata: \"tick tock\"\n\n"), "{text}");
}
