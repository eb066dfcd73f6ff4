//! What is prepared for sign-ups: made, claimed, kept in number, taken down.

use std::collections::BTreeSet;
use std::time::Duration;

use nexus_core::TenantId;
use nexus_infra::advisory;
use nexus_infra::postgres::PinnedLock;
use nexus_provisioning::{OperationState, PoolEntry, ProvisioningError, StepState, WarmPool};
use nexus_test_support::eventually;
use tokio::task::LocalSet;
use tokio_util::sync::CancellationToken;

use crate::bench::{Bench, Outside};
use crate::sign_up::{all_at_once, enter};

/// One look of this process's keeper.
pub async fn round(bench: &Bench) -> Result<(), ProvisioningError> {
    let pool = WarmPool::new(bench.provisioner.clone());
    LocalSet::new().run_until(pool.round(&CancellationToken::new())).await
}

pub async fn entries(bench: &Bench) -> Vec<PoolEntry> {
    bench.provisioner.warm_pool().await.unwrap()
}

/// The ids of the entries in this state.
pub async fn ids(bench: &Bench, state: &str) -> BTreeSet<TenantId> {
    entries(bench).await.into_iter().filter(|entry| entry.state == state).map(|entry| TenantId(entry.id)).collect()
}

/// A platform with so many entries ready.
pub async fn filled(size: u32) -> Bench {
    let bench = Bench::with_warm_pool(size).await;
    round(&bench).await.unwrap();
    assert_eq!(ids(&bench, "ready").await.len(), usize::try_from(size).unwrap(), "{:?}", entries(&bench).await);
    bench
}

#[tokio::test]
async fn a_sign_up_takes_what_is_ready_and_goes_on_from_there() {
    let bench = filled(2).await;
    let prepared = ids(&bench, "ready").await;
    for entry in &prepared {
        assert_eq!(bench.outside(*entry).await, Outside::ALL);
        let name = format!("nxt_{}", entry.opaque());
        let (may_connect, public): (bool, bool) =
            sqlx::query_as("SELECT datallowconn, EXISTS (SELECT FROM aclexplode(datacl) WHERE grantee = 0) FROM pg_database WHERE datname = $1")
                .bind(&name)
                .fetch_one(bench.admin.pool())
                .await
                .unwrap();
        assert!(!may_connect && !public, "nobody enters what nobody has claimed, not even its own role");
    }

    let (tenant, operation) = bench.sign_up("warm").await;
    assert!(prepared.contains(&tenant), "an entry's id becomes the tenant's");
    let states: Vec<StepState> = operation.steps.iter().map(|step| step.state).collect();
    use StepState::{Pending, Succeeded};
    assert_eq!(states, [Succeeded, Succeeded, Succeeded, Succeeded, Pending, Pending, Pending, Pending]);
    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    assert!(ended.steps.iter().all(|step| step.attempts == 1 && step.started_at.is_some() && step.finished_at.is_some()), "{ended:?}");
    assert_eq!(bench.outside(tenant).await, Outside::ALL);
    assert_eq!(bench.tenant(tenant).await, ("active".to_owned(), "warm".to_owned()));

    let db = enter(&bench, tenant, &format!("nxt_{}", tenant.opaque())).await.unwrap();
    let owners: i64 = sqlx::query_scalar("SELECT count(*) FROM users WHERE status = 'active'").fetch_one(db.pool()).await.unwrap();
    assert_eq!(owners, 1);
    let left = ids(&bench, "ready").await;
    assert!(left.len() == 1 && !left.contains(&tenant));
    round(&bench).await.unwrap();
    let refilled = ids(&bench, "ready").await;
    assert!(refilled.len() == 2 && refilled.is_superset(&left) && !refilled.contains(&tenant));
}

#[tokio::test]
async fn of_twenty_sign_ups_at_once_each_entry_goes_to_one_and_the_others_do_without() {
    let bench = filled(5).await;
    let prepared = ids(&bench, "ready").await;
    let mut tries = Vec::new();
    for number in 0..20 {
        tries.push(bench.new_tenant(&format!("hurried-{number}"), bench.account().await));
    }
    let operations: Vec<_> = all_at_once(&bench, &tries).await.into_iter().map(Result::unwrap).collect();
    let tenants: BTreeSet<TenantId> = operations.iter().map(|operation| operation.tenant_id).collect();
    assert_eq!(tenants.len(), 20, "no two have one entry");
    assert!(tenants.is_superset(&prepared), "each entry is used");
    assert!(entries(&bench).await.is_empty());
    for operation in &operations {
        let done = operation.steps.iter().filter(|step| step.state == StepState::Succeeded).count();
        assert_eq!(done, if prepared.contains(&operation.tenant_id) { 4 } else { 0 });
    }
}

#[tokio::test]
async fn a_claim_waits_for_no_other_and_one_that_is_rolled_back_leaves_the_entry_ready() {
    let bench = filled(2).await;
    let (first, second) = (bench.new_tenant("first-org", bench.account().await), bench.new_tenant("second-org", bench.account().await));
    let refused: Result<(), ProvisioningError> = bench
        .control
        .db()
        .write("test.start", &bench.clock, &bench.origin(), async |tx| {
            let one = bench.provisioner.start(tx, &first).await?;
            // While that is not committed.
            let other = bench.start(&second).await?;
            assert_ne!(one.tenant_id, other.tenant_id);
            assert!(other.steps[3].state == StepState::Succeeded, "it got the other entry: {other:?}");
            Err(ProvisioningError::TenantNotFound)
        })
        .await;
    assert!(matches!(refused, Err(ProvisioningError::TenantNotFound)));
    assert_eq!(ids(&bench, "ready").await.len(), 1);
    // A refused one gives its entry back just so.
    let again = bench.new_tenant("second-org", bench.account().await);
    assert!(matches!(bench.start(&again).await, Err(ProvisioningError::SlugTaken)));
    assert_eq!(ids(&bench, "ready").await.len(), 1);
}

#[tokio::test]
async fn without_a_pool_and_without_a_ready_entry_a_sign_up_builds_everything_itself() {
    let off = Bench::with_warm_pool(0).await;
    round(&off).await.unwrap();
    assert!(entries(&off).await.is_empty());
    let (tenant, operation) = off.sign_up("cold").await;
    assert!(operation.steps.iter().all(|step| step.state == StepState::Pending));
    assert_eq!(off.with_runner(off.ended(operation.id)).await.state, OperationState::Succeeded);
    assert_eq!(off.outside(tenant).await, Outside::ALL);

    // What another process prepared is not this one's to hand out, and beyond its size.
    let on = off.warm_sibling(2).await;
    round(&on).await.unwrap();
    let prepared = ids(&on, "ready").await;
    let (_, operation) = off.sign_up("still-cold").await;
    assert!(operation.steps.iter().all(|step| step.state == StepState::Pending));
    round(&off).await.unwrap();
    assert!(entries(&off).await.is_empty());
    for entry in prepared {
        assert_eq!(off.outside(entry).await, Outside::NOTHING);
    }
    let empty = off.warm_sibling(2).await;
    let (_, operation) = empty.sign_up("empty-handed").await;
    assert!(operation.steps.iter().all(|step| step.state == StepState::Pending));
}

#[tokio::test]
async fn two_keepers_never_prepare_more_than_asked() {
    let one = Bench::with_warm_pool(4).await;
    let two = one.warm_sibling(4).await;
    // Both find four lacking, and come to count them under the lock at once.
    let alone = PinnedLock::try_acquire(one.control.db(), advisory::WARM_POOL, "").await.unwrap().unwrap();
    let both_wait = async {
        let text = "SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        eventually(Duration::from_secs(30), async || {
            sqlx::query_scalar::<_, bool>(text).fetch_one(one.control.db().pool()).await.unwrap().then_some(())
        })
        .await;
        alone.release().await.unwrap();
    };
    let (first, second, ()) = tokio::join!(Box::pin(round(&one)), Box::pin(round(&two)), Box::pin(both_wait));
    first.and(second).unwrap();
    assert_eq!(entries(&one).await.len(), 4);
    for _ in 0..2 {
        let (first, second) = tokio::join!(round(&one), round(&two));
        first.and(second).unwrap();
        assert_eq!(entries(&one).await.len(), 4);
    }
    let ready = ids(&one, "ready").await;
    assert_eq!(ready.len(), 4);
    for entry in &ready {
        assert_eq!(one.outside(*entry).await, Outside::ALL);
    }
    // Smaller than before: the newest go.
    let smaller = one.warm_sibling(1).await;
    round(&smaller).await.unwrap();
    assert_eq!(ids(&one, "ready").await, ready.iter().take(1).copied().collect());
    for entry in ready.iter().skip(1) {
        assert_eq!(one.outside(*entry).await, Outside::NOTHING);
    }
}

#[tokio::test]
async fn entries_of_another_schema_are_taken_down_and_never_handed_out() {
    let bench = filled(2).await;
    let prepared = ids(&bench, "ready").await;
    let control = bench.control.db().pool();
    sqlx::query("UPDATE warm_pool SET fingerprint = 'of another age'").execute(control).await.unwrap();
    let (tenant, operation) = bench.sign_up("of-this-age").await;
    assert!(!prepared.contains(&tenant) && operation.steps[0].state == StepState::Pending);
    // Another program keeps them just now, which may be replaced by this one or replace it: its entries don't count here.
    round(&bench).await.unwrap();
    assert_eq!(ids(&bench, "ready").await.len(), 4);
    sqlx::query("UPDATE warm_pool SET created_at = created_at - interval '5 minutes'").execute(control).await.unwrap();
    round(&bench).await.unwrap();
    let ready = ids(&bench, "ready").await;
    assert!(ready.len() == 2 && ready.is_disjoint(&prepared), "{:?}", entries(&bench).await);
    for entry in prepared {
        assert_eq!(bench.outside(entry).await, Outside::NOTHING);
    }
}

#[tokio::test]
async fn an_entry_whose_schema_changed_while_it_was_prepared_is_not_finished() {
    let bench = filled(1).await;
    let control = bench.control.db().pool();
    sqlx::query("UPDATE warm_pool SET state = 'preparing', ready_at = NULL, fingerprint = 'of another age'").execute(control).await.unwrap();
    let [stale] = entries(&bench).await.try_into().unwrap();
    round(&bench).await.unwrap();
    assert_eq!(ids(&bench, "preparing").await, BTreeSet::from([TenantId(stale.id)]));
    sqlx::query("UPDATE warm_pool SET created_at = created_at - interval '5 minutes' WHERE id = $1").bind(stale.id).execute(control).await.unwrap();
    round(&bench).await.unwrap();
    assert_eq!(bench.outside(TenantId(stale.id)).await, Outside::NOTHING);
    assert_eq!(ids(&bench, "ready").await.len(), 1);
}

#[tokio::test]
async fn a_server_that_takes_nobody_in_keeps_no_entries() {
    let bench = filled(2).await;
    let prepared = ids(&bench, "ready").await;
    let control = bench.control.db().pool();
    sqlx::query("UPDATE database_servers SET state = 'draining'").execute(control).await.unwrap();
    assert!(bench.sign_up("elsewhere").await.1.steps[0].state == StepState::Pending);
    round(&bench).await.unwrap();
    assert!(entries(&bench).await.is_empty());
    for entry in prepared {
        assert_eq!(bench.outside(entry).await, Outside::NOTHING);
    }
    // Neither does one without room.
    sqlx::query("UPDATE database_servers SET state = 'open', max_tenants = 1").execute(control).await.unwrap();
    round(&bench).await.unwrap();
    assert_eq!(entries(&bench).await.len(), 1);
}

#[tokio::test]
async fn a_new_master_key_reaches_what_is_prepared() {
    let bench = filled(2).await;
    let looked_at = bench.provisioner.rewrap_secrets(&bench.origin()).await.unwrap();
    assert_eq!((looked_at.current, looked_at.rewrapped, looked_at.failed), (2, 0, 0));
}
