//! The same request under the same key, from many callers at once, while the program is killed: one effect, one answer.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::{join, join_all};
use nexus_test_support::{Client, eventually};
use tokio::sync::RwLock;

use crate::books::{Books, Posting};
use crate::ground::Ground;
use crate::load::{Article, Outcome, article, movement, refusal};
use crate::platform::{key, sign_up, unique_slug};
use crate::report::{Line, is_long, rounds};

/// Keys that are worked on at once.
const LANES: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_effect_and_one_answer_under_a_key_whoever_crashes() {
    let ground = Ground::start(&[]).await;
    let client = ground.client().await;
    let organization = sign_up(&client, &unique_slug()).await;
    let books = Books::default();
    let articles = [article(&organization.client, "ONE").await, article(&organization.client, "TWO").await];
    let (keys, callers) = if is_long() { (500, 20) } else { (24, 8) };
    let crashes = rounds(2, 20);
    let mut line =
        Line::of("a key from many callers, and crashes", crashes, format!("{keys} keys of {callers} callers each: one effect a key, one answer"));
    let current = RwLock::new(organization.client.clone());
    let (finished, cut) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let lanes = join_all((0..LANES).map(async |lane| {
        for _ in (lane..keys).step_by(LANES) {
            let key = key();
            books.begins(&key);
            let asked = (0..callers).map(|_| answer(&current, &articles, &key, &cut));
            let answers: BTreeSet<String> = join_all(asked).await.into_iter().collect();
            assert_eq!(answers.len(), 1, "answers under one key: {answers:?}");
            let data: serde_json::Value = serde_json::from_str(answers.first().unwrap()).unwrap();
            books.ends(&key, Posting::done(&data));
            finished.fetch_add(1, Ordering::Relaxed);
        }
    }));
    let crashing = async {
        for number in 0..crashes {
            let least = keys * number / crashes;
            eventually(Duration::from_secs(600), async || (finished.load(Ordering::Relaxed) >= least).then_some(())).await;
            let next = ground.killed().await;
            *current.write().await = next.bearer(&organization.token).tenant(&organization.slug);
        }
    };
    join(lanes, crashing).await;
    assert!(cut.load(Ordering::Relaxed) > 0, "no crash met a request: nothing is proven");
    let database = ground.behind(&format!("nxt_{}", organization.id.simple())).await;
    let kept = books.assert_kept(&database).await;
    assert_eq!(kept.acknowledged, keys);
    line.saw("requests cut by a crash", cut.load(Ordering::Relaxed));
    line.saw("keys with two effects or answers", 0);
    line.saw("lost", kept);
    line.passed();
}

/// Asks until the answer is clear, and tells it.
async fn answer(current: &RwLock<Client>, articles: &[Article; 2], key: &str, cut: &AtomicUsize) -> String {
    let body = movement("receive", [&articles[0], &articles[1]], 1, key);
    eventually(Duration::from_secs(120), async || {
        let client = current.read().await.clone();
        match client.post("/api/v1/stock-movements", &body).idempotency_key(key).try_send().await {
            Ok(answer) if answer.status == 201 => Some(answer.ok().to_string()),
            Ok(answer) => {
                assert_ne!(refusal(&answer), Outcome::Done);
                None
            }
            Err(_) => {
                cut.fetch_add(1, Ordering::Relaxed);
                None
            }
        }
    })
    .await
}
