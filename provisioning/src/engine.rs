//! One turn with a saga: step after step as long as they go well; on a failure it waits, or turns round.
//!
//! The engine writes to the saga's log only while it holds the lease, so a runner that was thought dead and comes back
//! changes nothing there. What steps do outside can't be made conditional: a second future keeps the lease, and when it
//! is lost, or can't be confirmed until its end, the turn is dropped where it stands.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::TenantId;
use nexus_infra::Backoff;
use nexus_infra::telemetry::traces;
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::cause;
use crate::error::{ProvisioningError, StepError};
use crate::failpoint::{self, Moment};
use crate::model::{Direction, OperationError, OperationKind, OperationState};
use crate::plan::{self, Failing, Next, Step};
use crate::provisioner::Inner;
use crate::steps::{self, Saga};
use crate::store::{self, Claimed, Failure, Mark, Tries};

/// How long a runner that went silent keeps its sagas.
pub(crate) const LEASE_S: i32 = 15;
/// How long after its last confirmation a runner trusts its lease; the rest is for clocks that run apart.
const TRUST: Duration = Duration::from_secs(14);
const RENEW: Duration = Duration::from_secs(4);
/// Longest run of one step; emptying a bucket goes on with what is left, but takes its time.
const STEP_LIMIT: Duration = Duration::from_secs(30);
const EMPTYING_LIMIT: Duration = Duration::from_secs(120);
/// How long a saga waits when others have all the slots of its server.
const BUSY: Duration = Duration::from_millis(100);
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// Between tries on the way forward, and where there is no giving up.
const BACKOFF: Backoff = Backoff::new(FIRST_WAIT, Duration::from_secs(10));
const BACKOFF_FOREVER: Backoff = Backoff::new(FIRST_WAIT, Duration::from_secs(300));

/// How a turn ended.
#[derive(Debug)]
enum Turn {
    /// The saga is over.
    Finished(OperationState),
    /// It waits for its next try.
    Waiting(Duration),
    /// It went to another runner.
    Lost,
}

/// Works on a claimed saga until it is over, has to wait, or the process is asked to stop. Answers when it is due again.
/// `asked`: when the lease was asked for.
pub(crate) async fn drive(inner: &Inner, claimed: Claimed, asked: Instant, stop: &CancellationToken) -> Option<Duration> {
    let ended = tokio::select! {
        turn = turn(inner, &claimed, stop) => turn,
        () = keep_lease(inner, &claimed, asked) => Ok(Turn::Lost),
    };
    match ended {
        Ok(Turn::Finished(state)) => {
            tracing::info!(operation = %claimed.id, tenant = %claimed.tenant_id, kind = claimed.kind, state = state.as_str(), "saga ended");
            metrics::counter!("nexus_operations_total", "kind" => claimed.kind.clone(), "state" => state.as_str()).increment(1);
            inner.notices.operation_changed(claimed.id, "", state.as_str());
            if state != OperationState::Succeeded {
                // What it left is looked at now rather than at the next round.
                inner.look_around.notify_one();
            }
            // It may have taken an entry. Now, and not when it began: what prepares the next one would have been in its way.
            inner.refill.notify_one();
            None
        }
        Ok(Turn::Waiting(delay)) => wait(inner, &claimed, delay).await,
        Ok(Turn::Lost) => {
            tracing::warn!(operation = %claimed.id, "lease lost; another runner goes on");
            None
        }
        Err(error) => {
            tracing::warn!(operation = %claimed.id, %error, "saga interrupted");
            wait(inner, &claimed, Duration::from_secs(1)).await
        }
    }
}

async fn wait(inner: &Inner, claimed: &Claimed, delay: Duration) -> Option<Duration> {
    let due = inner.clock.now() + TimeDelta::from_std(delay).unwrap_or(TimeDelta::seconds(1));
    if let Err(error) = store::release(inner.control.conn(), claimed.id, inner.runner, due).await {
        tracing::warn!(operation = %claimed.id, %error, "lease not given back; it runs out by itself");
    }
    Some(delay)
}

/// Ends when the saga may be with another runner: told so, or not told otherwise until the lease was over by this
/// machine's own clock. Time is counted from before each question, so it is over here before it is over there.
async fn keep_lease(inner: &Inner, claimed: &Claimed, mut confirmed: Instant) {
    loop {
        let renewed = async {
            loop {
                tokio::time::sleep(RENEW).await;
                let asked = Instant::now();
                match store::extend(inner.control.conn(), claimed.id, inner.runner, LEASE_S).await {
                    Ok(ours) => return ours.then_some(asked),
                    Err(error) => tracing::warn!(operation = %claimed.id, %error, "lease not renewed"),
                }
            }
        };
        match timeout_at(confirmed + TRUST, renewed).await {
            Ok(Some(asked)) => confirmed = asked,
            Ok(None) | Err(_) => return,
        }
    }
}

async fn turn(inner: &Inner, claimed: &Claimed, stop: &CancellationToken) -> Result<Turn, ProvisioningError> {
    let saga = Saga::new(inner, claimed);
    let span = tracing::info_span!("saga", operation_id = %claimed.id, tenant_id = %claimed.tenant_id, otel.name = format!("saga {}", claimed.kind), otel.kind = "consumer");
    traces::resume(&span, &claimed.request_id);
    let ended = walk(&saga, stop).instrument(span).await;
    saga.leave().await;
    ended
}

async fn walk(saga: &Saga<'_>, stop: &CancellationToken) -> Result<Turn, ProvisioningError> {
    let (inner, claimed, conn) = (saga.inner, saga.claimed, saga.inner.control.conn());
    let kind = claimed.kind()?;
    let mut direction = claimed.direction()?;
    // Nobody else writes to the log while the lease is ours, and every write of ours makes sure of that.
    let mut log = store::log(conn, claimed.id).await?;
    // What was done and is not written yet: that goes with the beginning of the next step, in one call.
    let mut done = None;
    loop {
        if stop.is_cancelled() {
            return Ok(if note_done(saga, done).await? { Turn::Waiting(Duration::ZERO) } else { Turn::Lost });
        }
        let (step, outcome) = match plan::next(kind, direction, &log) {
            Next::Finish(state) => {
                let ours = note_done(saga, done).await? && store::finish(conn, claimed.id, inner.runner, state, inner.clock.now()).await?;
                return Ok(if ours { Turn::Finished(state) } else { Turn::Lost });
            }
            Next::Act(step) | Next::Undo(step) => {
                let Some(_slot) = slot(saga, step).await? else {
                    return Ok(if note_done(saga, done).await? { Turn::Waiting(BUSY) } else { Turn::Lost });
                };
                let outcome = match direction {
                    Direction::Forward => forward(saga, done.take(), step).await?,
                    Direction::Undo => back(saga, step).await?,
                };
                (step, outcome)
            }
        };
        match outcome {
            Outcome::Done => {
                plan::note(&mut log, step, direction);
                done = (direction == Direction::Forward).then_some(step);
            }
            Outcome::Turn(other) => {
                direction = other;
                log = store::log(conn, claimed.id).await?;
            }
            Outcome::Wait(delay) => return Ok(Turn::Waiting(delay)),
            Outcome::Lost => return Ok(Turn::Lost),
        }
    }
}

enum Outcome {
    Done,
    Turn(Direction),
    Wait(Duration),
    Lost,
}

/// A place among those who work on the tenant's server; steps that need none have one. `None`: they are all taken. A
/// server that hangs must not hold every slot of the runner.
async fn slot<'a>(saga: &Saga<'a>, step: Step) -> Result<Option<Option<SemaphorePermit<'a>>>, ProvisioningError> {
    if !step.is_on_server() {
        return Ok(Some(None));
    }
    // Whatever is wrong with the tenant or its server is the step's to say.
    let Some(server) = saga.place().await?.and_then(|tenant| saga.inner.server_of(tenant).ok()) else { return Ok(Some(None)) };
    Ok(server.slots.try_acquire().ok().map(Some))
}

/// Writes that a step was done, if one is to be noted. `false`: the saga is no longer ours.
async fn note_done(saga: &Saga<'_>, done: Option<Step>) -> Result<bool, ProvisioningError> {
    Ok(done.is_none() || go_on(saga, done, None).await?.is_some())
}

/// Writes that a step was done and that the next is begun. `None`: the saga is no longer ours.
async fn go_on(saga: &Saga<'_>, done: Option<Step>, begun: Option<Step>) -> Result<Option<Tries>, ProvisioningError> {
    let (inner, operation) = (saga.inner, saga.claimed.id);
    let tries = store::go_on(inner.control.conn(), operation, inner.runner, done, begun, inner.clock.now()).await?;
    if let Some(step) = done {
        inner.notices.operation_changed(operation, step.name(), "succeeded");
    }
    Ok(tries)
}

async fn mark(saga: &Saga<'_>, step: Step, mark: Mark<'_>) -> Result<Option<Tries>, ProvisioningError> {
    Ok(store::mark(saga.inner.control.conn(), saga.claimed.id, saga.inner.runner, step, mark).await?)
}

/// Takes a step. That it was done is left to be noted by the caller; `done`: what is left from the step before.
async fn forward(saga: &Saga<'_>, done: Option<Step>, step: Step) -> Result<Outcome, ProvisioningError> {
    let (inner, operation, conn) = (saga.inner, saga.claimed.id, saga.inner.control.conn());
    let Some(begun) = go_on(saga, done, Some(step)).await? else { return Ok(Outcome::Lost) };
    inner.notices.operation_changed(operation, step.name(), "running");
    let attempt = async {
        if plan::brings_down(step, begun.attempts, begun.failures) {
            return Err(StepError::permanent("INTERNAL_ERROR", "The step was interrupted each time."));
        }
        failpoint::hit(step.name(), Moment::Before)?;
        // Boxed: what steps do is too deep a future for the compiler to lay out as a part of this one.
        Box::pin(steps::act(step, saga)).await?;
        failpoint::hit(step.name(), Moment::After)
    };
    let Err(error) = measured(step, Direction::Forward, attempt).await else { return Ok(Outcome::Done) };
    report(saga, step, &error, "step failed");
    let cause = cause::of(&error);
    let failure = Failure { error: &error.message, cause: cause.as_deref() };
    let Some(tries) = mark(saga, step, Mark::Failed(failure)).await? else { return Ok(Outcome::Lost) };
    let now = inner.clock.now();
    let Some(since) = note(saga, step, &error, now).await? else { return Ok(Outcome::Lost) };
    let failing = Failing { permanent: error.permanent, times: tries.failures, since: now - since };
    if !plan::gives_up(step, failing, inner.patience) || is_past_undo(saga).await? {
        inner.notices.operation_changed(operation, step.name(), "running");
        let hurried = saga.claimed.kind()? == OperationKind::Provision && !step.is_final();
        let backoff = if hurried { BACKOFF } else { BACKOFF_FOREVER };
        return Ok(Outcome::Wait(backoff.spread(tries.failures.unsigned_abs())));
    }
    let given_up = mark(saga, step, Mark::GivenUp(now)).await?;
    let turned = given_up.is_some() && store::turn(conn, operation, inner.runner, Direction::Undo).await?;
    inner.notices.operation_changed(operation, step.name(), "failed");
    Ok(if turned { Outcome::Turn(Direction::Undo) } else { Outcome::Lost })
}

/// Whether a sign-up's tenant is in use already. An activation may have failed after its commit: then the only way is on.
async fn is_past_undo(saga: &Saga<'_>) -> Result<bool, ProvisioningError> {
    let tenant = store::tenant(saga.inner.control.conn(), saga.claimed.tenant_id).await?;
    Ok(saga.claimed.kind()? == OperationKind::Provision && tenant.is_some_and(|tenant| tenant.activated_at.is_some()))
}

async fn back(saga: &Saga<'_>, step: Step) -> Result<Outcome, ProvisioningError> {
    let (inner, operation, conn) = (saga.inner, saga.claimed.id, saga.inner.control.conn());
    if is_past_undo(saga).await? {
        let turned = store::turn(conn, operation, inner.runner, Direction::Forward).await?;
        return Ok(if turned { Outcome::Turn(Direction::Forward) } else { Outcome::Lost });
    }
    let point = format!("undo_{}", step.name());
    let attempt = async {
        failpoint::hit(&point, Moment::Before)?;
        Box::pin(steps::undo(step, saga)).await?;
        failpoint::hit(&point, Moment::After)
    };
    let Err(error) = measured(step, Direction::Undo, attempt).await else {
        let done = mark(saga, step, Mark::Undone(inner.clock.now())).await?;
        inner.notices.operation_changed(operation, step.name(), "undone");
        return Ok(if done.is_some() { Outcome::Done } else { Outcome::Lost });
    };
    report(saga, step, &error, "undo failed");
    let cause = cause::of(&error);
    let failure = Failure { error: &error.message, cause: cause.as_deref() };
    let Some(tries) = mark(saga, step, Mark::UndoFailed(failure)).await? else { return Ok(Outcome::Lost) };
    Ok(Outcome::Wait(BACKOFF_FOREVER.spread(tries.undo_failures.unsigned_abs())))
}

fn limit(step: Step, direction: Direction) -> Duration {
    match (step, direction) {
        (Step::RemoveBucket, _) | (Step::Bucket, Direction::Undo) => EMPTYING_LIMIT,
        _ => STEP_LIMIT,
    }
}

/// Takes or undoes a step within its time, and counts how it went.
async fn measured(step: Step, direction: Direction, attempt: impl Future<Output = Result<(), StepError>>) -> Result<(), StepError> {
    let started = Instant::now();
    let direction_name = direction.as_str();
    let span = tracing::info_span!("step", otel.name = format!("{direction_name} {}", step.name()), otel.status_code = tracing::field::Empty);
    let too_long = |elapsed| Err(StepError::transient("SERVICE_UNAVAILABLE", "The step took too long.", elapsed));
    let outcome = timeout(limit(step, direction), attempt).instrument(span.clone()).await.unwrap_or_else(too_long);
    let label = if outcome.is_ok() { "ok" } else { "error" };
    if outcome.is_err() {
        span.record("otel.status_code", "ERROR");
    }
    metrics::histogram!("nexus_saga_step_seconds", "step" => step.name(), "direction" => direction_name, "outcome" => label)
        .record(started.elapsed());
    outcome
}

/// Records what holds the saga up, for whoever watches it. Answers since when the step has been failing; `None`: the
/// saga is no longer ours.
async fn note(saga: &Saga<'_>, step: Step, error: &StepError, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, ProvisioningError> {
    let error = OperationError { code: error.code.to_owned(), message: error.message.clone(), step: step.name().to_owned() };
    let error = serde_json::to_value(&error).map_err(|_| ProvisioningError::Corrupt("operation error"))?;
    Ok(store::note_error(saga.inner.control.conn(), saga.claimed.id, saga.inner.runner, error, now).await?)
}

fn report(saga: &Saga<'_>, step: Step, error: &StepError, what: &'static str) {
    let cause = error.source.as_ref().map(ToString::to_string).unwrap_or_default();
    let tenant = TenantId(saga.claimed.tenant_id);
    tracing::warn!(operation = %saga.claimed.id, %tenant, step = step.name(), code = error.code, permanent = error.permanent, cause, "{what}");
}
