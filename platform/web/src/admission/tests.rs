//! The bounds by themselves.

use super::*;

fn admission(places: usize, queue: usize) -> Arc<Admission> {
    Arc::new(Admission::new(AdmissionOptions { places, queue, ..AdmissionOptions::default() }))
}

#[tokio::test(start_paused = true)]
async fn the_queue_is_bounded_in_number_and_time_and_the_oldest_comes_first() {
    let admission = admission(1, 2);
    let inside = admission.enter().await.unwrap();
    let (first, second) = (tokio::spawn(wait(&admission)), tokio::spawn(wait(&admission)));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(admission.enter().await.unwrap_err(), Refused::QueueFull);
    drop(inside);
    let first = first.await.unwrap().unwrap();
    assert_eq!(second.await.unwrap().unwrap_err(), Refused::QueueTimeout);
    assert_eq!((admission.queued.load(Ordering::SeqCst), admission.standing_since.load(Ordering::SeqCst)), (0, 0));
    drop(first);
    assert!(admission.enter().await.is_ok());
}

#[test]
fn a_queue_that_is_entered_while_the_last_one_leaves_keeps_its_time() {
    let admission = admission(1, 2);
    let (last, seen) = (Queued::of(&admission).unwrap(), admission.standing_since.load(Ordering::SeqCst));
    drop(last);
    assert_eq!(admission.standing_since.load(Ordering::SeqCst), 0);
    admission.standing_since.store(seen + 7, Ordering::SeqCst);
    admission.emptied(seen);
    assert_eq!(admission.standing_since.load(Ordering::SeqCst), seen + 7);
}

fn wait(admission: &Arc<Admission>) -> impl Future<Output = Result<OwnedSemaphorePermit, Refused>> + use<> {
    let admission = Arc::clone(admission);
    async move { admission.enter().await }
}

#[tokio::test]
async fn a_queue_that_stands_has_a_tenth_of_the_patience() {
    let admission = admission(1, 2);
    assert_eq!(admission.patience(), Duration::from_millis(500));
    admission.standing_since.store(1, Ordering::SeqCst);
    assert_eq!(admission.patience(), Duration::from_millis(500), "a burst");
    let long_ago =
        Admission { started: Instant::now() - Duration::from_secs(2), standing_since: AtomicU64::new(1), ..Admission::new(admission.options) };
    assert_eq!(long_ago.patience(), Duration::from_millis(50));
}

#[tokio::test]
async fn an_organization_may_hold_what_it_leaves_and_a_few_in_any_case() {
    let admission = admission(64, 0);
    assert!(admission.has_room_for(64));
    let _others = Arc::clone(&admission.free).try_acquire_many_owned(60).unwrap();
    assert!(admission.has_room_for(4) && !admission.has_room_for(5));
    let _rest = Arc::clone(&admission.free).try_acquire_many_owned(4).unwrap();
    assert!(admission.has_room_for(2) && !admission.has_room_for(3));
}

#[test]
fn an_organization_without_requests_takes_no_memory() {
    let shares = Shares::default();
    let tenants: Vec<_> = (0..100).map(|number| nexus_core::TenantId(uuid::Uuid::from_u128(number))).collect();
    for tenant in &tenants {
        assert_eq!((shares.add(*tenant), shares.add(*tenant)), (1, 2));
    }
    assert_eq!(shares.organizations(), 100);
    for tenant in tenants {
        shares.remove(tenant);
        shares.remove(tenant);
        shares.remove(tenant);
    }
    assert_eq!(shares.organizations(), 0);
}
