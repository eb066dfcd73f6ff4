//! Ten times as many clients as the program has places for.

use std::time::{Duration, Instant};

use nexus_test_support::{Answer, Client};

use crate::books::{Books, Kept, Posting};
use crate::crowd::{Seen, crowd, crowd_that_tells};
use crate::ground::Ground;
use crate::load::{Article, article, movement};
use crate::platform::{key, sign_up, unique_slug};
use crate::report::{Line, is_long, rounds};

/// What resident memory may grow by from the first overload to the last, in kilobytes.
const GROWTH_KB: u64 = 32 * 1024;
/// How long the queue keeps anybody at most (`http.queue_timeout_ms`), and what the tests' own process adds to it, which shares the processors.
const QUEUED: Duration = Duration::from_millis(500);
/// One client of so many writes; the others read.
const WRITES_ONE_OF: usize = 5;

/// An organization of the crowd, and what its clients were told.
struct Tenant {
    client: Client,
    articles: [Article; 2],
    books: Books,
    database: String,
}

impl Tenant {
    async fn new(ground: &Ground, client: &Client) -> Self {
        let organization = sign_up(client, &unique_slug()).await;
        let articles = [article(&organization.client, "ONE").await, article(&organization.client, "TWO").await];
        // Its answers are not compared with the document, which takes the tests' own time.
        let plain = ground.process.read().await.client().bearer(&organization.token).tenant(&organization.slug);
        Self { client: plain, articles, books: Books::default(), database: format!("nxt_{}", organization.id.simple()) }
    }
}

/// What those saw who read and those who write.
struct Both {
    reads: Seen,
    writes: Seen,
}

impl Both {
    fn refused(&self) -> usize {
        self.reads.refused + self.writes.refused
    }

    fn cut(&self) -> usize {
        self.reads.cut + self.writes.cut
    }

    /// The 99th percentile of the reads and of the writes that were served.
    fn p99(&self) -> [Duration; 2] {
        [self.reads.percentile(99), self.writes.percentile(99)]
    }
}

/// Two crowds at once: one reads levels, which is served with 200, the other posts movements, which is served with 201. Who posts and is refused asks again under
/// its key, as a client should.
async fn crowds(tenants: &[Tenant], clients: usize, lasts: Duration, rest: Duration) -> Both {
    let run = key();
    let writers = (clients / WRITES_ONE_OF).max(1);
    let tenant = |number: usize| &tenants[number % tenants.len()];
    let read = |number: usize| tenant(number).client.get("/api/v1/inventory");
    let write = |number: usize| {
        let Tenant { client, articles, books, .. } = tenant(number);
        let key = format!("{run}-{number}");
        books.begins(&key);
        client.post("/api/v1/stock-movements", &movement("receive", [&articles[0], &articles[1]], 1, &key)).idempotency_key(&key)
    };
    let written = |number: usize, answer: &Answer| tenant(number).books.ends(&format!("{run}-{number}"), Posting::done(&answer.ok()));
    let readers = crowd((clients - writers).max(1), lasts, rest, 200, read);
    let (reads, writes) = tokio::join!(readers, crowd_that_tells(writers, lasts, rest, 201, write, written));
    assert!(!reads.served.is_empty() && !writes.served.is_empty(), "nobody was served");
    Both { reads, writes }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_times_too_many_are_shed_and_the_rest_is_served() {
    let places: usize = if is_long() { 32 } else { 8 };
    let text = places.to_string();
    // One organization holds at most half of what is left: the crowd is of several.
    let ground = Ground::start(&[("NEXUS__HTTP__MAX_REQUESTS", &text), ("NEXUS__HTTP__MAX_QUEUED_REQUESTS", &text)]).await;
    let client = ground.client().await;
    let mut tenants = Vec::new();
    for _ in 0..3 {
        tenants.push(Tenant::new(&ground, &client).await);
    }
    let rounds = rounds(1, 5).max(2);
    let lasts = Duration::from_secs(if is_long() { 10 } else { 3 });
    let rest = if is_long() { Duration::from_millis(5) } else { Duration::from_millis(60) };
    let demanded = "503 or 429 with Retry-After for who is too many, p99 of the served at most 4 times that at capacity and 1 s (reads and writes each), nobody cut, \
                    every acknowledged write there once, no growth of memory, nobody refused 1 s later";
    let mut line = Line::of("10 x overload", rounds, demanded);
    let calm = crowds(&tenants, places / 2, lasts / 2, rest).await;
    assert_eq!((calm.refused(), calm.cut()), (0, 0), "refused without an overload");
    let bounds = calm.p99().map(|p99| p99 * 4 + QUEUED * 2);
    let mut p99 = [Duration::ZERO; 2];
    let (mut refused, mut served) = ([0; 2], [0; 2]);
    let mut slowest_refusal = Duration::ZERO;
    let mut resident = Vec::new();
    for _ in 0..rounds {
        let seen = crowds(&tenants, places * 10, lasts, rest).await;
        resident.push(ground.process.read().await.resident_kb());
        assert_eq!(seen.cut(), 0, "connections were cut instead of answered");
        for (which, (one, worst)) in [&seen.reads, &seen.writes].into_iter().zip(seen.p99()).enumerate() {
            assert!(one.refused > 0, "nobody was refused: it was no overload");
            p99[which] = p99[which].max(worst);
            refused[which] += one.refused;
            served[which] += one.served.len();
            slowest_refusal = slowest_refusal.max(one.slowest_refusal);
        }
        // At once: the queue is empty when the last of the crowd is answered.
        let over = Instant::now();
        let after = crowds(&tenants, 1, Duration::from_secs(1), rest).await;
        assert_eq!((after.refused(), after.cut()), (0, 0), "refused {:?} after the overload", over.elapsed());
    }
    for (which, name) in ["reads", "writes"].into_iter().enumerate() {
        line.took(&format!("{name}: p99 at capacity"), calm.p99()[which]);
        line.took("p99 of the served", p99[which]);
        line.took("bound", bounds[which]);
        line.saw("served", served[which]);
        line.saw("refused", refused[which]);
    }
    line.took("slowest refusal", slowest_refusal);
    line.saw("resident MB", resident.iter().map(|kb| (kb / 1024).to_string()).collect::<Vec<_>>().join("/"));
    line.saw("lost", kept(&ground, &tenants).await);
    assert!(p99.iter().zip(&bounds).all(|(p99, bound)| p99 <= bound), "{p99:?} where {bounds:?} is allowed");
    let growth = resident.last().unwrap().saturating_sub(resident[0]);
    assert!(growth <= GROWTH_KB, "{growth} kB more than after the first overload");
    line.passed();
}

/// Every write that was acknowledged is there once, in every organization, and the levels are the sum of the ledger.
async fn kept(ground: &Ground, tenants: &[Tenant]) -> Kept {
    let mut sum = Kept::default();
    for tenant in tenants {
        let kept = tenant.books.assert_kept(&ground.behind(&tenant.database).await).await;
        sum.acknowledged += kept.acknowledged;
        sum.unclear += kept.unclear;
    }
    sum
}
