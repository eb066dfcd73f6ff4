//! What the HTTP layer of one server shares between its workers and requests.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use actix_web::HttpRequest;
use actix_web::dev::ServiceRequest;
use actix_web::web::Data;
use nexus_core::SharedClock;
use tokio_util::sync::CancellationToken;

use crate::admission::Admission;
use crate::health::Health;
use crate::openapi::Document;
use crate::options::WebOptions;
use crate::rate_limit::RateLimiter;
use crate::routing::RouteTable;

/// Shared state of the HTTP layer.
pub struct WebState {
    pub(crate) options: WebOptions,
    pub(crate) clock: SharedClock,
    pub(crate) limiter: RateLimiter,
    pub(crate) admission: Arc<Admission>,
    pub(crate) table: RouteTable,
    pub(crate) document: Document,
    pub(crate) health: Health,
    /// Told to end: not ready any more.
    pub(crate) shutdown: CancellationToken,
    /// The same, for every answer to look at.
    pub(crate) draining: AtomicBool,
    /// No new connections any more: event streams end.
    pub(crate) closing: CancellationToken,
}

impl WebState {
    /// The state of the server that serves `req`; `None` in a test without one.
    pub(crate) fn of(req: &HttpRequest) -> Option<&Self> {
        req.app_data::<Data<Self>>().map(|state| state.as_ref())
    }

    /// The same for a request that has not been routed yet.
    pub(crate) fn of_service(req: &ServiceRequest) -> Option<Data<Self>> {
        req.app_data::<Data<Self>>().cloned()
    }
}

impl std::fmt::Debug for WebState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebState").field("options", &self.options).finish_non_exhaustive()
    }
}
