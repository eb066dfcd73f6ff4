//! How many requests are under way at once, and what becomes of the rest.
//!
//! - A request takes a **place** before its body, its credential or anything else is looked at, and gives it back when its answer is ready. Places are
//!   bounded, and so are what the requests under way take of memory, processor and connections, and the time they take.
//! - Without a free place it waits in a **queue** that is bounded twice: in number, so that a flood takes no memory, and in time. The oldest comes first, and
//!   whoever arrives at a full queue is refused: to let the newest go first would starve those who came before and shorten nobody's wait by more than the
//!   queue's patience, which is short. A queue that has not been empty for a while is no burst but too much to do: from then on the patience is a tenth, so
//!   that those who are let in have hardly waited.
//! - One **organization** may hold as many places as are free: one alone half of them, two a third each, and so on. However many of them are flooded or wait for
//!   a database that stands still, there are places for the others. It is counted once the credential is verified, or a stranger could use up another's part.
//! - An **answer** that is larger than a socket takes is counted to whom it is for until it is read (`unsent`).
//! - Who waits for a **client** gives the place back meanwhile: a body that trickles in keeps nobody out. Of these waits, too, there may be only so many, in all
//!   and of each sender (`arrivals`).
//!
//! Who is refused gets 503 with a `Retry-After` that differs from caller to caller, and when many are, in turn (`pace`). What is not limited: see
//! [`crate::middleware`].

mod arrivals;
mod pace;
mod place;
mod senders;
mod shares;
mod unsent;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use nexus_core::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use arrivals::Arrivals;
use pace::Pace;
pub(crate) use place::{Place, Shed, arriving, enter_share, leaving, upload};
use shares::Shares;
pub(crate) use unsent::Leaving;
use unsent::Unsent;

/// By how much the patience is divided once the queue stands.
const IMPATIENCE: u32 = 10;
/// How often at most the log tells of refusals.
const TELL_EVERY_MS: u64 = 1_000;
/// Of how many places one is any organization's, however few are free.
const PLACES_PER_FLOOR: usize = 32;

/// Bounds of what is let in.
#[derive(Debug, Clone, Copy)]
pub struct AdmissionOptions {
    /// Requests under way at once; as many again may wait for their clients.
    pub places: usize,
    /// Requests that may wait for a place.
    pub queue: usize,
    /// How long they wait at most.
    pub patience: Duration,
    /// Refusals a second that are answered without a wait.
    pub refusals_per_second: u32,
    /// Bytes of large answers that may wait for their clients.
    pub unsent_bytes: usize,
}

impl AdmissionOptions {
    /// What a processor makes of beside its work: a refusal takes some tens of microseconds.
    pub const REFUSALS_PER_SECOND: u32 = 1_000;
    /// Some sixty pages of the greatest weight.
    pub const UNSENT_BYTES: usize = 128 * 1_024 * 1_024;
}

impl Default for AdmissionOptions {
    fn default() -> Self {
        Self {
            places: 280,
            queue: 280,
            patience: Duration::from_millis(500),
            refusals_per_second: Self::REFUSALS_PER_SECOND,
            unsent_bytes: Self::UNSENT_BYTES,
        }
    }
}

/// Of `places`, how many are anybody's who asks, however few are free.
fn floor(places: usize) -> usize {
    places.div_ceil(PLACES_PER_FLOOR)
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    QueueFull,
    QueueTimeout,
    TenantShare,
    Arrivals,
    ArrivalShare,
    Unsent,
    UnsentShare,
}

impl Refused {
    fn label(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::QueueTimeout => "queue_timeout",
            Self::TenantShare => "tenant_share",
            Self::Arrivals => "arrivals",
            Self::ArrivalShare => "arrival_share",
            Self::Unsent => "unsent",
            Self::UnsentShare => "unsent_share",
        }
    }
}

/// The places of one process.
pub(crate) struct Admission {
    options: AdmissionOptions,
    free: Arc<Semaphore>,
    queued: AtomicUsize,
    /// Requests that wait for their clients, without a place.
    arrivals: Arc<Arrivals>,
    unsent: Arc<Unsent>,
    shares: Shares,
    pace: Pace,
    /// Since when the queue has not been empty, in milliseconds since `started`; 0 is: it is empty.
    standing_since: AtomicU64,
    refused: AtomicU64,
    told_at: AtomicU64,
    started: Instant,
}

impl Admission {
    pub(crate) fn new(options: AdmissionOptions) -> Self {
        let places = options.places.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            options: AdmissionOptions { places, ..options },
            free: Arc::new(Semaphore::new(places)),
            queued: AtomicUsize::new(0),
            arrivals: Arc::new(Arrivals::new(places)),
            unsent: Arc::new(Unsent::new(options.unsent_bytes)),
            shares: Shares::default(),
            pace: Pace::new(options.refusals_per_second),
            standing_since: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            told_at: AtomicU64::new(0),
            started: Instant::now(),
        }
    }

    /// A place, if need be after a wait in the queue.
    async fn enter(&self) -> Result<OwnedSemaphorePermit, Refused> {
        if let Ok(place) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(place);
        }
        let _turn = Queued::of(self).ok_or(Refused::QueueFull)?;
        self.wait().await
    }

    async fn wait(&self) -> Result<OwnedSemaphorePermit, Refused> {
        let place = tokio::time::timeout(self.patience(), Arc::clone(&self.free).acquire_owned()).await;
        place.ok().and_then(Result::ok).ok_or(Refused::QueueTimeout)
    }

    fn patience(&self) -> Duration {
        let patience = self.options.patience;
        let since = self.standing_since.load(Ordering::Relaxed);
        let stands = since > 0 && u128::from(self.millis().saturating_sub(since)) > patience.as_millis();
        if stands { patience / IMPATIENCE } else { patience }
    }

    /// The queue was empty, and stood `since` until then. Whoever has entered it meanwhile has begun another time, which stays.
    fn emptied(&self, since: u64) {
        let _ = self.standing_since.compare_exchange(since, 0, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// How many requests of one organization may be under way now, while it has `held` of them.
    fn has_room_for(&self, held: usize) -> bool {
        held <= self.free.available_permits().max(floor(self.options.places))
    }

    /// Waits until one more refusal may be answered.
    pub(crate) async fn pace(&self) {
        self.pace.turn().await;
    }

    /// Counts a refusal, and tells of it now and then.
    pub(crate) fn refuse(&self, why: Refused) -> Problem {
        metrics::counter!("nexus_http_requests_shed_total", "reason" => why.label()).increment(1);
        self.refused.fetch_add(1, Ordering::Relaxed);
        let (now, told) = (self.millis(), self.told_at.load(Ordering::Relaxed));
        let due = told == 0 || now.saturating_sub(told) >= TELL_EVERY_MS;
        if due && self.told_at.compare_exchange(told, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            let refused = self.refused.swap(0, Ordering::Relaxed);
            let (free, queued) = (self.free.available_permits(), self.queued.load(Ordering::Relaxed));
            tracing::warn!(
                refused,
                last = why.label(),
                places = self.options.places,
                free,
                queued,
                "more is asked for than can be served; requests are refused"
            );
        }
        Problem::overloaded(if matches!(why, Refused::TenantShare | Refused::UnsentShare) { "The organization" } else { "The server" })
    }

    /// Shows how full it is.
    pub(crate) fn report(&self) {
        metrics::gauge!("nexus_http_places_taken").set((self.options.places - self.free.available_permits().min(self.options.places)) as f64);
        metrics::gauge!("nexus_http_requests_queued").set(self.queued.load(Ordering::Relaxed) as f64);
        metrics::gauge!("nexus_http_requests_arriving").set(self.arrivals.count() as f64);
        metrics::gauge!("nexus_http_unsent_bytes").set(self.unsent.bytes() as f64);
        metrics::gauge!("nexus_http_refusals_waiting").set(self.pace.waiting() as f64);
    }

    /// Never 0.
    fn millis(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

impl std::fmt::Debug for Admission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admission").field("options", &self.options).field("free", &self.free.available_permits()).finish_non_exhaustive()
    }
}

/// One more than before, if that is no more than `most`.
fn count(counter: &AtomicUsize, most: usize) -> Option<usize> {
    counter.fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| (held < most).then_some(held + 1)).ok()
}

/// A turn in the queue.
struct Queued<'a>(&'a Admission);

impl<'a> Queued<'a> {
    fn of(admission: &'a Admission) -> Option<Self> {
        let before = count(&admission.queued, admission.options.queue)?;
        if before == 0 {
            admission.standing_since.store(admission.millis(), Ordering::Relaxed);
        }
        Some(Self(admission))
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let since = self.0.standing_since.load(Ordering::Relaxed);
        if self.0.queued.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.emptied(since);
        }
    }
}

/// Says what the metrics mean.
pub(crate) fn describe_metrics() {
    metrics::describe_counter!("nexus_http_requests_shed_total", "Requests refused because too much is asked for, by reason");
    metrics::describe_gauge!("nexus_http_places_taken", "Requests under way that hold a place");
    metrics::describe_gauge!("nexus_http_requests_queued", "Requests that wait for a place");
    metrics::describe_gauge!("nexus_http_requests_arriving", "Requests that wait for their client's body, without a place");
    metrics::describe_gauge!("nexus_http_unsent_bytes", "Bytes of large answers that their clients have not read yet");
    metrics::describe_gauge!("nexus_http_refusals_waiting", "Refusals that wait for their turn, because clients come back too fast");
}
