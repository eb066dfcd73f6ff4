//! `nexus dev`: both planes with embedded servers, on this machine only.
//!
//! Invariants: nothing listens beyond loopback; all data is in one directory and survives restarts, crashes included; every child
//! ends with this process, however it ends (`child.rs`); starting twice is harmless (a lock tells the second one).

mod child;
mod files;
mod listen;
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

use std::net::{SocketAddr, TcpListener};

use anyhow::{Context, Result};
use nexus_config::{DevServers, Role, Settings};
use toml::Table;

pub use child::{DevChildArgs, supervise};
pub use location::DataDir;
pub use mail_page::configure as pages;
pub use secrets::{DevSecrets, generated_password};

use crate::cli::DevArgs;
use crate::exit::{Exit, Failed};
use crate::roles::{self, Planes};
use crate::terminal;
use stack::{EmbeddedStack, Purpose, table};

/// What a developer sees. The embedded object store calls its own fallbacks errors, and the server library whatever a client sends that is no HTTP.
const LOG_FILTER: &str = "warn,nexus=info,sqlx=error,s3s=off,actix_http=off";

/// Runs the development stack until it is told to stop.
pub async fn run(args: &DevArgs) -> Result<(), Failed> {
    let data = DataDir::open(&args.data_dir).await?;
    let outside = DevServers::from_environment();
    let interrupted = nexus_infra::shutdown::signal();
    tokio::pin!(interrupted);

    terminal::note(&format!("Starting the servers (data: {})", data.path().display()));
    // Interrupted while it starts: the servers already running lose their pipe and stop.
    let stack = tokio::select! {
        stack = EmbeddedStack::start(data, &outside, Purpose::Development) => stack?,
        _ = &mut interrupted => return Ok(()),
    };
    for line in stack.describe()? {
        terminal::note(&format!("  {line}"));
    }
    let served = serve(args, &stack, interrupted.as_mut()).await;
    terminal::note("Stopping the servers that were started");
    ready::remove(stack.data_dir());
    stack.stop().await;
    served
}

async fn serve(args: &DevArgs, stack: &EmbeddedStack, interrupted: std::pin::Pin<&mut impl Future<Output = ()>>) -> Result<(), Failed> {
    let (settings, listener) = settle(args, stack)?;
    let address = listener.local_addr().context("the API's address")?;

    let _traces = nexus_infra::telemetry::init_serving(&settings.log, &settings.telemetry, Planes::BOTH.name())
        .map_err(|error| Failed::new(Exit::Settings, error.to_string()))?;
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

/// Takes the API's port and reads the settings that go with it: links in mails and the issuer of tokens name the port that is served.
fn settle(args: &DevArgs, stack: &EmbeddedStack) -> Result<(Settings, TcpListener), Failed> {
    let metrics = listen::from_port(9464)?.local_addr().context("the metrics' address")?;
    let load = |listener: &TcpListener| -> Result<Settings, Failed> {
        let address = listener.local_addr().context("the API's address")?;
        let settings_file = stack.write_settings(additions(stack, address, metrics))?;
        Settings::load_file(Role::All, &settings_file).map_err(|error| Failed::new(Exit::Settings, error.to_string()))
    };
    let listener = listen::from_port(args.port)?;
    let settings = load(&listener)?;
    listen::refuse_beyond_loopback(&settings)?;
    let chosen = listener.local_addr().context("the API's address")?;
    if settings.http.bind != chosen {
        // The environment names another address (`NEXUS__HTTP__BIND`), and it wins.
        drop(listener);
        let named = listen::at(settings.http.bind)?;
        return Ok((load(&named)?, named));
    }
    if args.port != 0 && chosen.port() != args.port {
        terminal::note(&format!("Port {} is taken: using {}", args.port, chosen.port()));
    }
    Ok((settings, listener))
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
        ("log", table([("format", "pretty".into()), ("filter", LOG_FILTER.into())]).into()),
        ("runtime", table([("snapshot_file", stack.data_dir().join("tenant-runtime.snapshot").to_string_lossy().into_owned().into())]).into()),
        ("dev", table([("data_dir", stack.data_dir().to_string_lossy().into_owned().into())]).into()),
    ])
}
