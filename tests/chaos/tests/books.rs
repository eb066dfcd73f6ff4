//! What clients were told, and how it is compared with what is there afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nexus_test_support::black_box::outbox;
use nexus_test_support::eventually;
use serde_json::Value;
use sqlx::PgPool;
use uuid::Uuid;

use crate::ground::Ground;
use crate::platform::text;

/// What a client was told of a posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posting {
    /// It is done, and these are its movements.
    Done(Vec<String>),
    /// There is too little stock.
    Refused,
}

impl Posting {
    /// What a posting's answer says.
    pub fn done(data: &Value) -> Self {
        Self::Done(data["movements"].as_array().expect("movements").iter().map(|one| text(&one["id"])).collect())
    }
}

/// The memory of all clients.
#[derive(Debug, Default)]
pub struct Books {
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    /// By document number; nothing where no clear answer came.
    postings: BTreeMap<String, Option<Posting>>,
    uploads: Vec<String>,
}

/// How many of each were looked for.
#[derive(Debug, Default)]
pub struct Kept {
    pub acknowledged: usize,
    pub unclear: usize,
    pub uploads: usize,
    pub events: usize,
}

impl std::fmt::Display for Kept {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "0 of {} postings and {} uploads ({} without an answer, {} events)",
            self.acknowledged, self.uploads, self.unclear, self.events
        )
    }
}

/// A posting as the database has it: its number, the ids of its movements, how many audit entries and events it has.
type Found = (String, Vec<String>, i64, i64);

const POSTINGS: &str = "
    WITH events AS (SELECT payload ->> 'batch_id' AS batch, count(*) AS number FROM outbox GROUP BY 1),
         entries AS (SELECT entity_id AS batch, count(*) AS number FROM audit_log WHERE entity_type = 'stock_posting' GROUP BY 1)
    SELECT m.reference_number, array_agg(m.id::text ORDER BY m.id::text), coalesce(min(entries.number), 0), coalesce(min(events.number), 0)
    FROM stock_movements m
    LEFT JOIN entries ON entries.batch = m.batch_id LEFT JOIN events ON events.batch = m.batch_id::text
    WHERE m.reference_type = 'chaos' GROUP BY m.reference_number, m.batch_id";

/// Levels that differ from the sum of the ledger, or are below nothing.
const WRONG_LEVELS: &str = "
    WITH folded AS (
        SELECT variant_id, place, sum(quantity) AS quantity FROM (
            SELECT variant_id, to_location_id AS place, quantity FROM stock_movements
            UNION ALL SELECT variant_id, from_location_id, -quantity FROM stock_movements
        ) moves JOIN locations ON locations.id = place AND is_stock GROUP BY variant_id, place)
    SELECT count(*) FROM folded FULL JOIN stock_levels l ON l.variant_id = folded.variant_id AND l.location_id = folded.place
    WHERE coalesce(folded.quantity, 0) <> coalesce(l.on_hand, 0) OR l.on_hand < 0 OR l.available < 0";

impl Books {
    pub fn begins(&self, number: &str) {
        self.told().postings.insert(number.to_owned(), None);
    }

    /// Notes an answer. The second one under a key is the first one.
    pub fn ends(&self, number: &str, posting: Posting) {
        let mut told = self.told();
        let known = told.postings.get_mut(number).expect("a posting that was begun");
        if let Some(known) = known {
            assert_eq!(*known, posting, "two answers under one key");
        }
        *known = Some(posting);
    }

    pub fn uploads(&self, sku: &str) {
        self.told().uploads.push(sku.to_owned());
    }

    /// Every acknowledged write is there once and whole, what was refused is not, what nobody heard of is there as a whole or not at all, and the levels are
    /// the sum of the ledger.
    pub async fn assert_kept(&self, database: &PgPool) -> Kept {
        let found: Vec<Found> = sqlx::query_as(POSTINGS).fetch_all(database).await.unwrap();
        let skus: Vec<String> = sqlx::query_scalar("SELECT sku FROM variants").fetch_all(database).await.unwrap();
        let wrong: i64 = sqlx::query_scalar(WRONG_LEVELS).fetch_one(database).await.unwrap();
        assert_eq!(wrong, 0, "levels that are not the sum of the ledger");
        let skus: BTreeSet<String> = skus.into_iter().collect();
        let told = self.told();
        let Told { postings, uploads } = &*told;
        let mut kept = Kept { uploads: uploads.len(), ..Kept::default() };
        let mut by_number = BTreeMap::new();
        for (number, ids, audited, announced) in found {
            assert!(postings.contains_key(&number), "a posting that nobody began: {number}");
            assert_eq!((ids.len(), audited, announced), (2, 1, 1), "lines, audit entries and events of {number}");
            assert!(by_number.insert(number.clone(), ids).is_none(), "{number} had two effects");
        }
        let mut lost = Vec::new();
        for (number, told) in postings {
            match (told, by_number.get(number)) {
                (Some(Posting::Done(ids)), found) => {
                    kept.acknowledged += 1;
                    let mut ids = ids.clone();
                    ids.sort();
                    if found.is_none_or(|found| *found != ids) {
                        lost.push(number);
                    }
                }
                (Some(Posting::Refused), found) => assert!(found.is_none(), "{number} was refused and has an effect"),
                (None, _) => kept.unclear += 1,
            }
        }
        assert!(lost.is_empty(), "{} of {} acknowledged postings are lost: {lost:?}", lost.len(), kept.acknowledged);
        let lost: Vec<_> = uploads.iter().filter(|sku| !skus.contains(*sku)).collect();
        assert!(lost.is_empty(), "{} of {} accepted uploads are lost: {lost:?}", lost.len(), uploads.len());
        assert!(kept.acknowledged > 0, "nothing was acknowledged: nothing is proven");
        kept
    }

    /// [`Self::assert_kept`], and every event was delivered, and nothing waits any more: neither event nor job.
    pub async fn assert_settled(&self, ground: &Ground, database: &PgPool) -> Kept {
        let mut kept = self.assert_kept(database).await;
        outbox::drained(database, Duration::from_secs(120)).await;
        let written: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM outbox").fetch_all(database).await.unwrap();
        let delivered = ground.delivered();
        let undelivered = written.iter().filter(|id| !delivered.contains(id)).count();
        assert_eq!(undelivered, 0, "events that are called delivered and that nobody got");
        kept.events = written.len();
        eventually(Duration::from_secs(120), async || {
            let open: i64 = sqlx::query_scalar("SELECT count(*) FROM jobs WHERE state = 'running' OR state = 'queued' AND run_at <= now()")
                .fetch_one(database)
                .await
                .unwrap();
            (open == 0).then_some(())
        })
        .await;
        kept
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
