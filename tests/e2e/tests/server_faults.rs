//! Redis emptied and Postgres restarted under load: nothing acknowledged is lost, and service comes back by itself.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;
use nexus_test_support::{Client, Mailbox, OwnStack, Process, TestStack, eventually};
use tokio::sync::Mutex;

use crate::fixtures::{Article, article, post};
use crate::platform::{Organization, key, owner_of, request_sign_up, sign_up, text, unique_slug, watched};

/// How many clients post at once.
const CLIENTS: usize = 4;
/// After a fault service must be back within this time.
const BACK_WITHIN: Duration = Duration::from_secs(5);
/// What Postgres itself may need until it accepts connections again: it reads its log and syncs every file of every database.
const RECOVERED_WITHIN: Duration = Duration::from_secs(30);

/// Servers of the test's own and a program on them.
struct Farm {
    process: Process,
    client: Client,
    stack: OwnStack,
}

impl Farm {
    async fn start() -> Self {
        let stack = OwnStack::start(&TestStack::from_env()).await;
        let process = stack.nexus(&["serve"]).spawn().await;
        let (client, _) = watched(&process).await;
        Self { process, client, stack }
    }
}

/// Clients that receive one piece at a time, each under a key of its own that is repeated until the answer is clear.
#[derive(Default)]
struct Load {
    stop: AtomicBool,
    /// Ids of the movements whose posting was acknowledged.
    acknowledged: Mutex<BTreeSet<String>>,
    refused: AtomicU64,
    /// Requests that were cut off instead of answered.
    cut: Mutex<Vec<String>>,
}

impl Load {
    /// Lets the clients work while `faults` goes on; comes back when each has its answer.
    async fn during(&self, organization: &Organization, article: &Article, faults: impl Future<Output = ()>) {
        let clients = (0..CLIENTS).map(async |_| {
            while !self.stop.load(Ordering::Relaxed) {
                self.post(&organization.client, article).await;
            }
        });
        let faults = async {
            faults.await;
            self.stop.store(true, Ordering::Relaxed);
        };
        futures::future::join(join_all(clients), faults).await;
    }

    async fn count(&self) -> usize {
        self.acknowledged.lock().await.len()
    }

    /// Waits until so many more were acknowledged.
    async fn goes_on(&self, more: usize, within: Duration) {
        let before = self.count().await;
        eventually(within, async || (self.count().await >= before + more).then_some(())).await;
    }

    /// Posts once, whatever it takes. Anything but 201, 409 (still in flight) and 503 fails the test.
    async fn post(&self, client: &Client, article: &Article) {
        let key = key();
        eventually(Duration::from_secs(60), async || {
            let body = crate::fixtures::movement("receive", article, "1".into());
            let answer = match client.post("/api/v1/stock-movements", &body).idempotency_key(&key).try_send().await {
                Ok(answer) => answer,
                Err(fault) => {
                    self.cut.lock().await.push(format!("{fault:?}"));
                    return None;
                }
            };
            match answer.status.as_u16() {
                201 => {
                    self.acknowledged.lock().await.insert(text(&answer.ok()["movements"][0]["id"]));
                    return Some(());
                }
                409 => drop(answer.error(409, "CONFLICT")),
                503 => {
                    answer.error(503, "SERVICE_UNAVAILABLE");
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
                other => panic!("{other}: {}", answer.text()),
            }
            assert!(answer.header("retry-after").is_some(), "{} without Retry-After", answer.status);
            None
        })
        .await;
    }
}

/// The ledger holds what was acknowledged, each once, and the level is its sum.
async fn assert_kept(organization: &Organization, article: &Article, load: &Load) {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/stock-movements?variant_id={}&limit=200&cursor={cursor}", article.variant);
        let page = organization.client.get(&path).send().await.expect(200);
        found.extend(page.ok().as_array().expect("movements").iter().map(|one| text(&one["id"])));
        match page.metadata()["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    let kept: BTreeSet<String> = found.iter().cloned().collect();
    let acknowledged = load.acknowledged.lock().await;
    assert_eq!(found.len(), kept.len(), "the ledger repeats itself");
    assert!(acknowledged.is_subset(&kept), "{} of {} acknowledged movements are lost", acknowledged.difference(&kept).count(), acknowledged.len());
    assert_eq!(kept.len(), acknowledged.len(), "a request repeated under its key had two effects");
    assert_eq!(crate::fixtures::on_hand(&organization.client, article).await, [found.len().to_string()], "the level is not the sum of the ledger");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_emptied_under_load_loses_nothing() {
    let farm = Farm::start().await;
    let organization = sign_up(&farm.client, &unique_slug()).await;
    let cup = article(&organization.client, "CUP").await;
    let (load, mut slugs) = (Load::default(), Vec::new());
    load.during(&organization, &cup, async {
        for _ in 0..3 {
            load.goes_on(20, Duration::from_secs(30)).await;
            // A sign-up's events and mails are on their way while Redis forgets everything.
            let slug = unique_slug();
            let operation = request_sign_up(&farm.client, &slug).await;
            farm.stack.redis_flush().await;
            load.goes_on(1, BACK_WITHIN).await;
            operation.succeeded(&farm.client).await;
            farm.stack.redis_flush().await;
            slugs.push(slug);
        }
    })
    .await;
    assert_kept(&organization, &cup, &load).await;
    assert_eq!((load.refused.load(Ordering::Relaxed), load.cut.lock().await.len()), (0, 0), "an empty Redis is no reason to refuse");
    for slug in slugs {
        let mailbox = Mailbox::in_folder(&farm.stack.mail_dir(), &owner_of(&slug));
        for word in ["confirm", "ready"] {
            eventually(Duration::from_secs(60), async || mailbox.all().into_iter().find(|mail| mail.subject.to_lowercase().contains(word))).await;
        }
    }
    // Every event was handed over: nothing is left in the outboxes.
    for database in [farm.stack.control().name().to_owned(), format!("nxt_{}", organization.id.simple())] {
        let admin = farm.stack.admin_pool(&database).await;
        eventually(Duration::from_secs(60), async || {
            let open: i64 = sqlx::query_scalar("SELECT count(*) FROM outbox WHERE done_at IS NULL").fetch_one(&admin).await.unwrap();
            (open == 0).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_restarted_under_load_loses_nothing_acknowledged() {
    let farm = Farm::start().await;
    let organization = sign_up(&farm.client, &unique_slug()).await;
    let cup = article(&organization.client, "CUP").await;
    let (load, mut operations) = (Load::default(), Vec::new());
    load.during(&organization, &cup, async {
        for _ in 0..3 {
            load.goes_on(20, Duration::from_secs(30)).await;
            farm.stack.crash_postgres().await;
            eventually(RECOVERED_WITHIN, async || farm.stack.ping_postgres().await.then_some(())).await;
            // Connections that the crash cut are nobody's business: whoever asks first, now, is served.
            let accepting = Instant::now();
            operations.push(request_sign_up(&farm.client, &unique_slug()).await);
            load.goes_on(1, BACK_WITHIN).await;
            assert!(accepting.elapsed() < BACK_WITHIN, "service was back after {:?}", accepting.elapsed());
        }
    })
    .await;
    assert_kept(&organization, &cup, &load).await;
    let cut = load.cut.lock().await;
    assert!(cut.is_empty(), "connections were cut instead of answered: {cut:?}");
    assert!(load.refused.load(Ordering::Relaxed) > 0, "nobody noticed that Postgres was gone: the test proves nothing");
    // The whole platform is back: those who signed up are built, and the program was never started again.
    for operation in operations {
        operation.succeeded(&farm.client).await;
    }
    assert!(farm.process.is_running());
    let _ = post(&organization.client, "issue", &cup, "1", &key()).await.created();
}
