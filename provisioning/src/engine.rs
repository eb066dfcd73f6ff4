//! One turn with a saga: step after step as long as they go well; on a failure it waits, or turns round.
//!
//! Every write is conditional on the lease, so a runner that was thought dead and comes back changes nothing. The lease
//! is kept by a second future; when it is lost, the turn is dropped where it stands.

use std::time::Duration;

use chrono::TimeDelta;
use nexus_core::TenantId;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::backoff;
use crate::error::{ProvisioningError, StepError};
use crate::failpoint::{self, Moment};
use crate::model::{Direction, OperationError, OperationState};
use crate::plan::{self, Next, Step};
use crate::provisioner::Inner;
use crate::steps::{self, Saga};
use crate::store::{self, Claimed};

/// How long a runner that went silent keeps its sagas.
pub(crate) const LEASE_S: i32 = 15;
const RENEW: Duration = Duration::from_secs(4);
/// Longest run of one step.
const STEP_LIMIT: Duration = Duration::from_secs(120);
/// Longest wait between tries on the way forward, and where there is no giving up.
const CAP: Duration = Duration::from_secs(10);
const CAP_FOREVER: Duration = Duration::from_secs(300);

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
pub(crate) async fn drive(inner: &Inner, claimed: Claimed, stop: &CancellationToken) -> Option<Duration> {
    let ended = tokio::select! {
        turn = turn(inner, &claimed, stop) => turn,
        () = keep_lease(inner, &claimed) => Ok(Turn::Lost),
    };
    match ended {
        Ok(Turn::Finished(state)) => {
            tracing::info!(operation = %claimed.id, tenant = %claimed.tenant_id, kind = claimed.kind, state = state.as_str(), "saga ended");
            inner.notices.operation_changed(claimed.id, "", state.as_str()).await;
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

async fn keep_lease(inner: &Inner, claimed: &Claimed) {
    loop {
        tokio::time::sleep(RENEW).await;
        match store::extend(inner.control.conn(), claimed.id, inner.runner, LEASE_S).await {
            Ok(true) => {}
            Ok(false) => return,
            // The database may be back before the lease is over; every write checks it anyway.
            Err(error) => tracing::warn!(operation = %claimed.id, %error, "lease not renewed"),
        }
    }
}

async fn turn(inner: &Inner, claimed: &Claimed, stop: &CancellationToken) -> Result<Turn, ProvisioningError> {
    let conn = inner.control.conn();
    let kind = claimed.kind()?;
    let mut direction = claimed.direction()?;
    let saga = Saga { inner, claimed };
    loop {
        if stop.is_cancelled() {
            return Ok(Turn::Waiting(Duration::ZERO));
        }
        let log = store::log(conn, claimed.id).await?;
        let outcome = match plan::next(kind, direction, &log) {
            Next::Finish(state) => {
                if state == OperationState::Succeeded {
                    store::set_error(conn, claimed.id, None).await?;
                }
                let ours = store::finish(conn, claimed.id, inner.runner, state, inner.clock.now()).await?;
                return Ok(if ours { Turn::Finished(state) } else { Turn::Lost });
            }
            Next::Act(step) => forward(&saga, step).await?,
            Next::Undo(step) => back(&saga, step).await?,
        };
        match outcome {
            Outcome::Done => {}
            Outcome::TurnRound => direction = Direction::Undo,
            Outcome::Wait(delay) => return Ok(Turn::Waiting(delay)),
            Outcome::Lost => return Ok(Turn::Lost),
        }
    }
}

enum Outcome {
    Done,
    TurnRound,
    Wait(Duration),
    Lost,
}

async fn forward(saga: &Saga<'_>, step: Step) -> Result<Outcome, ProvisioningError> {
    let (inner, operation, conn) = (saga.inner, saga.claimed.id, saga.inner.control.conn());
    let Some(begun) = store::step_begun(conn, operation, inner.runner, step, inner.clock.now()).await? else { return Ok(Outcome::Lost) };
    inner.notices.operation_changed(operation, step.name(), "running").await;
    let attempt = async {
        failpoint::hit(step.name(), Moment::Before)?;
        steps::act(step, saga).await?;
        failpoint::hit(step.name(), Moment::After)
    };
    let Err(error) = limited(attempt).await else {
        let done = store::step_done(conn, operation, inner.runner, step, inner.clock.now()).await?;
        inner.notices.operation_changed(operation, step.name(), "succeeded").await;
        return Ok(if done.is_some() { Outcome::Done } else { Outcome::Lost });
    };
    report(saga, step, &error, "step failed");
    let Some(tries) = store::step_failed(conn, operation, inner.runner, step, &error.message).await? else { return Ok(Outcome::Lost) };
    note(saga, step, &error).await?;
    if !plan::gives_up(step, error.permanent, tries.failures, begun.attempts) {
        inner.notices.operation_changed(operation, step.name(), "running").await;
        let cap = if step.is_final() { CAP_FOREVER } else { CAP };
        return Ok(Outcome::Wait(backoff::delay(tries.failures.unsigned_abs(), cap)));
    }
    let given_up = store::step_given_up(conn, operation, inner.runner, step, inner.clock.now()).await?;
    let turned = given_up.is_some() && store::turn_round(conn, operation, inner.runner).await?;
    inner.notices.operation_changed(operation, step.name(), "failed").await;
    Ok(if turned { Outcome::TurnRound } else { Outcome::Lost })
}

async fn back(saga: &Saga<'_>, step: Step) -> Result<Outcome, ProvisioningError> {
    let (inner, operation, conn) = (saga.inner, saga.claimed.id, saga.inner.control.conn());
    let point = format!("undo_{}", step.name());
    let attempt = async {
        failpoint::hit(&point, Moment::Before)?;
        steps::undo(step, saga).await?;
        failpoint::hit(&point, Moment::After)
    };
    let Err(error) = limited(attempt).await else {
        let done = store::step_undone(conn, operation, inner.runner, step, inner.clock.now()).await?;
        inner.notices.operation_changed(operation, step.name(), "undone").await;
        return Ok(if done.is_some() { Outcome::Done } else { Outcome::Lost });
    };
    report(saga, step, &error, "undo failed");
    let Some(tries) = store::undo_failed(conn, operation, inner.runner, step, &error.message).await? else { return Ok(Outcome::Lost) };
    Ok(Outcome::Wait(backoff::delay(tries.undo_failures.unsigned_abs(), CAP_FOREVER)))
}

async fn limited(attempt: impl Future<Output = Result<(), StepError>>) -> Result<(), StepError> {
    timeout(STEP_LIMIT, attempt).await.unwrap_or_else(|elapsed| Err(StepError::transient("SERVICE_UNAVAILABLE", "The step took too long.", elapsed)))
}

/// Records what holds the saga up, for whoever watches it.
async fn note(saga: &Saga<'_>, step: Step, error: &StepError) -> Result<(), ProvisioningError> {
    let error = OperationError { code: error.code.to_owned(), message: error.message.clone(), step: step.name().to_owned() };
    let error = serde_json::to_value(&error).map_err(|_| ProvisioningError::Corrupt("operation error"))?;
    Ok(store::set_error(saga.inner.control.conn(), saga.claimed.id, Some(error)).await?)
}

fn report(saga: &Saga<'_>, step: Step, error: &StepError, what: &'static str) {
    let cause = error.source.as_ref().map(ToString::to_string).unwrap_or_default();
    let tenant = TenantId(saga.claimed.tenant_id);
    tracing::warn!(operation = %saga.claimed.id, %tenant, step = step.name(), code = error.code, permanent = error.permanent, cause, "{what}");
}
