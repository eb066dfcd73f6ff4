//! Deleting, changing one's mind, erasing.

use nexus_core::TenantId;
use nexus_infra::Tx;
use nexus_infra::object_store::TenantBuckets;
use nexus_provisioning::{Erase, Operation, OperationState, ProvisioningError, Reconciler, failpoint};

use crate::bench::{Bench, Outside};

async fn built(bench: &Bench, slug: &str) -> TenantId {
    let (tenant, operation) = bench.sign_up(slug).await;
    assert_eq!(bench.with_runner(bench.ended(operation.id)).await.state, OperationState::Succeeded);
    tenant
}

async fn delete(bench: &Bench, tenant: TenantId, erase: Erase) -> Result<Operation, ProvisioningError> {
    let operation = bench
        .control
        .db()
        .write("test.delete", &bench.clock, &bench.origin(), async |tx: &Tx| bench.provisioner.delete(tx, tenant, erase).await)
        .await;
    bench.provisioner.nudge();
    operation
}

#[tokio::test]
async fn erasing_leaves_nothing_outside_and_frees_the_slug_even_when_every_step_fails_and_repeats() {
    let bench = Bench::new().await;
    let tenant = built(&bench, "short-lived").await;
    let access = bench.objects.credentials_for(&format!("nxt-{}", tenant.opaque()));
    TenantBuckets::new(&bench.settings.s3).for_tenant(&access).put_bytes("imports/left.csv", "sku\n", "text/csv").await.unwrap();
    for step in ["fence", "drop_database", "drop_role", "remove_bucket", "forget"] {
        failpoint::arm(&format!("{step}.before:error,{step}.after:error"));
    }
    let operation = delete(&bench, tenant, Erase::Now).await.unwrap();
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    assert_eq!(bench.outside(tenant).await, Outside::NOTHING);
    let (state, slug) = bench.tenant(tenant).await;
    assert_eq!(state, "deleted");
    assert!(slug.starts_with("short-lived~"));
    let ended: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM audit_log e JOIN audit_log t ON t.action = 'test.end' AND t.request_id = e.request_id WHERE e.action = 'tenants.erase'",
    )
    .fetch_one(bench.control.db().pool())
    .await
    .unwrap();
    assert!(ended >= 1, "what hangs on the tenant is ended with it");
    built(&bench, "short-lived").await;
}

#[tokio::test]
async fn within_its_window_a_deletion_can_be_taken_back() {
    let bench = Bench::new().await;
    let tenant = built(&bench, "wavering").await;
    let waiting = delete(&bench, tenant, Erase::AfterWindow).await.unwrap();
    assert_eq!(waiting.state, OperationState::Pending);
    assert_eq!(bench.tenant(tenant).await.0, "deleting");
    bench
        .control
        .db()
        .write("test.undelete", &bench.clock, &bench.origin(), async |tx: &Tx| bench.provisioner.undelete(tx, tenant).await)
        .await
        .unwrap();
    assert_eq!(bench.tenant(tenant).await.0, "active");
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
    assert_eq!(bench.provisioner.operation(waiting.id).await.unwrap().unwrap().state, OperationState::Undone);
}

#[tokio::test]
async fn a_tenant_in_the_making_is_not_deleted_and_an_active_one_is_not_retried() {
    let bench = Bench::new().await;
    let (making, _) = bench.sign_up("in-the-making").await;
    assert!(matches!(delete(&bench, making, Erase::Now).await, Err(ProvisioningError::OperationInProgress)));
    let tenant = built(&bench, "settled").await;
    let retried =
        bench.control.db().write("test.retry", &bench.clock, &bench.origin(), async |tx: &Tx| bench.provisioner.retry(tx, tenant).await).await;
    assert!(matches!(retried, Err(ProvisioningError::WrongState { .. })));
    let stranger = TenantId(bench.clock.new_id());
    assert!(matches!(delete(&bench, stranger, Erase::Now).await, Err(ProvisioningError::TenantNotFound)));
}

#[tokio::test]
async fn an_outage_does_not_end_a_deletion() {
    // Nobody has less patience: a sign-up would be given up with its fifth failure.
    let bench = Bench::with_patience(1).await;
    let tenant = built(&bench, "outlasting").await;
    failpoint::arm(&["fence.before:error"; 5].join(","));
    let operation = delete(&bench, tenant, Erase::Now).await.unwrap();
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    assert_eq!(ended.steps[0].attempts, 6);
    assert_eq!(bench.outside(tenant).await, Outside::NOTHING);
}

#[tokio::test]
async fn a_deletion_that_was_given_up_is_taken_up_again() {
    let bench = Bench::new().await;
    let tenant = built(&bench, "taken-up").await;
    failpoint::arm("fence.before:refuse");
    let operation = delete(&bench, tenant, Erase::Now).await.unwrap();
    assert_eq!(bench.with_runner(bench.ended(operation.id)).await.state, OperationState::Failed);
    let reconcile = || async { Reconciler::new(bench.provisioner.clone()).only([]).run_once().await.unwrap() };
    let pending = || async {
        let open: Option<(uuid::Uuid, String)> =
            sqlx::query_as("SELECT id, input ->> 'previous_state' FROM operations WHERE tenant_id = $1 AND state = 'pending'")
                .bind(tenant.0)
                .fetch_optional(bench.control.db().pool())
                .await
                .unwrap();
        open
    };
    reconcile().await;
    assert_eq!(pending().await, None, "its cause may still be there");
    sqlx::query("UPDATE operations SET finished_at = finished_at - interval '1 hour' WHERE id = $1")
        .bind(operation.id)
        .execute(bench.control.db().pool())
        .await
        .unwrap();
    reconcile().await;
    let (again, previous) = pending().await.unwrap();
    assert_eq!(previous, "active", "an undelete leads back to where it was");
    assert_eq!(bench.with_runner(bench.ended(again)).await.state, OperationState::Succeeded);
    assert_eq!(bench.tenant(tenant).await.0, "deleted");
    assert_eq!(bench.outside(tenant).await, Outside::NOTHING);
}
