//! Jobs of several tenants at once: long ones don't keep short ones waiting.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::{LocalBoxFuture, join_all};
use nexus_core::TenantId;
use nexus_infra::databases::Databases;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::jobs::{self, Job, JobContext, JobError, JobHandler, JobRunner, JobState, NewJob};
use nexus_infra::outbox::{Plane, Relay, Subscribers};
use nexus_infra::pump::{Pump, PumpOptions};
use nexus_infra::{Db, DbError};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::stack::{Database, dead_redis, eventually};

/// How long a job may take in an express slot, in these tests.
const EXPRESS: Duration = Duration::from_millis(400);

/// Ends at once when its payload is `short`, otherwise when it is told to stop.
struct Work;

impl JobHandler for Work {
    fn kind(&self) -> &'static str {
        "test.work"
    }

    fn run<'a>(&'a self, job: &'a JobContext) -> LocalBoxFuture<'a, Result<Value, JobError>> {
        Box::pin(async move {
            if job.payload::<String>()? == "short" {
                return Ok(Value::Null);
            }
            job.cancelled().await;
            Err(JobError::Stopped)
        })
    }
}

struct Tenants(HashMap<TenantId, Db>);

struct Lease(Db);

impl Deref for Lease {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.0
    }
}

impl Databases for Tenants {
    type Lease = Lease;

    async fn open(&self, tenant: Option<TenantId>) -> Result<Lease, DbError> {
        tenant.and_then(|tenant| self.0.get(&tenant)).cloned().map(Lease).ok_or(DbError::NotFound)
    }

    async fn all(&self) -> Result<Vec<Option<TenantId>>, DbError> {
        Ok(self.0.keys().copied().map(Some).collect())
    }
}

async fn enqueue(it: &Database, db: &Db, what: &str) -> Uuid {
    let new = NewJob::new("test.work", json!(what));
    db.write("enqueue", &it.clock, &it.origin, async |tx| jobs::enqueue(tx, new.clone()).await).await.unwrap().id
}

async fn find(it: &Database, id: Uuid) -> Job {
    jobs::find(it.db.conn(), id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_short_job_does_not_wait_for_as_many_long_ones_as_there_are_slots() {
    let all = join_all((0..5).map(|_| Database::new())).await;
    let dirty = DirtyTenants::new(Plane::Tenant, dead_redis());
    let tenant = |index: usize| TenantId(Uuid::from_u128(index as u128 + 1));
    let waking: Vec<Db> = all.iter().enumerate().map(|(index, it)| it.db.clone().with_wake(dirty.hook(Some(tenant(index))))).collect();
    let databases = Tenants(waking.iter().enumerate().map(|(index, db)| (tenant(index), db.clone())).collect());
    let relay = Relay::new(Plane::Tenant, dead_redis(), Subscribers::new(Vec::new()));
    let runner = JobRunner::new(vec![Arc::new(Work)], all[0].clock.clone());
    let options = PumpOptions { express_for: EXPRESS, ..PumpOptions::default() };
    let pump = Pump::with_options(databases, dirty, relay, Some(runner), options);
    let mut long = Vec::new();
    for index in 0..4 {
        long.push(enqueue(&all[index], &waking[index], "long").await);
    }
    let stop = CancellationToken::new();
    let test = async {
        let running = async || {
            let states = join_all((0..4).map(|index| find(&all[index], long[index]))).await;
            states.iter().filter(|job| job.state == JobState::Running).count()
        };
        // The fourth gave its slot back, and waits with the others' for one of theirs.
        eventually("the long ones run", async || running().await == 4).await;
        eventually("one gives up", async || running().await == 3).await;
        for _ in 0..3 {
            let asked = Instant::now();
            let short = enqueue(&all[4], &waking[4], "short").await;
            eventually("the short one is done", async || find(&all[4], short).await.state == JobState::Succeeded).await;
            assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        }
        assert_eq!(running().await, 3, "those who have a slot of their own keep it");
        stop.cancel();
    };
    tokio::join!(pump.run(stop.clone()), test);
    for (index, it) in all.into_iter().enumerate() {
        if let Some(id) = long.get(index) {
            let given_back = find(&it, *id).await;
            assert_eq!((given_back.state, given_back.attempts), (JobState::Queued, 0));
        }
        it.drop().await;
    }
}
