//! One organization's database is locked or slow: the others' answers take no longer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use nexus_test_support::{Client, eventually, percentile};
use sqlx::{AssertSqlSafe, PgPool};

use crate::ground::Ground;
use crate::load::{Article, article, movement, refusal};
use crate::platform::{Organization, key, sign_up, unique_slug};
use crate::report::{Line, is_long, rounds};

/// Clients of each organization.
const CLIENTS: usize = 4;
/// How long each of them rests between two requests.
const PACE: Duration = Duration::from_millis(20);

struct Tenant {
    organization: Organization,
    articles: [Article; 2],
}

impl Tenant {
    async fn new(client: &Client) -> Self {
        let organization = sign_up(client, &unique_slug()).await;
        let articles = [article(&organization.client, "ONE").await, article(&organization.client, "TWO").await];
        Self { organization, articles }
    }

    /// One client's requests until it is told to stop: how long each took.
    async fn asks(&self, stop: &AtomicBool) -> Vec<Duration> {
        let client = &self.organization.client;
        let mut took = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let body = movement("receive", [&self.articles[0], &self.articles[1]], 1, &key());
            for request in [client.get("/api/v1/inventory"), client.post("/api/v1/stock-movements", &body).idempotency_key(&key())] {
                let begun = Instant::now();
                let answer = request.send().await;
                took.push(begun.elapsed());
                if !answer.status.is_success() {
                    refusal(&answer);
                }
                tokio::time::sleep(PACE).await;
            }
        }
        took
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_locked_or_slow_database_costs_its_neighbours_nothing() {
    let ground = Ground::start(&[]).await;
    let client = ground.client().await;
    let victim = Tenant::new(&client).await;
    let neighbours = [Tenant::new(&client).await, Tenant::new(&client).await];
    let behind = ground.behind(&format!("nxt_{}", victim.organization.id.simple())).await;
    let rounds = rounds(1, 5);
    for fault in if is_long() { &["locked", "slow"][..] } else { &["locked"] } {
        // Beside other tests the machine is nobody's alone: the short run looks for waiting, not for half as much again.
        let (factor, grain) = if is_long() { (15, Duration::from_millis(2)) } else { (30, Duration::from_millis(300)) };
        let demanded = format!("the others' p95 at most 1.5 times as before (short: 3 times), and {} ms", grain.as_millis());
        let mut line = Line::of(format!("one tenant's database {fault}"), rounds, demanded);
        let (mut before, mut during, mut worst_of_victim) = (Vec::new(), Vec::new(), Duration::ZERO);
        for _ in 0..rounds {
            let (calm, _) = measured(&victim, &neighbours).await;
            before.push(calm);
            let (hit, of_victim) = match *fault {
                "locked" => {
                    let mut lock = behind.begin().await.unwrap();
                    let tables: Vec<String> = sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
                        .fetch_all(&mut *lock)
                        .await
                        .unwrap();
                    sqlx::query(AssertSqlSafe(format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", tables.join(", "))))
                        .execute(&mut *lock)
                        .await
                        .unwrap();
                    // The victim's clients wait for it; they are let go so that the measurement ends.
                    let seen = measured_while(&victim, &neighbours, async { lock.rollback().await.unwrap() }).await;
                    eventually(Duration::from_secs(5), async || {
                        (victim.organization.client.get("/api/v1/inventory").send().await.status == 200).then_some(())
                    })
                    .await;
                    seen
                }
                _ => {
                    slow(&behind, true).await;
                    let seen = measured(&victim, &neighbours).await;
                    slow(&behind, false).await;
                    seen
                }
            };
            during.push(hit);
            worst_of_victim = worst_of_victim.max(of_victim);
        }
        assert!(worst_of_victim >= Duration::from_millis(900), "the victim waited only {worst_of_victim:?}: nothing is proven");
        let (before, during) = (percentile(&mut before, 500), percentile(&mut during, 500));
        line.took("the others' p95 before", before);
        line.took("during", during);
        line.took("slowest of its own", worst_of_victim);
        assert!(during <= before * factor / 10 + grain, "{during:?} where it was {before:?}");
        line.passed();
    }
}

/// The neighbours' p95, and the victim's worst, over some seconds.
async fn measured(victim: &Tenant, neighbours: &[Tenant]) -> (Duration, Duration) {
    measured_while(victim, neighbours, async {}).await
}

/// The same; `afterwards` happens when the time is over and before the last answers are waited for.
async fn measured_while(victim: &Tenant, neighbours: &[Tenant], afterwards: impl Future<Output = ()>) -> (Duration, Duration) {
    let stop = AtomicBool::new(false);
    let ask = async |who: &'static str, tenant: &Tenant| (who, tenant.asks(&stop).await);
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(ask("victim", victim));
        clients.extend(neighbours.iter().map(|neighbour| ask("neighbour", neighbour)));
    }
    let lasts = async {
        tokio::time::sleep(Duration::from_secs(if is_long() { 10 } else { 2 })).await;
        stop.store(true, Ordering::Relaxed);
        afterwards.await;
    };
    let (took, ()) = tokio::join!(join_all(clients), lasts);
    let of = |who: &str| took.iter().filter(|(tenant, _)| *tenant == who).flat_map(|(_, took)| took.clone()).collect::<Vec<_>>();
    (percentile(&mut of("neighbour"), 950), of("victim").into_iter().max().unwrap_or_default())
}

/// Every posting to a tenant takes a second longer, or not.
async fn slow(database: &PgPool, is_slow: bool) {
    let statements: &[&'static str] = if is_slow {
        &[
            "CREATE OR REPLACE FUNCTION test_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$",
            "CREATE TRIGGER test_slow BEFORE INSERT ON stock_movements FOR EACH STATEMENT EXECUTE FUNCTION test_slow()",
        ]
    } else {
        &["DROP TRIGGER test_slow ON stock_movements"]
    };
    for statement in statements {
        sqlx::query(*statement).execute(database).await.unwrap();
    }
}
