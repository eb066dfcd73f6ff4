//! Answers that nobody reads.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use actix_web::get;
use utoipa_actix_web::service_config::ServiceConfig;

use super::overload::with;
use super::slice::Guard;
use crate::admission::AdmissionOptions;
use crate::options::{BodyTimeouts, WebOptions};
use crate::slice::Slice;
use crate::wire::Envelope;
use crate::{ApiResult, respond, serve};

/// More than the system's buffers take.
const SIZE: usize = 24 * 1_024 * 1_024;

#[utoipa::path(
    tag = "large", operation_id = "large", summary = "Large", description = "Much.", responses((status = 200, description = "Done.", body = Envelope<String>)),
    security(("bearer" = [])), extensions(("x-permission" = json!("things.read")))
)]
#[get("/large")]
async fn large(_guard: Guard) -> ApiResult {
    Ok(respond::ok("x".repeat(SIZE)))
}

/// Asks, and reads no more than the status.
fn ask(address: SocketAddr, tenant: u128) -> (TcpStream, u16) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let head = format!("GET /api/v1/large HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer good\r\nx-tenant: {tenant}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut head = [0; 12];
    stream.read_exact(&mut head).unwrap();
    (stream, std::str::from_utf8(&head[9..]).unwrap().parse().unwrap())
}

fn read_all(mut stream: TcpStream) -> Option<usize> {
    let (mut read, mut piece) = (12, vec![0; 65_536]);
    while read < SIZE {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(bytes) => read += bytes,
        }
    }
    Some(read)
}

#[actix_web::test]
async fn an_answer_that_nobody_reads_is_counted_to_its_organization_and_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let admission = AdmissionOptions { unsent_bytes: 3 * SIZE, ..AdmissionOptions::default() };
    let timeouts = BodyTimeouts { unread: Duration::from_secs(2), ..BodyTimeouts::default() };
    let (mut spec, _gate) = with(WebOptions { workers: Some(1), admission, timeouts, ..WebOptions::new(b"key") });
    spec.api.push(Slice::new("large", |cfg: &mut ServiceConfig<'_>| {
        cfg.service(large);
    }));
    let shutdown = spec.shutdown.clone();
    let server = actix_web::rt::spawn(serve(listener, spec));
    let seen = tokio::task::spawn_blocking(move || {
        let (unread, first) = ask(address, 1);
        let (_, second) = ask(address, 1);
        let (other, others) = ask(address, 2);
        let read = read_all(other);
        // The connection ends by itself, and what was kept for it goes.
        let asked = Instant::now();
        let again = loop {
            let (stream, status) = ask(address, 1);
            if status == 200 || asked.elapsed() > Duration::from_secs(15) {
                break (status, read_all(stream).is_some());
            }
        };
        (first, second, others, read.is_some(), again, read_all(unread))
    })
    .await
    .unwrap();
    assert_eq!(seen, (200, 503, 200, true, (200, true), None));
    shutdown.cancel();
    let _ = tokio::time::timeout(Duration::from_secs(1), server).await;
}
