//! Ten times as many clients as the program has places for.

use std::time::{Duration, Instant};

use nexus_test_support::Client;

use crate::crowd::crowd;
use crate::ground::Ground;
use crate::load::{article, movement};
use crate::platform::{key, sign_up, unique_slug};
use crate::report::{Line, is_long, rounds};

/// What resident memory may grow by from the first overload to the last, in kilobytes.
const GROWTH_KB: u64 = 32 * 1024;
/// How long the queue keeps anybody at most (`http.queue_timeout_ms`), and what the tests' own process adds to it, which shares the processors.
const QUEUED: Duration = Duration::from_millis(500);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_times_too_many_are_shed_and_the_rest_is_served() {
    let places: usize = if is_long() { 32 } else { 8 };
    let text = places.to_string();
    // One organization holds at most half of what is left: the crowd is of several.
    let ground = Ground::start(&[("NEXUS__HTTP__MAX_REQUESTS", &text), ("NEXUS__HTTP__MAX_QUEUED_REQUESTS", &text)]).await;
    let client = ground.client().await;
    let mut tenants = Vec::new();
    for _ in 0..3 {
        let organization = sign_up(&client, &unique_slug()).await;
        let articles = [article(&organization.client, "ONE").await, article(&organization.client, "TWO").await];
        tenants.push((plain(&ground, &organization.token, &organization.slug).await, articles));
    }
    let request = |number: usize| {
        let (client, articles) = &tenants[number % tenants.len()];
        if number.is_multiple_of(5) {
            let key = key();
            return client.post("/api/v1/stock-movements", &movement("receive", [&articles[0], &articles[1]], 1, &key)).idempotency_key(&key);
        }
        client.get("/api/v1/inventory")
    };
    // Who posts is served with 201, who reads with 200: two crowds.
    let reads = |number: usize| request(number * 5 + 1);
    let rounds = rounds(1, 5);
    let lasts = Duration::from_secs(if is_long() { 10 } else { 3 });
    let rest = if is_long() { Duration::from_millis(5) } else { Duration::from_millis(60) };
    let demanded = "503 or 429 with Retry-After for who is too many, p99 of the served at most 4 times that at capacity and 1 s, nobody cut, no growth of memory, \
                    nobody refused 1 s later";
    let mut line = Line::of("10 x overload", rounds, demanded);
    let calm = crowd(places / 2, lasts / 2, rest, 200, reads).await;
    assert_eq!((calm.refused, calm.cut), (0, 0), "refused without an overload");
    let bound = calm.percentile(99) * 4 + QUEUED * 2;
    let (mut p99, mut refused, mut served, mut slowest_refusal) = (Duration::ZERO, 0, 0, Duration::ZERO);
    let mut resident = Vec::new();
    for _ in 0..rounds.max(2) {
        let seen = crowd(places * 10, lasts, rest, 200, reads).await;
        resident.push(ground.process.read().await.resident_kb());
        assert!(seen.refused > 0, "nobody was refused: it was no overload");
        assert_eq!(seen.cut, 0, "connections were cut instead of answered");
        p99 = p99.max(seen.percentile(99));
        slowest_refusal = slowest_refusal.max(seen.slowest_refusal);
        refused += seen.refused;
        served += seen.served.len();
        // At once: the queue is empty when the last of the crowd is answered.
        let over = Instant::now();
        let after = crowd(1, Duration::from_secs(1), rest, 200, reads).await;
        assert_eq!((after.refused, after.cut), (0, 0), "refused {:?} after the overload", over.elapsed());
        assert!(!after.served.is_empty());
    }
    line.took("p99 at capacity", calm.percentile(99));
    line.took("p99 of the served", p99);
    line.took("bound", bound);
    line.took("slowest refusal", slowest_refusal);
    line.saw("served", served);
    line.saw("refused", refused);
    line.saw("resident MB", resident.iter().map(|kb| (kb / 1024).to_string()).collect::<Vec<_>>().join("/"));
    assert!(p99 <= bound, "{p99:?} where {bound:?} is allowed");
    let growth = resident.last().unwrap().saturating_sub(resident[0]);
    assert!(growth <= GROWTH_KB, "{growth} kB more than after the first overload");
    line.passed();
}

/// A client whose answers are not compared with the document, which takes the tests' own time.
async fn plain(ground: &Ground, token: &str, slug: &str) -> Client {
    ground.process.read().await.client().bearer(token).tenant(slug)
}
