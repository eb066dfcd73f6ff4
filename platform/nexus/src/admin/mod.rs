//! `nexus admin`: what operators of the platform do from a shell. The same services as the routes; exit codes in `exit.rs`.
//!
//! Everything works without a serving process: building and erasing of tenants is then done here, under the same leases as in a control plane.

mod events;
pub mod operators;
mod passwords;
mod reconcile;
mod secrets;
mod tenants;
mod warm_pool;

use nexus_config::Settings;
use serde_json::json;

use crate::cli::{AdminArgs, AdminCommand, KeysCommand, PlansCommand, SecretsCommand};
use crate::exit::{Exit, Failed};
use crate::roles::Parts;
use crate::terminal;

/// Runs one command.
pub async fn run(settings: Settings, args: AdminArgs) -> Result<(), Failed> {
    nexus_infra::telemetry::init_tracing(&quiet(&settings)).map_err(|error| Failed::new(Exit::Settings, error.to_string()))?;
    // Needs no database: it is for who sets the processes up.
    if matches!(args.command, AdminCommand::Secrets(SecretsCommand::RuntimeKey)) {
        return secrets::runtime_key(&settings, args.json);
    }
    let control = Parts::control_plane(settings).await?;
    match args.command {
        AdminCommand::Secrets(SecretsCommand::RuntimeKey) => Ok(()),
        AdminCommand::Secrets(SecretsCommand::Rewrap) => secrets::rewrap(&control, args.json).await,
        AdminCommand::CreateOperator(command) => operators::create(&control, &command, args.json).await,
        AdminCommand::Operators(command) => operators::run(&control, &command, args.json).await,
        AdminCommand::Tenants(command) => tenants::run(&control, command, args.json).await,
        AdminCommand::Plans(PlansCommand::List) => {
            let plans = control.list_plans().await?;
            if args.json {
                terminal::out(&json!({ "data": plans }).to_string());
                return Ok(());
            }
            let rows: Vec<Vec<String>> = plans
                .iter()
                .map(|plan| {
                    let month = &plan["price_monthly"];
                    vec![
                        text(&plan["key"]),
                        text(&plan["name"]),
                        format!("{} {}", text(&month["amount"]), text(&month["currency"])),
                        plan["limits"].to_string(),
                    ]
                })
                .collect();
            terminal::out(&terminal::columns(&["KEY", "NAME", "A MONTH", "LIMITS"], &rows));
            Ok(())
        }
        AdminCommand::Events(command) => events::run(&control, command, args.json).await,
        AdminCommand::WarmPool(command) => warm_pool::run(&control, command, args.json).await,
        AdminCommand::Reconcile => reconcile::run(&control, args.json).await,
        AdminCommand::Keys(KeysCommand::Rotate) => {
            control.rotate_signing_keys().await.map_err(|error| Failed::new(Exit::Failure, error.to_string()))?;
            if args.json {
                terminal::out(&json!({ "data": { "rotated": true } }).to_string());
            } else {
                terminal::out("The next key signs from now on; tokens signed before stay good until they expire.");
            }
            Ok(())
        }
    }
}

/// Warnings only, unless the settings name a filter of their own: a command's output is its answer.
fn quiet(settings: &Settings) -> nexus_config::Log {
    let mut log = settings.log.clone();
    if log.filter.starts_with("info") {
        log.filter = log.filter.replacen("info", "warn", 1);
    }
    log
}

/// A JSON value as a table's cell.
fn text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Null => "-".to_owned(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
