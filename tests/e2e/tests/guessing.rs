//! Guessing passwords: however many tries come at once, and to however many processes, few are looked at.

use futures::future::join_all;
use nexus_test_support::{Answer, Client, Process};
use serde_json::json;

use crate::platform::{PASSWORD, Platform, text, unique_slug, watched};

/// What one address in one network may get wrong in a quarter of an hour.
const LOOKED_AT: usize = 10;

/// A network of this test's own: the counters are shared by all tests.
fn network() -> String {
    let number = uuid::Uuid::new_v4().as_u128();
    format!("10.{}.{}.1", number % 256, (number >> 8) % 256)
}

/// Another process on the same databases, which believes what `X-Forwarded-For` says.
async fn behind_a_proxy(platform: &Platform) -> (Process, Client) {
    let process = Platform::command(&platform.stack, &platform.control).env("NEXUS__HTTP__TRUSTED_PROXIES", "127.0.0.1/32").spawn().await;
    let (client, _) = watched(&process).await;
    (process, client)
}

async fn log_in(client: &Client, path: &str, email: &str, password: &str, from: &str) -> Answer {
    client.post(path, &json!({ "email": email, "password": password })).header("X-Forwarded-For", from).send().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_guesses_at_once_ten_are_looked_at() {
    let platform = Platform::start().await;
    let (_process, client) = behind_a_proxy(&platform).await;
    let organization = platform.sign_up().await;
    for path in ["/api/v1/auth/login", "/api/v1/admin/auth/login"] {
        // An account, nobody, and what is no address at all.
        for email in [organization.email.clone(), format!("nobody@{}.example", unique_slug()), format!("no address {}", unique_slug())] {
            let from = network();
            let answers = join_all((0..200).map(|_| log_in(&client, path, &email, "not the password", &from))).await;
            let (looked_at, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.as_u16() == 401);
            assert!((1..=LOOKED_AT).contains(&looked_at.len()), "{path} {email}: {} tries were looked at", looked_at.len());
            for refused in refused {
                refused.error(429, "RATE_LIMITED");
                assert!(refused.header("retry-after").is_some(), "{path}: {}", refused.text());
            }
        }
    }
    // What was refused there locks nobody out elsewhere.
    let session = log_in(&client, "/api/v1/auth/login", &organization.email, PASSWORD, &network()).await.expect(200).ok();
    assert!(!text(&session["access_token"]).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_count_together() {
    let platform = Platform::start().await;
    let (one, other) = tokio::join!(behind_a_proxy(&platform), behind_a_proxy(&platform));
    let (email, from) = (format!("nobody@{}.example", unique_slug()), network());
    for number in 0..3 * LOOKED_AT {
        let (_, client) = if number % 2 == 0 { &one } else { &other };
        let answer = log_in(client, "/api/v1/auth/login", &email, "not the password", &from).await;
        assert_eq!(answer.status.as_u16(), if number < LOOKED_AT { 401 } else { 429 }, "try {number}: {}", answer.text());
    }
}

/// A hundred wrong passwords from ten networks slow an account down; its owner, known or not, still gets in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_lock_nobody_out() {
    let platform = Platform::start().await;
    let (_process, client) = behind_a_proxy(&platform).await;
    let organization = platform.sign_up().await;
    let (home, path) = (network(), "/api/v1/auth/login");
    let _ = log_in(&client, path, &organization.email, PASSWORD, &home).await.expect(200);
    for _ in 0..10 {
        let from = network();
        let answers = join_all((0..LOOKED_AT).map(|_| log_in(&client, path, &organization.email, "not the password", &from))).await;
        assert!(answers.iter().all(|answer| answer.status.as_u16() == 401));
    }
    let abroad = network();
    log_in(&client, path, &organization.email, "not the password", &abroad).await.error(401, "INVALID_CREDENTIALS");
    let slowed = log_in(&client, path, &organization.email, PASSWORD, &abroad).await;
    slowed.error(429, "RATE_LIMITED");
    assert!(slowed.header("retry-after").and_then(|after| after.parse::<u64>().ok()) <= Some(60), "{:?}", slowed.header("retry-after"));
    let _ = log_in(&client, path, &organization.email, PASSWORD, &network()).await.expect(200);
    // Where the account was logged in to before, nothing is slow.
    for _ in 0..3 {
        log_in(&client, path, &organization.email, "not the password", &home).await.error(401, "INVALID_CREDENTIALS");
    }
    let _ = log_in(&client, path, &organization.email, PASSWORD, &home).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_passwords_do_not_add_up() {
    let platform = Platform::start().await;
    let (_process, client) = behind_a_proxy(&platform).await;
    let organization = platform.sign_up().await;
    let (from, path) = (network(), "/api/v1/auth/login");
    for _ in 0..3 {
        for _ in 0..LOOKED_AT - 1 {
            log_in(&client, path, &organization.email, "not the password", &from).await.error(401, "INVALID_CREDENTIALS");
        }
        let _ = log_in(&client, path, &organization.email, PASSWORD, &from).await.expect(200);
    }
    for _ in 0..LOOKED_AT {
        log_in(&client, path, &organization.email, "not the password", &from).await.error(401, "INVALID_CREDENTIALS");
    }
    log_in(&client, path, &organization.email, PASSWORD, &from).await.error(429, "RATE_LIMITED");
}
