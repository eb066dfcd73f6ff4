//! Delivery at least once and in order, with Redis there, wiped, and gone.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::LocalBoxFuture;
use nexus_core::{Event, EventEnvelope};
use nexus_infra::Backoff;
use nexus_infra::databases::ControlDatabase;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::outbox::{
    Consumers, DeliveryOptions, Plane, Relay, Subscriber, SubscriberError, Subscribers, deliver_now, purge, requeue, undelivered,
};
use nexus_infra::postgres::{PinnedLock, advisory};
use nexus_infra::pump::Pump;
use nexus_infra::redis::{Redis, wire};
use nexus_infra::{Db, DbError};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::stack::{Database, dead_redis, eventually, redis};

struct Recorder {
    name: &'static str,
    kinds: &'static [&'static str],
    /// Fails so many times, and first on this event number.
    failures: AtomicU32,
    stumbles_on: i64,
    heard: Mutex<Vec<(Uuid, i64)>>,
}

impl Recorder {
    fn new(name: &'static str, kinds: &'static [&'static str]) -> Arc<Self> {
        Self::failing(name, kinds, 0, 0)
    }

    fn failing(name: &'static str, kinds: &'static [&'static str], failures: u32, stumbles_on: i64) -> Arc<Self> {
        Arc::new(Self { name, kinds, failures: failures.into(), stumbles_on, heard: Mutex::default() })
    }

    fn heard(&self) -> Vec<(Uuid, i64)> {
        self.heard.lock().unwrap().clone()
    }

    /// What was heard of one aggregate.
    fn of(&self, aggregate: Uuid) -> Vec<i64> {
        self.heard().into_iter().filter(|(id, _)| *id == aggregate).map(|(_, n)| n).collect()
    }
}

impl Subscriber for Recorder {
    fn name(&self) -> &'static str {
        self.name
    }

    fn kinds(&self) -> &'static [&'static str] {
        self.kinds
    }

    fn handle<'a>(&'a self, _: &'a Db, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
        Box::pin(async move {
            let n = event.payload["n"].as_i64().unwrap_or_default();
            if n == self.stumbles_on && self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                return Err(SubscriberError::retry("stumbled"));
            }
            self.heard.lock().unwrap().push((event.aggregate_id, n));
            Ok(())
        })
    }
}

fn subscribers(all: &[&Arc<Recorder>]) -> Subscribers {
    Subscribers::new(all.iter().map(|one| Arc::clone(*one) as Arc<dyn Subscriber>).collect())
}

fn hasty() -> DeliveryOptions {
    DeliveryOptions {
        redeliver_after: Duration::from_millis(300),
        backoff: Backoff::new(Duration::from_millis(2), Duration::from_millis(10)),
        max_attempts: 3,
        ..DeliveryOptions::default()
    }
}

async fn emit(it: &Database, db: &Db, aggregate: Uuid, numbers: std::ops::RangeInclusive<i64>) {
    let written = db.write("emit", &it.clock, &it.origin, async |tx| {
        for n in numbers.clone() {
            tx.emit(Event {
                id: tx.new_id(),
                kind: "test.thing.happened.v1",
                aggregate_type: "thing",
                aggregate_id: aggregate,
                payload: json!({ "n": n }),
            });
        }
        Ok::<_, DbError>(())
    });
    written.await.unwrap();
}

const UNDONE: &str = "SELECT count(*) FROM outbox WHERE done_at IS NULL";

#[tokio::test]
async fn without_redis_events_arrive_in_order_and_a_failure_holds_up_its_aggregate_only() {
    let it = Database::new().await;
    let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let steady = Recorder::new("steady", &["*"]);
    let shaky = Recorder::failing("shaky", &["test.thing.*"], 1, 2);
    let bored = Recorder::new("bored", &["other.*"]);
    let relay = Relay::new(Plane::Control, dead_redis(), subscribers(&[&steady, &shaky, &bored])).with_options(hasty());
    emit(&it, &it.db, first, 1..=3).await;
    emit(&it, &it.db, second, 4..=5).await;
    let run = relay.run_once(&it.db, None).await.unwrap();
    let direct = run.direct.unwrap();
    assert_eq!((direct.handled, direct.failed, run.announced), (5 + 3, 1, 0));
    assert_eq!((steady.of(first), steady.of(second)), (vec![1, 2, 3], vec![4, 5]));
    assert_eq!((shaky.of(first), shaky.of(second)), (vec![1], vec![4, 5]));
    assert_eq!(it.count(UNDONE).await, 2, "what is missing to one subscriber is not done");
    assert!(run.revisit.is_some());
    eventually("the failed event is handled", async || {
        relay.run_once(&it.db, None).await.unwrap();
        it.count(UNDONE).await == 0
    })
    .await;
    assert_eq!((shaky.of(first), steady.heard().len(), bored.heard().len()), (vec![1, 2, 3], 5, 0));
    assert_eq!(relay.run_once(&it.db, None).await.unwrap().revisit, None);
    assert_eq!(purge(&it.db, it.clock.now() + chrono::TimeDelta::hours(1)).await.unwrap(), 5);
    it.drop().await;
}

#[tokio::test]
async fn what_never_works_becomes_a_dead_letter_and_may_be_revived() {
    let it = Database::new().await;
    let aggregate = Uuid::from_u128(1);
    let shaky = Recorder::failing("shaky", &["*"], 3, 1);
    let all = subscribers(&[&shaky]);
    emit(&it, &it.db, aggregate, 1..=2).await;
    eventually("the dead letter", async || deliver_now(&it.db, None, &all, &hasty()).await.unwrap().dead == 1).await;
    assert_eq!((shaky.of(aggregate), it.count(UNDONE).await), (vec![2], 0));
    let dead = undelivered(&it.db, true, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].attempts, dead[0].last_error.as_deref()), (1, 3, Some("stumbled")));
    assert_eq!(it.count("SELECT count(*) FROM outbox WHERE last_error = 'shaky: stumbled'").await, 1);
    let again = async |event| it.db.write("requeue", &it.clock, &it.origin, async |tx| requeue(tx, event, 10).await).await.unwrap();
    assert_eq!(again(Some(Uuid::nil())).await, []);
    let requeued = again(None).await;
    assert_eq!((requeued.len(), requeued[0].event_id, requeued[0].subscriber.as_str()), (1, dead[0].event_id, "shaky"));
    let open = undelivered(&it.db, false, 10).await.unwrap();
    assert_eq!((open.len(), open[0].subscriber.as_deref(), open[0].attempts, open[0].dead_at), (1, Some("shaky"), 0, None), "{open:?}");
    assert_eq!(undelivered(&it.db, true, 10).await.unwrap(), []);
    assert_eq!(deliver_now(&it.db, None, &all, &hasty()).await.unwrap().handled, 1);
    assert_eq!((shaky.of(aggregate), it.count(UNDONE).await), (vec![2, 1], 0));
    it.drop().await;
}

#[tokio::test]
async fn many_who_deliver_at_once_handle_each_event_once_and_in_order() {
    let it = Database::new().await;
    let aggregates: Vec<Uuid> = (1..=4).map(Uuid::from_u128).collect();
    for aggregate in &aggregates {
        emit(&it, &it.db, *aggregate, 1..=10).await;
    }
    let steady = Recorder::new("steady", &["*"]);
    let other = Recorder::new("other", &["*"]);
    let all = subscribers(&[&steady, &other]);
    let options = hasty();
    futures::future::join_all((0..6).map(|_| deliver_now(&it.db, None, &all, &options))).await;
    deliver_now(&it.db, None, &all, &options).await.unwrap();
    for aggregate in aggregates {
        assert_eq!(steady.of(aggregate), (1..=10).collect::<Vec<_>>());
        assert_eq!(other.of(aggregate), (1..=10).collect::<Vec<_>>());
    }
    let relay = Relay::new(Plane::Control, dead_redis(), all).with_options(options);
    relay.run_once(&it.db, None).await.unwrap();
    assert_eq!(it.count(UNDONE).await, 0, "two that finish at once leave completion to the relay");
    it.drop().await;
}

#[tokio::test]
async fn one_relay_works_on_a_database_and_an_abandoned_lock_is_free_again() {
    let it = Database::new().await;
    emit(&it, &it.db, Uuid::from_u128(1), 1..=1).await;
    let relay = Relay::new(Plane::Control, dead_redis(), Subscribers::default());
    let held = PinnedLock::try_acquire(&it.db, advisory::RELAY, Plane::Control.as_str()).await.unwrap().unwrap();
    let run = relay.run_once(&it.db, None).await.unwrap();
    assert!(run.busy && run.revisit.is_some());
    // Dropped without a release: its connection is closed, and the lock with it.
    drop(held);
    eventually("the lock is free", async || !relay.run_once(&it.db, None).await.unwrap().busy).await;
    assert_eq!(it.count(UNDONE).await, 0, "nobody wants it, so it is done");
    it.drop().await;
}

async fn wipe(redis: &Redis) {
    redis.query::<String>(&wire::cmd("FLUSHDB")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn through_redis_everything_arrives_once_it_is_wiped_again_and_again() {
    let it = Database::new().await;
    let redis = redis();
    let steady = Recorder::new("steady", &["test.*"]);
    let shaky = Recorder::failing("shaky", &["*"], 2, 7);
    let all = subscribers(&[&steady, &shaky]);
    let dirty = DirtyTenants::new(Plane::Control, redis.clone());
    let writer = it.db.clone().with_wake(dirty.hook(None));
    let relay = Relay::new(Plane::Control, redis.clone(), all.clone()).with_options(hasty());
    let databases = ControlDatabase::new(it.db.clone());
    let consumers = Consumers::with_options(Plane::Control, redis.clone(), all, databases.clone(), hasty());
    let pump = Pump::new(databases, dirty, relay, None);
    let stop = CancellationToken::new();
    let background = async { tokio::join!(pump.run(stop.clone()), consumers.run(stop.clone())) };
    let aggregates: Vec<Uuid> = (1..=3).map(Uuid::from_u128).collect();
    let test = async {
        for round in 0..5_i64 {
            for aggregate in &aggregates {
                emit(&it, &writer, *aggregate, round * 4 + 1..=round * 4 + 4).await;
            }
            wipe(&redis).await;
        }
        eventually("all is done", async || it.count(UNDONE).await == 0).await;
        stop.cancel();
    };
    tokio::join!(background, test);
    for aggregate in aggregates {
        assert_eq!(steady.of(aggregate), (1..=20).collect::<Vec<_>>());
        assert_eq!(shaky.of(aggregate), (1..=20).collect::<Vec<_>>());
    }
    assert!(it.count("SELECT count(*) FROM outbox WHERE publish_count > 0").await > 0, "Redis was used");
    it.drop().await;
}
