//! What exists against what should exist.

use chrono::TimeDelta;
use nexus_core::TenantId;
use nexus_infra::advisory;
use nexus_infra::postgres::PinnedLock;
use nexus_migration::MigrationError;
use nexus_migration::database::{self, NewDatabase};
use nexus_provisioning::{OperationState, OrphanKind, ReconcileReport, Reconciler};

use crate::bench::{Bench, Outside};

fn names(tenant: TenantId) -> [String; 2] {
    [format!("nxt_{}", tenant.opaque()), format!("nxt-{}", tenant.opaque())]
}

async fn leak(bench: &Bench) -> TenantId {
    let stranger = TenantId(bench.clock.new_id());
    let [name, bucket] = names(stranger);
    let new = NewDatabase { name: &name, template: "template0", open: false, connection_limit: None };
    database::create(bench.admin.pool(), new).await.unwrap();
    bench.objects.create_bucket(&bucket).await.unwrap();
    stranger
}

#[tokio::test]
async fn what_nobody_knows_is_removed_after_its_grace_period_and_not_before() {
    let bench = Bench::new().await;
    let stranger = leak(&bench).await;
    let patient = Reconciler::new(bench.provisioner.clone()).only(names(stranger)).run_once().await.unwrap();
    assert_eq!(patient.removed, []);
    assert!(patient.orphans.iter().any(|orphan| orphan.name == names(stranger)[0]));
    assert!(bench.outside(stranger).await.database);
    let impatient = Reconciler::new(bench.provisioner.clone()).only(names(stranger)).grace(TimeDelta::zero()).run_once().await.unwrap();
    assert_eq!(impatient.removed.len(), 2, "{impatient:?}");
    assert_eq!(bench.outside(stranger).await, Outside::NOTHING);
}

#[tokio::test]
async fn what_says_it_is_in_use_is_kept_though_the_control_database_forgot_it() {
    let bench = Bench::new().await;
    let stranger = leak(&bench).await;
    database::mark_in_use(bench.admin.pool(), &names(stranger)[0]).await.unwrap();
    let report = Reconciler::new(bench.provisioner.clone()).only(names(stranger)).grace(TimeDelta::zero()).run_once().await.unwrap();
    assert_eq!(report.removed, []);
    assert!(report.protected.iter().any(|thing| thing.kind == OrphanKind::Bucket && thing.name == names(stranger)[1]));
    assert!(bench.outside(stranger).await.database && bench.outside(stranger).await.bucket);
    assert!(matches!(database::remove(bench.admin.pool(), &names(stranger)[0]).await, Err(MigrationError::InUse(_))));
    clear(&bench, stranger).await;
}

async fn clear(bench: &Bench, tenant: TenantId) {
    database::unmark_in_use(bench.admin.pool(), &names(tenant)[0]).await.unwrap();
    database::remove(bench.admin.pool(), &names(tenant)[0]).await.unwrap();
    bench.objects.empty_and_delete_bucket(&names(tenant)[1]).await.unwrap();
}

#[tokio::test]
async fn what_says_it_is_in_use_is_kept_though_the_control_database_says_it_was_never_built() {
    let bench = Bench::new().await;
    let (tenant, operation) = bench.sign_up("restored").await;
    assert_eq!(bench.with_runner(bench.ended(operation.id)).await.state, OperationState::Succeeded);
    // As a backup from before the second try of the sign-up has it.
    let state = |text: &'static str| sqlx::query(text).bind(tenant.0).execute(bench.control.db().pool());
    state("UPDATE tenants SET state = 'broken', activated_at = NULL WHERE id = $1").await.unwrap();
    state("UPDATE operations SET state = 'undone', direction = 'undo' WHERE tenant_id = $1").await.unwrap();
    let reconcile = || async { Reconciler::new(bench.provisioner.clone()).only(names(tenant)).grace(TimeDelta::zero()).run_once().await.unwrap() };
    let report = reconcile().await;
    assert_eq!(report.removed, [], "{report:?}");
    assert_eq!(report.protected.iter().filter(|thing| names(tenant).contains(&thing.name)).count(), 3, "{report:?}");
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
    // Without the mark it is what an undo left.
    database::unmark_in_use(bench.admin.pool(), &names(tenant)[0]).await.unwrap();
    assert_eq!(reconcile().await.removed.len(), 3);
    assert_eq!(bench.outside(tenant).await, Outside::NOTHING);
}

#[tokio::test]
async fn while_another_reconciler_is_at_it_nothing_is_done() {
    let bench = Bench::new().await;
    let stranger = leak(&bench).await;
    let impatient = || async { Reconciler::new(bench.provisioner.clone()).only(names(stranger)).grace(TimeDelta::zero()).run_once().await.unwrap() };
    let other = PinnedLock::try_acquire(bench.control.db(), advisory::RECONCILER, "").await.unwrap().unwrap();
    assert_eq!(impatient().await, ReconcileReport::default());
    other.release().await.unwrap();
    assert_eq!(impatient().await.removed.len(), 2);
}

#[tokio::test]
async fn a_tenant_that_lost_its_role_and_bucket_gets_them_back_and_a_healthy_one_is_left_alone() {
    let bench = Bench::new().await;
    let (tenant, operation) = bench.sign_up("bereft").await;
    let (healthy, second) = bench.sign_up("healthy").await;
    bench
        .with_runner(async {
            assert_eq!(bench.ended(operation.id).await.state, OperationState::Succeeded);
            assert_eq!(bench.ended(second.id).await.state, OperationState::Succeeded);
        })
        .await;
    let [name, bucket] = names(tenant);
    database::remove_role(bench.admin.pool(), &name).await.unwrap();
    bench.objects.empty_and_delete_bucket(&bucket).await.unwrap();
    let report = Reconciler::new(bench.provisioner.clone()).only([]).run_once().await.unwrap();
    let mut repaired: Vec<_> = report.repaired.iter().map(|thing| thing.name.clone()).collect();
    repaired.sort();
    assert_eq!(repaired, [bucket.clone(), name], "{report:?}");
    // The new bucket is empty: what was in the old one is lost, and that is told.
    assert_eq!(report.lost.iter().map(|thing| &thing.name).collect::<Vec<_>>(), [&bucket]);
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
    assert_eq!(bench.outside(healthy).await, Outside::ALL);
}
