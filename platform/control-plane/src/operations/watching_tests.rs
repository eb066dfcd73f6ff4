//! Many watchers and one reader.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;

use futures::future::join_all;
use nexus_provisioning::OperationState;

use super::super::samples;
use super::*;

fn operation(id: u128, state: OperationState) -> Operation {
    samples::operation(id, state, &[])
}

/// Everything a watcher sees until the channel closes.
async fn seen(mut receiver: watch::Receiver<Arc<Operation>>) -> Vec<OperationState> {
    let mut seen = Vec::new();
    while receiver.changed().await.is_ok() {
        seen.push(receiver.borrow_and_update().state);
    }
    seen
}

#[tokio::test]
async fn a_hundred_watchers_of_three_operations_cost_one_read_at_a_time() {
    use OperationState::{Pending, Running, Succeeded};
    let (watches, stop) = (Watches::default(), CancellationToken::new());
    let reads: RefCell<Vec<usize>> = RefCell::default();
    let read = async |ids: &[Uuid]| {
        reads.borrow_mut().push(ids.len());
        let state = if reads.borrow().len() < 3 { Running } else { Succeeded };
        Ok::<_, Infallible>(ids.iter().map(|id| operation(id.as_u128(), state)).collect())
    };
    let watchers: Vec<_> = (0..100).map(|number| watches.join(operation(number % 3, Pending))).collect();
    let watching = async {
        let told = join_all(watchers.into_iter().map(seen)).await;
        stop.cancel();
        told
    };
    let ((), told) = tokio::join!(watches.run(read, stop.clone()), watching);
    assert_eq!(*reads.borrow(), [3, 3, 3], "two reads that find them at work, and one that finds them done");
    for states in told {
        assert_eq!(states.last(), Some(&Succeeded), "{states:?}");
    }
    assert!(watches.watched().is_empty());
}

#[tokio::test]
async fn what_nobody_watches_is_not_read() {
    let (watches, stop) = (Watches::default(), CancellationToken::new());
    let reads = Cell::new(0);
    let read = async |_: &[Uuid]| {
        reads.set(reads.get() + 1);
        Ok::<_, Infallible>(Vec::new())
    };
    drop(watches.join(operation(1, OperationState::Pending)));
    let watching = async {
        tokio::task::yield_now().await;
        assert_eq!(reads.get(), 0);
        // One that is gone ends the stream.
        assert_eq!(seen(watches.join(operation(2, OperationState::Pending))).await, [OperationState::Pending]);
        stop.cancel();
    };
    tokio::join!(watches.run(read, stop.clone()), watching);
    assert_eq!(reads.get(), 1);
}
