//! What the directory believes, and for how long; what Redis can and can't make it believe.

use std::sync::atomic::{AtomicUsize, Ordering};

use nexus_core::{TenantId, TenantState};

use super::super::samples::{record, tenant};
use super::super::shared::{self, open, seal, sealer};
use super::*;
use crate::secrets::TenantKeyring;

fn down() -> DirectoryError {
    DirectoryError::Unavailable("down".into())
}

/// A source that answers what it was last told, and counts.
#[derive(Default)]
struct Source {
    answer: std::sync::Mutex<Option<Result<Option<DirectoryRecord>, DirectoryError>>>,
    reads: AtomicUsize,
}

impl Source {
    fn says(&self, answer: Result<Option<DirectoryRecord>, DirectoryError>) {
        *self.answer.lock().unwrap() = Some(answer);
    }

    async fn read(&self) -> Result<Option<Found>, DirectoryError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let answer = self.answer.lock().unwrap().clone().unwrap();
        answer.map(|record| record.map(|record| Found::Current(Arc::new(record))))
    }

    fn reads(&self) -> usize {
        self.reads.load(Ordering::SeqCst)
    }
}

#[derive(Default)]
struct Setting {
    memory: Memory,
    announced: Announced,
    source: Source,
}

impl Setting {
    async fn find(&self, id: TenantId) -> Result<Option<i64>, DirectoryError> {
        let found = self.memory.find(id, &self.announced, || self.source.read()).await?;
        Ok(found.map(|record| record.epoch))
    }
}

#[tokio::test]
async fn many_callers_cause_one_read() {
    let setting = Setting::default();
    setting.source.says(Ok(Some(record(1, 1))));
    let id = tenant(1);
    let found = futures::future::join_all((0..50).map(|_| setting.find(id))).await;
    assert!(found.iter().all(|found| *found == Ok(Some(1))));
    assert_eq!(setting.source.reads(), 1);
}

#[tokio::test]
async fn an_announced_change_is_read_at_once_and_older_records_are_refused() {
    let setting = Setting::default();
    let id = tenant(1);
    setting.source.says(Ok(Some(record(1, 1))));
    assert_eq!(setting.find(id).await, Ok(Some(1)));
    setting.announced.raise(tenant(1), 2);
    setting.source.says(Ok(Some(record(1, 2))));
    assert_eq!(setting.find(id).await, Ok(Some(2)));
    setting.announced.raise(tenant(1), 1);
    assert_eq!(setting.announced.floor(tenant(1)), 2, "an old announcement changes nothing");
    assert_eq!(setting.find(id).await, Ok(Some(2)));
    assert_eq!(setting.source.reads(), 2);
}

#[tokio::test]
async fn a_record_is_kept_no_longer_than_it_is_good() {
    for (state, seconds) in [(TenantState::Pending, 1), (TenantState::Provisioning, 1), (TenantState::Active, 15), (TenantState::Suspended, 15)] {
        let read = Arc::new(DirectoryRecord { state, ..record(1, 1) });
        for (found, seconds) in [(Found::Current(read.clone()), seconds), (Found::Stale(read), 2)] {
            let Ok(fresh) = reload(async { Ok(Some(found.clone())) }).await else { panic!("{state:?}") };
            assert_eq!(fresh.serves_for, Duration::from_secs(seconds), "{found:?}");
            assert_eq!(ServesFor.expire_after_create(&tenant(1), &fresh, Instant::now()), Some(fresh.serves_for));
        }
    }
}

#[tokio::test]
async fn an_unknown_tenant_is_remembered_until_something_changes() {
    let setting = Setting::default();
    let id = tenant(1);
    setting.source.says(Ok(None));
    assert_eq!(setting.find(id).await, Ok(None));
    setting.source.says(Ok(Some(record(1, 1))));
    assert_eq!(setting.find(id).await, Ok(None));
    assert_eq!(setting.source.reads(), 1);
    setting.memory.forget_absent();
    assert_eq!(setting.find(id).await, Ok(Some(1)));
}

#[tokio::test]
async fn a_removed_tenant_does_not_come_back_when_nothing_answers() {
    let setting = Setting::default();
    let id = tenant(1);
    setting.source.says(Ok(Some(record(1, 1))));
    assert_eq!(setting.find(id).await, Ok(Some(1)));
    setting.source.says(Ok(None));
    setting.memory.outdate();
    assert_eq!(setting.find(id).await, Ok(None));
    setting.source.says(Err(down()));
    setting.memory.outdate();
    assert_eq!(setting.find(id).await, Err(down()));
}

#[test]
fn redis_is_believed_only_after_announcements_were_heard_for_a_while() {
    let announced = Announced::default();
    assert!(!announced.is_current(), "never connected");
    announced.connected();
    assert!(!announced.is_current(), "what lies there may be older than the connection");
    announced.connected_for(shared::TTL * 2);
    assert!(announced.is_current());
    announced.lost();
    assert!(!announced.is_current());
}

#[test]
fn what_is_announced_during_a_read_is_not_forgotten_for_its_answer() {
    let announced = Announced::default();
    let before = announced.floor(tenant(1));
    announced.raise(tenant(1), 2);
    announced.settle(tenant(1), 1, before);
    assert_eq!(announced.floor(tenant(1)), 2, "the read may be from before the suspension");
    announced.settle(tenant(1), 1, 2);
    assert_eq!(announced.floor(tenant(1)), 1, "a restored control database is believed by the next read");
}

#[test]
fn a_record_in_redis_opens_for_its_own_tenant_only() {
    let keyring = TenantKeyring::from_settings(&nexus_config::Settings::development().secrets).unwrap();
    let (own, other) = (tenant(1), tenant(2));
    let sealed = seal(&sealer(&keyring, own).unwrap(), own, &record(1, 7)).unwrap();
    assert_eq!(open(&sealer(&keyring, own).unwrap(), own, &sealed), Some(record(1, 7)));
    // Copied to another tenant's place.
    assert_eq!(open(&sealer(&keyring, other).unwrap(), other, &sealed), None);
    assert_eq!(open(&sealer(&keyring, own).unwrap(), own, b"planted"), None);
    // Even sealed rightly: a record that does not answer the question is refused.
    let wrong = seal(&sealer(&keyring, other).unwrap(), other, &record(1, 7)).unwrap();
    assert_eq!(open(&sealer(&keyring, other).unwrap(), other, &wrong), None);
}
