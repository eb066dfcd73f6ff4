//! Events of tenants' databases that are heard in another plane: done only when finished there, whatever becomes of Redis or of those who listen.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::LocalBoxFuture;
use nexus_core::{Event, EventEnvelope, TenantId};
use nexus_infra::Backoff;
use nexus_infra::databases::Databases;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::outbox::{Consumers, DeliveryOptions, Listener, Plane, Relay, Subscriber, SubscriberError, Subscribers, requeue, undelivered};
use nexus_infra::redis::{Redis, wire};
use nexus_infra::{Db, DbError};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::stack::{Database, dead_redis, eventually, numbered_redis};

const KIND: &str = "access.thing.happened.v1";
const FAR: Listener = Listener { name: "far", kinds: &["access.*"] };
const LISTENERS: &[Listener] = &[FAR];
const STREAM: &str = "nexus:events:tenant:elsewhere";

/// What was heard: of which tenant, of which thing, which number.
type Heard = (TenantId, Uuid, i64);

#[derive(Default)]
struct Ear {
    heard: Mutex<Vec<Heard>>,
    /// Refuses whatever comes, for good.
    refuses: AtomicBool,
}

struct Hears(&'static str, Arc<Ear>);

impl Subscriber for Hears {
    fn name(&self) -> &'static str {
        self.0
    }

    fn kinds(&self) -> &'static [&'static str] {
        FAR.kinds
    }

    fn handle<'a>(&'a self, _: &'a Db, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
        Box::pin(async move {
            if self.1.refuses.load(Ordering::SeqCst) {
                return Err(SubscriberError::permanent("no"));
            }
            let tenant = event.tenant_id.ok_or_else(|| SubscriberError::permanent("of no tenant"))?;
            self.1.heard.lock().unwrap().push((tenant, event.aggregate_id, event.payload["n"].as_i64().unwrap_or_default()));
            Ok(())
        })
    }
}

/// The databases of tenants, as another plane's process enters them.
#[derive(Clone)]
struct Tenants(Arc<HashMap<TenantId, Db>>);

struct Entered(Db);

impl Deref for Entered {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.0
    }
}

impl Databases for Tenants {
    type Lease = Entered;

    async fn open(&self, tenant: Option<TenantId>) -> Result<Entered, DbError> {
        tenant.and_then(|tenant| self.0.get(&tenant)).map(|db| Entered(db.clone())).ok_or(DbError::NotFound)
    }

    async fn all(&self) -> Result<Vec<Option<TenantId>>, DbError> {
        Ok(Vec::new())
    }
}

fn hasty() -> DeliveryOptions {
    DeliveryOptions {
        redeliver_after: Duration::from_millis(1),
        backoff: Backoff::new(Duration::from_millis(2), Duration::from_millis(10)),
        max_attempts: 3,
        ..DeliveryOptions::default()
    }
}

/// Two tenants, the relay of their plane, and who listens in the other.
struct Ground {
    redis: Redis,
    tenants: Vec<(TenantId, Database)>,
    relay: Relay,
    ear: Arc<Ear>,
    dirty: DirtyTenants,
}

impl Ground {
    /// With those who listen in the tenants' plane itself.
    async fn new(redis_number: u8, near: Vec<Arc<dyn Subscriber>>) -> Self {
        let redis = numbered_redis(redis_number);
        wipe(&redis).await;
        let tenants = vec![(TenantId(Uuid::from_u128(1)), Database::new().await), (TenantId(Uuid::from_u128(2)), Database::new().await)];
        let subscribers = Subscribers::new(near).heard_elsewhere_by(LISTENERS);
        let relay = Relay::new(Plane::Tenant, redis.clone(), subscribers).with_options(hasty());
        let dirty = DirtyTenants::new(Plane::Tenant, redis.clone());
        Self { redis, tenants, relay, ear: Arc::default(), dirty }
    }

    fn first(&self) -> (TenantId, &Database) {
        let (tenant, database) = &self.tenants[0];
        (*tenant, database)
    }

    async fn emit(&self, place: usize, aggregate: Uuid, n: i64) {
        let database = &self.tenants[place].1;
        let written = database.db.write("emit", &database.clock, &database.origin, async |tx| {
            tx.emit(Event {
                id: tx.new_id(),
                kind: KIND,
                aggregate_type: "thing",
                aggregate_id: aggregate,
                payload: json!({ "n": n, "tenant_id": Uuid::nil() }),
            });
            Ok::<_, DbError>(())
        });
        Box::pin(written).await.unwrap();
    }

    async fn relayed(&self, place: usize) -> nexus_infra::outbox::RelayRun {
        let (tenant, database) = &self.tenants[place];
        // Boxed, here and below: unoptimised, futures this deep are too much for the stack of a test.
        Box::pin(self.relay.run_once(&database.db, Some(*tenant))).await.unwrap()
    }

    async fn undone(&self, place: usize) -> i64 {
        self.tenants[place].1.count("SELECT count(*) FROM outbox WHERE done_at IS NULL").await
    }

    fn heard(&self) -> Vec<Heard> {
        self.ear.heard.lock().unwrap().clone()
    }

    /// A process of the other plane listens while `test` runs.
    async fn listening<T>(&self, test: impl Future<Output = T>) -> T {
        let databases = Tenants(Arc::new(self.tenants.iter().map(|(tenant, database)| (*tenant, database.db.clone())).collect()));
        let subscribers = Subscribers::new(vec![Arc::new(Hears(FAR.name, Arc::clone(&self.ear)))]);
        let consumers = Consumers::elsewhere(Plane::Tenant, self.redis.clone(), subscribers, databases, self.dirty.clone(), hasty());
        let stop = CancellationToken::new();
        let test = async {
            let outcome = test.await;
            stop.cancel();
            outcome
        };
        tokio::join!(Box::pin(consumers.run(stop.clone())), Box::pin(test)).1
    }

    async fn end(self) {
        for (_, database) in self.tenants {
            database.drop().await;
        }
    }
}

async fn wipe(redis: &Redis) {
    redis.query::<String>(&wire::cmd("FLUSHDB")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_done_when_those_elsewhere_have_finished_it_and_the_relay_hears_of_that() {
    let near = Arc::new(Ear::default());
    let ground = Ground::new(12, vec![Arc::new(Hears("near", Arc::clone(&near)))]).await;
    let (tenant, database) = ground.first();
    let thing = Uuid::from_u128(7);
    ground.emit(0, thing, 1).await;
    // Redis has it, and nobody has heard it yet: however often the relay comes by, that is not enough.
    for _ in 0..3 {
        let run = ground.relayed(0).await;
        assert!(run.announced <= 1 && run.completed == 0 && !run.only_elsewhere && run.revisit.is_some(), "{run:?}");
    }
    assert_eq!(
        nexus_infra::outbox::deliver_now(
            &database.db,
            Some(tenant),
            &Subscribers::new(vec![Arc::new(Hears("near", Arc::clone(&near)))]).heard_elsewhere_by(LISTENERS),
            &hasty()
        )
        .await
        .unwrap()
        .handled,
        1
    );
    let run = ground.relayed(0).await;
    assert!(run.completed == 0 && run.only_elsewhere, "{run:?}");
    assert_eq!(ground.undone(0).await, 1);
    assert_eq!(near.heard.lock().unwrap().len(), 1);

    ground.listening(eventually("it is heard", async || ground.heard() == [(tenant, thing, 1)])).await;
    eventually("the relay is told", async || ground.dirty.take(1).await == [Some(tenant)]).await;
    assert_eq!(ground.undone(0).await, 1, "who listens from elsewhere completes nothing: it does not know who else listens");
    assert_eq!(ground.relayed(0).await.completed, 1);
    assert_eq!((ground.undone(0).await, ground.relayed(0).await.revisit), (0, None));
    assert_eq!(near.heard.lock().unwrap().len(), 1);
    ground.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_while_nobody_listens_and_redis_forgets() {
    let ground = Ground::new(11, Vec::new()).await;
    let things: Vec<Uuid> = (10..15).map(Uuid::from_u128).collect();
    let (mut waits, mut expected) = (Vec::new(), Vec::new());
    for n in 1..=4 {
        for thing in &things {
            ground.emit(0, *thing, n).await;
        }
        let run = ground.relayed(0).await;
        assert!(run.only_elsewhere && run.completed == 0, "{run:?}");
        waits.push(run.revisit.unwrap());
        wipe(&ground.redis).await;
    }
    for _ in 0..8 {
        waits.push(ground.relayed(0).await.revisit.unwrap());
    }
    assert!(waits.last() > waits.first() && *waits.last().unwrap() <= hasty().redeliver_after * 6, "{waits:?}");
    wipe(&ground.redis).await;
    ground
        .listening(eventually("all is heard", async || {
            ground.relayed(0).await;
            ground.undone(0).await == 0
        }))
        .await;
    for thing in &things {
        expected.extend((1..=4).map(|n| (*thing, n)));
    }
    let mut heard: Vec<_> = ground.heard().into_iter().map(|(_, thing, n)| (thing, n)).collect();
    heard.sort_by_key(|(thing, _)| *thing);
    assert_eq!(heard, expected, "everything once, and in order for each thing");
    ground.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_event_it_is_follows_from_the_database_and_from_nothing_that_is_said() {
    let ground = Ground::new(10, Vec::new()).await;
    let ([first, second], [mine, theirs]) = ([0, 1].map(|place| ground.tenants[place].0), [21, 22].map(Uuid::from_u128));
    ground.emit(0, mine, 1).await;
    ground.emit(1, theirs, 2).await;
    // Somebody writes into Redis that the thing of the first is the second's, that it is nobody's, and rubbish.
    let said = [(second.to_string(), mine.to_string()), (String::new(), mine.to_string()), ("rubbish".to_owned(), "x".to_owned())];
    let entries: Vec<_> =
        said.iter().map(|(tenant, thing)| vec![("tenant", tenant.as_str()), ("type", "thing"), ("aggregate", thing), ("kind", KIND)]).collect();
    ground.redis.stream_add_all(STREAM, 100, &entries).await.unwrap();
    for place in [0, 1] {
        assert_eq!(ground.relayed(place).await.announced, 1);
    }
    ground.listening(eventually("both are heard", async || ground.heard().len() == 2)).await;
    let mut heard = ground.heard();
    heard.sort_by_key(|(tenant, ..)| *tenant);
    assert_eq!(heard, [(first, mine, 1), (second, theirs, 2)]);
    ground.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_those_elsewhere_give_up_is_a_dead_letter_of_the_tenant_and_may_be_revived() {
    let ground = Ground::new(9, Vec::new()).await;
    let (tenant, database) = ground.first();
    ground.ear.refuses.store(true, Ordering::SeqCst);
    ground.emit(0, Uuid::from_u128(31), 1).await;
    let relayed = async || {
        ground.relayed(0).await;
        ground.undone(0).await == 0
    };
    ground.listening(eventually("it is given up", relayed)).await;
    let dead = undelivered(&database.db, true, 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].subscriber.as_deref(), dead[0].last_error.as_deref()), (1, Some("far"), Some("no")));
    ground.ear.refuses.store(false, Ordering::SeqCst);
    let revive = database.db.write("requeue", &database.clock, &database.origin, async |tx| requeue(tx, None, 10).await);
    assert_eq!(Box::pin(revive).await.unwrap().len(), 1);
    ground.listening(eventually("it is heard after all", relayed)).await;
    assert_eq!((ground.heard(), undelivered(&database.db, false, 10).await.unwrap()), (vec![(tenant, Uuid::from_u128(31), 1)], vec![]));
    ground.end().await;
}

#[tokio::test]
async fn without_redis_what_is_for_others_waits_without_haste() {
    let ground = Ground::new(8, Vec::new()).await;
    let (tenant, database) = ground.first();
    ground.emit(0, Uuid::from_u128(41), 1).await;
    let relay = Relay::new(Plane::Tenant, dead_redis(), Subscribers::default().heard_elsewhere_by(LISTENERS));
    let run = relay.run_once(&database.db, Some(tenant)).await.unwrap();
    assert!(run.only_elsewhere && run.revisit >= Some(DeliveryOptions::default().redeliver_after), "{run:?}");
    assert_eq!((run.direct.unwrap().handled, ground.undone(0).await), (0, 1));
    ground.end().await;
}
