//! Who is served first by what: connections rather stay on the thread that opened them, and nobody waits long for that.

use std::future::ready;

use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use super::*;

struct Nothing;

impl PoolOpener for Nothing {
    type Target = ();
    type Pool = usize;

    fn open(&self, (): (), _: u32) -> BoxFuture<'static, Result<usize, LeaseError>> {
        Box::pin(ready(Ok(0)))
    }

    fn close(&self, _: usize) -> BoxFuture<'static, ()> {
        Box::pin(ready(()))
    }
}

fn threads() -> [ThreadId; 2] {
    [(), ()].map(|()| thread::spawn(|| thread::current().id()).join().unwrap())
}

fn caller(home: ThreadId) -> (Caller<Nothing>, oneshot::Receiver<Handed<Nothing>>) {
    let (sender, handed) = oneshot::channel();
    (Caller { sender, home, since: Instant::now() }, handed)
}

#[tokio::test(start_paused = true)]
async fn callers_of_the_connections_thread_go_first_but_not_for_long() {
    let [here, there] = threads();
    let mut tenant: Tenant<Nothing> = Tenant::new(1, (), 1);
    let (callers, _handed): (Vec<_>, Vec<_>) = [there, there, here, here].map(caller).into_iter().unzip();
    tenant.callers.extend(callers);
    let served = |tenant: &mut Tenant<Nothing>| tenant.next_caller(here).map(|caller| caller.home);
    assert_eq!(served(&mut tenant), Some(here));
    tokio::time::advance(LETS_OTHERS_GO).await;
    assert_eq!(served(&mut tenant), Some(there), "it has waited for long enough");
    assert_eq!([served(&mut tenant), served(&mut tenant), served(&mut tenant)], [Some(there), Some(here), None]);
    // Nobody of that thread waits.
    let (alone, _waits) = caller(there);
    tenant.callers.push_back(alone);
    assert_eq!(served(&mut tenant), Some(there));
}

#[tokio::test]
async fn what_rests_is_used_by_its_own_thread_first_and_the_last_used_before_the_others() {
    let [here, there] = threads();
    let permits = Arc::new(Semaphore::new(9));
    let mut tenant: Tenant<Nothing> = Tenant::new(1, (), 1);
    for (pool, home) in [here, here, there].into_iter().enumerate() {
        let permit = Arc::clone(&permits).try_acquire_owned().unwrap();
        tenant.resting.push(Connection { pool, permit, home, opened_at: Instant::now(), rests_since: Instant::now() });
    }
    let taken = [here, here, here, here].map(|home| tenant.take_resting(home).map(|connection| connection.pool));
    assert_eq!(taken, [Some(1), Some(0), Some(2), None]);
}
