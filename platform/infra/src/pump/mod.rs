//! The loop that brings relays and job runners to the databases that need them.
//!
//! A polling connection per tenant would not scale to thousands; so databases are visited when they are marked
//! dirty, when a visit asked for another one, and when a slow sweep over all of them finds what hints have missed.
//!
//! Invariants: visits of one kind to one database never overlap in a process; a tenant with much to do waits behind
//! the others after each visit; one stuck database delays nobody but itself; jobs that take long leave a slot to those that don't.
//!
//! Deliberately not here: what is done on a visit ([`crate::outbox`], [`crate::jobs`]).

mod lane;
mod sweep;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use nexus_core::TenantId;
use tokio_util::sync::CancellationToken;

use crate::databases::Databases;
use crate::dirty::DirtyTenants;
use crate::jobs::{JobRunner, JobState};
use crate::outbox::Relay;
use crate::postgres::DbError;
use lane::Lane;
use sweep::{Round, look};

/// A database that failed is left alone for a while; its hint is not lost.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// A relay's visit that takes longer is abandoned; its lock ends with its connection.
const VISIT_WITHIN: Duration = Duration::from_secs(120);

/// How eager the loop is. The default is right for production.
#[derive(Debug, Clone, Copy)]
pub struct PumpOptions {
    /// Relay visits at once.
    pub relays: usize,
    /// Jobs at once.
    pub jobs: usize,
    /// How many of them are express: for jobs that take no longer than `express_for`, so that long ones don't keep them waiting. One that takes longer goes back
    /// to its queue, and begins anew in another slot.
    pub express: usize,
    /// How long a job may take in an express slot.
    pub express_for: Duration,
    /// How often all databases are looked at.
    pub sweep_every: Duration,
    /// How often marks of other processes are looked for.
    pub poll_every: Duration,
}

impl Default for PumpOptions {
    fn default() -> Self {
        Self {
            relays: 8,
            jobs: 4,
            express: 1,
            express_for: Duration::from_millis(1_500),
            sweep_every: Duration::from_secs(60),
            poll_every: Duration::from_millis(500),
        }
    }
}

/// The loop's parts. Cheap to clone.
pub struct Pump<D>(Arc<Inner<D>>);

impl<D> Clone for Pump<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Inner<D> {
    databases: D,
    dirty: DirtyTenants,
    relay: Relay,
    jobs: Option<JobRunner>,
    options: PumpOptions,
}

type Key = Option<TenantId>;
type Work<'a> = LocalBoxFuture<'a, Ended>;

/// What has come to an end.
enum Ended {
    /// A visit: whose, and when to come again.
    Relay(Key, Option<Duration>),
    /// Likewise, and whether it gave up.
    Job(Key, Option<Duration>, bool),
    /// A look for marks of other processes.
    Polled(Vec<Key>),
    /// A list of all databases.
    Listed(Vec<Key>),
    /// A look at one of them: whether it is to be visited, and how long the look took.
    Looked(Key, bool, Duration),
}

/// Something to be done every now and then, never twice at once.
struct Regular {
    every: Duration,
    last: Option<Instant>,
    under_way: bool,
}

impl Regular {
    fn new(every: Duration) -> Self {
        Self { every, last: None, under_way: false }
    }

    fn begin(&mut self) -> bool {
        let due = !self.under_way && self.last.is_none_or(|at| at.elapsed() >= self.every);
        if due {
            self.under_way = true;
            self.last = Some(Instant::now());
        }
        due
    }
}

impl<D: Databases> Pump<D> {
    /// A loop over `databases`.
    #[must_use]
    pub fn new(databases: D, dirty: DirtyTenants, relay: Relay, jobs: Option<JobRunner>) -> Self {
        Self::with_options(databases, dirty, relay, jobs, PumpOptions::default())
    }

    /// A loop with another eagerness than the default.
    #[must_use]
    pub fn with_options(databases: D, dirty: DirtyTenants, relay: Relay, jobs: Option<JobRunner>, options: PumpOptions) -> Self {
        Self(Arc::new(Inner { databases, dirty, relay, jobs, options }))
    }

    /// Runs until `shutdown`; jobs under way are then told to stop and go back to their queues. Run it in a
    /// [`worker`](crate::worker).
    pub async fn run(&self, shutdown: CancellationToken) {
        let inner = &*self.0;
        let mut relays: Lane<Key> = Lane::new(inner.options.relays);
        let mut jobs: Lane<Key> = Lane::with_express(inner.options.jobs, inner.options.express);
        let mut work: FuturesUnordered<Work<'_>> = FuturesUnordered::new();
        let mut sweep = Regular::new(inner.options.sweep_every);
        let mut round = Round::default();
        let mut poll = Regular::new(inner.options.poll_every);
        while !shutdown.is_cancelled() {
            for key in inner.dirty.take_own(relays.room()) {
                inner.call(&mut relays, &mut jobs, key);
            }
            let now = Instant::now();
            relays.wake(now);
            jobs.wake(now);
            if sweep.begin() {
                work.push(Box::pin(async { Ended::Listed(inner.list().await) }));
            }
            if let Some((key, rest)) = round.next() {
                let shutdown = &shutdown;
                work.push(Box::pin(async move {
                    let (visit, took) = look(&inner.databases, key, rest, shutdown).await;
                    Ended::Looked(key, visit, took)
                }));
            }
            if relays.room() > 0 && poll.begin() {
                let room = relays.room();
                work.push(Box::pin(async move { Ended::Polled(inner.dirty.take(room).await) }));
            }
            while let Some((key, _)) = relays.begin() {
                work.push(Box::pin(inner.relay_visit(key)));
            }
            while let Some((key, express)) = jobs.begin() {
                work.push(Box::pin(inner.job_visit(key, express, &shutdown)));
            }
            let ended = tokio::select! {
                Some(ended) = work.next() => Some(ended),
                // Without room a mark waits where it is.
                () = inner.dirty.marked(), if relays.room() > 0 => None,
                () = tokio::time::sleep(inner.pause(&relays, &jobs)) => None,
                () = shutdown.cancelled() => None,
            };
            let called = match ended {
                Some(Ended::Relay(key, revisit)) => {
                    relays.end(key, Instant::now(), revisit, false);
                    continue;
                }
                Some(Ended::Job(key, revisit, gave_up)) => {
                    jobs.end(key, Instant::now(), revisit, gave_up);
                    continue;
                }
                Some(Ended::Polled(keys)) => {
                    poll.under_way = false;
                    keys
                }
                Some(Ended::Listed(keys)) => {
                    round.of(keys);
                    sweep.under_way = !round.is_over();
                    continue;
                }
                Some(Ended::Looked(key, visit, took)) => {
                    round.looked(took);
                    sweep.under_way = !round.is_over();
                    if visit { vec![key] } else { continue }
                }
                None => continue,
            };
            for key in called {
                inner.call(&mut relays, &mut jobs, key);
            }
        }
        // Jobs saw the same token: they wind up within their grace, and their rows say so.
        while work.next().await.is_some() {}
    }
}

impl<D: Databases> Inner<D> {
    fn call(&self, relays: &mut Lane<Key>, jobs: &mut Lane<Key>, key: Key) {
        relays.call(key);
        if self.jobs.is_some() {
            jobs.call(key);
        }
    }

    async fn list(&self) -> Vec<Key> {
        self.databases.all().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the databases can't be listed; the sweep is repeated later");
            Vec::new()
        })
    }

    /// Until the next appointment, but never longer than marks of other processes may wait.
    fn pause(&self, relays: &Lane<Key>, jobs: &Lane<Key>) -> Duration {
        let next = [relays.next(), jobs.next()].into_iter().flatten().min();
        next.map_or(self.options.poll_every, |at| at.saturating_duration_since(Instant::now()).min(self.options.poll_every))
    }

    async fn relay_visit(&self, key: Key) -> Ended {
        let visit = async {
            let db = self.databases.open(key).await?;
            self.relay.run_once(&db, key).await
        };
        let revisit = match tokio::time::timeout(VISIT_WITHIN, visit).await {
            Ok(Ok(run)) => run.revisit,
            Ok(Err(error)) => after(&error, key, "relay"),
            Err(_elapsed) => {
                tracing::warn!(tenant = ?key, "a relay's visit took too long and is abandoned");
                Some(AFTER_FAILURE)
            }
        };
        Ended::Relay(key, revisit)
    }

    async fn job_visit(&self, key: Key, express: bool, shutdown: &CancellationToken) -> Ended {
        let Some(jobs) = &self.jobs else { return Ended::Job(key, None, false) };
        let stop = shutdown.child_token();
        let visit = async {
            let db = self.databases.open(key).await?;
            let run = jobs.run_once(&db, key, &stop);
            if !express {
                return run.await;
            }
            // Told to stop when its time is up, the job ends or goes back to its queue.
            tokio::pin!(run);
            tokio::select! {
                ended = &mut run => return ended,
                () = tokio::time::sleep(self.options.express_for) => stop.cancel(),
            }
            run.await
        };
        match visit.await {
            Ok(run) => {
                let gave_up = stop.is_cancelled() && matches!(run.ran, Some((_, JobState::Queued)));
                if gave_up && !shutdown.is_cancelled() {
                    metrics::counter!("nexus_jobs_given_back_total").increment(1);
                }
                Ended::Job(key, run.revisit, gave_up)
            }
            Err(error) => Ended::Job(key, after(&error, key, "job runner"), false),
        }
    }
}

/// A database that must not be worked on now is left to the sweep; one that failed is tried again soon.
fn after(error: &DbError, key: Key, visitor: &str) -> Option<Duration> {
    if matches!(error, DbError::NotFound) {
        return None;
    }
    tracing::warn!(tenant = ?key, visitor, %error, "a visit failed");
    Some(AFTER_FAILURE)
}

impl<D> fmt::Debug for Pump<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pump").field("relay", &self.0.relay).field("jobs", &self.0.jobs).finish_non_exhaustive()
    }
}
