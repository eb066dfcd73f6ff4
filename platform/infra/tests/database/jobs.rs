//! Jobs on a real database: claimed once, leased, retried, cancelled.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::LocalBoxFuture;
use nexus_core::{ErrorCode, Problem};
use nexus_infra::Backoff;
use nexus_infra::DbError;
use nexus_infra::jobs::{self, Job, JobContext, JobError, JobHandler, JobRunner, JobState, NewJob, RunnerOptions};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::stack::{Database, eventually};

/// Does what its payload says.
struct Obedient {
    tries: AtomicU32,
}

impl JobHandler for Obedient {
    fn kind(&self) -> &'static str {
        "test.obey"
    }

    fn run<'a>(&'a self, job: &'a JobContext) -> LocalBoxFuture<'a, Result<Value, JobError>> {
        Box::pin(async move {
            let tries = self.tries.fetch_add(1, Ordering::SeqCst) + 1;
            match job.payload::<String>()?.as_str() {
                "succeed" => {
                    job.progress(3, Some(3)).await?;
                    Ok(json!({ "done": 3 }))
                }
                "fail" => Err(Problem::new(ErrorCode::CONFLICT, "Not like this.").into()),
                "stumble" if tries < 3 => Err(DbError::PoolTimeout.into()),
                "panic" => panic!("as told"),
                "wait" => {
                    job.cancelled().await;
                    Err(JobError::Stopped)
                }
                _ => Ok(Value::Null),
            }
        })
    }
}

fn runner(it: &Database) -> (JobRunner, Arc<Obedient>) {
    let handler = Arc::new(Obedient { tries: AtomicU32::new(0) });
    let options = RunnerOptions {
        lease: Duration::from_millis(300),
        backoff: Backoff::new(Duration::from_millis(2), Duration::from_millis(10)),
        grace: Duration::from_secs(1),
    };
    (JobRunner::with_options(vec![handler.clone()], it.clock.clone(), options), handler)
}

async fn enqueue(it: &Database, new: NewJob) -> Job {
    it.db.write("enqueue", &it.clock, &it.origin, async |tx| jobs::enqueue(tx, new.clone()).await).await.unwrap()
}

async fn find(it: &Database, id: Uuid) -> Job {
    jobs::find(it.db.conn(), id).await.unwrap().unwrap()
}

fn job(what: &str) -> NewJob {
    NewJob::new("test.obey", json!(what)).max_attempts(3)
}

#[tokio::test]
async fn a_job_runs_once_and_keeps_its_result() {
    let it = Database::new().await;
    let (runner, handler) = runner(&it);
    let stop = CancellationToken::new();
    let queued = enqueue(&it, job("succeed").dedupe("one")).await;
    assert_eq!(enqueue(&it, job("succeed").dedupe("one")).await.id, queued.id, "the same unfinished job");
    assert_eq!((queued.state, queued.created_by), (JobState::Queued, Some(Uuid::from_u128(1))));
    assert_eq!(runner.run_once(&it.db, None, &stop).await.unwrap().ran, Some((queued.id, JobState::Succeeded)));
    assert_eq!(runner.run_once(&it.db, None, &stop).await.unwrap().ran, None);
    let done = find(&it, queued.id).await;
    assert_eq!((done.result, done.progress_done, done.progress_total, done.attempts), (Some(json!({"done": 3})), 3, Some(3), 1));
    assert_eq!(handler.tries.load(Ordering::SeqCst), 1);
    assert_ne!(enqueue(&it, job("succeed").dedupe("one")).await.id, queued.id, "the first one has ended");
    it.drop().await;
}

#[tokio::test]
async fn our_faults_are_tried_again_and_theirs_are_not() {
    let it = Database::new().await;
    let (runner, _) = runner(&it);
    let stop = CancellationToken::new();
    let stumbling = enqueue(&it, job("stumble")).await;
    eventually("the third try succeeds", async || {
        runner.run_once(&it.db, None, &stop).await.unwrap();
        find(&it, stumbling.id).await.state == JobState::Succeeded
    })
    .await;
    assert_eq!(find(&it, stumbling.id).await.attempts, 3);
    let refused = enqueue(&it, job("fail")).await;
    assert_eq!(runner.run_once(&it.db, None, &stop).await.unwrap().ran, Some((refused.id, JobState::Failed)));
    assert_eq!(find(&it, refused.id).await.error.as_deref(), Some("CONFLICT: Not like this."));
    let panicking = enqueue(&it, job("panic")).await;
    eventually("the panic is given up", async || {
        runner.run_once(&it.db, None, &stop).await.unwrap();
        find(&it, panicking.id).await.state == JobState::Failed
    })
    .await;
    let revived = it.db.write("requeue", &it.clock, &it.origin, async |tx| jobs::requeue(tx, panicking.id).await).await.unwrap().unwrap();
    assert_eq!((revived.state, revived.attempts), (JobState::Queued, 0));
    it.drop().await;
}

#[tokio::test]
async fn a_job_called_off_stops_its_handler() {
    let it = Database::new().await;
    let (runner, _) = runner(&it);
    let waiting = enqueue(&it, job("wait")).await;
    let cancel = async {
        eventually("it runs", async || find(&it, waiting.id).await.state == JobState::Running).await;
        it.db.write("cancel", &it.clock, &it.origin, async |tx| jobs::cancel(tx, waiting.id).await).await.unwrap().unwrap();
    };
    let stop = CancellationToken::new();
    let (run, ()) = tokio::join!(runner.run_once(&it.db, None, &stop), cancel);
    assert_eq!(run.unwrap().ran, Some((waiting.id, JobState::Cancelled)));
    assert_eq!(find(&it, waiting.id).await.state, JobState::Cancelled);
    it.drop().await;
}

#[tokio::test]
async fn a_shutdown_gives_the_job_back_and_a_dead_runner_loses_it() {
    let it = Database::new().await;
    let (runner, _) = runner(&it);
    let waiting = enqueue(&it, job("wait")).await;
    let stop = CancellationToken::new();
    let shut = async {
        eventually("it runs", async || find(&it, waiting.id).await.state == JobState::Running).await;
        stop.cancel();
    };
    let (run, ()) = tokio::join!(runner.run_once(&it.db, None, &stop), shut);
    assert_eq!(run.unwrap().ran, Some((waiting.id, JobState::Queued)));
    assert_eq!(find(&it, waiting.id).await.attempts, 0, "as if it had not been taken");
    // A runner that dies in the middle: its future is dropped, its lease runs out, three times over.
    let nobody = CancellationToken::new();
    for attempt in 1..=3 {
        let (runner, _) = self::runner(&it);
        eventually("it is taken up again", async || {
            let cut = tokio::time::timeout(Duration::from_millis(100), runner.run_once(&it.db, None, &nobody)).await;
            // On a slow machine the time may be up before it was taken.
            cut.is_err() && find(&it, waiting.id).await.attempts == attempt
        })
        .await;
    }
    eventually("it is given up", async || {
        runner.run_once(&it.db, None, &nobody).await.unwrap();
        find(&it, waiting.id).await.state == JobState::Failed
    })
    .await;
    it.drop().await;
}

/// A visit that loses its database can't write down how the job ended.
#[tokio::test]
async fn a_runner_takes_up_at_once_what_it_was_torn_from_and_nobody_else_does() {
    let it = Database::new().await;
    let runner = || {
        let options = RunnerOptions { lease: Duration::from_secs(600), ..RunnerOptions::default() };
        JobRunner::with_options(vec![Arc::new(Obedient { tries: AtomicU32::new(0) })], it.clock.clone(), options)
    };
    let (torn, other, nobody) = (runner(), runner(), CancellationToken::new());
    let waiting = enqueue(&it, job("wait")).await;
    for attempt in 1..=3 {
        let taken = eventually("it is taken up", async || find(&it, waiting.id).await.attempts == attempt);
        tokio::select! {
            _ = torn.run_once(&it.db, None, &nobody) => panic!("it waits"),
            () = taken => {}
        }
        assert_eq!(other.run_once(&it.db, None, &nobody).await.unwrap().ran, None, "its lease holds against others");
    }
    assert_eq!(torn.run_once(&it.db, None, &nobody).await.unwrap().ran, None, "it has had its tries");
    it.drop().await;
}

#[tokio::test]
async fn a_job_waits_for_its_time() {
    let it = Database::new().await;
    let (runner, _) = runner(&it);
    let stop = CancellationToken::new();
    enqueue(&it, job("succeed").run_at(it.clock.now() + chrono::TimeDelta::minutes(5))).await;
    let run = runner.run_once(&it.db, None, &stop).await.unwrap();
    assert_eq!(run.ran, None);
    assert!(run.revisit.is_some_and(|after| after > Duration::from_secs(200)));
    it.drop().await;
}
