//! Bodies that come slowly, and whom they keep out.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use actix_web::post;
use utoipa_actix_web::service_config::ServiceConfig;

use super::overload::with;
use super::slice::ThingIn;
use crate::admission::AdmissionOptions;
use crate::extract::Json;
use crate::options::WebOptions;
use crate::slice::Slice;
use crate::wire::Envelope;
use crate::{ApiResult, respond, serve};

const BODY: &[u8] = br#"{"name":"Screw","quantity":"2"}"#;

#[utoipa::path(
    tag = "told", operation_id = "tell", summary = "Tell", description = "Takes anybody's body.", request_body = ThingIn,
    responses((status = 200, description = "Done.", body = Envelope<String>)), security()
)]
#[post("/told")]
async fn tell(_body: Json<ThingIn>) -> ApiResult {
    Ok(respond::ok("told"))
}

/// A request whose body is on its way.
struct Slow(TcpStream);

impl Slow {
    fn send(address: SocketAddr, head: &str) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        let rest = format!("host: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", BODY.len());
        stream.write_all(format!("{head}{rest}").as_bytes()).unwrap();
        Self(stream)
    }

    fn of_tenant(address: SocketAddr, tenant: u128) -> Self {
        Self::send(address, &format!("POST /api/v1/things HTTP/1.1\r\nauthorization: Bearer good\r\nx-tenant: {tenant}\r\n"))
    }

    fn of_stranger(address: SocketAddr, number: u8) -> Self {
        Self::send(address, &format!("POST /api/v1/told HTTP/1.1\r\nx-forwarded-for: 192.0.2.{number}\r\n"))
    }

    /// The status, if it was answered before its body came.
    fn answered(&mut self, within: Duration) -> Option<u16> {
        self.0.set_read_timeout(Some(within)).unwrap();
        let mut head = [0; 12];
        self.0.read_exact(&mut head).ok()?;
        std::str::from_utf8(&head[9..]).unwrap().parse().ok()
    }

    /// Sends the body.
    fn finish(mut self) -> u16 {
        self.0.write_all(BODY).unwrap();
        self.answered(Duration::from_secs(10)).expect("an answer")
    }
}

/// Those who still wait after a while, and how many were refused.
fn sorted(all: impl IntoIterator<Item = Slow>) -> (Vec<Slow>, usize) {
    let (mut waiting, mut refused) = (Vec::new(), 0);
    for mut one in all {
        match one.answered(Duration::from_millis(400)) {
            Some(503) => refused += 1,
            None => waiting.push(one),
            Some(other) => panic!("answered {other} without a body"),
        }
    }
    (waiting, refused)
}

#[actix_web::test]
async fn who_sends_slowly_uses_up_a_part_of_their_own() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let admission = AdmissionOptions { places: 8, queue: 8, ..AdmissionOptions::default() };
    let proxies = vec!["127.0.0.1/32".parse().unwrap()];
    let (mut spec, _gate) = with(WebOptions { workers: Some(1), trusted_proxies: proxies, admission, ..WebOptions::new(b"key") });
    spec.api.push(Slice::new("tell", |cfg: &mut ServiceConfig<'_>| {
        cfg.service(tell);
    }));
    let shutdown = spec.shutdown.clone();
    let server = actix_web::rt::spawn(serve(listener, spec));
    let seen = tokio::task::spawn_blocking(move || {
        // Four strangers with two bodies each: half of all is theirs.
        let (strangers, none) = sorted((1..=8).map(|number| Slow::of_stranger(address, number % 4)));
        let (first, many) = sorted((0..6).map(|_| Slow::of_tenant(address, 1)));
        let (second, one) = sorted([Slow::of_tenant(address, 2)]);
        let kept = (strangers.len(), first.len(), second.len());
        // And there is a place for whoever brings the body along.
        let quick = Slow::of_stranger(address, 9).finish();
        let told: Vec<_> = strangers.into_iter().chain(first).chain(second).map(Slow::finish).collect();
        let (after, _) = sorted((0..4).map(|_| Slow::of_tenant(address, 1)));
        (kept, (none, many, one), quick, told, after.len())
    })
    .await
    .unwrap();
    let (kept, refused, quick, told, after) = seen;
    assert_eq!((kept, refused), ((4, 2, 1), (4, 4, 0)), "bodies waited for, of strangers, of one organization, of another; and refused");
    assert_eq!(quick, 200);
    assert_eq!(told, [200, 200, 200, 200, 201, 201, 201], "the bodies came after all");
    assert_eq!(after, 4, "nothing is left of what was counted");
    shutdown.cancel();
    let _ = tokio::time::timeout(Duration::from_secs(1), server).await;
}
