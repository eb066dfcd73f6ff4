//! Health, and a server on a real socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::app::{app_of, clock, get, send, spec_of};
use crate::health::HealthCheck;
use crate::options::{BodyTimeouts, WebOptions};
use crate::serve;

struct Dependency {
    name: &'static str,
    required: bool,
    works: Arc<AtomicBool>,
}

#[async_trait]
impl HealthCheck for Dependency {
    fn name(&self) -> &'static str {
        self.name
    }

    fn required(&self) -> bool {
        self.required
    }

    async fn check(&self) -> Result<(), String> {
        if self.works.load(Ordering::Relaxed) { Ok(()) } else { Err("connection refused by 10.0.0.7".to_owned()) }
    }
}

fn dependency(name: &'static str, required: bool, works: bool) -> Arc<dyn HealthCheck> {
    Arc::new(Dependency { name, required, works: Arc::new(AtomicBool::new(works)) })
}

#[actix_web::test]
async fn health_tells_states_and_no_causes() {
    let degraded =
        app_of(spec_of(WebOptions::new(b"key"), clock(), vec![dependency("database", true, true), dependency("redis", false, false)])).await;
    assert_eq!(send(&degraded, get("/healthz")).await.json()["data"]["status"], "ok");
    assert_eq!(send(&degraded, get("/readyz")).await.status, 200);
    let health = send(&degraded, get("/api/v1/health")).await;
    assert_eq!((health.status, &health.json()["data"]["status"]), (200, &"degraded".into()));
    assert_eq!(health.json()["data"]["checks"][1]["name"], "redis");
    assert!(!String::from_utf8_lossy(&health.body).contains("10.0.0.7"));
    let version = send(&degraded, get("/version")).await.json();
    assert_eq!(version["data"], serde_json::json!({ "version": "9.8.7", "revision": "abc123" }));
    let down = app_of(spec_of(WebOptions::new(b"key"), clock(), vec![dependency("database", true, false)])).await;
    assert_eq!(send(&down, get("/readyz")).await.error(), (503, "SERVICE_UNAVAILABLE".to_owned()));
    assert_eq!(send(&down, get("/healthz")).await.status, 200);
}

fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[actix_web::test]
async fn a_server_serves_until_it_is_told_to_stop() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let spec = spec_of(WebOptions { workers: Some(1), ..WebOptions::new(b"key") }, clock(), Vec::new());
    let shutdown = spec.shutdown.clone();
    let server = actix_web::rt::spawn(serve(listener, spec));
    let ask = async |request: &'static str| tokio::task::spawn_blocking(move || exchange(address, request)).await.unwrap();
    let answer = ask("GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.contains(r#"{"data":{"status":"ok"}}"#), "{answer}");
    let head = ask("HEAD /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 200 OK") && head.ends_with("\r\n\r\n"), "{head}");
    let panic = ask("GET /api/v1/panic HTTP/1.1\r\nhost: localhost\r\nx-request-id: p-1\r\nconnection: close\r\n\r\n").await;
    assert!(panic.starts_with("HTTP/1.1 500") && panic.contains("x-request-id: p-1") && panic.contains("INTERNAL_ERROR"), "{panic}");
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(10), server).await.expect("the server ends").unwrap().unwrap();
}

#[actix_web::test]
async fn a_body_that_does_not_come_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let timeouts = BodyTimeouts { idle: Duration::from_millis(300), body: Duration::from_millis(900), ..BodyTimeouts::default() };
    let spec = spec_of(WebOptions { workers: Some(1), timeouts, ..WebOptions::new(b"key") }, clock(), Vec::new());
    let shutdown = spec.shutdown.clone();
    let server = actix_web::rt::spawn(serve(listener, spec));
    let head = "POST /api/v1/things HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer good\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{";
    let silent = tokio::task::spawn_blocking(move || exchange(address, head)).await.unwrap();
    assert!(silent.starts_with("HTTP/1.1 408") && silent.contains("Nothing of the body arrived for 0.3 seconds."), "{silent}");
    let dripping = tokio::task::spawn_blocking(move || drip(address, head)).await.unwrap();
    assert!(dripping.starts_with("HTTP/1.1 408") && dripping.contains("The body did not arrive within 0.9 seconds."), "{dripping}");
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(10), server).await.expect("the server ends").unwrap().unwrap();
}

#[actix_web::test]
async fn a_connection_whose_body_nobody_reads_is_closed_after_the_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let spec = spec_of(WebOptions { workers: Some(1), ..WebOptions::new(b"key") }, clock(), Vec::new());
    let shutdown = spec.shutdown.clone();
    let server = actix_web::rt::spawn(serve(listener, spec));
    let chunked = |path: &str| format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
    let mut answers = Vec::new();
    for (path, status) in [("/nowhere", "404"), ("/api/v1/things", "401"), ("/api/v1/panic", "405")] {
        for body in ["", "1\r\nx\r\n"] {
            let request = chunked(path) + body;
            let answer = tokio::task::spawn_blocking(move || exchange(address, &request));
            answers.push(async move { (status, answer.await.unwrap()) });
        }
    }
    // `exchange` reads to the end of the connection, for at most 10 seconds between two bytes.
    for (status, answer) in futures::future::join_all(answers).await {
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains("connection: close"), "{answer}");
    }
    let read = "POST /api/v1/signup HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n\
                GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let both = tokio::task::spawn_blocking(move || exchange(address, read)).await.unwrap();
    assert_eq!(both.matches("HTTP/1.1 20").count(), 2, "a body that came whole keeps the connection: {both}");
    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(10), server).await.expect("the server ends").unwrap().unwrap();
}

/// A byte now and then until the server answers; then what it answered, up to the end of the connection.
fn drip(address: SocketAddr, head: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    for _ in 0..100 {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&part[..count]),
            // Nothing yet; a connection that the server has closed is seen by the next read.
            Err(_) => drop(stream.write_all(b" ")),
        }
    }
    String::from_utf8(answer).unwrap()
}

#[actix_web::test]
async fn one_address_leaves_as_many_connections_free_as_it_has() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let spec = spec_of(WebOptions { workers: Some(1), most_connections: Some(8), ..WebOptions::new(b"key") }, clock(), Vec::new());
    let shutdown = spec.shutdown.clone();
    let server = actix_web::rt::spawn(serve(listener, spec));
    // A connection that stays, if it is let in.
    let enter = async || {
        let entering = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
            stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").ok()?;
            let heard = stream.read(&mut [0; 64]).unwrap_or_default();
            (heard > 0).then_some(stream)
        });
        entering.await.unwrap()
    };
    let mut inside = Vec::new();
    for _ in 0..4 {
        inside.push(enter().await.expect("it is let in"));
    }
    assert!(enter().await.is_none(), "the rest is for others");
    drop(inside);
    let patience = std::time::Instant::now();
    while enter().await.is_none() {
        assert!(patience.elapsed() < Duration::from_secs(5), "what ended is not counted any more");
    }
    shutdown.cancel();
    server.await.unwrap().unwrap();
}
