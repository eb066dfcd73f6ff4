//! Floods: more than the program can do. Who is let in is served, who is not hears so at once, and nobody else notices.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use nexus_test_support::{Answer, Client, ControlDb, Role, TestStack, TestTenant};
use serde_json::json;

use crate::platform::{Platform, unique_slug};

/// What everybody else's requests may take on a machine that is busy.
const UNDISTURBED: Duration = Duration::from_secs(3);

/// Reads again and again until `flood` is over, and tells how long the slowest took.
async fn beside(reader: &Client, flood: impl Future<Output = Vec<Answer>>) -> (Vec<Answer>, Duration) {
    let over = AtomicBool::new(false);
    let reading = async {
        let mut slowest = Duration::ZERO;
        while !over.load(Ordering::Relaxed) {
            let asked = Instant::now();
            let _ = reader.get("/api/v1/tags").send().await.expect(200);
            slowest = slowest.max(asked.elapsed());
            for path in ["/healthz", "/readyz"] {
                let _ = reader.get(path).send().await.expect(200);
            }
        }
        slowest
    };
    let flood = async {
        let answers = flood.await;
        over.store(true, Ordering::Relaxed);
        answers
    };
    tokio::join!(flood, reading)
}

/// Everybody was served or told when to come back; how many were told.
fn refused(answers: &[Answer], served: u16) -> usize {
    let refused: Vec<_> = answers.iter().filter(|answer| answer.status.as_u16() != served).collect();
    for answer in &refused {
        answer.error(503, "SERVICE_UNAVAILABLE");
        let after: u64 = answer.header("retry-after").expect("Retry-After").parse().expect("seconds");
        assert!((1..=10).contains(&after), "{after}");
    }
    refused.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_log_ins_is_bounded_and_disturbs_nobody() {
    // More than may wait for a password check, whatever the machine: a turn for each processor, and 32 who wait for it.
    let crowd = std::thread::available_parallelism().map_or(1, usize::from) * 33 + 160;
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let process = Platform::command(&stack, &control)
        .env("NEXUS__HTTP__TRUSTED_PROXIES", "127.0.0.1/32")
        .env("NEXUS__HTTP__MAX_REQUESTS", (crowd * 2).to_string())
        .env("NEXUS__RATE_LIMIT__ENABLED", "false")
        .spawn()
        .await;
    let tenant = TestTenant::in_control(&control).await;
    let reader = process.client().bearer(tenant.token(Role::Owner));
    let _ = reader.get("/api/v1/tags").send().await.expect(200);
    let client = process.client();
    let log_in = async |number: usize| {
        let body = json!({ "email": format!("nobody@{}.example", unique_slug()), "password": "not the password" });
        client.post("/api/v1/auth/login", &body).header("X-Forwarded-For", &format!("10.{}.{}.1", number / 200, number % 200)).send().await
    };
    let (answers, slowest) = beside(&reader, join_all((0..crowd).map(log_in))).await;
    let told = refused(&answers, 401);
    assert!(told > 0 && told < answers.len(), "{told} of {} were refused", answers.len());
    assert!(slowest < UNDISTURBED, "{slowest:?}");
    let _ = log_in(crowd).await.expect(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organization_that_floods_keeps_no_other_out_though_its_database_stands_still() {
    let stack = TestStack::from_env();
    let control = ControlDb::new(&stack).await;
    let process = Platform::command(&stack, &control).env("NEXUS__HTTP__MAX_REQUESTS", "24").env("NEXUS__RATE_LIMIT__ENABLED", "false").spawn().await;
    let (busy, other) = (TestTenant::in_control(&control).await, TestTenant::in_control(&control).await);
    let client = |tenant: &TestTenant| process.client().bearer(tenant.token(Role::Owner));
    let (flooding, reader) = (client(&busy), client(&other));
    for one in [&flooding, &reader] {
        let _ = one.get("/api/v1/tags").send().await.expect(200);
    }
    // Whoever reads them waits until the lock is gone, or gives up.
    let mut holder = busy.db().pool().begin().await.expect("a transaction");
    sqlx::query("LOCK TABLE tags IN ACCESS EXCLUSIVE MODE").execute(&mut *holder).await.expect("the lock");
    let (answers, slowest) = beside(&reader, join_all((0..200).map(async |_| flooding.get("/api/v1/tags").send().await))).await;
    assert_eq!(refused(&answers, 200), answers.len(), "the table is locked");
    assert!(slowest < UNDISTURBED, "{slowest:?}");
    holder.rollback().await.expect("the end of the lock");
    let _ = flooding.get("/api/v1/tags").send().await.expect(200);
}
