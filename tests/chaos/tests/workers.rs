//! The program that delivers events is killed again and again while they are under way.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use nexus_test_support::black_box::outbox;
use nexus_test_support::eventually;
use sqlx::PgPool;
use uuid::Uuid;

use crate::ground::Ground;
use crate::load::Load;
use crate::platform::{sign_up, unique_slug};
use crate::report::{Line, is_long, rounds};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_is_lost_however_often_the_worker_is_killed() {
    let ground = Ground::start(&[]).await;
    let client = ground.client().await;
    let organization = sign_up(&client, &unique_slug()).await;
    let load = Load::of(&ground, &organization, false).await;
    let database = ground.behind(&format!("nxt_{}", organization.id.simple())).await;
    let kills = rounds(2, 20);
    let events = if is_long() { 10_000 } else { 400 };
    let mut line = Line::of("worker killed while it delivers", kills, format!("all of {events} events and those of the load are delivered"));
    let begun = Instant::now();
    load.during(async {
        load.goes_on(Instant::now(), 3, Duration::from_secs(60)).await;
        // Many at once, beside those that the clients' postings make: there is always something under way when the worker dies.
        many_events(&database, events).await;
        for number in 0..kills {
            let least = events * number / (kills + 1);
            eventually(Duration::from_secs(300), async || (ground.delivered().len() > least).then_some(())).await;
            assert!(open(&database).await > 0, "nothing was under way");
            let next = ground.killed().await;
            load.goes_to(&next, &organization).await;
            load.goes_on(Instant::now(), 1, Duration::from_secs(30)).await;
        }
    })
    .await;
    if !is_long() {
        // As when the minute is over for which a delivery is left to whoever took it on, and died over it. The long run waits.
        outbox::leases_run_out(&database).await;
    }
    let written: BTreeSet<Uuid> = sqlx::query_scalar("SELECT id FROM outbox").fetch_all(&database).await.unwrap().into_iter().collect();
    assert!(written.len() > events);
    eventually(Duration::from_secs(600), async || written.is_subset(&ground.delivered()).then_some(())).await;
    let kept = load.books.assert_settled(&ground, &database).await;
    line.saw("events", written.len());
    line.saw("lost", kept);
    line.took("all delivered after", begun.elapsed());
    line.passed();
}

async fn many_events(database: &PgPool, number: usize) {
    let insert = "INSERT INTO outbox (id, kind, aggregate_type, aggregate_id, payload, request_id)
                  SELECT gen_random_uuid(), 'chaos.event.happened.v1', 'chaos', gen_random_uuid(), '{}', 'chaos' FROM generate_series(1, $1)";
    sqlx::query(insert).bind(i32::try_from(number).unwrap()).execute(database).await.unwrap();
}

async fn open(database: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL").fetch_one(database).await.unwrap()
}
