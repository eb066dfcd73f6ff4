//! The runtime's background work: events and jobs of all tenants, news from the other processes, and upkeep.
//!
//! - `tenant-pump`: visits tenants with work (infra's dirty list, with a sweep): relays their outbox, runs their jobs, fair between
//!   tenants, on leases of the pool of pools.
//! - `tenant-events`: runs the slices' subscribers.
//! - `tenant-news`: hears on Redis of changed tenants, policies and ended sessions, so that they bite within a second; polls what
//!   Redis may have missed.
//! - `tenant-directory`: keeps the copy of the directory complete and the snapshot on disk up to date.
//! - `tenant-upkeep`: closes idle pools; writes when API keys were last used; forgets old idempotency keys and finished events; runs the slices' upkeep.
//!
//! Every one ends soon after the process was told to end; news, directory and upkeep, which requests rely on, when these have their answers.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures::future::LocalBoxFuture;
use nexus_core::{EventEnvelope, Problem, TenantId};
use nexus_iam::heard;
use nexus_iam::policy::POLICY_CHANNEL;
use nexus_iam::tokens::REVOCATION_CHANNEL;
use nexus_infra::Backoff;
use nexus_infra::databases::Databases;
use nexus_infra::directory::{DIRECTORY_CHANNEL, DirectoryRecord};
use nexus_infra::jobs::{JobContext, JobError, JobHandler, JobRunner};
use nexus_infra::outbox::{self, Consumers, Plane, Relay, Subscriber, SubscriberError, Subscribers};
use nexus_infra::postgres::idempotency;
use nexus_infra::pump::{Pump, PumpOptions};
use nexus_infra::redis::Incoming;
use nexus_infra::shutdown::Ending;
use nexus_infra::worker::{self, WorkerHandle};
use nexus_infra::{Db, DbError};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::context::{TenantContext, schema, write_uses};
use crate::modules::jobs::keep_output;
use crate::modules::modules;
use crate::registry::Lease;
use crate::state::Runtime;
use crate::work::{JobFailure, JobRun, TenantJob, TenantSubscriber};
use crate::{scratch, snapshot};

/// Idempotency keys are kept at least a day by contract; finished events for looking back.
const KEEP_KEYS: TimeDelta = TimeDelta::hours(48);
const KEEP_EVENTS: TimeDelta = TimeDelta::days(7);
/// How often each tenant is tidied up, and how long at most after the start for the first time: a process that is started again more often
/// than that must tidy up, too.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);
const TIDY_FIRST: Backoff = Backoff::new(Duration::from_secs(120), Duration::from_secs(120));

/// Starts the background work; join the handles at the end. Call it inside a Tokio runtime.
pub fn workers(runtime: &Runtime, ending: &Ending) -> Vec<WorkerHandle> {
    let Ending { work: shutdown, served } = ending;
    let subscribers = subscribers(runtime);
    let mut handles = Vec::new();
    let relay = Relay::new(Plane::Tenant, runtime.redis.clone(), subscribers.clone());
    let databases = TenantDatabases(runtime.clone());
    let runner = JobRunner::new(jobs(runtime), Arc::clone(&runtime.clock));
    let options = pump_options(runtime.registry.background_share());
    let pump = Pump::with_options(databases.clone(), runtime.dirty.as_ref().clone(), relay, Some(runner), options);
    handles.push(spawn("tenant-pump", shutdown, move |token| {
        let pump = pump.clone();
        async move { pump.run(token).await }
    }));
    if subscribers.iter().next().is_some() {
        let consumers = Consumers::new(Plane::Tenant, runtime.redis.clone(), subscribers, databases);
        handles.push(spawn("tenant-events", shutdown, move |token| {
            let consumers = consumers.clone();
            async move { consumers.run(token).await }
        }));
    }
    let news = runtime.clone();
    handles.push(spawn("tenant-news", served, move |token| hear(news.clone(), token)));
    let known = runtime.clone();
    handles.push(spawn("tenant-directory", served, move |token| know(known.clone(), token)));
    let kept = runtime.clone();
    handles.push(spawn("tenant-upkeep", served, move |token| keep(kept.clone(), token)));
    handles
}

/// No more visits at once than tenants may be held; jobs, which take long, leave one of these to events.
fn pump_options(share: usize) -> PumpOptions {
    let usual = PumpOptions::default();
    PumpOptions { relays: usual.relays.min(share), jobs: usual.jobs.min(share.saturating_sub(1).max(1)), ..usual }
}

fn spawn<F, Fut>(name: &str, shutdown: &CancellationToken, body: F) -> WorkerHandle
where
    F: Fn(CancellationToken) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + 'static,
{
    let token = shutdown.clone();
    worker::spawn(name, shutdown.clone(), move || body(token.clone()))
}

/// Leases of the tenants' pools for background work.
#[derive(Debug, Clone)]
struct TenantDatabases(Runtime);

impl Databases for TenantDatabases {
    type Lease = Lease;

    async fn open(&self, tenant: Option<TenantId>) -> Result<Lease, DbError> {
        let record = self.0.record_for_work(tenant.ok_or(DbError::NotFound)?).await?;
        Ok(self.0.registry.lease_for_background(&record).await?)
    }

    async fn glance(&self, tenant: TenantId) -> Result<Lease, DbError> {
        let record = self.0.record_for_work(tenant).await?;
        Ok(self.0.registry.lease(&record).await?)
    }

    async fn all(&self) -> Result<Vec<Option<TenantId>>, DbError> {
        let active = self.0.directory.list_active().await.map_err(|error| DbError::Unavailable(Box::new(error)))?;
        Ok(active.into_iter().map(Some).collect())
    }
}

impl Runtime {
    /// The record of a tenant on which background work may run now: those that admit reads. A read-only tenant's people may not write,
    /// but its events still leave and its jobs end.
    pub(crate) async fn record_for_work(&self, tenant: TenantId) -> Result<Arc<DirectoryRecord>, DbError> {
        let record = self.directory.by_id(tenant).await.map_err(|error| DbError::Unavailable(Box::new(error)))?;
        let record = record.filter(|record| record.state.admits_reads()).ok_or(DbError::NotFound)?;
        schema::check(record.schema_version).map_err(|error| DbError::Unavailable(Box::new(error)))?;
        Ok(record)
    }
}

fn jobs(runtime: &Runtime) -> Vec<Arc<dyn JobHandler>> {
    let jobs = modules().into_iter().flat_map(|module| (module.jobs)());
    jobs.map(|job| Arc::new(RunsJob { runtime: runtime.clone(), job }) as Arc<dyn JobHandler>).collect()
}

/// Gives a slice's job its tenant's context.
struct RunsJob {
    runtime: Runtime,
    job: Box<dyn TenantJob>,
}

impl JobHandler for RunsJob {
    fn kind(&self) -> &'static str {
        self.job.kind()
    }

    fn run<'a>(&'a self, context: &'a JobContext) -> LocalBoxFuture<'a, Result<Value, JobError>> {
        Box::pin(async move {
            let tenant = context.tenant().ok_or_else(|| Problem::internal("a tenant's job outside a tenant"))?;
            let record = self.runtime.record_for_work(tenant).await?;
            let ctx = TenantContext::for_origin(&self.runtime, record, context.origin()).await.map_err(Problem::from)?;
            match self.job.run(ctx, JobRun::new(context)).await {
                Ok(output) => serde_json::to_value(output).map_err(|error| JobError::Failed(Problem::internal(error))),
                Err(failure) => {
                    if let JobFailure::Refused { output, .. } = &failure {
                        let kept = serde_json::to_value(output).map_err(|error| JobError::Failed(Problem::internal(error)))?;
                        keep_output(context.db(), context.job().id, kept).await?;
                    }
                    Err(logged(failure))
                }
            }
        })
    }
}

/// The runner keeps only what may be shown; the cause is for the log.
fn logged(failure: JobFailure) -> JobError {
    if let JobFailure::Retry(cause) = &failure {
        tracing::warn!(%cause, "a job's try failed");
    }
    failure.into()
}

fn subscribers(runtime: &Runtime) -> Subscribers {
    let all = modules().into_iter().flat_map(|module| (module.subscribers)());
    #[cfg(feature = "failpoints")]
    let all = all.chain(crate::recorder::asked_for());
    let all = all.map(|inner| Arc::new(Subscribed { runtime: runtime.clone(), inner }) as Arc<dyn Subscriber>).collect();
    Subscribers::new(all).heard_elsewhere_by(heard::BY_CONTROL)
}

/// Gives a slice's subscriber its tenant's context.
struct Subscribed {
    runtime: Runtime,
    inner: Box<dyn TenantSubscriber>,
}

impl Subscriber for Subscribed {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn kinds(&self) -> &'static [&'static str] {
        self.inner.kinds()
    }

    fn handle<'a>(&'a self, _: &'a Db, event: &'a EventEnvelope) -> LocalBoxFuture<'a, Result<(), SubscriberError>> {
        Box::pin(async move {
            let tenant = event.tenant_id.ok_or_else(|| SubscriberError::permanent("a tenant's event without a tenant"))?;
            let record = self.runtime.record_for_work(tenant).await?;
            let ctx = TenantContext::system(&self.runtime, record, self.inner.name()).await?;
            Ok(self.inner.handle(ctx, event).await?)
        })
    }
}

/// Hears what other processes changed, and polls what may have been missed.
async fn hear(runtime: Runtime, shutdown: CancellationToken) {
    let polled = runtime.verifier.revocations().poll(runtime.revocations.as_ref(), shutdown.clone());
    let fresh = runtime.verifier.keep_fresh(shutdown.clone());
    let heard = async {
        let mut subscription = runtime.redis.subscribe(&[DIRECTORY_CHANNEL, POLICY_CHANNEL, REVOCATION_CHANNEL]);
        while let Some(Some(incoming)) = shutdown.run_until_cancelled(subscription.next()).await {
            take_in(&runtime, &incoming).await;
        }
        runtime.directory.receive(&Incoming::Lost);
    };
    tokio::join!(polled, fresh, heard);
}

/// Takes in one piece of news. Whatever relies on being told looks for itself once the subscription has begun anew.
pub(crate) async fn take_in(runtime: &Runtime, incoming: &Incoming) {
    runtime.directory.receive(incoming);
    match incoming {
        Incoming::Message { channel, payload } if channel == POLICY_CHANNEL => runtime.policies.receive(payload).await,
        Incoming::Message { channel, payload } if channel == REVOCATION_CHANNEL => runtime.verifier.revocations().receive(payload),
        Incoming::Connected => {
            runtime.policies.doubt_all();
            runtime.verifier.revocations().missed();
        }
        _ => {}
    }
}

/// Keeps what the process must know to serve while the control database is away.
async fn know(runtime: Runtime, shutdown: CancellationToken) {
    tokio::join!(runtime.directory.poll(shutdown.clone()), snapshot::keep(&runtime, shutdown));
}

/// Closes idle pools and tidies up the tenants.
async fn keep(runtime: Runtime, shutdown: CancellationToken) {
    let swept = runtime.registry.run_sweeper(shutdown.clone());
    let tidied = async {
        scratch::sweep().await;
        shutdown.run_until_cancelled(again_and_again(async || tidy_all(&runtime).await)).await;
    };
    tokio::join!(swept, tidied, write_uses(&runtime, shutdown.clone()));
}

/// Soon after the start, but not all processes at once, and from then on every hour.
async fn again_and_again(pass: impl AsyncFn()) -> Infallible {
    tokio::time::sleep(TIDY_FIRST.spread(1)).await;
    loop {
        pass().await;
        tokio::time::sleep(TIDY_EVERY).await;
    }
}

pub(crate) async fn tidy_all(runtime: &Runtime) {
    scratch::sweep().await;
    let databases = TenantDatabases(runtime.clone());
    let tenants = match databases.all().await {
        Ok(tenants) => tenants,
        Err(error) => return tracing::warn!(%error, "tenants can't be listed for upkeep"),
    };
    for tenant in tenants {
        match tidy(runtime, &databases, tenant).await {
            Ok(()) | Err(DbError::NotFound) => {}
            Err(error) => tracing::warn!(?tenant, %error, "a tenant's upkeep failed; it is repeated later"),
        }
    }
}

async fn tidy(runtime: &Runtime, databases: &TenantDatabases, tenant: Option<TenantId>) -> Result<(), DbError> {
    let db = databases.open(tenant).await?;
    idempotency::purge(&db, runtime.clock.now() - KEEP_KEYS).await?;
    outbox::purge(&db, runtime.clock.now() - KEEP_EVENTS).await?;
    let Some(tenant) = tenant else { return Ok(()) };
    for upkeep in modules().into_iter().flat_map(|module| (module.upkeep)()) {
        let ctx = TenantContext::system(runtime, runtime.record_for_work(tenant).await?, upkeep.name()).await.map_err(DbError::other)?;
        if let Err(problem) = upkeep.run(ctx).await {
            tracing::warn!(%tenant, upkeep = upkeep.name(), error = ?problem.source, "{problem}; it is repeated later");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn tenants_are_tidied_up_soon_after_the_start_and_then_every_hour() {
        let (started, passes) = (Instant::now(), RefCell::new(Vec::new()));
        let tidying = again_and_again(async || passes.borrow_mut().push(started.elapsed()));
        assert!(tokio::time::timeout(TIDY_EVERY * 2 + Duration::from_secs(300), tidying).await.is_err());
        let passes = passes.into_inner();
        assert!((60..=120).contains(&passes[0].as_secs()), "{passes:?}");
        assert!(passes.windows(2).all(|pair| (pair[1] - pair[0]).as_secs() == TIDY_EVERY.as_secs()) && passes.len() == 3, "{passes:?}");
    }
}
