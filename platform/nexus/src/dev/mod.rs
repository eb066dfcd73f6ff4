//! `nexus dev`: both planes with embedded servers, on this machine only.
//!
//! Invariants: nothing listens beyond loopback; all data is in one directory and survives restarts, crashes included; every child
//! ends with this process, however it ends (`child.rs`); starting twice is harmless (a lock tells the second one).

mod child;
mod files;
mod location;
pub mod mail;
mod mail_page;
mod ports;
mod postgres;
mod programs;
mod ready;
mod redis;
mod s3;
mod secrets;
pub mod stack;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context, Result};
use nexus_config::{Role, Settings};
use toml::Table;

pub use child::{DevChildArgs, supervise};
pub use location::DataDir;
pub use mail_page::configure as mail_pages;
pub use secrets::{DevSecrets, generated_password};

use crate::cli::DevArgs;
use crate::exit::{Exit, Failed};
use crate::roles::{self, Planes};
use crate::terminal;
use stack::{EmbeddedStack, Outside, Purpose, table};

/// How many ports are tried after the wanted one.
const PORTS_TRIED: u16 = 100;

/// Runs the development stack until it is told to stop.
pub async fn run(args: &DevArgs) -> Result<(), Failed> {
    let data = DataDir::open(&args.data_dir)?;
    let outside = Outside { postgres_url: args.postgres_url.clone(), redis_url: args.redis_url.clone() };
    let interrupted = nexus_infra::shutdown::signal();
    tokio::pin!(interrupted);

    terminal::note(&format!("Starting the embedded servers (data: {})", data.path().display()));
    // Interrupted while it starts: the servers already running lose their pipe and stop.
    let stack = tokio::select! {
        stack = EmbeddedStack::start(data, &outside, Purpose::Development) => stack?,
        _ = &mut interrupted => return Ok(()),
    };
    for line in stack.describe() {
        terminal::note(&format!("  {line}"));
    }
    let served = serve(args, &stack, interrupted.as_mut()).await;
    terminal::note("Stopping the embedded servers");
    ready::remove(stack.data_dir());
    stack.stop().await;
    served
}

async fn serve(args: &DevArgs, stack: &EmbeddedStack, interrupted: std::pin::Pin<&mut impl Future<Output = ()>>) -> Result<(), Failed> {
    let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let listener = bind_from(wanted)?;
    let address = listener.local_addr().context("the API's address")?;
    let metrics = bind_from(SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)))?.local_addr().context("the metrics' address")?;
    let settings_file = stack.write_settings(additions(stack, address, metrics))?;
    let settings = Settings::load_file(Role::All, &settings_file).map_err(|error| Failed::new(Exit::Settings, error.to_string()))?;
    let listener = respect_environment(&settings, listener, address)?;
    let address = listener.local_addr().context("the API's address")?;
    if address.port() != args.port {
        terminal::note(&format!("Port {} is taken: using {}", args.port, address.port()));
    }

    nexus_infra::telemetry::init_tracing(&settings.log).map_err(|error| Failed::new(Exit::Settings, error.to_string()))?;
    let prepare = async {
        crate::migrate::prepare(&settings).await?;
        crate::admin::operators::ensure_first(&settings, stack.secrets()).await
    };
    tokio::select! {
        prepared = prepare => prepared?,
        () = interrupted => return Ok(()),
    }
    let running = roles::start(settings, Planes::BOTH, listener, Some(stack.mails().clone())).await?;
    running.until_stopped(|| Ok(ready::announce(stack, address)?)).await
}

/// The settings of `nexus dev` beside the servers' addresses.
fn additions(stack: &EmbeddedStack, address: SocketAddr, metrics: SocketAddr) -> Table {
    table([
        (
            "http",
            table([
                ("bind", address.to_string().into()),
                ("metrics_bind", metrics.to_string().into()),
                ("apex_host", "localhost".into()),
                ("public_url", format!("http://localhost:{}", address.port()).into()),
            ])
            .into(),
        ),
        ("log", table([("format", "pretty".into()), ("filter", "warn,nexus=info,sqlx=error".into())]).into()),
        ("dev", table([("data_dir", stack.data_dir().to_string_lossy().into_owned().into())]).into()),
    ])
}

/// `NEXUS__HTTP__BIND` wins over the port chosen here, but not over the rule that nothing listens beyond loopback.
fn respect_environment(settings: &Settings, listener: TcpListener, chosen: SocketAddr) -> Result<TcpListener, Failed> {
    let named = settings.http.bind;
    for (key, address) in [("http.bind", named), ("http.metrics_bind", settings.http.metrics_bind)] {
        if !address.ip().is_loopback() {
            let message =
                format!("`nexus dev` is for this machine only: {key} is {address}, which others could reach. Use `nexus serve` to serve others");
            return Err(Failed::new(Exit::Settings, message));
        }
    }
    if named == chosen {
        return Ok(listener);
    }
    TcpListener::bind(named).map_err(|error| Failed::new(Exit::Unavailable, format!("{named} cannot be listened on: {error}")))
}

/// Binds the wanted port or the next free one.
fn bind_from(wanted: SocketAddr) -> Result<TcpListener, Failed> {
    let last = wanted.port().saturating_add(PORTS_TRIED);
    for port in wanted.port()..=last {
        match TcpListener::bind(SocketAddr::new(wanted.ip(), port)) {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(Failed::new(Exit::Unavailable, format!("port {port} cannot be listened on: {error}"))),
        }
    }
    Err(Failed::new(Exit::Unavailable, format!("no free port from {} to {last}", wanted.port())))
}
