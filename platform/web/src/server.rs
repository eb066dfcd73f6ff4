//! The server: what every request passes, the routes of the slices, and a graceful end.

mod app;
mod connections;
mod socket;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::HttpServer;
use actix_web::web::Data;
use nexus_core::SharedClock;
use thiserror::Error;
use tokio_util::sync::CancellationToken;

use crate::admission::{self, Admission};
use crate::health::Health;
use crate::openapi::{self, Document, DocumentFaults};
use crate::options::WebOptions;
use crate::rate_limit::{RateLimiter, SharedCounter};
use crate::routing::RouteTable;
use crate::slice::Slice;
use crate::state::WebState;

use connections::Connections;

pub use app::{build, unknown as unknown_path};

/// Where the slices' routes are mounted.
pub(crate) const API: &str = "/api/v1";

/// How long a client may take to send its headers.
const HEAD: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a closing connection may take, and how long a body that nobody reads is let in so that the client sees the answer.
const DISCONNECT: Duration = Duration::from_secs(2);

/// How long a client may take between connecting and asking when the server ends.
const SETTLE: Duration = Duration::from_millis(250);
/// How often the gauges of the door are set.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Mounts what is not part of the documented API (the console's files), last.
pub type Fallback = Arc<dyn Fn(&mut actix_web::web::ServiceConfig) + Send + Sync>;

/// What an application is made of.
pub struct ServerSpec {
    /// Options.
    pub options: WebOptions,
    /// Time and ids.
    pub clock: SharedClock,
    /// Where rate limits are counted together; `None` counts in this process.
    pub counter: Option<Box<dyn SharedCounter>>,
    /// Dependencies.
    pub health: Health,
    /// What is under `/api/v1`.
    pub api: Vec<Slice>,
    /// What is documented at the root of the host (`/.well-known/…`).
    pub root: Vec<Slice>,
    /// Undocumented routes at the root, such as the console's files. May set a default service; without one an
    /// unknown path answers 404.
    pub fallback: Option<Fallback>,
    /// Begins the graceful end.
    pub shutdown: CancellationToken,
}

/// An application ready to be built, once per worker.
#[derive(Clone)]
pub struct AppSpec {
    pub(crate) state: Data<WebState>,
    pub(crate) api: Vec<Slice>,
    pub(crate) root: Vec<Slice>,
    pub(crate) fallback: Option<Fallback>,
}

/// Why a server can't start or ended.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The handlers' documentation is incomplete.
    #[error(transparent)]
    Document(#[from] DocumentFaults),
    /// The listener or a worker failed.
    #[error("the HTTP server failed")]
    Io(#[from] std::io::Error),
}

impl AppSpec {
    /// Checks the documentation and prepares what workers share.
    ///
    /// # Errors
    /// [`ServeError::Document`].
    pub fn new(spec: ServerSpec) -> Result<Self, ServeError> {
        let version = spec.health.build().version;
        let document = openapi::document(&spec.api, &spec.root, version)?;
        let state = WebState {
            table: RouteTable::of(document.value()),
            limiter: RateLimiter::new(spec.options.rate, spec.counter, Arc::clone(&spec.clock)),
            admission: Arc::new(Admission::new(spec.options.admission)),
            options: spec.options,
            clock: spec.clock,
            document,
            health: spec.health,
            shutdown: spec.shutdown,
            draining: AtomicBool::new(false),
            closing: CancellationToken::new(),
        };
        Ok(Self { state: Data::new(state), api: spec.api, root: spec.root, fallback: spec.fallback })
    }

    /// The OpenAPI document of these routes.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.state.document
    }
}

/// Serves on `listener` until the shutdown token is cancelled and open requests are done (or their time is up).
///
/// The end has two parts. First nothing changes but that `/readyz` answers 503 and every answer closes its connection: whoever spreads requests over processes
/// notices, and clients take their next request elsewhere. After `drain_delay` the listener closes, connections without a request are closed, event streams end.
///
/// # Errors
/// [`ServeError`].
pub async fn serve(listener: TcpListener, spec: ServerSpec) -> Result<(), ServeError> {
    let app = AppSpec::new(spec)?;
    let state = Data::clone(&app.state);
    let options = state.options.clone();
    admission::describe_metrics();
    crate::middleware::access::describe_metrics();
    let unread = options.timeouts.unread;
    let mut server = HttpServer::new(move || build(&app))
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD)
        .client_disconnect_timeout(DISCONNECT)
        .shutdown_timeout(options.shutdown_timeout.as_secs())
        .disable_signals();
    let workers = options.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    server = server.workers(workers);
    if let Some(most) = options.most_connections {
        server = server.max_connections((most / workers).max(1));
    }
    let connections = options.most_connections.map(|most| Connections::new(most, &options.trusted_proxies));
    server = server.on_connect(move |io, extensions| {
        socket::end_unread(io, unread);
        if let Some(connections) = &connections {
            connections.on_connect(io, extensions);
        }
    });
    let server = server.listen(listener)?.run();
    let handle = server.handle();
    let stop = async {
        state.shutdown.cancelled().await;
        state.draining.store(true, Ordering::Relaxed);
        tracing::info!(seconds = options.drain_delay.as_secs(), "told to end: not ready any more, still accepting");
        tokio::time::sleep(options.drain_delay).await;
        tracing::info!("no new connections, waiting for open requests");
        // First nothing more is accepted. What was accepted a moment ago has its request read meanwhile: a stop closes what has none under way.
        handle.pause().await;
        tokio::time::sleep(SETTLE).await;
        state.closing.cancel();
        handle.stop(true).await;
    };
    let reported = async {
        let mut tick = tokio::time::interval(REPORT_EVERY);
        loop {
            tick.tick().await;
            state.admission.report();
        }
    };
    tokio::pin!(server);
    tokio::select! {
        ended = &mut server => Ok(ended?),
        () = stop => Ok(server.await?),
        () = reported => Ok(()),
    }
}
