//! Each step failed, repeated and undone; runners that die.

use std::time::{Duration, Instant};

use nexus_core::TenantId;
use nexus_infra::Tx;
use nexus_provisioning::{OperationState, StepState, failpoint};
use nexus_test_support::eventually;

use crate::bench::{Bench, Outside};

const STEPS: [&str; 8] = ["reserve", "database", "role_and_grants", "bucket", "seed", "directory", "activate", "welcome"];
/// Up to here a saga can be taken back.
const UNDOABLE: usize = 7;

#[tokio::test]
async fn every_step_that_fails_once_is_tried_again_and_succeeds() {
    let bench = Bench::new().await;
    for step in STEPS {
        failpoint::arm(&format!("{step}.before:error"));
    }
    let (tenant, operation) = bench.sign_up("stumbling").await;
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    assert!(ended.steps.iter().all(|step| step.attempts == 2), "{ended:?}");
    assert_eq!(ended.error, None);
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
}

#[tokio::test]
async fn every_step_that_was_done_but_not_noted_is_done_again_without_harm() {
    let bench = Bench::new().await;
    for step in STEPS {
        failpoint::arm(&format!("{step}.after:error"));
    }
    let (tenant, operation) = bench.sign_up("forgetful").await;
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
    let (events,): (i64,) = sqlx::query_as("SELECT count(*) FROM outbox").fetch_one(bench.control.db().pool()).await.unwrap();
    assert_eq!(events, 1);
}

#[tokio::test]
async fn a_step_that_can_not_succeed_takes_everything_back_and_frees_the_slug() {
    let bench = Bench::new().await;
    for step in &STEPS[..UNDOABLE] {
        // Done, and then refused; only an activation is final with its commit.
        let moment = if *step == "activate" { "before" } else { "after" };
        failpoint::arm(&format!("{step}.{moment}:refuse"));
        let (tenant, operation) = bench.sign_up("unlucky").await;
        let ended = bench.with_runner(bench.ended(operation.id)).await;
        assert_eq!(ended.state, OperationState::Undone, "{step}.{moment}: {ended:?}");
        assert_eq!(ended.error.as_ref().map(|error| error.step.as_str()), Some(*step));
        assert_eq!(bench.outside(tenant).await, Outside::NOTHING, "{step}.{moment}");
        let (state, slug) = bench.tenant(tenant).await;
        assert_eq!(state, "broken");
        assert!(slug.starts_with("unlucky~"), "{slug}");
    }
    let (_, operation) = bench.sign_up("unlucky").await;
    assert_eq!(bench.with_runner(bench.ended(operation.id)).await.state, OperationState::Succeeded);
}

#[tokio::test]
async fn every_undo_that_fails_once_or_was_done_but_not_noted_is_done_again() {
    let bench = Bench::new().await;
    failpoint::arm("activate.before:refuse");
    for step in &STEPS[..UNDOABLE] {
        failpoint::arm(&format!("undo_{step}.before:error,undo_{step}.after:error"));
    }
    let (tenant, operation) = bench.sign_up("undone-twice").await;
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Undone, "{ended:?}");
    assert_eq!(bench.outside(tenant).await, Outside::NOTHING);
}

#[tokio::test]
async fn a_taken_back_tenant_can_be_built_again_by_hand() {
    let bench = Bench::new().await;
    failpoint::arm("bucket.before:refuse");
    let (tenant, operation) = bench.sign_up("second-chance").await;
    assert_eq!(bench.with_runner(bench.ended(operation.id)).await.state, OperationState::Undone);
    let secret = secret_of(&bench, tenant).await;
    let again = bench
        .control
        .db()
        .write("test.retry", &bench.clock, &bench.origin(), async |tx: &Tx| bench.provisioner.retry(tx, tenant).await)
        .await
        .unwrap();
    bench.provisioner.nudge();
    assert_eq!(bench.with_runner(bench.ended(again.id)).await.state, OperationState::Succeeded);
    assert_eq!(bench.tenant(tenant).await, ("active".to_owned(), "second-chance".to_owned()));
    assert!(secret.is_some(), "a role that turns up late has a password that nobody knows");
    assert_eq!(secret_of(&bench, tenant).await, secret);
}

async fn secret_of(bench: &Bench, tenant: TenantId) -> Option<Vec<u8>> {
    let text = "SELECT secret_sealed FROM tenants WHERE id = $1";
    sqlx::query_scalar(text).bind(tenant.0).fetch_one(bench.control.db().pool()).await.unwrap()
}

#[tokio::test]
async fn a_server_that_gives_no_answer_keeps_no_runner_from_ending() {
    let (bench, _silent) = Bench::with_silent_server().await;
    let (_, operation) = bench.sign_up("patient").await;
    let mut since = Instant::now();
    bench
        .with_runner(async {
            assert_eq!(bench.ended(operation.id).await.state, OperationState::Succeeded);
            since = Instant::now();
        })
        .await;
    assert!(since.elapsed() < Duration::from_secs(5), "the runner waited for a server: {:?}", since.elapsed());
}

#[tokio::test]
async fn a_saga_that_keeps_failing_blocks_no_other() {
    let bench = Bench::new().await;
    // The first four take every slot; each would wait for ever past activation.
    failpoint::arm("welcome.before:error,welcome.before:error,welcome.before:error,welcome.before:error");
    let mut stuck = Vec::new();
    for number in 0..4 {
        stuck.push(bench.sign_up(&format!("stuck-{number}")).await);
    }
    bench
        .with_runner(async {
            let (_, operation) = bench.sign_up("passing").await;
            assert_eq!(bench.ended(operation.id).await.state, OperationState::Succeeded);
            for (_, operation) in stuck {
                assert_eq!(bench.ended(operation.id).await.state, OperationState::Succeeded);
            }
        })
        .await;
}

#[tokio::test]
async fn a_runner_that_died_inside_a_step_loses_its_saga_to_another() {
    let bench = Bench::new().await;
    let (tenant, operation) = bench.sign_up("orphaned").await;
    // As a killed process leaves it: leased by nobody alive, a step begun.
    sqlx::query("UPDATE operations SET state = 'running', leased_by = gen_random_uuid(), leased_until = clock_timestamp() + interval '2 seconds' WHERE id = $1")
        .bind(operation.id)
        .execute(bench.control.db().pool())
        .await
        .unwrap();
    sqlx::query("UPDATE saga_steps SET state = 'running', attempts = 1 WHERE operation_id = $1 AND step = 'reserve'")
        .bind(operation.id)
        .execute(bench.control.db().pool())
        .await
        .unwrap();
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded);
    assert_eq!(ended.steps[0].attempts, 2);
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
}

#[tokio::test]
async fn progress_is_readable_while_it_goes_on() {
    let bench = Bench::new().await;
    failpoint::arm("seed.before:fail");
    let (_, operation) = bench.sign_up("watched").await;
    bench
        .with_runner(eventually(Duration::from_secs(20), || async {
            let seen = bench.provisioner.operation(operation.id).await.unwrap().unwrap();
            let seed = seen.steps.iter().find(|step| step.step == "seed").unwrap();
            let held = seed.state == StepState::Running && seed.error.is_some();
            (held && seen.error.is_some_and(|error| error.code == "FAILPOINT")).then_some(())
        }))
        .await;
}

#[tokio::test]
async fn an_outage_that_passes_does_not_cost_a_sign_up() {
    let bench = Bench::new().await;
    failpoint::arm(&["database.before:error"; 5].join(","));
    let (tenant, operation) = bench.sign_up("patient").await;
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
}

#[tokio::test]
async fn a_step_that_fails_for_longer_than_the_patience_takes_everything_back() {
    let bench = Bench::with_patience(1).await;
    failpoint::arm("bucket.after:fail");
    let (tenant, operation) = bench.sign_up("impatient").await;
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Undone, "{ended:?}");
    assert_eq!(bench.outside(tenant).await, Outside::NOTHING);
}

#[tokio::test]
async fn a_sign_up_whose_activation_is_committed_goes_on_though_it_was_refused_or_turned_round() {
    let bench = Bench::new().await;
    failpoint::arm("activate.after:refuse");
    let (refused, first) = bench.sign_up("refused-late").await;
    assert_eq!(bench.with_runner(bench.ended(first.id)).await.state, OperationState::Succeeded);
    assert_eq!(bench.outside(refused).await, Outside::ALL);

    failpoint::arm("welcome.before:error");
    let (turned, second) = bench.sign_up("turned-round").await;
    bench
        .with_runner(async {
            eventually(Duration::from_secs(60), || async { (bench.tenant(turned).await.0 == "active").then_some(()) }).await;
        })
        .await;
    // As an older program left such a saga.
    sqlx::query("UPDATE operations SET direction = 'undo', state = 'running', finished_at = NULL WHERE id = $1")
        .bind(second.id)
        .execute(bench.control.db().pool())
        .await
        .unwrap();
    sqlx::query("UPDATE saga_steps SET state = 'failed' WHERE operation_id = $1 AND step = 'activate'")
        .bind(second.id)
        .execute(bench.control.db().pool())
        .await
        .unwrap();
    let ended = bench.with_runner(bench.ended(second.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    assert_eq!(bench.outside(turned).await, Outside::ALL);
    assert_eq!(bench.tenant(turned).await.0, "active");
}
