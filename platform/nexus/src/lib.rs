//! The program: roles of one binary, the operators' command line, the embedded development stack.
//!
//! Everything that is served is made elsewhere (control plane, tenant runtime); here the parts are put together from the settings, by the one table that says
//! which plane answers which path (`routing.rs`).
//!
//! Invariants: the TLS provider is installed before anything else; settings are read once, whole; a process told to end finishes what is under way; a process
//! killed with SIGKILL leaves nothing that the next start cannot use.

mod admin;
pub mod cli;
mod console;
mod dev;
mod doctor;
pub mod exit;
mod health;
mod migrate;
mod open_files;
mod openapi;
mod pages;
mod roles;
mod routing;
mod terminal;
mod test_stack;

use std::process::ExitCode;
use std::time::Duration;

use nexus_config::{Role, Settings};

use cli::{Cli, Command};
use exit::{Exit, Failed};
use roles::Planes;

/// How long blocking work (files) that nobody waits for any more may go on.
const LEFT_BEHIND: Duration = Duration::from_secs(2);

/// Runs the command line to its end.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    if let Err(error) = nexus_config::without_postgres_variables() {
        return fail(&Failed::new(Exit::Failure, format!("PG* variables are set, and the program can't be started without them: {error}")));
    }
    // Every TLS client of the process uses one provider. An error means that somebody installed it before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let outcome = match cli.command {
        // Runs without an async runtime: it blocks signals before any thread exists.
        Command::DevChild(args) => return dev::supervise(&args).unwrap_or_else(|error| fail(&error.into())),
        command => match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => {
                let outcome = runtime.block_on(dispatch(command));
                // Whatever is worth waiting for was waited for: a disk that gives no answer does not keep the program.
                runtime.shutdown_timeout(LEFT_BEHIND);
                outcome
            }
            Err(error) => Err(Failed::new(Exit::Failure, format!("no runtime: {error}"))),
        },
    };
    outcome.unwrap_or_else(|failed| fail(&failed))
}

fn fail(failed: &Failed) -> ExitCode {
    terminal::note(&format!("nexus: {failed}"));
    failed.exit.into()
}

async fn dispatch(command: Command) -> Result<ExitCode, Failed> {
    match command {
        Command::ControlPlane => roles::run(load(Role::ControlPlane)?, Planes::CONTROL).await?,
        Command::TenantRuntime => roles::run(load(Role::TenantRuntime)?, Planes::TENANT).await?,
        Command::Serve => roles::run(load(Role::All)?, Planes::BOTH).await?,
        Command::Dev(args) => dev::run(&args).await?,
        Command::Migrate(flag) => migrate::run(&load(Role::ControlPlane)?, flag.json).await?,
        Command::Admin(args) => admin::run(load(Role::ControlPlane)?, args).await?,
        Command::Doctor(flag) => doctor::run(flag.json).await?,
        Command::Health => health::run().await?,
        Command::Openapi(args) => openapi::run(&args)?,
        Command::TestStack(args) => return Ok(ExitCode::from(test_stack::run(&args).await?)),
        Command::DevChild(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

fn load(role: Role) -> Result<Settings, Failed> {
    Settings::load_for(role).map_err(|error| Failed::new(Exit::Settings, error.to_string()))
}
