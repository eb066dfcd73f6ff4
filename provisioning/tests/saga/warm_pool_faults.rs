//! The warm pool when something fails: at each point of preparing and taking down, and with parts that vanish.

use chrono::TimeDelta;
use nexus_core::TenantId;
use nexus_infra::Tx;
use nexus_migration::database;
use nexus_provisioning::{OperationState, Reconciler, StepState, failpoint};
use nexus_test_support::eventually;

use crate::bench::{Bench, Outside};
use crate::sign_up::enter;
use crate::warm_pool::{entries, filled, ids, round};

const PREPARING: [&str; 4] = ["warm_database", "warm_role", "warm_bucket", "warm_ready"];
const TAKING_DOWN: [&str; 4] = ["drain_database", "drain_role", "drain_bucket", "drain_entry"];
/// What a claimed saga still has to do.
const STEPS: [&str; 4] = ["seed", "directory", "activate", "welcome"];

/// Whoever held an entry is dead, and what waited has waited enough.
async fn hurry(bench: &Bench) {
    let text = "UPDATE warm_pool SET due_at = now() - interval '1 second', leased_until = clock_timestamp() - interval '1 second' WHERE leased_by IS NOT NULL";
    sqlx::query(text).execute(bench.control.db().pool()).await.unwrap();
    sqlx::query("UPDATE warm_pool SET due_at = now() - interval '1 second'").execute(bench.control.db().pool()).await.unwrap();
}

fn names(tenant: TenantId) -> [String; 2] {
    [format!("nxt_{}", tenant.opaque()), format!("nxt-{}", tenant.opaque())]
}

#[tokio::test]
async fn a_fault_at_any_point_of_preparing_is_made_good_at_the_next_try() {
    let bench = Bench::with_warm_pool(1).await;
    for moment in ["before", "after"] {
        failpoint::arm(&format!("warm_entry.{moment}:error"));
        assert!(round(&bench).await.is_err());
    }
    let [entry] = entries(&bench).await.try_into().unwrap();
    assert!(entry.state == "ready", "the row was committed, and is all that is needed: {entry:?}");
    let emptying = bench.warm_sibling(0).await;
    for (point, moment) in PREPARING.iter().flat_map(|point| [(point, "before"), (point, "after")]) {
        // In a round of its own: what takes long to go would leave what failed the time to be tried again.
        round(&emptying).await.unwrap();
        failpoint::arm(&format!("{point}.{moment}:error"));
        round(&bench).await.unwrap();
        let [entry]: [_; 1] = entries(&bench).await.try_into().unwrap();
        let whole = point == &"warm_ready" && moment == "after";
        assert_eq!((entry.state.as_str(), entry.failures), (if whole { "ready" } else { "preparing" }, i32::from(!whole)), "{point}.{moment}");
        hurry(&bench).await;
        round(&bench).await.unwrap();
        let [again] = entries(&bench).await.try_into().unwrap();
        assert_eq!((again.id, again.state.as_str(), again.failures, again.error), (entry.id, "ready", 0, None), "{point}.{moment}");
        assert_eq!(bench.outside(TenantId(entry.id)).await, Outside::ALL, "{point}.{moment}");
    }
}

#[tokio::test]
async fn a_fault_at_any_point_of_taking_down_is_made_good_at_the_next_try() {
    let bench = filled(1).await;
    for (point, moment) in TAKING_DOWN.iter().flat_map(|point| [(point, "before"), (point, "after")]) {
        let [old] = entries(&bench).await.try_into().unwrap();
        bench.provisioner.drain_warm_pool(&bench.origin()).await.unwrap();
        failpoint::arm(&format!("{point}.{moment}:error"));
        round(&bench).await.unwrap();
        let over = point == &"drain_entry" && moment == "after";
        let draining = ids(&bench, "draining").await;
        assert_eq!(draining.contains(&TenantId(old.id)), !over, "{point}.{moment}");
        hurry(&bench).await;
        round(&bench).await.unwrap();
        assert_eq!(bench.outside(TenantId(old.id)).await, Outside::NOTHING, "{point}.{moment}");
        let [new] = entries(&bench).await.try_into().unwrap();
        assert!(new.state == "ready" && new.id != old.id);
    }
}

#[tokio::test]
async fn what_a_dead_process_left_half_prepared_is_finished_by_another_and_is_no_orphan() {
    let bench = Bench::with_warm_pool(1).await;
    failpoint::arm("warm_database.after:error");
    round(&bench).await.unwrap();
    let [entry] = entries(&bench).await.try_into().unwrap();
    let id = TenantId(entry.id);
    let control = bench.control.db().pool();
    // As a killed process leaves it.
    let text = "UPDATE warm_pool SET due_at = now(), leased_by = gen_random_uuid(), leased_until = clock_timestamp() + interval '1 hour'";
    sqlx::query(text).execute(control).await.unwrap();
    let other = bench.warm_sibling(1).await;
    round(&other).await.unwrap();
    assert_eq!(ids(&bench, "preparing").await.len(), 1, "it is held, and counts");
    let reconciled = Reconciler::new(bench.provisioner.clone()).only(names(id)).grace(TimeDelta::zero()).run_once().await.unwrap();
    assert!(reconciled.removed.is_empty() && !reconciled.orphans.iter().any(|orphan| names(id).contains(&orphan.name)), "{reconciled:?}");
    assert!(bench.outside(id).await.database);
    hurry(&bench).await;
    round(&other).await.unwrap();
    assert_eq!(ids(&bench, "ready").await.into_iter().collect::<Vec<_>>(), [id]);
    assert_eq!(bench.outside(id).await, Outside::ALL);
}

#[tokio::test]
async fn the_reconciler_leaves_entries_alone_and_throws_away_those_that_lost_a_part() {
    let bench = filled(3).await;
    let ready: Vec<TenantId> = ids(&bench, "ready").await.into_iter().collect();
    let all: Vec<String> = ready.iter().flat_map(|id| names(*id)).collect();
    let reconcile = || async { Reconciler::new(bench.provisioner.clone()).only(all.clone()).grace(TimeDelta::zero()).run_once().await.unwrap() };
    let report = reconcile().await;
    assert!(report.removed.is_empty() && report.discarded.is_empty(), "{report:?}");
    assert_eq!(ids(&bench, "ready").await.len(), 3);

    database::remove(bench.admin.pool(), &names(ready[0])[0]).await.unwrap();
    bench.objects.empty_and_delete_bucket(&names(ready[1])[1]).await.unwrap();
    let report = reconcile().await;
    let mut lost: Vec<String> = report.discarded.iter().map(|thing| thing.name.clone()).collect();
    lost.sort();
    let mut expected = vec![names(ready[0])[0].clone(), names(ready[1])[1].clone()];
    expected.sort();
    assert_eq!(lost, expected, "{report:?}");
    assert!(report.removed.is_empty() && report.repaired.is_empty() && report.lost.is_empty(), "{report:?}");
    assert_eq!(ids(&bench, "ready").await.into_iter().collect::<Vec<_>>(), [ready[2]]);
    round(&bench).await.unwrap();
    assert_eq!(ids(&bench, "ready").await.len(), 3);
    for gone in &ready[..2] {
        assert_eq!(bench.outside(*gone).await, Outside::NOTHING);
    }
}

#[tokio::test]
async fn a_claimed_entry_that_lost_its_parts_gets_them_back_and_works() {
    let bench = filled(3).await;
    let mut ready: Vec<_> = entries(&bench).await;
    ready.sort_by_key(|entry| (entry.ready_at, entry.id));
    let ready: Vec<TenantId> = ready.into_iter().map(|entry| TenantId(entry.id)).collect();
    // Everything of the first, the role of the second, the bucket of the third.
    database::remove(bench.admin.pool(), &names(ready[0])[0]).await.unwrap();
    for lost in &ready[..2] {
        database::remove_role(bench.admin.pool(), &names(*lost)[0]).await.unwrap();
    }
    for lost in [ready[0], ready[2]] {
        bench.objects.empty_and_delete_bucket(&names(lost)[1]).await.unwrap();
    }
    for (number, expected) in ready.iter().enumerate() {
        let (tenant, operation) = bench.sign_up(&format!("bereft-{number}")).await;
        assert_eq!(tenant, *expected, "the oldest is taken first");
        let ended = bench.with_runner(bench.ended(operation.id)).await;
        assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
        assert!(ended.steps.iter().all(|step| step.attempts == 1), "{ended:?}");
        assert_eq!(bench.outside(tenant).await, Outside::ALL);
        assert!(enter(&bench, tenant, &names(tenant)[0]).await.is_ok());
    }
}

#[tokio::test]
async fn every_step_of_a_claimed_saga_that_fails_or_goes_unnoted_is_done_again() {
    let bench = filled(1).await;
    for step in STEPS {
        failpoint::arm(&format!("{step}.before:error,{step}.after:error"));
    }
    let (tenant, operation) = bench.sign_up("stumbling").await;
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    let attempts: Vec<i32> = ended.steps.iter().map(|step| step.attempts).collect();
    assert_eq!(attempts, [1, 1, 1, 1, 3, 3, 3, 3], "{ended:?}");
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
}

#[tokio::test]
async fn a_claimed_sign_up_that_is_undone_leaves_nothing_and_gives_nothing_back() {
    let bench = filled(1).await;
    for point in ["seed.before", "seed.after", "directory.after", "activate.before"] {
        failpoint::arm(&format!("{point}:refuse"));
        for step in ["bucket", "role_and_grants", "database", "reserve"] {
            failpoint::arm(&format!("undo_{step}.before:error,undo_{step}.after:error"));
        }
        let (tenant, operation) = bench.sign_up("unlucky").await;
        assert_eq!(operation.steps[3].state, StepState::Succeeded, "it is a claimed one");
        let ended = bench.with_runner(bench.ended(operation.id)).await;
        assert_eq!(ended.state, OperationState::Undone, "{point}: {ended:?}");
        assert_eq!(bench.outside(tenant).await, Outside::NOTHING, "{point}");
        assert!(entries(&bench).await.is_empty(), "{point}");
        assert_eq!(bench.tenant(tenant).await.0, "broken");
        // Built again by hand, it builds everything.
        if point == "seed.after" {
            let again = bench.control.db();
            let again =
                again.write("test.retry", &bench.clock, &bench.origin(), async |tx: &Tx| bench.provisioner.retry(tx, tenant).await).await.unwrap();
            assert!(again.steps.iter().all(|step| step.state == StepState::Pending));
            assert_eq!(bench.with_runner(bench.ended(again.id)).await.state, OperationState::Succeeded);
            assert_eq!(bench.outside(tenant).await, Outside::ALL);
            sqlx::query("UPDATE tenants SET slug = 'lucky' WHERE id = $1").bind(tenant.0).execute(bench.control.db().pool()).await.unwrap();
        }
        round(&bench).await.unwrap();
        assert_eq!(ids(&bench, "ready").await.len(), 1);
    }
}

#[tokio::test]
async fn while_the_object_store_is_away_entries_wait_and_do_not_pile_up_and_claimed_ones_still_serve() {
    let bench = filled(1).await;
    let cut_off = bench.sibling_without_objects().await;
    // The bucket was made; that the store does not tell so is no reason to let the owner wait.
    let (tenant, operation) = cut_off.sign_up("undeterred").await;
    assert_eq!(operation.steps[3].state, StepState::Succeeded);
    assert_eq!(cut_off.with_runner(cut_off.ended(operation.id)).await.state, OperationState::Succeeded);
    assert_eq!(bench.outside(tenant).await, Outside::ALL);

    for _ in 0..3 {
        round(&cut_off).await.unwrap();
        let [entry] = entries(&bench).await.try_into().unwrap();
        assert_eq!((entry.state.as_str(), entry.failures), ("preparing", 1), "it waits for its next try");
        assert!(entry.error.is_some_and(|error| error.contains("object store")));
    }
    hurry(&bench).await;
    round(&bench).await.unwrap();
    assert_eq!(ids(&bench, "ready").await.len(), 1);
}

#[tokio::test]
async fn what_a_sign_up_took_is_replaced_without_being_told() {
    let bench = filled(1).await;
    let first = ids(&bench, "ready").await;
    let stop = tokio_util::sync::CancellationToken::new();
    let keeper = nexus_provisioning::WarmPool::new(bench.provisioner.clone());
    let seen = async {
        let (tenant, operation) = bench.sign_up("followed").await;
        assert!(first.contains(&tenant));
        assert_eq!(bench.ended(operation.id).await.state, OperationState::Succeeded);
        eventually(std::time::Duration::from_secs(20), async || {
            let ready = ids(&bench, "ready").await;
            (ready.len() == 1 && ready.is_disjoint(&first)).then_some(())
        })
        .await;
        stop.cancel();
    };
    bench
        .with_runner(async {
            let keeper = tokio::task::spawn_local(keeper.run(stop.clone()));
            seen.await;
            keeper.await.unwrap();
        })
        .await;
}
