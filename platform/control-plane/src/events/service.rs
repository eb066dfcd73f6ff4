//! Visits one outbox after the other. A database that can't be entered keeps nobody from the others; it is told.

use nexus_core::{AuditEntry, Origin, Problem, TenantId};
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::outbox::{self, Plane, Requeued, Undelivered};
use nexus_infra::postgres::{Db, DbError, Tx};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::store;
use crate::state::ControlPlane;

/// Dead letters revived in one transaction.
const BATCH: i64 = 1_000;

/// Which outboxes a command is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outboxes {
    /// The platform's own and every organization's.
    All,
    /// One organization's.
    Of(TenantId),
}

/// An undelivered event and where it waits.
#[derive(Debug, Serialize)]
pub struct EventRow {
    /// Slug of the organization; none for the platform's own.
    pub tenant: Option<String>,
    /// `waiting` or `dead`.
    pub state: &'static str,
    /// The event and its subscriber.
    #[serde(flatten)]
    pub event: Undelivered,
}

/// A dead letter that is tried again, and where.
#[derive(Debug, Serialize)]
pub struct RequeuedRow {
    /// Slug of the organization; none for the platform's own.
    pub tenant: Option<String>,
    /// The event and its subscriber.
    #[serde(flatten)]
    pub requeued: Requeued,
}

/// An organization whose outbox could not be looked at.
#[derive(Debug, Serialize)]
pub struct Unreached {
    /// Its slug.
    pub tenant: String,
    /// Why.
    pub reason: String,
}

/// What a round over the outboxes brought.
#[derive(Debug)]
pub struct Visited<T> {
    /// What was found or done.
    pub rows: Vec<T>,
    /// Who could not be visited.
    pub unreached: Vec<Unreached>,
}

/// One outbox: the platform's, or an organization's.
struct Stop {
    db: Db,
    tenant: Option<(TenantId, String)>,
}

impl Stop {
    fn slug(&self) -> Option<String> {
        self.tenant.as_ref().map(|(_, slug)| slug.clone())
    }
}

impl ControlPlane {
    /// Undelivered events, the oldest of each outbox first, at most `limit` in all; `dead`: only those that a subscriber gave up on.
    ///
    /// # Errors
    /// 404 for an organization without a database, 503 when the control database does not answer.
    pub async fn list_events(&self, of: Outboxes, dead: bool, limit: u64) -> Result<Visited<EventRow>, Problem> {
        self.visit(of, async |stop: &Stop, rows: &mut Vec<EventRow>| {
            let left = i64::try_from(limit).unwrap_or(i64::MAX) - i64::try_from(rows.len()).unwrap_or(i64::MAX);
            if left > 0 {
                let found = outbox::undelivered(&stop.db, dead, left).await?;
                rows.extend(found.into_iter().map(|event| EventRow {
                    tenant: stop.slug(),
                    state: if event.dead_at.is_some() { "dead" } else { "waiting" },
                    event,
                }));
            }
            Ok(())
        })
        .await
    }

    /// Gives the dead letters of an event, or all of them, another round of tries; each with an entry in the audit log of the database it lies in.
    ///
    /// # Errors
    /// 404 when `event` has no dead letter there; as [`Self::list_events`].
    pub async fn requeue_events(&self, of: Outboxes, event: Option<Uuid>) -> Result<Visited<RequeuedRow>, Problem> {
        let origin = Origin::system("admin events requeue");
        let visited = self
            .visit(of, async |stop: &Stop, rows: &mut Vec<RequeuedRow>| {
                loop {
                    let requeued = stop.db.write("events.requeue", &self.clock, &origin, async |tx: &Tx| requeue(tx, event).await).await?;
                    let full = i64::try_from(requeued.len()).is_ok_and(|count| count == BATCH);
                    rows.extend(requeued.into_iter().map(|requeued| RequeuedRow { tenant: stop.slug(), requeued }));
                    if !full {
                        return Ok(());
                    }
                }
            })
            .await?;
        if event.is_some() && visited.rows.is_empty() && visited.unreached.is_empty() {
            return Err(Problem::not_found("dead letter"));
        }
        Ok(visited)
    }

    async fn visit<T>(&self, of: Outboxes, look: impl AsyncFn(&Stop, &mut Vec<T>) -> Result<(), DbError>) -> Result<Visited<T>, Problem> {
        let mut visited = Visited { rows: Vec::new(), unreached: Vec::new() };
        let tenants = store::in_use(self.db.conn()).await?;
        let wanted: Vec<_> = match of {
            Outboxes::All => {
                look(&Stop { db: self.db.clone(), tenant: None }, &mut visited.rows).await?;
                tenants
            }
            Outboxes::Of(wanted) => {
                let found: Vec<_> = tenants.into_iter().filter(|(id, _)| *id == wanted).collect();
                if found.is_empty() {
                    return Err(Problem::not_found("database of this tenant"));
                }
                found
            }
        };
        let dirty = DirtyTenants::new(Plane::Tenant, self.redis.clone());
        for (id, slug) in wanted {
            let looked = match self.provisioner.enter_database(id).await {
                Ok(db) => {
                    let stop = Stop { db: db.with_wake(dirty.hook(Some(id))), tenant: Some((id, slug.clone())) };
                    let looked = look(&stop, &mut visited.rows).await.map_err(|error| error.to_string());
                    stop.db.close().await;
                    looked
                }
                Err(error) => Err(error.to_string()),
            };
            if let Err(reason) = looked {
                visited.unreached.push(Unreached { tenant: slug, reason });
            }
        }
        Ok(visited)
    }
}

async fn requeue(tx: &Tx, event: Option<Uuid>) -> Result<Vec<Requeued>, DbError> {
    let requeued = outbox::requeue(tx, event, BATCH).await?;
    if !requeued.is_empty() {
        let entry = match event {
            Some(event) => AuditEntry::of("events.requeue", "event", event),
            None => AuditEntry::batch("events.requeue", "event"),
        };
        tx.audit(entry.after(json!({ "requeued": requeued })));
    }
    Ok(requeued)
}
