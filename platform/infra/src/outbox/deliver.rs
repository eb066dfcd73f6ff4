//! One subscriber, one aggregate: its undone events, oldest first, until none is left or one fails.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use nexus_core::{EventEnvelope, TenantId};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::subscriber::{Subscriber, SubscriberError, Subscribers, patterns};
use super::{DeliveryOptions, STATEMENTS, relay};
use crate::postgres::{Db, DbError};
use crate::telemetry::traces;

/// Longest text of an error that is stored.
const MAX_ERROR: usize = 1_000;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Events handled.
    pub handled: u32,
    /// Tries that failed and will be repeated.
    pub failed: u32,
    /// Events given up.
    pub dead: u32,
}

impl std::ops::AddAssign for Delivered {
    fn add_assign(&mut self, other: Self) {
        self.handled += other.handled;
        self.failed += other.failed;
        self.dead += other.dead;
    }
}

/// Takes the oldest event of the aggregate that the subscriber has not finished, unless another try holds it or it
/// must wait. A stale view can't take a finished event again: its delivery row says so.
const CLAIM: &str = "\
WITH head AS (
    SELECT o.id, o.seq, o.kind, o.aggregate_type, o.aggregate_id, o.payload, o.request_id, o.occurred_at
    FROM outbox o LEFT JOIN outbox_deliveries d ON d.event_id = o.id AND d.subscriber = $1
    WHERE o.aggregate_type = $2 AND o.aggregate_id = $3 AND o.done_at IS NULL AND o.kind LIKE ANY ($4) AND d.finished_at IS NULL
    ORDER BY o.seq LIMIT 1
), claimed AS (
    INSERT INTO outbox_deliveries AS d (event_id, subscriber, attempts, not_before)
    SELECT id, $1, 1, clock_timestamp() + $5 * interval '1 millisecond' FROM head
    ON CONFLICT (event_id, subscriber) DO UPDATE SET attempts = d.attempts + 1, not_before = excluded.not_before
        WHERE d.finished_at IS NULL AND d.not_before <= clock_timestamp()
    RETURNING d.event_id, d.attempts
)
SELECT h.id, h.seq, h.kind, h.aggregate_type, h.aggregate_id, h.payload, h.request_id, h.occurred_at, c.attempts,
       extract(epoch FROM clock_timestamp() - h.occurred_at)::float8 AS waited
FROM claimed c JOIN head h ON h.id = c.event_id";

/// Writes down how a try ended; the last subscriber to finish completes the event. Two that finish at the same moment
/// may both leave that to the relay.
const SETTLE: &str = "\
WITH mine AS (
    UPDATE outbox_deliveries
    SET last_error = $4, not_before = clock_timestamp() + $6 * interval '1 millisecond',
        finished_at = CASE WHEN $5 THEN clock_timestamp() END,
        dead_at = CASE WHEN $5 AND $4::text IS NOT NULL THEN clock_timestamp() END
    WHERE event_id = $1 AND subscriber = $2 AND finished_at IS NULL
), rest AS (
    SELECT $5 AND $7 AND NOT EXISTS (
        SELECT 1 FROM unnest($3::text[]) AS other(name) WHERE NOT EXISTS (
            SELECT 1 FROM outbox_deliveries d WHERE d.event_id = $1 AND d.subscriber = other.name AND d.finished_at IS NOT NULL)) AS complete
)
UPDATE outbox
SET done_at = CASE WHEN rest.complete THEN clock_timestamp() END, last_error = coalesce($2::text || ': ' || $4::text, last_error)
FROM rest
WHERE id = $1 AND done_at IS NULL AND (rest.complete OR $4::text IS NOT NULL)";

/// What to deliver, and to whom.
pub(super) struct Route<'a> {
    pub(super) db: &'a Db,
    pub(super) tenant: Option<TenantId>,
    pub(super) subscribers: &'a Subscribers,
    /// Whether these are all who want the events, so that the last of them completes one. Who listens from elsewhere leaves that to the database's relay.
    pub(super) completes: bool,
    pub(super) options: &'a DeliveryOptions,
}

/// An event to be handled now.
struct Claimed {
    event: EventEnvelope,
    /// Which try this is, from 1 on.
    attempt: i32,
    /// Seconds since it was written.
    waited: f64,
}

impl Route<'_> {
    /// Runs `subscriber` on what is undone of one aggregate.
    pub(super) async fn drain(&self, subscriber: &dyn Subscriber, aggregate_type: &str, aggregate_id: Uuid) -> Result<Delivered, DbError> {
        let mut delivered = Delivered::default();
        while let Some(Claimed { event, attempt, waited }) = self.claim(subscriber, aggregate_type, aggregate_id).await? {
            let span = traces::event(&event, subscriber.name());
            traces::resume(&span, &event.request_id);
            let outcome = traces::within(span, Box::pin(self.attempt(subscriber, &event))).await;
            let (finished, error) = match &outcome {
                Ok(()) => (true, None),
                Err(error) => (error.permanent || attempt >= self.options.max_attempts, Some(shorten(&error.to_string()))),
            };
            let delay = self.options.backoff.spread(u32::try_from(attempt).unwrap_or(1));
            self.settle(subscriber, &event, error.as_deref(), finished, delay).await?;
            let label = match (finished, &error) {
                (true, None) => {
                    delivered.handled += 1;
                    "handled"
                }
                (true, Some(error)) => {
                    delivered.dead += 1;
                    tracing::error!(subscriber = subscriber.name(), event_id = %event.id, kind = event.kind, attempt, error, "event is given up");
                    "dead"
                }
                (false, _) => {
                    delivered.failed += 1;
                    tracing::warn!(subscriber = subscriber.name(), event_id = %event.id, kind = event.kind, attempt, error, "event will be tried again");
                    "failed"
                }
            };
            metrics::counter!("nexus_outbox_deliveries_total", "subscriber" => subscriber.name(), "outcome" => label).increment(1);
            if label == "handled" {
                metrics::histogram!("nexus_outbox_delivery_seconds", "subscriber" => subscriber.name()).record(waited);
            }
            if !finished {
                break;
            }
        }
        Ok(delivered)
    }

    async fn claim(&self, subscriber: &dyn Subscriber, aggregate_type: &str, aggregate_id: Uuid) -> Result<Option<Claimed>, DbError> {
        let claim = sqlx::query(CLAIM)
            .bind(subscriber.name())
            .bind(aggregate_type)
            .bind(aggregate_id)
            .bind(patterns(subscriber.kinds()))
            .bind(relay::millis(self.options.lease()))
            .fetch_optional(self.db.pool());
        let row = self.db.bounded(STATEMENTS, claim).await?;
        row.map(|row| Ok(Claimed { event: envelope(&row, self.tenant)?, attempt: row.try_get("attempts")?, waited: row.try_get("waited")? }))
            .transpose()
    }

    async fn attempt(&self, subscriber: &dyn Subscriber, event: &EventEnvelope) -> Result<(), SubscriberError> {
        let handling = AssertUnwindSafe(async { subscriber.handle(self.db, event).await }).catch_unwind();
        match tokio::time::timeout(self.options.handle_within, handling).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => Err(SubscriberError::retry("the subscriber panicked")),
            Err(_elapsed) => Err(SubscriberError::retry("the subscriber did not finish in time")),
        }
    }

    async fn settle(
        &self,
        subscriber: &dyn Subscriber,
        event: &EventEnvelope,
        error: Option<&str>,
        finished: bool,
        delay: Duration,
    ) -> Result<(), DbError> {
        let settling = sqlx::query(SETTLE)
            .bind(event.id)
            .bind(subscriber.name())
            .bind(self.subscribers.others(&event.kind, subscriber.name()))
            .bind(error)
            .bind(finished)
            .bind(relay::millis(delay))
            .bind(self.completes)
            .execute(self.db.pool());
        self.db.bounded(STATEMENTS, settling).await?;
        Ok(())
    }
}

/// Runs every subscriber on every undone event of the database, in this process and without Redis: what the relay
/// does while Redis is dead, and what tests do to see the outcome at once.
///
/// # Errors
/// When the database fails.
pub async fn deliver_now(db: &Db, tenant: Option<TenantId>, subscribers: &Subscribers, options: &DeliveryOptions) -> Result<Delivered, DbError> {
    let undone = "SELECT aggregate_type, aggregate_id FROM outbox WHERE done_at IS NULL GROUP BY 1, 2 ORDER BY min(seq) LIMIT $1";
    let aggregates = db.bounded(STATEMENTS, sqlx::query(undone).bind(options.batch).fetch_all(db.pool())).await?;
    let route = Route { db, tenant, subscribers, completes: true, options };
    let mut delivered = Delivered::default();
    for row in aggregates {
        let (aggregate_type, aggregate_id): (String, Uuid) = (row.try_get(0)?, row.try_get(1)?);
        for subscriber in subscribers.iter() {
            delivered += route.drain(&**subscriber, &aggregate_type, aggregate_id).await?;
        }
    }
    Ok(delivered)
}

fn envelope(row: &PgRow, tenant_id: Option<TenantId>) -> Result<EventEnvelope, sqlx::Error> {
    Ok(EventEnvelope {
        id: row.try_get("id")?,
        seq: row.try_get("seq")?,
        kind: row.try_get("kind")?,
        tenant_id,
        aggregate_type: row.try_get("aggregate_type")?,
        aggregate_id: row.try_get("aggregate_id")?,
        payload: row.try_get("payload")?,
        request_id: row.try_get("request_id")?,
        occurred_at: row.try_get("occurred_at")?,
    })
}

fn shorten(text: &str) -> String {
    text.chars().filter(|letter| *letter != '\0').take(MAX_ERROR).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_error_is_short_and_storable() {
        let text = shorten(&format!("\0{}", "ä".repeat(2_000)));
        assert_eq!(text.chars().count(), MAX_ERROR);
        assert!(!text.contains('\0'));
    }

    #[test]
    fn a_lease_outlives_the_try_it_protects() {
        let options = DeliveryOptions::default();
        assert!(options.lease() > options.handle_within);
    }
}
