//! Databases with background work waiting: a hint that spares the search, never the only trace of the work.
//!
//! Invariants:
//! - Marking costs the caller nothing: it neither waits nor fails.
//! - A process that takes marks serves its own without asking Redis; one that does not (a control plane without a
//!   runtime) hands them to others through Redis. What is lost is found by the sweep of [`crate::pump`].

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nexus_core::TenantId;
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::outbox::Plane;
use crate::redis::Redis;

/// How the control database is called in the set.
const CONTROL: &str = "control";

/// The dirty databases of one plane. Cheap to clone.
#[derive(Clone)]
pub struct DirtyTenants(Arc<Inner>);

struct Inner {
    redis: Redis,
    key: String,
    marked: Mutex<BTreeSet<Option<TenantId>>>,
    notify: Notify,
    /// Somebody in this process takes marks.
    served_here: AtomicBool,
    /// A task that hands marks to Redis is under way.
    handing_over: AtomicBool,
}

impl DirtyTenants {
    /// Nothing is dirty yet.
    #[must_use]
    pub fn new(plane: Plane, redis: Redis) -> Self {
        Self(Arc::new(Inner {
            redis,
            key: format!("nexus:dirty:{}", plane.as_str()),
            marked: Mutex::default(),
            notify: Notify::new(),
            served_here: AtomicBool::new(false),
            handing_over: AtomicBool::new(false),
        }))
    }

    /// Marks a database: events or jobs wait there. Call it after the commit.
    pub fn mark(&self, tenant: Option<TenantId>) {
        self.0.marked().insert(tenant);
        self.0.notify.notify_one();
        if self.0.served_here.load(Ordering::Relaxed) || self.0.handing_over.swap(true, Ordering::AcqRel) {
            return;
        }
        match Handle::try_current() {
            Ok(runtime) => {
                let inner = Arc::clone(&self.0);
                runtime.spawn(async move { inner.hand_over().await });
            }
            Err(_) => self.0.handing_over.store(false, Ordering::Release),
        }
    }

    /// [`Self::mark`] for one database, in the form [`Db::with_wake`](crate::Db::with_wake) takes.
    pub fn hook(&self, tenant: Option<TenantId>) -> impl Fn() + Send + Sync + 'static {
        let this = self.clone();
        move || this.mark(tenant)
    }

    /// Takes up to `n` marks of this process. A mark taken is gone; whoever takes it visits the database.
    #[must_use]
    pub fn take_own(&self, n: usize) -> Vec<Option<TenantId>> {
        self.0.served_here.store(true, Ordering::Relaxed);
        let mut marked = self.0.marked();
        std::iter::from_fn(|| marked.pop_first()).take(n).collect()
    }

    /// Takes up to `n` marks: this process', then other processes'.
    pub async fn take(&self, n: usize) -> Vec<Option<TenantId>> {
        let mut taken = self.take_own(n);
        if taken.len() < n {
            // Without Redis there are no foreign marks; the sweep finds their databases.
            let foreign = self.0.redis.set_take(&self.0.key, n - taken.len()).await.unwrap_or_default();
            taken.extend(foreign.iter().filter_map(|member| read(member)));
        }
        taken
    }

    /// Waits until something is marked in this process.
    pub async fn marked(&self) {
        self.0.notify.notified().await;
    }
}

impl Inner {
    fn marked(&self) -> MutexGuard<'_, BTreeSet<Option<TenantId>>> {
        self.marked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves marks to Redis until none is left. Without Redis they are dropped: a process that serves none must not
    /// pile them up, and the sweep finds the databases.
    async fn hand_over(&self) {
        loop {
            let members: Vec<String> = std::mem::take(&mut *self.marked()).into_iter().map(write).collect();
            if members.is_empty() {
                self.handing_over.store(false, Ordering::Release);
                // A mark made between the two lines above would wait for the next one.
                if self.marked().is_empty() || self.handing_over.swap(true, Ordering::AcqRel) {
                    return;
                }
                continue;
            }
            if let Err(error) = self.redis.set_add(&self.key, &members).await {
                tracing::debug!(%error, "marks are lost; the sweep will find the databases");
            }
        }
    }
}

impl fmt::Debug for DirtyTenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirtyTenants").field("key", &self.0.key).finish_non_exhaustive()
    }
}

fn write(tenant: Option<TenantId>) -> String {
    tenant.map_or_else(|| CONTROL.to_owned(), |tenant| tenant.to_string())
}

/// `None` for what is neither.
#[expect(clippy::option_option, reason = "the inner option is the control database")]
fn read(member: &str) -> Option<Option<TenantId>> {
    if member == CONTROL { Some(None) } else { member.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn dirty() -> DirtyTenants {
        let mut settings = nexus_config::Settings::development().redis;
        // Port 9 (discard) on loopback: nothing answers there.
        settings.url = "redis://127.0.0.1:9".into();
        DirtyTenants::new(Plane::Tenant, Redis::new(&settings).unwrap())
    }

    #[test]
    fn members_read_back() {
        for tenant in [None, Some(TenantId(Uuid::from_u128(3)))] {
            assert_eq!(read(&write(tenant)), Some(tenant));
        }
        assert_eq!(read("rubbish"), None);
    }

    #[tokio::test]
    async fn without_redis_own_marks_are_served_once_each() {
        let dirty = dirty();
        assert!(dirty.take(5).await.is_empty());
        let [one, two] = [1, 2].map(|n| Some(TenantId(Uuid::from_u128(n))));
        for tenant in [two, one, two] {
            dirty.mark(tenant);
        }
        dirty.marked().await;
        assert_eq!(dirty.take(1).await, [one]);
        assert_eq!(dirty.take(5).await, [two]);
        assert!(dirty.take(5).await.is_empty());
    }
}
