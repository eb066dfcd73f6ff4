//! The way forward, and several at once.

use nexus_core::TenantId;
use nexus_infra::secrets::TenantKeyring;
use nexus_infra::{ConnectSpec, Db};
use nexus_provisioning::{OperationState, ProvisioningError, StepState};

use crate::bench::{Bench, Outside};

pub async fn enter(bench: &Bench, tenant: TenantId, database: &str) -> Result<Db, nexus_infra::DbError> {
    let (sealed,): (Vec<u8>,) = sqlx::query_as("SELECT secret_sealed FROM directory WHERE tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(bench.control.directory_db().pool())
        .await
        .unwrap();
    let secrets = TenantKeyring::from_settings(&bench.settings.secrets).unwrap().open_tenant(tenant, &sealed).unwrap();
    let server = &bench.settings.servers[0];
    let role = format!("nxt_{}", tenant.opaque());
    Db::connect(&ConnectSpec::new(&server.host, server.port, database, &role, &secrets.db_password)).await
}

#[tokio::test]
async fn a_sign_up_ends_with_a_database_a_role_a_bucket_and_its_owner_inside() {
    let bench = Bench::new().await;
    let (tenant, operation) = bench.sign_up("acme").await;
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    assert!(ended.steps.iter().all(|step| step.state == StepState::Succeeded && step.started_at.is_some() && step.finished_at.is_some()));
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
    assert_eq!(bench.tenant(tenant).await, ("active".to_owned(), "acme".to_owned()));

    let db = enter(&bench, tenant, &format!("nxt_{}", tenant.opaque())).await.unwrap();
    let (status, role): (String, String) =
        sqlx::query_as("SELECT u.status, r.key FROM users u JOIN user_roles ur ON ur.user_id = u.id JOIN roles r ON r.id = ur.role_id")
            .fetch_one(db.pool())
            .await
            .unwrap();
    assert_eq!((status.as_str(), role.as_str()), ("active", "owner"));
    let settings: Vec<(String,)> = sqlx::query_as("SELECT value #>> '{}' FROM settings ORDER BY key").fetch_all(db.pool()).await.unwrap();
    assert_eq!(settings.into_iter().map(|(value,)| value).collect::<Vec<_>>(), ["CHF", "de", "UTC"]);
    let (site,): (uuid::Uuid,) = sqlx::query_as("SELECT id FROM locations WHERE code = 'MAIN'").fetch_one(db.pool()).await.unwrap();
    assert_ne!(site.to_string(), "00000000-0000-7000-8000-000000000301", "the default site has an id of its own");

    let events: Vec<(String,)> = sqlx::query_as("SELECT kind FROM outbox").fetch_all(bench.control.db().pool()).await.unwrap();
    assert_eq!(events, [("tenancy.tenant.activated.v1".to_owned(),)]);
}

#[tokio::test]
async fn a_tenants_role_enters_its_own_database_and_no_other() {
    let bench = Bench::new().await;
    let (one, first) = bench.sign_up("first-org").await;
    let (other, second) = bench.sign_up("second-org").await;
    bench.with_runner(async { tokio::join!(bench.ended(first.id), bench.ended(second.id)) }).await;
    assert!(enter(&bench, one, &format!("nxt_{}", one.opaque())).await.is_ok());
    let control = bench.control.name().to_owned();
    for database in [format!("nxt_{}", other.opaque()), control, "postgres".to_owned(), "template1".to_owned(), "nexus_control".to_owned()] {
        assert!(enter(&bench, one, &database).await.is_err(), "{database}");
    }
}

#[tokio::test]
async fn of_twenty_sign_ups_for_one_slug_one_wins_and_the_others_hear_so() {
    let bench = Bench::new().await;
    let owner = bench.account().await;
    let tries: Vec<_> = (0..20).map(|_| bench.new_tenant("contested", owner)).collect();
    let results = all_at_once(&bench, &tries).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().filter_map(|result| result.as_ref().err()).all(|error| matches!(error, ProvisioningError::SlugTaken)));
}

pub async fn all_at_once(bench: &Bench, tries: &[nexus_provisioning::NewTenant]) -> Vec<Result<nexus_provisioning::Operation, ProvisioningError>> {
    let mut waiting = Vec::new();
    for new in tries {
        waiting.push(Box::pin(bench.start(new)));
    }
    let mut done = Vec::new();
    // Polled together: each holds its transaction open while the others come.
    let mut running: Vec<_> = waiting.into_iter().map(Some).collect();
    std::future::poll_fn(|context| {
        for slot in &mut running {
            if let Some(future) = slot
                && let std::task::Poll::Ready(result) = future.as_mut().poll(context)
            {
                done.push(result);
                *slot = None;
            }
        }
        if running.iter().all(Option::is_none) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

#[tokio::test]
async fn two_runners_share_the_work_and_each_saga_is_done_once() {
    let one = Bench::new().await;
    let two = one.sibling().await;
    let mut operations = Vec::new();
    for number in 0..6 {
        operations.push(one.sign_up(&format!("shared-{number}")).await);
    }
    let all = async {
        for (tenant, operation) in &operations {
            let ended = one.ended(operation.id).await;
            assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
            assert!(ended.steps.iter().all(|step| step.attempts == 1), "{ended:?}");
            assert_eq!(one.outside(*tenant).await, Outside::ALL);
        }
    };
    one.with_runners(&[&two], all).await;
}
