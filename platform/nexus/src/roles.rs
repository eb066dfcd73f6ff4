//! The serving roles: putting a process together from its settings, and ending it in order.
//!
//! The order of the end: `/readyz` answers 503 and work in the background winds up; after `http.drain_delay_s` the listener stops accepting; requests under way
//! finish; what they rely on ends; pools close.

mod health;
mod parts;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::web;
use futures::future::LocalBoxFuture;
use nexus_config::Settings;
use nexus_infra::shutdown::{self, Ending};
use nexus_infra::worker::WorkerHandle;
use nexus_infra::{Db, telemetry};
use nexus_tenant_runtime::Runtime;
use nexus_web::server::Fallback;
use nexus_web::{ServerSpec, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use crate::console::Console;
use crate::dev::mail::MailFolder;
use crate::exit::{Exit, Failed};
use crate::{dev, routing};
pub use parts::{Parts, control_spec, keyring};

/// How long pools may take to close, when nobody uses them any more.
const POOLS_PATIENCE: Duration = Duration::from_secs(5);

/// Which planes a process holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planes {
    /// The control plane.
    pub control: bool,
    /// The tenant runtime.
    pub tenant: bool,
}

impl Planes {
    /// Both.
    pub const BOTH: Self = Self { control: true, tenant: true };
    /// `nexus control-plane`.
    pub const CONTROL: Self = Self { control: true, tenant: false };
    /// `nexus tenant-runtime`.
    pub const TENANT: Self = Self { control: false, tenant: true };

    /// The role's name in traces.
    #[must_use]
    pub fn name(self) -> &'static str {
        match (self.control, self.tenant) {
            (true, false) => "control-plane",
            (false, true) => "tenant-runtime",
            _ => "serve",
        }
    }
}

/// A process that serves.
pub struct Running {
    address: SocketAddr,
    server: LocalBoxFuture<'static, Result<(), Failed>>,
    workers: Vec<WorkerHandle>,
    tenants: Option<Runtime>,
    databases: Vec<Db>,
    ending: Ending,
}

/// Runs a role until it is told to end.
pub async fn run(settings: Settings, planes: Planes) -> Result<(), Failed> {
    let _traces =
        telemetry::init_serving(&settings.log, &settings.telemetry, planes.name()).map_err(|error| Failed::new(Exit::Settings, error.to_string()))?;
    let listener = listen(settings.http.bind, settings.http.backlog)
        .map_err(|error| Failed::new(Exit::Unavailable, format!("http.bind: {} cannot be listened on: {error}", settings.http.bind)))?;
    let running = start(settings, planes, listener, None).await?;
    running.until_stopped(|| Ok(())).await
}

/// Listens with a queue of its own length; the standard library's is 128.
fn listen(address: SocketAddr, backlog: u32) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // A process may follow another one at its address at once.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(backlog)?.into_std()
}

/// Puts a process together: state, workers, routes. `mails` adds the pages of the development stack.
pub async fn start(settings: Settings, planes: Planes, listener: TcpListener, mails: Option<MailFolder>) -> Result<Running, Failed> {
    let shutdown = shutdown::token();
    telemetry::install_metrics(settings.http.metrics_bind).map_err(|error| Failed::new(Exit::Unavailable, error.to_string()))?;
    nexus_iam::describe_metrics();
    let address = listener.local_addr().map_err(|error| Failed::new(Exit::Failure, error.to_string()))?;
    let parts = Parts::new(settings, planes).await?;
    parts.register_servers().await?;
    let ending = Ending::of(shutdown.clone());
    let workers = parts.workers(&ending);
    let databases = parts.databases();
    let tenants = parts.tenant_runtime();
    let console = Console::load().map_err(|error| Failed::new(Exit::Failure, format!("the console's files can't be read: {error}")))?;
    let spec = ServerSpec {
        options: parts.web_options()?,
        clock: parts.clock.clone(),
        counter: Some(Box::new(parts.redis.clone())),
        health: parts.health(),
        api: parts.api(),
        root: parts.root(),
        fallback: Some(fallback(planes, console.clone(), mails)),
        shutdown: shutdown.clone(),
    };
    tracing::info!(bind = %address, control_plane = planes.control, tenant_runtime = planes.tenant, console = console.is_built(), version = env!("CARGO_PKG_VERSION"), "serving");
    let server = Box::pin(async move { serve(listener, spec).await.map_err(|error| Failed::new(Exit::Failure, format!("{error}"))) });
    Ok(Running { address, server, workers, tenants, databases, ending })
}

/// What is not part of the API: the console, and the pages of the development stack.
pub fn fallback(planes: Planes, console: Console, mails: Option<MailFolder>) -> Fallback {
    let console = web::Data::new(console);
    Arc::new(move |cfg| {
        cfg.app_data(web::Data::new(planes)).app_data(web::Data::clone(&console));
        cfg.default_service(web::to(routing::elsewhere));
        if let Some(folder) = &mails {
            dev::pages(cfg, folder.clone());
        }
    })
}

impl Running {
    /// Serves until told to end; calls `ready` once, when the process answers that it can serve.
    pub async fn until_stopped(self, ready: impl FnOnce() -> Result<(), Failed>) -> Result<(), Failed> {
        let Self { address, mut server, workers, tenants, databases, ending } = self;
        let mut outcome = tokio::select! {
            ended = &mut server => Err(ended),
            () = answers(address) => Ok(()),
        };
        if outcome.is_ok() {
            outcome = match ready() {
                Ok(()) => Err((&mut server).await),
                Err(failed) => Err(Err(failed)),
            };
        }
        // However the server ended, what runs beside it ends too.
        ending.all();
        for worker in workers {
            worker.join().await;
        }
        if let Some(tenants) = tenants {
            tenants.close(POOLS_PATIENCE).await;
        }
        for database in databases {
            database.close().await;
        }
        tracing::info!("ended");
        match outcome {
            Err(ended) => ended,
            Ok(()) => Ok(()),
        }
    }
}

/// Comes back when `/readyz` answers 200.
async fn answers(address: SocketAddr) {
    loop {
        if is_ready(address).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Whether `/readyz` answers 200 there.
pub async fn is_ready(address: SocketAddr) -> bool {
    probe(address).await.unwrap_or(false)
}

async fn probe(address: SocketAddr) -> std::io::Result<bool> {
    let ask = async {
        let mut stream = tokio::net::TcpStream::connect(address).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        Ok(status.ends_with(b" 200"))
    };
    tokio::time::timeout(Duration::from_secs(5), ask).await.unwrap_or(Ok(false))
}
