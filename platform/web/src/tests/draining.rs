//! The end of a server under requests.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::overload::{exchange, spec};
use crate::serve;

/// A connection that is kept after its first answer.
struct Kept(TcpStream);

impl Kept {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut kept = Self(stream);
        let first = kept.ask("/healthz");
        assert!(first.starts_with("HTTP/1.1 200") && !first.contains("connection: close"), "{first}");
        kept
    }

    /// One answer; its body is short.
    fn ask(&mut self, path: &str) -> String {
        self.0.write_all(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).unwrap();
        let mut part = [0; 4096];
        let count = self.0.read(&mut part).unwrap();
        String::from_utf8_lossy(&part[..count]).into_owned()
    }

    /// Whether the server closes it without another word.
    fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0; 64]), Ok(0))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

#[actix_web::test]
async fn a_server_that_ends_says_so_then_closes_and_finishes_what_is_under_way() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (mut spec, gate) = spec(4, 0, Duration::from_millis(500));
    spec.options.drain_delay = Duration::from_millis(1500);
    let shutdown = spec.shutdown.clone();
    let server = actix_web::rt::spawn(serve(listener, spec));
    let (mut used, mut idle) = blocking(move || (Kept::open(address), Kept::open(address))).await;
    let held =
        tokio::task::spawn_blocking(move || exchange(address, "GET /api/v1/held HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer good\r\n\r\n"));
    shutdown.cancel();
    let ready = "GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let not_ready = blocking(move || exchange(address, ready)).await;
    assert!(not_ready.starts_with("HTTP/1.1 503") && not_ready.contains("connection: close"), "{not_ready}");
    // Nobody who does not look there notices yet; but the next request goes elsewhere.
    let (last, closed) = blocking(move || (used.ask("/api/v1/report"), used.is_closed())).await;
    assert!(last.starts_with("HTTP/1.1 200") && last.contains("connection: close") && closed, "{last}");
    assert!(blocking(move || idle.is_closed()).await, "a connection without a request is closed when the server stops accepting");
    let refused = async {
        while blocking(move || TcpStream::connect(address)).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(!held.is_finished() && !server.is_finished());
    gate.0.add_permits(1);
    let held = held.await.unwrap();
    assert!(held.starts_with("HTTP/1.1 200") && held.contains("connection: close"), "{held}");
    tokio::time::timeout(Duration::from_secs(10), refused).await.expect("no new connections");
    tokio::time::timeout(Duration::from_secs(10), server).await.expect("the server ends").unwrap().unwrap();
}
