//! Clients that post and read while something is broken, and what must be found afterwards.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::future::join_all;
use nexus_test_support::black_box::outbox;
use nexus_test_support::{Answer, Client, OwnStack, eventually};
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::fixtures::{Article, movement, on_hand};
use crate::platform::{Organization, key, text};

/// How many clients post at once.
const CLIENTS: usize = 4;

/// Clients that receive one piece at a time, each under a key of its own that is repeated until the answer is clear, and one that reads the level.
pub struct Load {
    article: Article,
    /// The organization's, at the program that serves now.
    client: Mutex<Client>,
    stop: AtomicBool,
    begun: AtomicU64,
    /// Ids of the movements whose posting was acknowledged.
    acknowledged: Mutex<BTreeSet<String>>,
    refused: AtomicU64,
    /// Requests that were cut off instead of answered.
    cut: std::sync::Mutex<Vec<String>>,
}

impl Load {
    pub fn of(organization: &Organization, article: Article) -> Self {
        Self {
            article,
            client: Mutex::new(organization.client.clone()),
            stop: AtomicBool::new(false),
            begun: AtomicU64::new(0),
            acknowledged: Mutex::default(),
            refused: AtomicU64::new(0),
            cut: std::sync::Mutex::default(),
        }
    }

    /// Lets the clients work while `faults` goes on; comes back when each has its answer.
    pub async fn during(&self, faults: impl Future<Output = ()>) {
        let posting = (0..CLIENTS).map(async |_| {
            while !self.stop.load(Ordering::Relaxed) {
                self.post().await;
            }
        });
        let reading = async {
            while !self.stop.load(Ordering::Relaxed) {
                self.read().await;
            }
        };
        let faults = async {
            faults.await;
            self.stop.store(true, Ordering::Relaxed);
        };
        tokio::join!(join_all(posting), reading, faults);
    }

    /// From now on the clients ask another program.
    pub async fn goes_to(&self, client: Client) {
        *self.client.lock().await = client;
    }

    pub async fn count(&self) -> usize {
        self.acknowledged.lock().await.len()
    }

    /// How many requests were refused with 503.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Requests that were cut off instead of answered.
    pub fn cut(&self) -> Vec<String> {
        self.cut.lock().unwrap().clone()
    }

    /// Waits until so many more were acknowledged.
    pub async fn goes_on(&self, more: usize, within: Duration) {
        let before = self.count().await;
        eventually(within, async || (self.count().await >= before + more).then_some(())).await;
    }

    /// Posts once, whatever it takes. Anything but 201, 409 (still in flight) and 503 fails the test.
    async fn post(&self) {
        let key = key();
        let body = movement("receive", &self.article, "1".into());
        self.begun.fetch_add(1, Ordering::Relaxed);
        eventually(Duration::from_secs(90), async || {
            let request = self.client.lock().await.post("/api/v1/stock-movements", &body).idempotency_key(&key);
            let answer = self.noted(request.try_send().await)?;
            match answer.status.as_u16() {
                201 => {
                    self.acknowledged.lock().await.insert(text(&answer.ok()["movements"][0]["id"]));
                    Some(())
                }
                409 => {
                    answer.error(409, "CONFLICT");
                    assert!(answer.header("retry-after").is_some(), "409 without Retry-After");
                    None
                }
                _ => self.not_now(&answer),
            }
        })
        .await;
    }

    /// Reads the level: it holds what was acknowledged before, and nothing that nobody posted.
    async fn read(&self) {
        let path = format!("/api/v1/inventory?variant_id={}", self.article.variant);
        eventually(Duration::from_secs(90), async || {
            let least = self.count().await;
            let request = self.client.lock().await.get(&path);
            let answer = self.noted(request.try_send().await)?;
            if answer.status != 200 {
                return self.not_now(&answer);
            }
            let most = usize::try_from(self.begun.load(Ordering::Relaxed)).unwrap();
            let level = answer.ok().as_array().expect("levels").first().map_or(0, |level| text(&level["on_hand"]).parse().expect("a whole number"));
            assert!((least..=most).contains(&level), "{level} on hand where {least} are acknowledged and {most} begun");
            Some(())
        })
        .await;
    }

    /// A clear refusal.
    fn not_now<T>(&self, answer: &Answer) -> Option<T> {
        answer.error(503, "SERVICE_UNAVAILABLE");
        assert!(answer.header("retry-after").is_some(), "503 without Retry-After");
        self.refused.fetch_add(1, Ordering::Relaxed);
        None
    }

    fn noted(&self, answer: Result<Answer, reqwest::Error>) -> Option<Answer> {
        answer.map_err(|fault| self.cut.lock().unwrap().push(format!("{fault:?}"))).ok()
    }

    /// The ledger holds what was acknowledged, each once, and the level is its sum.
    pub async fn assert_kept(&self) {
        let client = self.client.lock().await.clone();
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/stock-movements?variant_id={}&limit=200&cursor={cursor}", self.article.variant);
            let page = client.get(&path).send().await.expect(200);
            found.extend(page.ok().as_array().expect("movements").iter().map(|one| text(&one["id"])));
            match page.metadata()["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        let kept: BTreeSet<String> = found.iter().cloned().collect();
        let acknowledged = self.acknowledged.lock().await;
        assert_eq!(found.len(), kept.len(), "the ledger repeats itself");
        let lost = acknowledged.difference(&kept).count();
        assert!(lost == 0, "{lost} of {} acknowledged movements are lost", acknowledged.len());
        assert_eq!(kept.len(), acknowledged.len(), "a request repeated under its key had two effects");
        assert_eq!(on_hand(&client, &self.article).await, [found.len().to_string()], "the level is not the sum of the ledger");
    }

    /// Every event of the organization was delivered, and every acknowledged movement has one.
    pub async fn assert_told(&self, stack: &OwnStack, organization: &Organization) {
        let database = format!("nxt_{}", organization.id.simple());
        leases_run_out(stack, &database).await;
        let admin = stack.admin_pool(&database).await;
        let events: Vec<(Uuid, Value)> = sqlx::query_as("SELECT id, payload FROM outbox").fetch_all(&admin).await.unwrap();
        let told = events.iter().flat_map(|(_, payload)| payload["movement_ids"].as_array().into_iter().flatten().map(text));
        let told: BTreeSet<String> = told.collect();
        let acknowledged = self.acknowledged.lock().await;
        assert!(acknowledged.is_subset(&told), "{} acknowledged movements have no event", acknowledged.difference(&told).count());
        let written: BTreeSet<Uuid> = events.into_iter().map(|(id, _)| id).collect();
        eventually(Duration::from_secs(60), async || {
            let delivered = stack.delivered_events();
            let missing = written.difference(&delivered).count();
            (missing == 0).then_some(())
        })
        .await;
        assert_handed_over(stack, &database).await;
    }
}

/// As when the minute is over for which a delivery is left to whoever took it on, and died over it.
pub async fn leases_run_out(stack: &OwnStack, database: &str) {
    outbox::leases_run_out(&stack.admin_pool(database).await).await;
}

/// Nothing is left in the outbox of a database.
pub async fn assert_handed_over(stack: &OwnStack, database: &str) {
    outbox::drained(&stack.admin_pool(database).await, Duration::from_secs(60)).await;
}
