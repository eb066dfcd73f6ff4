//! Clients that write and read while something is broken, and what each of them saw.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::future::{FutureExt, LocalBoxFuture, join_all};
pub use nexus_test_support::black_box::stock::{Article, article};
use nexus_test_support::{Answer, Client, Request, eventually};
use serde_json::{Value, json};
use tokio::sync::RwLock;

use crate::books::{Books, Posting};
use crate::credentials::api_key;
use crate::ground::{Ground, MAX_PENDING};
use crate::platform::{Organization, key, session, text};
use crate::uploads::{PRODUCTS, Upload};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A movement of two lines under a key.
    Post,
    /// The levels of an article.
    Read,
    /// The account, of the control plane.
    Account,
    /// A file to be imported.
    Upload,
    /// Something without a credential: the answer needs no server.
    Stranger,
}

/// How it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As asked for.
    Done,
    /// With 503 and `Retry-After`.
    Refused,
    /// With 429 and `Retry-After`.
    Shed,
    /// With 409: the same key is under way.
    Busy,
    /// Not at all.
    Cut(String),
}

/// One request.
#[derive(Debug, Clone)]
pub struct Sample {
    pub kind: Kind,
    pub begun: Instant,
    pub took: Duration,
    pub outcome: Outcome,
}

impl Sample {
    pub fn failed(&self) -> bool {
        matches!(self.outcome, Outcome::Refused | Outcome::Shed | Outcome::Cut(_))
    }
}

/// A movement of two lines that is found again by its document's number.
pub fn movement(kind: &str, articles: [&Article; 2], quantity: u32, number: &str) -> Value {
    let lines = articles.map(|article| json!({ "variant_id": article.variant, "location_id": article.main, "quantity": quantity.to_string() }));
    json!({ "kind": kind, "reference": { "type": "chaos", "number": number }, "lines": lines })
}

/// How long a client rests between two requests: the machine is to be busy with the fault, not with the load.
const PACE: Duration = Duration::from_millis(15);
/// The longest pause between two uploads.
const SLOWEST_UPLOADS: Duration = Duration::from_secs(5);
/// After how long a request that is repeated under its key must have been answered clearly.
const CLEAR_WITHIN: Duration = Duration::from_secs(120);

/// The clients of one organization.
pub struct Load {
    pub books: Books,
    articles: Vec<Article>,
    /// Under its owner's token.
    organization: RwLock<Client>,
    /// Under its API key.
    program: RwLock<Client>,
    account: RwLock<Client>,
    stop: AtomicBool,
    count: AtomicUsize,
    uploads: bool,
    key: String,
    samples: Mutex<Vec<Sample>>,
}

impl Load {
    /// Clients of an organization. Half of what they ask in it is asked under its API key.
    pub async fn of(ground: &Ground, organization: &Organization, uploads: bool) -> Self {
        let client = &ground.client().await;
        let key = api_key(ground, organization).await;
        let token = text(&session(client, &organization.slug, None).await["access_token"]);
        let mut articles = Vec::new();
        for sku in ["CUP", "MUG", "JAR"] {
            articles.push(article(&organization.client, sku).await);
        }
        Self {
            books: Books::default(),
            articles,
            organization: RwLock::new(organization.client.clone()),
            program: RwLock::new(client.bearer(&key).tenant(&organization.slug)),
            account: RwLock::new(client.bearer(token)),
            stop: AtomicBool::new(false),
            count: AtomicUsize::new(0),
            uploads,
            key,
            samples: Mutex::default(),
        }
    }

    /// Lets the clients work while `faults` goes on; comes back when each has its answer.
    pub async fn during<T>(&self, faults: impl Future<Output = T>) -> T {
        self.stop.store(false, Ordering::Relaxed);
        let mut clients: Vec<LocalBoxFuture<'_, ()>> = vec![
            self.posts(&self.organization).boxed_local(),
            self.posts(&self.program).boxed_local(),
            self.reads().boxed_local(),
            self.accounts().boxed_local(),
            self.strangers().boxed_local(),
        ];
        if self.uploads {
            clients.push(self.uploads().boxed_local());
        }
        let faults = async {
            let seen = faults.await;
            self.stop.store(true, Ordering::Relaxed);
            seen
        };
        tokio::join!(faults, join_all(clients)).0
    }

    /// From now on the clients ask another program.
    pub async fn goes_to(&self, client: &Client, organization: &Organization) {
        *self.organization.write().await = client.bearer(&organization.token).tenant(&organization.slug);
        *self.program.write().await = client.bearer(&self.key).tenant(&organization.slug);
        let token = text(&session(client, &organization.slug, None).await["access_token"]);
        *self.account.write().await = client.bearer(token);
    }

    /// What was seen so far.
    pub fn samples(&self) -> Vec<Sample> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until so many requests of each kind that were begun after a moment were done.
    #[track_caller]
    pub fn goes_on(&self, since: Instant, more: usize, within: Duration) -> impl Future<Output = ()> {
        let mut kinds = vec![Kind::Post, Kind::Read, Kind::Account, Kind::Stranger];
        if self.uploads {
            kinds.push(Kind::Upload);
        }
        eventually(within, async move || {
            let samples = self.samples();
            let done = |kind: Kind| samples.iter().filter(|one| one.kind == kind && one.begun >= since && one.outcome == Outcome::Done).count();
            kinds.iter().all(|kind| done(*kind) >= if *kind == Kind::Upload { 1 } else { more }).then_some(())
        })
    }

    fn working(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    async fn posts(&self, client: &RwLock<Client>) {
        while self.working() {
            let number = self.count.fetch_add(1, Ordering::Relaxed);
            let (first, second) = (&self.articles[number % self.articles.len()], &self.articles[(number + 1) % self.articles.len()]);
            // More comes in than goes out; what goes out too early is refused, and must have no effect.
            let (kind, quantity) = if number % 4 == 3 { ("issue", 2) } else { ("receive", 3) };
            let (key, patient) = (key(), number % 5 != 4);
            let body = movement(kind, [first, second], quantity, &key);
            // Whoever is impatient asks once: what he hears nothing clear of is there as a whole or not at all.
            self.books.begins(&key);
            let posted = async || {
                let request = client.read().await.post("/api/v1/stock-movements", &body).idempotency_key(&key);
                self.posted(request).await
            };
            let answer = if patient { Some(eventually(CLEAR_WITHIN, posted).await) } else { posted().await };
            if let Some(answer) = answer {
                self.books.ends(&key, answer);
            }
            // The same again under the same key is the same answer.
            if patient && number.is_multiple_of(7) {
                let again = eventually(CLEAR_WITHIN, posted).await;
                self.books.ends(&key, again);
            }
            tokio::time::sleep(PACE).await;
        }
    }

    async fn posted(&self, request: Request) -> Option<Posting> {
        let answer = self.asks(Kind::Post, request, |answer| answer.status == 201 || code(answer) == "INSUFFICIENT_STOCK").await?;
        if answer.status != 201 {
            return Some(Posting::Refused);
        }
        Some(Posting::done(&answer.ok()))
    }

    async fn reads(&self) {
        let mut by_key = false;
        while self.working() {
            let number = self.count.fetch_add(1, Ordering::Relaxed);
            let path = format!("/api/v1/inventory?variant_id={}", self.articles[number % self.articles.len()].variant);
            let client = if by_key { &self.program } else { &self.organization };
            by_key = !by_key;
            let request = client.read().await.get(&path);
            self.asks(Kind::Read, request, |answer| answer.status == 200).await;
            tokio::time::sleep(PACE).await;
        }
    }

    async fn accounts(&self) {
        while self.working() {
            let request = self.account.read().await.get("/api/v1/account");
            self.asks(Kind::Account, request, |answer| answer.status == 200).await;
            tokio::time::sleep(PACE * 2).await;
        }
    }

    async fn strangers(&self) {
        while self.working() {
            let request = self.organization.read().await.anonymous().get("/api/v1/me");
            self.asks(Kind::Stranger, request, |answer| answer.status == 401).await;
            tokio::time::sleep(PACE * 2).await;
        }
    }

    /// One file after the other, whether or not the jobs of those before have ended; at the end they have.
    async fn uploads(&self) {
        let mut jobs: Vec<String> = Vec::new();
        while self.working() {
            let (sku, key) = (format!("UP-{}", key()), key());
            let sent = async || {
                let upload = Upload::csv(format!("sku,name\n{sku},Uploaded\n"));
                let client = self.organization.read().await.clone();
                let request = upload.request(&client, PRODUCTS, &key);
                self.asks(Kind::Upload, request, |answer| [200, 202].contains(&answer.status.as_u16())).await
            };
            jobs.push(text(&eventually(CLEAR_WITHIN, sent).await.ok()["id"]));
            self.books.uploads(&sku);
            // The slower the more there are waiting: whoever has as many as an organization may have sends nothing while the next fault bites.
            let patience = Instant::now() + (Duration::from_millis(500) * u32::try_from(jobs.len()).unwrap_or(u32::MAX)).min(SLOWEST_UPLOADS);
            // No more than an organization may have waiting.
            while self.working() && (Instant::now() < patience || jobs.len() > MAX_PENDING) {
                if let Some(job) = jobs.first()
                    && self.imported(job).await
                {
                    jobs.remove(0);
                }
                tokio::time::sleep(PACE * 3).await;
            }
        }
        for job in jobs {
            eventually(CLEAR_WITHIN, async || self.imported(&job).await.then_some(())).await;
        }
    }

    async fn imported(&self, job: &str) -> bool {
        let request = self.organization.read().await.get(&format!("/api/v1/jobs/{job}"));
        let Some(answer) = self.asks(Kind::Read, request, |answer| answer.status == 200).await else { return false };
        let found = answer.ok();
        assert!(!["failed", "cancelled"].contains(&text(&found["state"]).as_str()), "an accepted file was not imported: {found}");
        found["state"] == "succeeded"
    }

    /// Sends a request and notes how it went. Anything but what is expected, a clear refusal and no answer at all fails the test.
    async fn asks(&self, kind: Kind, request: Request, expected: impl Fn(&Answer) -> bool) -> Option<Answer> {
        let begun = Instant::now();
        let answer = request.try_send().await;
        let took = begun.elapsed();
        let outcome = match &answer {
            Ok(answer) if expected(answer) => Outcome::Done,
            Ok(answer) => refusal(answer),
            Err(fault) => Outcome::Cut(format!("{fault:?}")),
        };
        let done = outcome == Outcome::Done;
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).push(Sample { kind, begun, took, outcome });
        answer.ok().filter(|_| done)
    }
}

fn code(answer: &Answer) -> String {
    if answer.is_json() { answer.json()["error"]["code"].as_str().unwrap_or_default().to_owned() } else { String::new() }
}

/// A clear "not now".
pub fn refusal(answer: &Answer) -> Outcome {
    let (outcome, code) = match answer.status.as_u16() {
        409 => (Outcome::Busy, "CONFLICT"),
        429 => (Outcome::Shed, "RATE_LIMITED"),
        _ => (Outcome::Refused, "SERVICE_UNAVAILABLE"),
    };
    answer.error(if outcome == Outcome::Refused { 503 } else { answer.status.as_u16() }, code);
    assert!(answer.header("retry-after").is_some(), "{} without Retry-After: {}", answer.status, answer.text());
    outcome
}
