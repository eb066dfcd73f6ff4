//! What exists against what should exist.

use chrono::TimeDelta;
use nexus_core::TenantId;
use nexus_migration::database::{self, NewDatabase};
use nexus_provisioning::{OperationState, OrphanKind, Reconciler};

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
    database::remove(bench.admin.pool(), &names(stranger)[0]).await.unwrap();
    bench.objects.empty_and_delete_bucket(&names(stranger)[1]).await.unwrap();
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
    assert_eq!(repaired, [bucket, name], "{report:?}");
    assert_eq!(report.lost, []);
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
    assert_eq!(bench.outside(healthy).await, Outside::ALL);
}
