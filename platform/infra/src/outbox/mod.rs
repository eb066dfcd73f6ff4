//! The outbox: events leave the database at least once, in order per aggregate, whatever happens to Redis.
//!
//! An event is a row written in the transaction that caused it. The [`Relay`] announces undone rows on a Redis stream;
//! [`Consumers`] take the announcement, fetch the rows from the database and run the [`Subscriber`]s.
//!
//! Invariants:
//! - The database is the truth: a row counts as done when every subscriber that wants its kind has finished it (or
//!   given up on it: a dead letter). Announcements may be lost, doubled or reordered without harm; the relay repeats
//!   them for undone rows, at once when Redis lost its memory.
//! - Order: a subscriber gets an event only after all earlier ones of the same aggregate are finished for it. Writers
//!   lock the aggregate's row before they emit, so `seq` follows the order of commits.
//! - One try at a time per event and subscriber, by a lease in `outbox_deliveries`; a try that outlives its lease may
//!   be repeated, so subscribers are idempotent by event id.
//! - With Redis dead the relay runs the subscribers of its own plane itself; those elsewhere ([`Listener`]) hear when Redis is back.
//! - No transaction is open while Redis or a subscriber is called.
//!
//! Deliberately not here: which subscribers there are, and when a database is visited (see [`crate::pump`]).

mod announce;
mod consumers;
mod deliver;
mod elsewhere;
mod purge;
mod relay;
mod subscriber;
mod undelivered;

pub use consumers::Consumers;
pub use deliver::{Delivered, deliver_now};
pub use elsewhere::Listener;
pub use purge::purge;
pub use relay::{Relay, RelayRun};
pub use subscriber::{Subscriber, SubscriberError, Subscribers};
pub use undelivered::{Requeued, Undelivered, requeue, undelivered};

use std::time::Duration;

use crate::Backoff;

/// How long a statement of the relay and the subscribers' bookkeeping may take.
const STATEMENTS: Duration = Duration::from_secs(60);

/// Whose events: each plane has its stream, its subscribers and its dirty list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plane {
    /// The control database.
    Control,
    /// The tenants' databases.
    Tenant,
}

impl Plane {
    /// The name in Redis keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Tenant => "tenant",
        }
    }
}

/// How patient delivery is. The default is right for production.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryOptions {
    /// Rows announced per visit of a database.
    pub batch: i64,
    /// An undone row is announced again after this.
    pub redeliver_after: Duration,
    /// A subscriber's time for one event.
    pub handle_within: Duration,
    /// Delay before the next try, by the number of failures.
    pub backoff: Backoff,
    /// Tries before an event becomes a dead letter.
    pub max_attempts: i32,
}

impl DeliveryOptions {
    /// A try keeps others away for this long: longer than it may run.
    fn lease(&self) -> Duration {
        self.handle_within + Duration::from_secs(30)
    }
}

impl Default for DeliveryOptions {
    fn default() -> Self {
        Self {
            batch: 500,
            redeliver_after: Duration::from_secs(10),
            handle_within: Duration::from_secs(30),
            backoff: Backoff::new(Duration::from_secs(1), Duration::from_secs(900)),
            // More than three days: a mail server may be away over a weekend.
            max_attempts: 320,
        }
    }
}
