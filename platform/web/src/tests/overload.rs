//! More requests than the process takes at once.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use actix_web::get;
use actix_web::test::TestRequest;
use actix_web::web::Data;
use futures::future::LocalBoxFuture;
use futures::poll;
use tokio::sync::Semaphore;
use utoipa_actix_web::service_config::ServiceConfig;

use super::app::{Answer, app_of, clock, get, known, send, spec_of};
use super::slice::Guard;
use crate::admission::AdmissionOptions;
use crate::options::WebOptions;
use crate::slice::Slice;
use crate::wire::Envelope;
use crate::{ApiResult, ServerSpec, respond, serve};

/// Lets handlers end, one permit each.
pub(super) struct Gate(pub(super) Semaphore);

#[utoipa::path(
    tag = "held", operation_id = "hold", summary = "Hold", description = "Waits.", responses((status = 200, description = "Done.", body = Envelope<String>)),
    security(("bearer" = [])), extensions(("x-permission" = json!("things.read")))
)]
#[get("/held")]
async fn held(_guard: Guard, gate: Data<Gate>) -> ApiResult {
    gate.0.acquire().await.unwrap().forget();
    Ok(respond::ok("done"))
}

pub(super) fn spec(places: usize, queue: usize, patience: Duration) -> (ServerSpec, Data<Gate>) {
    let admission = AdmissionOptions { places, queue, patience, ..AdmissionOptions::default() };
    with(WebOptions { workers: Some(1), admission, ..WebOptions::new(b"key") })
}

pub(super) fn with(options: WebOptions) -> (ServerSpec, Data<Gate>) {
    let mut spec = spec_of(options, clock(), Vec::new());
    let gate = Data::new(Gate(Semaphore::new(0)));
    let mounted = Data::clone(&gate);
    spec.api.push(Slice::new("held", move |cfg: &mut ServiceConfig<'_>| {
        cfg.app_data(Data::clone(&mounted));
        cfg.service(held);
    }));
    (spec, gate)
}

pub(super) fn request(tenant: u128) -> TestRequest {
    known(get("/api/v1/held")).insert_header(("x-tenant", tenant.to_string()))
}

/// Requests under way, as far as they get by themselves.
pub(super) struct UnderWay<'a>(Vec<LocalBoxFuture<'a, Answer>>);

impl<'a> UnderWay<'a> {
    pub(super) async fn of(requests: impl IntoIterator<Item = LocalBoxFuture<'a, Answer>>) -> Self {
        let mut all: Vec<_> = requests.into_iter().collect();
        // The guard yields once.
        for _ in 0..3 {
            for one in &mut all {
                assert!(poll!(one).is_pending(), "a request that should wait was answered");
            }
        }
        Self(all)
    }

    pub(super) async fn answers(self) -> Vec<u16> {
        futures::future::join_all(self.0).await.into_iter().map(|answer| answer.status).collect()
    }
}

pub(super) fn is_refused(answer: &Answer) {
    assert_eq!(answer.error(), (503, "SERVICE_UNAVAILABLE".to_owned()));
    let after: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=4).contains(&after), "{after}");
}

#[actix_web::test]
async fn what_is_beyond_places_and_queue_is_refused_at_once_and_health_is_not() {
    let (spec, gate) = spec(4, 2, Duration::from_secs(30));
    let app = app_of(spec).await;
    let inside = UnderWay::of((1..=4).map(|tenant| -> LocalBoxFuture<'_, Answer> { Box::pin(send(&app, request(tenant))) })).await;
    let queued = UnderWay::of((5..=6).map(|tenant| -> LocalBoxFuture<'_, Answer> { Box::pin(send(&app, request(tenant))) })).await;
    let asked = std::time::Instant::now();
    for path in ["/api/v1/held", "/api/v1/report", "/api/v1/nowhere"] {
        // Neither credential nor path was looked at.
        is_refused(&send(&app, get(path)).await);
    }
    assert!(asked.elapsed() < Duration::from_secs(5), "they waited: {:?}", asked.elapsed());
    for path in ["/healthz", "/readyz", "/version", "/api/v1/health", "/openapi.json"] {
        assert_eq!(send(&app, get(path)).await.status, 200, "{path}");
    }
    gate.0.add_permits(6);
    let (inside, queued) = futures::join!(inside.answers(), queued.answers());
    assert_eq!((inside, queued), (vec![200; 4], vec![200; 2]));
    assert_eq!(send(&app, get("/api/v1/report")).await.status, 200, "it is over at once");
}

#[actix_web::test]
async fn nobody_waits_longer_than_the_queue_is_patient_and_a_client_that_leaves_makes_room() {
    let (spec, gate) = spec(1, 8, Duration::from_millis(40));
    let app = app_of(spec).await;
    let inside = UnderWay::of([Box::pin(send(&app, request(1))) as LocalBoxFuture<'_, Answer>]).await;
    let began = std::time::Instant::now();
    is_refused(&send(&app, request(2)).await);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    drop(inside);
    gate.0.add_permits(1);
    assert_eq!(send(&app, request(2)).await.status, 200);
}

#[actix_web::test]
async fn one_organization_leaves_half_of_the_places_and_two_a_third() {
    let (spec, gate) = spec(12, 0, Duration::from_millis(40));
    let app = app_of(spec).await;
    let of = async |tenant: u128, count: usize| {
        UnderWay::of((0..count).map(|_| -> LocalBoxFuture<'_, Answer> { Box::pin(send(&app, request(tenant))) })).await
    };
    let first = of(1, 6).await;
    is_refused(&send(&app, request(1)).await);
    // Each organization gets as many as are left.
    let second = of(2, 3).await;
    is_refused(&send(&app, request(2)).await);
    let third = of(3, 1).await;
    assert_eq!(send(&app, known(get("/api/v1/things")).insert_header(("x-tenant", "4"))).await.status, 200, "and there is room for another");
    gate.0.add_permits(10);
    for some in [first, second, third] {
        assert!(some.answers().await.iter().all(|status| *status == 200));
    }
    let again = of(1, 6).await;
    gate.0.add_permits(6);
    assert_eq!(again.answers().await, [200; 6], "nothing is left of what was counted");
}

#[actix_web::test]
async fn who_waits_for_a_client_holds_no_place() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (spec, _gate) = spec(2, 0, Duration::from_millis(500));
    let shutdown = spec.shutdown.clone();
    let server = actix_web::rt::spawn(serve(listener, spec));
    // Two bodies that don't come: as many as there are places.
    let slow: Vec<TcpStream> = futures::future::join_all((1..=2).map(|tenant| {
        tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            let head = format!(
                "POST /api/v1/things HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer good\r\nx-tenant: {tenant}\r\n\
                 content-type: application/json\r\ncontent-length: 40\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
    }))
    .await
    .into_iter()
    .map(Result::unwrap)
    .collect();
    let quick = async || {
        tokio::task::spawn_blocking(move || exchange(address, "GET /api/v1/report HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"))
            .await
            .unwrap()
    };
    let mut answered = String::new();
    for _ in 0..100 {
        answered = quick().await;
        if answered.starts_with("HTTP/1.1 200") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(answered.starts_with("HTTP/1.1 200"), "{answered}");
    for mut stream in slow {
        let answer = tokio::task::spawn_blocking(move || {
            stream.write_all(br#"{"name":"Screw","quantity":"2"}         "#).unwrap();
            let mut part = [0; 1024];
            let count = stream.read(&mut part).unwrap();
            String::from_utf8_lossy(&part[..count]).into_owned()
        })
        .await
        .unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "the body came after all: {answer}");
    }
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(10), server).await.expect("the server ends").unwrap().unwrap();
}

pub(super) fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}
