//! Announces undone events, and finds those that are done.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nexus_core::TenantId;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::announce::{Announcement, announce, generation, stream, stream_elsewhere};
use super::deliver::{Delivered, Route};
use super::elsewhere::patience;
use super::subscriber::Subscribers;
use super::{DeliveryOptions, Plane, STATEMENTS};
use crate::postgres::{Db, DbError, PinnedLock, advisory};
use crate::redis::{Redis, RedisError};

/// Another relay is at work on this database: look again soon, for what it may have missed.
const BUSY: Duration = Duration::from_secs(1);

/// Redis is dead: look again for what failed or was not reached.
const DEAD: Duration = Duration::from_secs(1);

/// Marks what every interested subscriber has finished, and what nobody wants.
const COMPLETE: &str = "\
UPDATE outbox o SET done_at = clock_timestamp()
WHERE o.done_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM unnest($1::text[], $2::text[]) AS wish(subscriber, pattern)
    WHERE o.kind LIKE wish.pattern AND NOT EXISTS (
        SELECT 1 FROM outbox_deliveries d WHERE d.event_id = o.id AND d.subscriber = wish.subscriber AND d.finished_at IS NOT NULL))";

/// What was never announced; and the oldest undone event of each aggregate whose announcement is old, was forgotten
/// by Redis ($2), or whose back-off has ended since; of these, whether somebody elsewhere ($4, $5) has yet to finish something of the aggregate.
const DUE: &str = "\
(SELECT id, seq, kind, aggregate_type, aggregate_id, false AS again, false AS elsewhere FROM outbox
 WHERE done_at IS NULL AND published_at IS NULL ORDER BY seq LIMIT $1)
UNION ALL
SELECT id, seq, kind, aggregate_type, aggregate_id, true, EXISTS (
    SELECT 1 FROM unnest($4::text[], $5::text[]) AS wish(subscriber, pattern)
    JOIN outbox l ON l.done_at IS NULL AND l.aggregate_type = old.aggregate_type AND l.aggregate_id = old.aggregate_id AND l.kind LIKE wish.pattern
    WHERE NOT EXISTS (SELECT 1 FROM outbox_deliveries d WHERE d.event_id = l.id AND d.subscriber = wish.subscriber AND d.finished_at IS NOT NULL))
FROM (SELECT DISTINCT ON (aggregate_type, aggregate_id) id, seq, kind, aggregate_type, aggregate_id FROM outbox o
      WHERE done_at IS NULL AND published_at IS NOT NULL AND ($2 OR published_at < clock_timestamp() - $3 * interval '1 millisecond' OR EXISTS (
          SELECT 1 FROM outbox_deliveries d
          WHERE d.event_id = o.id AND d.finished_at IS NULL AND d.not_before <= clock_timestamp() AND d.not_before > o.published_at))
      ORDER BY aggregate_type, aggregate_id, seq LIMIT $1) AS old
ORDER BY seq";

const MARK: &str = "UPDATE outbox SET published_at = clock_timestamp(), publish_count = publish_count + 1 WHERE id = ANY ($1)";

/// Whether anything is undone, and by somebody of this plane ($1, $2); how often each aggregate with undone events was announced at least; whether something never was; and in
/// how many milliseconds a back-off ends.
const REST: &str = "\
SELECT EXISTS (SELECT 1 FROM outbox WHERE done_at IS NULL) AS undone,
       EXISTS (SELECT 1 FROM unnest($1::text[], $2::text[]) AS wish(subscriber, pattern) JOIN outbox o ON o.done_at IS NULL AND o.kind LIKE wish.pattern
               WHERE NOT EXISTS (
                   SELECT 1 FROM outbox_deliveries d WHERE d.event_id = o.id AND d.subscriber = wish.subscriber AND d.finished_at IS NOT NULL)) AS here,
       (SELECT coalesce(min(told), 0) FROM (SELECT max(publish_count) AS told FROM outbox WHERE done_at IS NULL GROUP BY aggregate_type, aggregate_id) AS each) AS told,
       EXISTS (SELECT 1 FROM outbox WHERE done_at IS NULL AND published_at IS NULL) AS fresh,
       (SELECT (extract(epoch FROM min(not_before) - clock_timestamp()) * 1000)::bigint
        FROM outbox_deliveries WHERE finished_at IS NULL AND not_before > clock_timestamp()) AS due_in";

/// What one visit of a database did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RelayRun {
    /// Another relay was at work.
    pub busy: bool,
    /// Events announced.
    pub announced: usize,
    /// Events found done.
    pub completed: u64,
    /// What was delivered directly, because Redis gave no answer.
    pub direct: Option<Delivered>,
    /// When to visit again; `None` when nothing is undone.
    pub revisit: Option<Duration>,
    /// Nothing is undone but by those who listen elsewhere.
    pub only_elsewhere: bool,
}

/// A row that is due, and where it is to be announced.
struct Due {
    id: Uuid,
    announcement: Announcement,
    here: bool,
    elsewhere: bool,
}

/// Brings the events of databases to the subscribers of one plane. Cheap to clone; remembers only what it may forget.
#[derive(Clone)]
pub struct Relay {
    plane: Plane,
    redis: Redis,
    subscribers: Subscribers,
    options: DeliveryOptions,
    /// What Redis was when each database was last announced.
    seen: Arc<Mutex<HashMap<Option<TenantId>, String>>>,
}

impl Relay {
    /// A relay for the databases of one plane.
    #[must_use]
    pub fn new(plane: Plane, redis: Redis, subscribers: Subscribers) -> Self {
        Self { plane, redis, subscribers, options: DeliveryOptions::default(), seen: Arc::default() }
    }

    /// Other patience than the default.
    #[must_use]
    pub fn with_options(mut self, options: DeliveryOptions) -> Self {
        self.options = options;
        self
    }

    /// Its subscribers.
    #[must_use]
    pub fn subscribers(&self) -> &Subscribers {
        &self.subscribers
    }

    /// Visits one database: completes what is finished, announces what is due. With Redis dead it runs the
    /// subscribers itself.
    ///
    /// # Errors
    /// When the database fails; nothing is lost then.
    pub async fn run_once(&self, db: &Db, tenant: Option<TenantId>) -> Result<RelayRun, DbError> {
        let asking = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM outbox WHERE done_at IS NULL)").fetch_one(db.pool());
        let undone: bool = db.bounded(STATEMENTS, asking).await?;
        if !undone {
            return Ok(RelayRun::default());
        }
        let Some(lock) = PinnedLock::try_acquire(db, advisory::RELAY, self.plane.as_str()).await? else {
            return Ok(RelayRun { busy: true, revisit: Some(BUSY), ..RelayRun::default() });
        };
        let (mut run, undelivered) = db.bounded(STATEMENTS, self.announce_due(lock, tenant)).await?;
        // Subscribers need connections of the pool: the lock's has gone back before. Leases keep tries apart.
        if let Some(announcements) = undelivered {
            run.direct = Some(self.deliver(db, tenant, &announcements).await?);
            // Those elsewhere can't be told until Redis is back.
            run.revisit = run.revisit.map(|after| if run.only_elsewhere { after.max(self.options.redeliver_after) } else { DEAD });
        }
        metrics::counter!("nexus_outbox_announced_total", "plane" => self.plane.as_str()).increment(u64::try_from(run.announced).unwrap_or_default());
        Ok(run)
    }

    /// Completes what is finished and announces what is due, then gives the lock back. What Redis did not take comes back with the run.
    async fn announce_due(&self, mut lock: PinnedLock, tenant: Option<TenantId>) -> Result<(RelayRun, Option<Vec<Announcement>>), DbError> {
        let mut run = RelayRun { completed: self.complete(lock.connection()?).await?, ..RelayRun::default() };
        let generation = generation(&self.redis, self.plane).await;
        let forgotten = generation.as_ref().is_ok_and(|generation| !self.remembers(tenant, generation));
        let due = self.due(lock.connection()?, tenant, forgotten).await?;
        let announced = match &generation {
            Ok(_) => self.announce(&due).await,
            Err(error) => Err(error.clone()),
        };
        match (&announced, generation) {
            (Ok(()), Ok(generation)) => {
                self.mark(lock.connection()?, due.iter().map(|due| due.id).collect()).await?;
                self.remember(tenant, generation);
                run.announced = due.len();
            }
            (Err(error), _) => tracing::debug!(%error, "Redis gives no answer: events are delivered directly"),
            // Without a generation nothing was announced.
            (Ok(()), Err(_)) => {}
        }
        (run.revisit, run.only_elsewhere) = self.rest(lock.connection()?).await?;
        lock.release().await?;
        Ok((run, announced.is_err().then(|| distinct(due.iter().filter(|due| due.here)))))
    }

    /// Puts what is due on the streams of those who want it.
    async fn announce(&self, due: &[Due]) -> Result<(), RedisError> {
        announce(&self.redis, &stream(self.plane), &distinct(due.iter().filter(|due| due.here))).await?;
        announce(&self.redis, &stream_elsewhere(self.plane), &distinct(due.iter().filter(|due| due.elsewhere))).await
    }

    async fn complete(&self, conn: &mut PgConnection) -> Result<u64, DbError> {
        let (names, patterns) = self.subscribers.wishes();
        Ok(sqlx::query(COMPLETE).bind(names).bind(patterns).execute(conn).await?.rows_affected())
    }

    async fn due(&self, conn: &mut PgConnection, tenant: Option<TenantId>, forgotten: bool) -> Result<Vec<Due>, DbError> {
        let (names, patterns) = self.subscribers.wishes_elsewhere();
        let asking = sqlx::query(DUE).bind(self.options.batch).bind(forgotten).bind(millis(self.options.redeliver_after)).bind(names).bind(patterns);
        let rows = asking.fetch_all(conn).await?;
        let read = |row: &sqlx::postgres::PgRow| {
            let again: bool = row.try_get("again")?;
            let kind: String = row.try_get("kind")?;
            let here = if again { self.subscribers.iter().next().is_some() } else { self.subscribers.is_wanted_here(&kind) };
            let elsewhere = if again { row.try_get("elsewhere")? } else { self.subscribers.is_wanted_elsewhere(&kind) };
            let announcement = Announcement {
                tenant,
                aggregate_type: row.try_get("aggregate_type")?,
                aggregate_id: row.try_get("aggregate_id")?,
                kind: (!again).then_some(kind),
            };
            Ok(Due { id: row.try_get("id")?, announcement, here, elsewhere })
        };
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    async fn mark(&self, conn: &mut PgConnection, ids: Vec<Uuid>) -> Result<(), DbError> {
        if !ids.is_empty() {
            sqlx::query(MARK).bind(ids).execute(conn).await?;
        }
        Ok(())
    }

    /// When to look again, and whether only those elsewhere owe something.
    async fn rest(&self, conn: &mut PgConnection) -> Result<(Option<Duration>, bool), DbError> {
        let (names, patterns) = self.subscribers.wishes_here();
        let row = sqlx::query(REST).bind(names).bind(patterns).fetch_one(conn).await?;
        let (undone, here): (bool, bool) = (row.try_get("undone")?, row.try_get("here")?);
        let usual = self.options.redeliver_after;
        let patience = if here { usual } else { patience(usual, row.try_get("told")?) };
        Ok((revisit(undone, row.try_get("fresh")?, row.try_get("due_in")?, patience), undone && !here))
    }

    async fn deliver(&self, db: &Db, tenant: Option<TenantId>, due: &[Announcement]) -> Result<Delivered, DbError> {
        let route = Route { db, tenant, subscribers: &self.subscribers, completes: true, options: &self.options };
        let mut delivered = Delivered::default();
        let mut visited = BTreeSet::new();
        for one in due {
            if visited.insert((&one.aggregate_type, one.aggregate_id)) {
                for subscriber in self.subscribers.iter() {
                    delivered += route.drain(&**subscriber, &one.aggregate_type, one.aggregate_id).await?;
                }
            }
        }
        Ok(delivered)
    }

    fn remembers(&self, tenant: Option<TenantId>, generation: &str) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).is_some_and(|seen| seen == generation)
    }

    fn remember(&self, tenant: Option<TenantId>, generation: String) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant, generation);
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("plane", &self.plane).field("subscribers", &self.subscribers).finish_non_exhaustive()
    }
}

/// One announcement for the events of one aggregate and kind: whoever hears it fetches them all.
fn distinct<'d>(due: impl Iterator<Item = &'d Due>) -> Vec<Announcement> {
    let mut seen = BTreeSet::new();
    let mut first = Vec::new();
    for one in due.map(|due| &due.announcement) {
        if seen.insert((one.aggregate_type.as_str(), one.aggregate_id, one.kind.as_deref())) {
            first.push(one.clone());
        }
    }
    first
}

/// When to look again: at once for what did not fit into the batch, at the end of a back-off, or to repeat an announcement.
fn revisit(undone: bool, fresh: bool, due_in: Option<i64>, redeliver_after: Duration) -> Option<Duration> {
    const SOON: Duration = Duration::from_millis(100);
    match (undone, fresh) {
        (false, _) => None,
        (true, true) => Some(SOON),
        (true, false) => {
            let due_in = due_in.map(|millis| Duration::from_millis(u64::try_from(millis).unwrap_or_default()));
            Some(due_in.map_or(redeliver_after, |due_in| due_in.clamp(SOON.min(redeliver_after), redeliver_after)))
        }
    }
}

pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(10);

    #[test]
    fn a_database_is_visited_again_while_something_is_undone() {
        assert_eq!(revisit(false, false, None, PATIENCE), None);
        assert_eq!(revisit(true, false, None, PATIENCE), Some(PATIENCE));
        assert_eq!(revisit(true, false, Some(3_000), PATIENCE), Some(Duration::from_secs(3)));
        assert_eq!(revisit(true, false, Some(600_000), PATIENCE), Some(PATIENCE));
        assert!(revisit(true, true, None, PATIENCE) < Some(Duration::from_secs(1)));
    }

    #[test]
    fn a_burst_on_one_aggregate_is_announced_once_per_kind() {
        let announcement = |id: u128, kind: Option<&str>| {
            let kind = kind.map(str::to_owned);
            let announcement = Announcement { tenant: None, aggregate_type: "product".into(), aggregate_id: Uuid::from_u128(id), kind };
            Due { id: Uuid::nil(), announcement, here: true, elsewhere: false }
        };
        let due =
            [announcement(1, Some("a")), announcement(1, Some("a")), announcement(1, Some("b")), announcement(2, Some("a")), announcement(1, None)];
        let ids: Vec<_> = distinct(due.iter()).iter().map(|one| (one.aggregate_id.as_u128(), one.kind.clone())).collect();
        assert_eq!(ids, [(1, Some("a".into())), (1, Some("b".into())), (2, Some("a".into())), (1, None)]);
    }
}
