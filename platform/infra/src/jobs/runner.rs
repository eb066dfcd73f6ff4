//! Takes a job, runs its handler under a lease, and writes down how it ended.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use nexus_core::{Problem, SharedClock, TenantId};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use uuid::Uuid;

use super::handler::{JobContext, JobError, JobHandler};
use super::store::{self, Hold};
use super::{Job, JobState};
use crate::Backoff;
use crate::postgres::{Db, DbError};
use crate::telemetry::traces;

/// How patient a runner is. The default is right for production.
#[derive(Debug, Clone, Copy)]
pub struct RunnerOptions {
    /// How long a claim keeps others away; renewed at a third of it.
    pub lease: Duration,
    /// Delay before the next try, by the number of failures.
    pub backoff: Backoff,
    /// How long a handler that was told to stop may take before it is cut off.
    pub grace: Duration,
}

impl Default for RunnerOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(60),
            backoff: Backoff::new(Duration::from_secs(2), Duration::from_secs(900)),
            grace: Duration::from_secs(10),
        }
    }
}

/// What one look into a database came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JobRun {
    /// The job that was run and how its try ended; none when nothing was due.
    pub ran: Option<(Uuid, JobState)>,
    /// When to look again; none when nothing waits.
    pub revisit: Option<Duration>,
}

/// Runs jobs with the handlers it knows. Cheap to clone.
#[derive(Clone)]
pub struct JobRunner(Arc<Inner>);

struct Inner {
    handlers: BTreeMap<&'static str, Arc<dyn JobHandler>>,
    kinds: Vec<String>,
    clock: SharedClock,
    options: RunnerOptions,
    worker: String,
}

impl JobRunner {
    /// A runner for these handlers.
    #[must_use]
    pub fn new(handlers: Vec<Arc<dyn JobHandler>>, clock: SharedClock) -> Self {
        Self::with_options(handlers, clock, RunnerOptions::default())
    }

    /// A runner with other patience than the default.
    #[must_use]
    pub fn with_options(handlers: Vec<Arc<dyn JobHandler>>, clock: SharedClock, options: RunnerOptions) -> Self {
        let handlers: BTreeMap<_, _> = handlers.into_iter().map(|handler| (handler.kind(), handler)).collect();
        let kinds = handlers.keys().map(|kind| (*kind).to_owned()).collect();
        let worker = Uuid::new_v4().simple().to_string();
        Self(Arc::new(Inner { handlers, kinds, clock, options, worker }))
    }

    /// Runs the job that has waited longest, if one is due. With `shutdown` the handler is told to stop, and the job
    /// goes back to the queue. Never twice at once for one database.
    ///
    /// # Errors
    /// When the database fails; a job under way is then taken up again by the next call, or by another runner when its lease ends.
    pub async fn run_once(&self, db: &Db, tenant: Option<TenantId>, shutdown: &CancellationToken) -> Result<JobRun, DbError> {
        let inner = &*self.0;
        if inner.kinds.is_empty() {
            return Ok(JobRun::default());
        }
        let now = inner.clock.now();
        let Some(job) = store::claim(db, &inner.kinds, &inner.worker, now, inner.options.lease).await? else {
            let revisit = store::next_due(db, &inner.kinds).await?.map(|at| (at - now).to_std().unwrap_or_default());
            return Ok(JobRun { ran: None, revisit });
        };
        let (id, kind) = (job.id, job.kind.clone());
        let state = inner.run(db, tenant, job, shutdown).await?;
        metrics::counter!("nexus_jobs_total", "kind" => kind, "state" => state.as_str()).increment(1);
        Ok(JobRun { ran: Some((id, state)), revisit: Some(Duration::ZERO) })
    }
}

impl fmt::Debug for JobRunner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobRunner").field("kinds", &self.0.kinds).finish_non_exhaustive()
    }
}

/// How a try ended.
enum End {
    Done(Value),
    Fault(JobError),
    /// The job is no longer ours: called off, or taken by another runner.
    Lost,
    Interrupted,
}

impl Inner {
    async fn run(&self, db: &Db, tenant: Option<TenantId>, job: Job, shutdown: &CancellationToken) -> Result<JobState, DbError> {
        let hold = Hold { id: job.id, worker: self.worker.clone(), attempt: job.attempts };
        let Some(handler) = self.handlers.get(job.kind.as_str()) else {
            hold.release(db).await?;
            return Ok(JobState::Queued);
        };
        let context =
            JobContext { job, tenant, db: db.clone(), clock: Arc::clone(&self.clock), hold, stop: CancellationToken::new(), told: Mutex::default() };
        let span = traces::job(&context.job.kind, context.job.id, tenant);
        traces::resume(&span, &context.job.request_id);
        let end = self.supervise(&**handler, &context, shutdown).instrument(span).await;
        self.settle(&context, end).await
    }

    /// Runs the handler, renews the lease beside it, and stops it when the job is lost or the process goes down.
    async fn supervise(&self, handler: &dyn JobHandler, context: &JobContext, shutdown: &CancellationToken) -> End {
        let work = AssertUnwindSafe(async { handler.run(context).await }).catch_unwind();
        tokio::pin!(work);
        let stopped = tokio::select! {
            outcome = &mut work => return self.judge(outcome, context),
            () = self.keep_hold(context) => End::Lost,
            () = shutdown.cancelled() => End::Interrupted,
        };
        context.stop.cancel();
        match tokio::time::timeout(self.options.grace, &mut work).await {
            // It finished after all: a result is a result, if the job is still ours.
            Ok(Ok(Ok(value))) => End::Done(value),
            _ => stopped,
        }
    }

    fn judge(&self, outcome: Result<Result<Value, JobError>, Box<dyn std::any::Any + Send>>, context: &JobContext) -> End {
        match outcome {
            Ok(Ok(value)) => End::Done(value),
            Ok(Err(JobError::Stopped)) if context.is_cancelled() => End::Lost,
            Ok(Err(error)) => End::Fault(error),
            Err(_panic) => End::Fault(JobError::Retry(Problem::internal("the handler panicked"))),
        }
    }

    /// Ends when the job is no longer ours.
    async fn keep_hold(&self, context: &JobContext) {
        loop {
            tokio::time::sleep(self.options.lease / 3).await;
            match context.hold.renew(&context.db, self.options.lease).await {
                Ok(true) => {}
                Ok(false) => return,
                // The lease may run out while the database is away; then another runner takes over.
                Err(error) => tracing::warn!(job_id = %context.job.id, %error, "can't renew the lease of a job"),
            }
        }
    }

    async fn settle(&self, context: &JobContext, end: End) -> Result<JobState, DbError> {
        let (job, hold, db) = (&context.job, &context.hold, &context.db);
        let now = self.clock.now();
        let (ours, state) = match end {
            End::Done(result) => (hold.succeed(db, now, &result).await?, JobState::Succeeded),
            End::Lost => (false, JobState::Cancelled),
            End::Interrupted | End::Fault(JobError::Stopped) => (hold.release(db).await?, JobState::Queued),
            End::Fault(JobError::Retry(problem)) if job.attempts < job.max_attempts => {
                let delay = self.options.backoff.spread(u32::try_from(job.attempts).unwrap_or(1));
                tracing::warn!(job_id = %job.id, kind = job.kind, attempt = job.attempts, error = %chain(&problem), "job will be tried again");
                (hold.retry(db, now + delay, &shown(&problem)).await?, JobState::Queued)
            }
            End::Fault(JobError::Retry(problem) | JobError::Failed(problem)) => {
                if problem.code.status < 500 {
                    // What it was given is wrong, a file say: for whoever gave it, who is told why. The words may be theirs.
                    tracing::info!(job_id = %job.id, kind = job.kind, code = problem.code.code, "job refused what it was given");
                } else {
                    tracing::error!(job_id = %job.id, kind = job.kind, attempt = job.attempts, error = %chain(&problem), "job failed");
                }
                (hold.fail(db, now, &shown(&problem)).await?, JobState::Failed)
            }
        };
        if !ours {
            tracing::info!(job_id = %job.id, kind = job.kind, "job was called off or taken over");
            return Ok(JobState::Cancelled);
        }
        Ok(state)
    }
}

/// What whoever asked for the job may read.
fn shown(problem: &Problem) -> String {
    format!("{}: {}", problem.code.code, problem.message).replace('\0', "")
}

/// What the log gets.
fn chain(problem: &Problem) -> String {
    let mut text = problem.to_string();
    let mut beneath = std::error::Error::source(problem);
    while let Some(cause) = beneath {
        text = format!("{text}: {cause}");
        beneath = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_the_message_and_the_log_the_cause() {
        let problem = Problem::internal(DbError::other("relation does not exist"));
        assert!(!shown(&problem).contains("relation"));
        assert!(chain(&problem).contains("relation does not exist"));
    }

    #[test]
    fn a_lease_is_renewed_well_before_it_ends() {
        let options = RunnerOptions::default();
        assert!(options.lease / 3 + options.grace < options.lease);
    }
}
