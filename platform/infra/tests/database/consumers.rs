//! Consumers in Redis: one per process that lives, and none that takes unacknowledged entries with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::LocalBoxFuture;
use nexus_core::EventEnvelope;
use nexus_infra::Db;
use nexus_infra::databases::ControlDatabase;
use nexus_infra::outbox::{Consumers, Plane, Subscriber, SubscriberError, Subscribers};
use nexus_infra::redis::{Redis, wire};
use tokio_util::sync::CancellationToken;

use crate::stack::{Database, eventually, numbered_redis};

const GROUP: &str = "counting";

#[derive(Default)]
struct Counting(AtomicU32);

impl Subscriber for Counting {
    fn name(&self) -> &'static str {
        GROUP
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["*"]
    }

    fn handle<'a>(&'a self, _: &'a Db, _: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Ok(()) })
    }
}

/// How many consumers the group has; none while it is not there.
async fn consumers(redis: &Redis, stream: &str) -> usize {
    let listed: Result<Vec<wire::Value>, _> = redis.query(wire::cmd("XINFO").arg("CONSUMERS").arg(stream).arg(GROUP)).await;
    listed.map_or(0, |all| all.len())
}

#[tokio::test]
async fn only_consumers_that_are_idle_and_owe_nothing_are_removed() {
    let redis = numbered_redis(13);
    redis.query::<String>(&wire::cmd("FLUSHDB")).await.unwrap();
    let stream = "tidied";
    redis.stream_group(stream, GROUP).await.unwrap();
    redis.stream_add_all(stream, 100, &[vec![("n", "1")], vec![("n", "2")]]).await.unwrap();
    let owed = redis.stream_read(stream, GROUP, "owes", 1, Duration::from_millis(1)).await.unwrap();
    let paid = redis.stream_read(stream, GROUP, "owes nothing", 1, Duration::from_millis(1)).await.unwrap();
    redis.stream_ack(stream, GROUP, &[paid[0].id.clone()]).await.unwrap();
    assert_eq!((owed.len(), consumers(&redis, stream).await), (1, 2));

    assert_eq!(redis.stream_tidy(stream, GROUP, Duration::from_secs(3_600)).await.unwrap(), 0, "they were heard of just now");
    assert_eq!(redis.stream_tidy(stream, GROUP, Duration::ZERO).await.unwrap(), 1);
    assert!(!redis.stream_leave(stream, GROUP, "owes").await.unwrap());
    let taken_over = redis.stream_claim(stream, GROUP, "other", Duration::ZERO, 10).await.unwrap();
    assert_eq!(taken_over, owed, "nothing was forgotten");
    redis.stream_ack(stream, GROUP, &[owed[0].id.clone()]).await.unwrap();
    assert_eq!(redis.stream_tidy(stream, GROUP, Duration::ZERO).await.unwrap(), 2);
    assert!(redis.stream_tidy("nowhere", GROUP, Duration::ZERO).await.is_err());
}

#[tokio::test]
async fn a_process_that_ends_takes_its_consumers_along() {
    let it = Database::new().await;
    let redis = numbered_redis(14);
    redis.query::<String>(&wire::cmd("FLUSHDB")).await.unwrap();
    let stream = "nexus:events:control";
    for _ in 0..2 {
        let all = Subscribers::new(vec![Arc::new(Counting::default()) as Arc<dyn Subscriber>]);
        let listening = Consumers::new(Plane::Control, redis.clone(), all, ControlDatabase::new(it.db.clone()));
        let stop = CancellationToken::new();
        // Heard and passed over: a consumer is listed from the first entry it is given.
        redis.stream_add_all(stream, 100, &[vec![("n", "1")]]).await.unwrap();
        let test = async {
            eventually("it listens", async || consumers(&redis, stream).await == 1).await;
            stop.cancel();
        };
        tokio::join!(listening.run(stop.clone()), test);
        assert_eq!(consumers(&redis, stream).await, 0);
    }
    it.drop().await;
}
