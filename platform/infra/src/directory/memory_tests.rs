//! What the directory believes, and for how long; what Redis can and can't make it believe.

use std::sync::atomic::{AtomicUsize, Ordering};

use nexus_core::{TenantId, TenantState};
use uuid::Uuid;

use super::super::shared::{self, open, seal, sealer};
use super::*;
use crate::secrets::Keyring;

fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(number))
}

fn record(number: u128, epoch: i64) -> DirectoryRecord {
    DirectoryRecord {
        tenant_id: tenant(number),
        slug: format!("t{number}"),
        name: "Tenant".into(),
        state: TenantState::Active,
        state_reason: None,
        epoch,
        schema_version: 1,
        server_host: "db".into(),
        server_port: 5432,
        database: format!("nxt_{number}"),
        role: format!("nxt_{number}"),
        bucket: format!("nxt-{number}"),
        secret_sealed: vec![1],
        entitlements: Default::default(),
        flags: serde_json::Value::Null,
    }
}

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

    async fn read(&self) -> Result<Option<DirectoryRecord>, DirectoryError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.answer.lock().unwrap().clone().unwrap()
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
    async fn find(&self, key: &LookupKey) -> Result<Option<i64>, DirectoryError> {
        let found = self.memory.find(key, &self.announced, || self.source.read()).await?;
        Ok(found.map(|record| record.epoch))
    }
}

#[tokio::test]
async fn many_callers_cause_one_read() {
    let setting = Setting::default();
    setting.source.says(Ok(Some(record(1, 1))));
    let key = LookupKey::Id(tenant(1));
    let found = futures::future::join_all((0..50).map(|_| setting.find(&key))).await;
    assert!(found.iter().all(|found| *found == Ok(Some(1))));
    assert_eq!(setting.source.reads(), 1);
}

#[tokio::test]
async fn an_announced_change_is_read_at_once_and_older_records_are_refused() {
    let setting = Setting::default();
    let key = LookupKey::Id(tenant(1));
    setting.source.says(Ok(Some(record(1, 1))));
    assert_eq!(setting.find(&key).await, Ok(Some(1)));
    setting.announced.raise(tenant(1), 2);
    setting.source.says(Ok(Some(record(1, 2))));
    assert_eq!(setting.find(&key).await, Ok(Some(2)));
    setting.announced.raise(tenant(1), 1);
    assert_eq!(setting.announced.floor(tenant(1)), 2, "an old announcement changes nothing");
    assert_eq!(setting.find(&key).await, Ok(Some(2)));
    assert_eq!(setting.source.reads(), 2);
}

#[tokio::test]
async fn a_known_record_serves_while_the_view_is_down_but_not_past_an_announcement() {
    let setting = Setting::default();
    let key = LookupKey::Id(tenant(1));
    setting.source.says(Ok(Some(record(1, 1))));
    assert_eq!(setting.find(&key).await, Ok(Some(1)));
    setting.source.says(Err(down()));
    setting.memory.outdate();
    assert_eq!(setting.find(&key).await, Ok(Some(1)), "stale");
    let reads = setting.source.reads();
    assert_eq!(setting.find(&key).await, Ok(Some(1)));
    assert_eq!(setting.source.reads(), reads, "and not read again at once");
    setting.announced.raise(tenant(1), 2);
    assert_eq!(setting.find(&key).await, Err(down()), "it may have been suspended");
    assert_eq!(setting.find(&LookupKey::Id(tenant(2))).await, Err(down()), "never known");
}

#[tokio::test]
async fn an_unknown_key_is_remembered_until_something_changes() {
    let setting = Setting::default();
    let key = LookupKey::slug("T1").unwrap();
    setting.source.says(Ok(None));
    assert_eq!(setting.find(&key).await, Ok(None));
    setting.source.says(Ok(Some(record(1, 1))));
    assert_eq!(setting.find(&key).await, Ok(None));
    assert_eq!(setting.source.reads(), 1);
    setting.memory.forget_absent();
    assert_eq!(setting.find(&key).await, Ok(Some(1)));
}

#[tokio::test]
async fn a_removed_tenant_does_not_come_back_when_the_view_goes_down() {
    let setting = Setting::default();
    let key = LookupKey::Id(tenant(1));
    setting.source.says(Ok(Some(record(1, 1))));
    assert_eq!(setting.find(&key).await, Ok(Some(1)));
    setting.source.says(Ok(None));
    setting.memory.outdate();
    assert_eq!(setting.find(&key).await, Ok(None));
    setting.source.says(Err(down()));
    setting.memory.outdate();
    assert_eq!(setting.find(&key).await, Err(down()));
}

#[test]
fn texts_that_no_tenant_can_have_are_not_asked_for() {
    assert_eq!(LookupKey::slug("ACME-1"), Some(LookupKey::Slug("acme-1".into())));
    for text in ["", "ä", "a_b", "a.b", "a b", &"a".repeat(41)] {
        assert_eq!(LookupKey::slug(text), None, "{text}");
    }
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
fn a_record_in_redis_opens_for_its_own_key_only() {
    let keyring = Keyring::from_settings(&nexus_config::Settings::development().secrets).unwrap();
    let (own, other, slug) = (LookupKey::Id(tenant(1)), LookupKey::Id(tenant(2)), LookupKey::Slug("t1".into()));
    let sealed = seal(&sealer(&keyring, &own).unwrap(), &own, &record(1, 7)).unwrap();
    assert_eq!(open(&sealer(&keyring, &own).unwrap(), &own, &sealed), Some(record(1, 7)));
    // Copied to another tenant's place, or to the slug's.
    assert_eq!(open(&sealer(&keyring, &other).unwrap(), &other, &sealed), None);
    assert_eq!(open(&sealer(&keyring, &slug).unwrap(), &slug, &sealed), None);
    assert_eq!(open(&sealer(&keyring, &own).unwrap(), &own, b"planted"), None);
    // Even sealed rightly: a record that does not answer the question is refused.
    let wrong = seal(&sealer(&keyring, &other).unwrap(), &other, &record(1, 7)).unwrap();
    assert_eq!(open(&sealer(&keyring, &other).unwrap(), &other, &wrong), None);
}
