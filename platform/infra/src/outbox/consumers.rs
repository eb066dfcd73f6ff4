//! One loop per subscriber: hear announcements, fetch the events, handle them.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::join_all;
use futures::stream;
use nexus_core::TenantId;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::announce::{Announcement, stream, stream_elsewhere};
use super::deliver::{Delivered, Route};
use super::subscriber::{Subscriber, Subscribers, wants};
use super::{DeliveryOptions, Plane};
use crate::databases::Databases;
use crate::dirty::DirtyTenants;
use crate::postgres::DbError;
use crate::redis::{Redis, StreamEntry};

/// Announcements read at once.
const READ: usize = 64;
/// Aggregates handled at once by one subscriber.
const AT_ONCE: usize = 8;
/// Longest wait for an announcement, and so for noticing a shutdown of Redis.
const BLOCK: Duration = Duration::from_secs(2);
/// Announcements that a consumer took and never acknowledged are taken over after this.
const IDLE: Duration = Duration::from_secs(60);
/// How often that is looked for.
const TAKE_OVER_EVERY: Duration = Duration::from_secs(30);
/// A consumer that has not been heard of for this long belongs to a process that ended. One that lives reads every few seconds.
const GONE: Duration = Duration::from_secs(3_600);
/// Pause after Redis gave no answer.
const PAUSE: Duration = Duration::from_secs(1);

type Aggregate = (Option<TenantId>, String, Uuid);

/// The subscribers of a plane, listening. Several processes share the work through consumer groups. Cheap to clone.
#[derive(Debug)]
pub struct Consumers<D>(Arc<Inner<D>>);

impl<D> Clone for Consumers<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Inner<D> {
    plane: Plane,
    stream: String,
    redis: Redis,
    subscribers: Subscribers,
    databases: D,
    options: DeliveryOptions,
    /// This process, in Redis.
    consumer: String,
    /// For subscribers of another plane: tells the databases' own relays what is finished, since these complete it.
    relays: Option<DirtyTenants>,
}

impl<D> fmt::Debug for Inner<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner")
            .field("plane", &self.plane)
            .field("stream", &self.stream)
            .field("subscribers", &self.subscribers)
            .finish_non_exhaustive()
    }
}

impl<D: Databases> Consumers<D> {
    /// Consumers for the events of one plane. Use the same subscribers as its [`Relay`](super::Relay).
    #[must_use]
    pub fn new(plane: Plane, redis: Redis, subscribers: Subscribers, databases: D) -> Self {
        Self::with_options(plane, redis, subscribers, databases, DeliveryOptions::default())
    }

    /// Consumers with other patience than the default.
    #[must_use]
    pub fn with_options(plane: Plane, redis: Redis, subscribers: Subscribers, databases: D, options: DeliveryOptions) -> Self {
        Self::on(stream(plane), plane, redis, subscribers, databases, options, None)
    }

    /// Consumers of this process for the events of the other plane's databases. Those databases' [`Relay`](super::Relay) must know the same subscribers
    /// ([`Subscribers::heard_elsewhere_by`]); `relays` tells it what is finished.
    #[must_use]
    pub fn elsewhere(plane: Plane, redis: Redis, subscribers: Subscribers, databases: D, relays: DirtyTenants, options: DeliveryOptions) -> Self {
        Self::on(stream_elsewhere(plane), plane, redis, subscribers, databases, options, Some(relays))
    }

    fn on(
        stream: String,
        plane: Plane,
        redis: Redis,
        subscribers: Subscribers,
        databases: D,
        options: DeliveryOptions,
        relays: Option<DirtyTenants>,
    ) -> Self {
        let consumer = Uuid::new_v4().simple().to_string();
        Self(Arc::new(Inner { plane, stream, redis, subscribers, databases, options, consumer, relays }))
    }

    /// Listens until `shutdown`, then takes itself out of the groups. An event under way is finished first.
    pub async fn run(&self, shutdown: CancellationToken) {
        let listening = self.0.subscribers.iter().map(async |subscriber| {
            self.0.listen(&**subscriber, &shutdown).await;
            self.0.leave(&**subscriber).await;
        });
        join_all(listening).await;
    }
}

impl<D: Databases> Inner<D> {
    async fn listen(&self, subscriber: &dyn Subscriber, shutdown: &CancellationToken) {
        let stream = &self.stream;
        let mut taken_over: Option<Instant> = None;
        while !shutdown.is_cancelled() {
            let take_over = taken_over.is_none_or(|at| at.elapsed() >= TAKE_OVER_EVERY);
            let reading = async {
                if take_over {
                    self.redis.stream_claim(stream, subscriber.name(), &self.consumer, IDLE, READ).await
                } else {
                    self.redis.stream_read(stream, subscriber.name(), &self.consumer, READ, BLOCK).await
                }
            };
            let Some(read) = shutdown.run_until_cancelled(reading).await else { return };
            let failed = match read {
                Ok(entries) => {
                    if take_over {
                        taken_over = Some(Instant::now());
                        self.tidy(subscriber).await;
                    }
                    self.hear(subscriber, &entries).await;
                    None
                }
                // At the start, or Redis was wiped: the group begins with the oldest entry there is.
                Err(error) if error.is_missing_group() => self.redis.stream_group(stream, subscriber.name()).await.err(),
                Err(error) => Some(error),
            };
            if let Some(error) = failed {
                tracing::debug!(subscriber = subscriber.name(), %error, "can't listen to events");
                if shutdown.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
                    return;
                }
            }
        }
    }

    /// Every start of a process adds a consumer: those of processes that were killed go here, those that end in order go by themselves.
    async fn tidy(&self, subscriber: &dyn Subscriber) {
        match self.redis.stream_tidy(&self.stream, subscriber.name(), GONE).await {
            Ok(0) => {}
            Ok(gone) => tracing::debug!(subscriber = subscriber.name(), gone, "consumers of ended processes are removed"),
            Err(error) => tracing::debug!(subscriber = subscriber.name(), %error, "can't look for consumers of ended processes"),
        }
    }

    /// With announcements left that were not acknowledged, the consumer stays: another takes them over.
    async fn leave(&self, subscriber: &dyn Subscriber) {
        if let Err(error) = self.redis.stream_leave(&self.stream, subscriber.name(), &self.consumer).await {
            tracing::debug!(subscriber = subscriber.name(), %error, "the consumer is left for others to remove");
        }
    }

    /// Handles what was announced, then acknowledges all of it: what failed is announced again by the relay.
    async fn hear(&self, subscriber: &dyn Subscriber, entries: &[StreamEntry]) {
        if entries.is_empty() {
            return;
        }
        let aggregates = interesting(subscriber, entries);
        stream::iter(aggregates).for_each_concurrent(AT_ONCE, async |aggregate| self.handle(subscriber, aggregate).await).await;
        let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
        if let Err(error) = self.redis.stream_ack(&self.stream, subscriber.name(), &ids).await {
            tracing::debug!(subscriber = subscriber.name(), %error, "can't acknowledge; the announcements will be heard again");
        }
    }

    async fn handle(&self, subscriber: &dyn Subscriber, (tenant, aggregate_type, aggregate_id): Aggregate) {
        let outcome = async {
            let db = self.databases.open(tenant).await?;
            let completes = self.relays.is_none();
            let route = Route { db: &db, tenant, subscribers: &self.subscribers, completes, options: &self.options };
            route.drain(subscriber, &aggregate_type, aggregate_id).await
        };
        match (outcome.await, &self.relays) {
            (Ok(delivered), Some(relays)) if delivered != Delivered::default() => relays.mark(tenant),
            (Ok(_) | Err(DbError::NotFound), _) => {}
            (Err(error), _) => tracing::warn!(subscriber = subscriber.name(), ?tenant, %error, "events are left for later"),
        }
    }
}

/// The aggregates among the announcements that the subscriber has to look at, each once.
fn interesting(subscriber: &dyn Subscriber, entries: &[StreamEntry]) -> Vec<Aggregate> {
    let mut seen = BTreeSet::new();
    entries
        .iter()
        .filter_map(Announcement::read)
        .filter(|one| one.kind.as_deref().is_none_or(|kind| wants(subscriber.kinds(), kind)))
        .map(|one| (one.tenant, one.aggregate_type, one.aggregate_id))
        .filter(|aggregate| seen.insert(aggregate.clone()))
        .collect()
}
