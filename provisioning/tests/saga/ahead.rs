//! What is begun for a sign-up while its password is hashed: taken by it, or nobody's for long.

use std::time::Duration;

use nexus_core::{Slug, TenantId};
use nexus_infra::Tx;
use nexus_provisioning::{Begun, Operation, OperationState, ProvisioningError, StepState, failpoint};
use nexus_test_support::eventually;

use crate::bench::{Bench, Outside};
use crate::sign_up::enter;
use crate::warm_pool::{entries, filled, round};

async fn begin(bench: &Bench, slug: &str) -> Option<Begun> {
    bench.provisioner.begin_ahead(&Slug::parse(slug).unwrap()).await
}

/// A sign-up with what was begun for it.
async fn sign_up(bench: &Bench, slug: &str, begun: Option<&Begun>) -> Result<Operation, ProvisioningError> {
    let new = bench.new_tenant(slug, bench.account().await);
    let started = async |tx: &Tx| bench.provisioner.start_with(tx, &new, begun).await;
    let operation = bench.control.db().write("test.start", &bench.clock, &bench.origin(), started).await?;
    bench.provisioner.nudge();
    Ok(operation)
}

/// Waits until all of it is made.
async fn made(bench: &Bench, entry: TenantId) {
    eventually(Duration::from_secs(30), async || (bench.outside(entry).await == Outside::ALL).then_some(())).await;
}

/// Whether its database may be entered at all, and by everybody.
async fn doors(bench: &Bench, entry: TenantId) -> (bool, bool) {
    sqlx::query_as("SELECT datallowconn, EXISTS (SELECT FROM aclexplode(datacl) WHERE grantee = 0) FROM pg_database WHERE datname = $1")
        .bind(format!("nxt_{}", entry.opaque()))
        .fetch_one(bench.admin.pool())
        .await
        .unwrap()
}

/// How many are in its database.
async fn inside(bench: &Bench, entry: TenantId) -> i64 {
    let text = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1";
    sqlx::query_scalar(text).bind(format!("nxt_{}", entry.opaque())).fetch_one(bench.admin.pool()).await.unwrap()
}

async fn only_entry(bench: &Bench) -> TenantId {
    let [entry] = &entries(bench).await[..] else { panic!("one entry") };
    TenantId(entry.id)
}

#[tokio::test]
async fn a_sign_up_takes_what_was_begun_for_it_and_its_saga_takes_every_step() {
    let bench = Bench::new().await;
    let begun = begin(&bench, "ahead").await.expect("something begun");
    let entry = only_entry(&bench).await;
    let operation = sign_up(&bench, "ahead", Some(&begun)).await.unwrap();
    drop(begun);
    assert_eq!(operation.tenant_id, entry, "an entry's id becomes the tenant's");
    assert!(entries(&bench).await.is_empty());
    assert!(operation.steps.iter().all(|step| step.state == StepState::Pending), "{operation:?}");
    // Nobody works on the saga yet.
    made(&bench, entry).await;
    eventually(Duration::from_secs(30), async || (inside(&bench, entry).await == 1).then_some(())).await;
    let (is_open, public) = doors(&bench, entry).await;
    assert!(is_open && !public, "it is entered ahead by its own role, which alone may");

    let ended = bench.with_runner(bench.ended(operation.id)).await;
    assert_eq!(ended.state, OperationState::Succeeded, "{ended:?}");
    assert!(ended.steps.iter().all(|step| step.attempts == 1 && step.started_at.is_some() && step.finished_at.is_some()), "{ended:?}");
    assert_eq!(bench.tenant(entry).await, ("active".to_owned(), "ahead".to_owned()));
    enter(&bench, entry, &format!("nxt_{}", entry.opaque())).await.unwrap();
}

#[tokio::test]
async fn a_saga_that_comes_upon_what_is_still_being_made_waits_for_it() {
    let bench = Bench::new().await;
    let operation = bench
        .with_runner(async {
            let begun = begin(&bench, "close-behind").await.expect("something begun");
            let operation = sign_up(&bench, "close-behind", Some(&begun)).await.unwrap();
            bench.ended(operation.id).await
        })
        .await;
    assert_eq!(operation.state, OperationState::Succeeded, "{operation:?}");
    assert!(operation.steps.iter().all(|step| step.attempts == 1), "{operation:?}");
    assert_eq!(bench.outside(operation.tenant_id).await, Outside::ALL);
}

#[tokio::test]
async fn what_a_sign_up_did_not_take_is_taken_down() {
    let bench = Bench::new().await;
    let begun = begin(&bench, "changed-mind").await.expect("something begun");
    let entry = only_entry(&bench).await;
    made(&bench, entry).await;
    round(&bench).await.unwrap();
    assert_eq!(only_entry(&bench).await, entry, "nobody touches what its sign-up may still take");
    drop(begun);
    eventually(Duration::from_secs(30), async || {
        round(&bench).await.unwrap();
        entries(&bench).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(bench.outside(entry).await, Outside::NOTHING);
}

/// A client may leave at any moment, and its request with it.
#[tokio::test]
async fn what_a_request_did_not_hear_of_is_given_back_and_not_left_to_its_lease() {
    let bench = Bench::new().await;
    let mut asked = Box::pin(begin(&bench, "gone"));
    while entries(&bench).await.is_empty() && futures::poll!(&mut asked).is_pending() {
        tokio::task::yield_now().await;
    }
    let entry = only_entry(&bench).await;
    drop(asked);
    eventually(Duration::from_secs(30), async || {
        round(&bench).await.unwrap();
        entries(&bench).await.is_empty().then_some(())
    })
    .await;
    assert_eq!(bench.outside(entry).await, Outside::NOTHING);
}

#[tokio::test]
async fn what_a_sign_up_did_not_take_fills_a_pool_that_lacks_it() {
    let bench = Bench::with_warm_pool(1).await;
    let begun = begin(&bench, "changed-mind").await.expect("something begun");
    let entry = only_entry(&bench).await;
    eventually(Duration::from_secs(30), async || (inside(&bench, entry).await == 1).then_some(())).await;
    drop(begun);
    eventually(Duration::from_secs(30), async || {
        round(&bench).await.unwrap();
        let [entry] = &entries(&bench).await[..] else { panic!("one entry") };
        (entry.state == "ready").then_some(())
    })
    .await;
    assert_eq!(only_entry(&bench).await, entry);
    assert_eq!(bench.outside(entry).await, Outside::ALL);
    assert_eq!(doors(&bench, entry).await, (false, false), "what lies in the pool is closed");
    eventually(Duration::from_secs(10), async || (inside(&bench, entry).await == 0).then_some(())).await;
}

#[tokio::test]
async fn nothing_is_begun_where_an_entry_is_ready_or_the_slug_is_taken() {
    let warm = filled(1).await;
    let ready = only_entry(&warm).await;
    assert!(begin(&warm, "spoilt").await.is_none());
    assert_eq!(only_entry(&warm).await, ready);

    let bench = Bench::new().await;
    sign_up(&bench, "first-come", None).await.unwrap();
    assert!(begin(&bench, "first-come").await.is_none());
    assert!(entries(&bench).await.is_empty());
}

#[tokio::test]
async fn a_sign_up_that_is_given_up_takes_back_what_was_begun_for_it_whatever_its_steps_did() {
    let bench = Bench::new().await;
    for point in ["reserve.before", "reserve.after", "database.before", "bucket.after"] {
        failpoint::arm(&format!("{point}:refuse"));
        let begun = begin(&bench, "unlucky").await.expect("something begun");
        let operation = sign_up(&bench, "unlucky", Some(&begun)).await.unwrap();
        drop(begun);
        made(&bench, operation.tenant_id).await;
        let ended = bench.with_runner(bench.ended(operation.id)).await;
        assert_eq!(ended.state, OperationState::Undone, "{point}: {ended:?}");
        assert_eq!(bench.outside(operation.tenant_id).await, Outside::NOTHING, "{point}");
    }
}
