//! Rate limits.

use std::sync::Arc;

use actix_web::test::TestRequest;
use chrono::Duration;
use futures::FutureExt;
use futures::future::BoxFuture;
use nexus_core::ManualClock;

use super::app::{app_of, clock, get, known, send, spec_of};
use super::slice::SIGN_UPS;
use crate::options::{RateOptions, WebOptions};
use crate::rate_limit::{LetThrough, SharedCounter};

fn limited() -> WebOptions {
    WebOptions {
        rate: RateOptions { enabled: true, anonymous_per_minute: 3, principal_per_minute: 5, signup_per_hour: 2 },
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..WebOptions::new(b"key")
    }
}

fn from(request: TestRequest, address: &str) -> TestRequest {
    request.peer_addr("10.0.0.1:4711".parse().unwrap()).insert_header(("x-forwarded-for", address))
}

#[actix_web::test]
async fn a_stranger_is_limited_by_address_and_told_when_to_return() {
    let clock = clock();
    let app = app_of(spec_of(limited(), Arc::<ManualClock>::clone(&clock), Vec::new())).await;
    for left in ["2", "1", "0"] {
        let answer = send(&app, from(get("/api/v1/report"), "192.0.2.1")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("ratelimit-policy"), Some("\"address\";q=3;w=60"));
        assert!(answer.header("ratelimit").unwrap().starts_with(&format!("\"address\";r={left};t=")));
    }
    let refused = send(&app, from(get("/api/v1/report"), "192.0.2.1")).await;
    assert_eq!(refused.error(), (429, "RATE_LIMITED".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("20"));
    assert_eq!(refused.header("ratelimit"), Some("\"address\";r=0;t=20"));
    assert_eq!(send(&app, from(get("/api/v1/report"), "192.0.2.2")).await.status, 200, "another address is another caller");
    assert_eq!(send(&app, from(get("/healthz"), "192.0.2.1")).await.status, 200, "probes are not limited");
    assert_eq!(send(&app, from(get("/api/v1/health"), "192.0.2.1")).await.status, 200);
    clock.advance(Duration::seconds(20));
    assert_eq!(send(&app, from(get("/api/v1/report"), "192.0.2.1")).await.status, 200);
}

#[actix_web::test]
async fn a_known_caller_has_an_allowance_of_their_own_wherever_they_are() {
    let app = app_of(spec_of(limited(), clock(), Vec::new())).await;
    for number in 0..5 {
        let answer = send(&app, from(known(get("/api/v1/things")), &format!("192.0.2.{number}"))).await;
        assert_eq!((answer.status, answer.header("ratelimit-policy")), (200, Some("\"principal\";q=5;w=60")));
    }
    let refused = send(&app, from(known(get("/api/v1/things")), "192.0.2.99")).await;
    assert_eq!(refused.error(), (429, "RATE_LIMITED".to_owned()));
    assert_eq!(refused.header("ratelimit-policy"), Some("\"principal\";q=5;w=60"));
    let colleague = from(known(get("/api/v1/things")), "192.0.2.99").insert_header(("x-tenant", "2"));
    assert_eq!(send(&app, colleague).await.status, 200, "the same id in another tenant is another principal");
}

#[actix_web::test]
async fn an_invented_credential_does_not_escape_the_limit_of_its_address() {
    let app = app_of(spec_of(limited(), clock(), Vec::new())).await;
    let attempt = |number: u32| from(get("/api/v1/things"), "192.0.2.1").insert_header(("authorization", format!("Bearer guess-{number}")));
    for number in 0..3 {
        assert_eq!(send(&app, attempt(number)).await.status, 401);
    }
    assert_eq!(send(&app, attempt(9)).await.error().0, 429);
    assert_eq!(send(&app, from(known(get("/api/v1/things")), "192.0.2.1")).await.status, 200, "who is known is not locked out by strangers");
    let public = from(get("/api/v1/report"), "192.0.2.5").insert_header(("authorization", "Bearer anything"));
    assert_eq!(send(&app, public).await.status, 200);
}

#[actix_web::test]
async fn what_is_no_credential_here_is_charged_before_anything_is_done() {
    let app = app_of(spec_of(limited(), clock(), Vec::new())).await;
    let attempt = |name: &str| from(get("/api/v1/things"), "192.0.2.1").insert_header((name, "a=b"));
    for name in ["cookie", "x-api-key", "cookie"] {
        assert_eq!(send(&app, attempt(name)).await.status, 401, "{name}");
    }
    assert_eq!(send(&app, attempt("x-api-key")).await.status, 429);
    assert_eq!(send(&app, from(get("/api/v1/report"), "192.0.2.1")).await.status, 429, "all of it came out of the strangers' allowance");
}

#[actix_web::test]
async fn a_needless_credential_gains_nothing() {
    let app = app_of(spec_of(limited(), clock(), Vec::new())).await;
    let names = ["cookie", "authorization", "x-api-key"];
    for name in names {
        assert_eq!(send(&app, from(get("/api/v1/report"), "192.0.2.1").insert_header((name, "a=b"))).await.status, 200);
    }
    for name in names {
        assert_eq!(send(&app, from(get("/api/v1/report"), "192.0.2.1").insert_header((name, "a=b"))).await.status, 429, "{name}");
    }
}

#[actix_web::test]
async fn signing_up_has_a_limit_of_its_own() {
    let app = app_of(spec_of(limited(), clock(), Vec::new())).await;
    let before = SIGN_UPS.with(std::cell::Cell::get);
    let sign_up = || from(TestRequest::post().uri("/api/v1/signup"), "192.0.2.1");
    for _ in 0..2 {
        assert_eq!(send(&app, sign_up()).await.status, 204);
    }
    for spelt in ["/%61pi/v1/signup", "/api/v1/sign%75p", "/%61pi/%761/signup"] {
        let refused = send(&app, from(TestRequest::post().uri(spelt), "192.0.2.1")).await;
        assert_eq!(refused.status, 429, "{spelt} is the same path");
    }
    let refused = send(&app, sign_up()).await;
    assert_eq!((refused.error().0, refused.header("ratelimit-policy")), (429, Some("\"signup\";q=2;w=3600")));
    assert_eq!(SIGN_UPS.with(std::cell::Cell::get) - before, 2);
}

/// Who has one address of a site mostly has them all.
#[actix_web::test]
async fn a_site_signs_up_four_times_as_often_as_one_address_in_it() {
    let app = app_of(spec_of(limited(), clock(), Vec::new())).await;
    let sites: [fn(u16) -> String; 2] = [|n| format!("198.51.100.{n}"), |n| format!("2001:db8:7:{n:x}::1")];
    for (site, other) in sites.into_iter().zip(["198.51.101.1", "2001:db8:8::1"]) {
        let sign_up = |address: String| send(&app, from(TestRequest::post().uri("/api/v1/signup"), &address));
        for n in 1..=8 {
            assert_eq!(sign_up(site(n)).await.status, 204, "{n}");
        }
        let refused = sign_up(site(9)).await;
        assert_eq!((refused.error().0, refused.header("ratelimit-policy")), (429, Some("\"signup\";q=8;w=3600")));
        assert_eq!(sign_up(other.to_owned()).await.status, 204);
    }
}

/// A store that answers what it is told, or is dead.
struct Store(Option<Vec<i64>>);

impl SharedCounter for Store {
    fn charge<'a>(&'a self, key: &'a str, args: [i64; 3]) -> BoxFuture<'a, Option<Vec<i64>>> {
        assert!(key.starts_with("nexus:rate:address:") && args == [20_000_000, 3, 1]);
        async { self.0.clone() }.boxed()
    }

    fn settle<'a>(&'a self, _: &'a [LetThrough]) -> BoxFuture<'a, Option<Vec<i64>>> {
        unreachable!("strangers are not settled")
    }
}

#[actix_web::test]
async fn processes_count_together_and_alone_when_the_store_is_dead() {
    let with = async |store: Store| {
        let spec = spec_of(limited(), clock(), Vec::new());
        app_of(crate::ServerSpec { counter: Some(Box::new(store)), ..spec }).await
    };
    let together = with(Store(Some(vec![0, 0, 7_000_000, 60_000_000]))).await;
    let refused = send(&together, from(get("/api/v1/report"), "192.0.2.1")).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, Some("7")));
    let alone = with(Store(None)).await;
    for _ in 0..3 {
        assert_eq!(send(&alone, from(get("/api/v1/report"), "192.0.2.1")).await.status, 200);
    }
    assert_eq!(send(&alone, from(get("/api/v1/report"), "192.0.2.1")).await.status, 429);
}
