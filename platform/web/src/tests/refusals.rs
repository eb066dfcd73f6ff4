//! What a refusal carries, and how fast refusals come.

use std::time::{Duration, Instant};

use actix_web::http::Method;
use actix_web::test::TestRequest;
use actix_web::web::Data;
use futures::future::LocalBoxFuture;
use futures::poll;

use super::app::{Answer, app_of, get, send};
use super::overload::{Gate, UnderWay, is_refused, request, with};
use crate::admission::AdmissionOptions;
use crate::options::WebOptions;
use crate::server::ServerSpec;

const ORIGIN: &str = "https://app.example";

fn spec(places: usize, refusals_per_second: u32) -> (ServerSpec, Data<Gate>) {
    let admission = AdmissionOptions { places, queue: 0, refusals_per_second, ..AdmissionOptions::default() };
    with(WebOptions { workers: Some(1), cors_origins: vec![ORIGIN.to_owned()], admission, ..WebOptions::new(b"key") })
}

#[actix_web::test]
async fn a_refusal_carries_what_every_answer_does_and_a_browser_may_read_it() {
    let (spec, gate) = spec(1, 1_000);
    let app = app_of(spec).await;
    gate.0.add_permits(1);
    let usual = send(&app, request(1).insert_header(("origin", ORIGIN))).await;
    assert_eq!(usual.status, 200);
    let inside = UnderWay::of([Box::pin(send(&app, request(1))) as LocalBoxFuture<'_, Answer>]).await;
    let refused = send(&app, request(1).insert_header(("origin", ORIGIN)).insert_header(("x-request-id", "mine-1"))).await;
    is_refused(&refused);
    assert_eq!((refused.header("x-request-id"), refused.header("cache-control")), (Some("mine-1"), Some("no-store")));
    let sorted = |answer: &Answer, name: &str| {
        let mut parts: Vec<_> = answer.header(name).unwrap_or_else(|| panic!("no {name}")).split(", ").map(str::to_owned).collect();
        parts.sort();
        parts
    };
    for name in ["access-control-expose-headers", "vary"] {
        assert_eq!(sorted(&refused, name), sorted(&usual, name), "{name}");
    }
    for name in ["access-control-allow-origin", "content-security-policy", "x-content-type-options", "referrer-policy", "permissions-policy"] {
        assert_eq!(refused.header(name), usual.header(name), "{name}");
        assert!(refused.header(name).is_some(), "{name}");
    }
    let foreign = send(&app, request(1).insert_header(("origin", "https://evil.example"))).await;
    is_refused(&foreign);
    assert_eq!(foreign.header("access-control-allow-origin"), None);
    // Asked beforehand by a browser: it would show the script nothing but a failure of the network.
    let preflight = TestRequest::default()
        .method(Method::OPTIONS)
        .uri("/api/v1/held")
        .insert_header(("origin", ORIGIN))
        .insert_header(("access-control-request-method", "GET"));
    assert_eq!(send(&app, preflight).await.status, 200);
    gate.0.add_permits(1);
    assert_eq!(inside.answers().await, [200]);
}

#[actix_web::test]
async fn clients_that_come_back_at_once_are_refused_in_turn_and_nobody_else_waits() {
    let (spec, gate) = spec(1, 20);
    let app = app_of(spec).await;
    let inside = UnderWay::of([Box::pin(send(&app, request(1))) as LocalBoxFuture<'_, Answer>]).await;
    // A second's refusals come at once.
    for _ in 0..20 {
        let mut refusal = std::pin::pin!(send(&app, request(2)));
        assert!(poll!(&mut refusal).is_ready());
    }
    let began = Instant::now();
    let impatient = UnderWay::of((0..10).map(|_| -> LocalBoxFuture<'_, Answer> { Box::pin(send(&app, request(2))) })).await;
    for path in ["/healthz", "/api/v1/health"] {
        assert_eq!(send(&app, get(path)).await.status, 200, "{path}");
    }
    gate.0.add_permits(1);
    assert_eq!(inside.answers().await, [200]);
    // Who waits for a refusal holds no place.
    assert_eq!(send(&app, get("/api/v1/report")).await.status, 200);
    assert!(began.elapsed() < Duration::from_millis(400), "{:?}", began.elapsed());
    assert_eq!(impatient.answers().await, [503; 10]);
    assert!(began.elapsed() >= Duration::from_millis(400), "10 refusals beyond the 20 of a second took {:?}", began.elapsed());
}

#[actix_web::test]
async fn an_organization_beyond_its_share_is_refused_in_turn_without_a_place() {
    let (spec, gate) = spec(2, 1);
    let app = app_of(spec).await;
    let inside = UnderWay::of([Box::pin(send(&app, request(1))) as LocalBoxFuture<'_, Answer>]).await;
    is_refused(&send(&app, request(1)).await);
    let began = Instant::now();
    let again = UnderWay::of([Box::pin(send(&app, request(1))) as LocalBoxFuture<'_, Answer>]).await;
    assert_eq!(send(&app, get("/api/v1/report")).await.status, 200, "there is a place");
    assert_eq!(again.answers().await, [503]);
    assert!(began.elapsed() > Duration::from_millis(500), "{:?}", began.elapsed());
    gate.0.add_permits(1);
    assert_eq!(inside.answers().await, [200]);
}

#[actix_web::test]
async fn nobody_is_kept_waiting_for_a_refusal_by_a_process_that_ends() {
    let (spec, gate) = spec(1, 1);
    let app_spec = crate::AppSpec::new(spec).unwrap();
    let state = app_spec.state.clone();
    let app = actix_web::test::init_service(crate::server::build(&app_spec)).await;
    let inside = UnderWay::of([Box::pin(send(&app, request(1))) as LocalBoxFuture<'_, Answer>]).await;
    state.draining.store(true, std::sync::atomic::Ordering::Relaxed);
    let began = Instant::now();
    for _ in 0..5 {
        is_refused(&send(&app, request(2)).await);
    }
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
    gate.0.add_permits(1);
    assert_eq!(inside.answers().await, [200]);
}
