//! `nexus admin tenants …`

use std::io::{BufRead, IsTerminal};
use std::time::Duration;

use nexus_control_plane::{ControlPlane, NewTenantCommand};
use nexus_core::TenantId;
use nexus_infra::worker;
use nexus_provisioning::{Erase, Operation, OperationState, Runner};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::passwords::{self, Source};
use super::text;
use crate::cli::{TenantCreateArgs, TenantDeleteArgs, TenantsCommand};
use crate::exit::{Exit, Failed};
use crate::terminal;

/// How long a command waits for an operation. A serving control plane goes on without the command.
const WAIT: Duration = Duration::from_secs(120);

/// Runs one command.
pub async fn run(control: &ControlPlane, command: TenantsCommand, as_json: bool) -> Result<(), Failed> {
    match command {
        TenantsCommand::List(args) => {
            let found = control.list_tenants(args.state, args.limit).await?;
            list(&found, as_json);
        }
        TenantsCommand::Get(args) => show(&control.show_tenant(&args.tenant).await?, as_json),
        TenantsCommand::Create(args) => create(control, args, as_json).await?,
        TenantsCommand::Delete(args) => delete(control, &args, as_json).await?,
        TenantsCommand::Retry(args) => {
            let tenant = control.tenant_id(&args.tenant).await?;
            let operation = control.retry_tenant(tenant).await?;
            finish(control, tenant, operation, as_json, None).await?;
        }
        TenantsCommand::SetPlan(args) => {
            let tenant = control.tenant_id(&args.tenant).await?;
            show(&control.set_plan(tenant, &args.plan).await?, as_json);
        }
    }
    Ok(())
}

fn list(tenants: &[Value], as_json: bool) {
    if as_json {
        terminal::out(&json!({ "data": tenants }).to_string());
        return;
    }
    let columns = ["slug", "name", "state", "plan", "id", "created_at"];
    let rows: Vec<Vec<String>> = tenants.iter().map(|tenant| columns.iter().map(|column| text(&tenant[*column])).collect()).collect();
    terminal::out(&terminal::columns(&["SLUG", "NAME", "STATE", "PLAN", "ID", "CREATED"], &rows));
}

fn show(tenant: &Value, as_json: bool) {
    if as_json {
        terminal::out(&json!({ "data": tenant }).to_string());
        return;
    }
    let fields = ["id", "slug", "name", "state", "state_reason", "plan", "schema_version", "created_at", "activated_at", "deleted_at", "erase_after"];
    let mut rows: Vec<Vec<String>> = fields.iter().map(|field| vec![(*field).to_owned(), text(&tenant[*field])]).collect();
    let subscription = &tenant["subscription"];
    if subscription.is_object() {
        let fields = ["state", "interval", "trial_ends_at", "current_period_end"];
        rows.extend(fields.iter().map(|field| vec![format!("subscription.{field}"), text(&subscription[*field])]));
    }
    terminal::out(&terminal::columns(&["FIELD", "VALUE"], &rows));
}

async fn create(control: &ControlPlane, args: TenantCreateArgs, as_json: bool) -> Result<(), Failed> {
    let source = Source { stdin: args.password_stdin, generate: args.generate_password };
    let known = control.account_exists(&args.owner_email).await?;
    let password = if known { None } else { Some(passwords::obtain(source, &args.owner_email)?) };
    let new = NewTenantCommand {
        slug: args.slug,
        name: args.name,
        plan: args.plan,
        owner_email: args.owner_email,
        owner_name: (!known).then_some(args.owner_name),
        owner_password: password.as_ref().map(|(password, _)| password.clone()),
    };
    let (tenant, operation) = control.create_tenant(new).await?;
    let generated = password.and_then(|(password, generated)| generated.then(|| password.expose_secret().to_owned()));
    if args.no_wait {
        answer(&control.show_tenant(&tenant.to_string()).await?, &operation, generated, as_json);
        return Ok(());
    }
    finish(control, tenant, operation, as_json, generated).await
}

async fn delete(control: &ControlPlane, args: &TenantDeleteArgs, as_json: bool) -> Result<(), Failed> {
    let tenant = control.tenant_id(&args.tenant).await?;
    let erase = if args.now { Erase::Now } else { Erase::AfterWindow };
    if !args.yes {
        let what =
            if args.now { "its database, role and bucket are erased at once, for ever" } else { "its access is cut now, and it is erased in 7 days" };
        confirm(&format!("Delete {}: {what}. Type that name again to go on: ", args.tenant), &args.tenant)?;
    }
    let operation = control.delete_tenant(tenant, erase).await?;
    if args.now {
        return finish(control, tenant, operation, as_json, None).await;
    }
    answer(&control.show_tenant(&tenant.to_string()).await?, &operation, None, as_json);
    Ok(())
}

fn confirm(question: &str, expected: &str) -> Result<(), Failed> {
    if !std::io::stdin().is_terminal() {
        return Err(Failed::new(Exit::Refused, "no terminal to ask: use --yes"));
    }
    terminal::prompt(question);
    let mut typed = String::new();
    let read = std::io::stdin().lock().read_line(&mut typed);
    if read.is_ok() && typed.trim() == expected {
        return Ok(());
    }
    Err(Failed::new(Exit::Refused, "nothing was deleted"))
}

/// Waits for the operation to end, working on it here as well: no control plane need be running, and beside one the leases decide who works.
async fn finish(control: &ControlPlane, tenant: TenantId, operation: Operation, as_json: bool, generated: Option<String>) -> Result<(), Failed> {
    let stop = CancellationToken::new();
    let runner = worker::spawn("admin-saga-runner", stop.clone(), {
        let (provisioner, stop) = (control.provisioner.clone(), stop.clone());
        move || Runner::new(provisioner.clone()).run(stop.clone())
    });
    let ended = wait(control, operation).await;
    stop.cancel();
    runner.join().await;
    let operation = ended?;
    let shown = control.show_tenant(&tenant.to_string()).await?;
    answer(&shown, &operation, generated, as_json);
    match operation.state {
        OperationState::Succeeded => Ok(()),
        OperationState::Pending | OperationState::Running => {
            let waited = WAIT.as_secs();
            Err(Failed::new(
                Exit::Unavailable,
                format!("operation {} has not ended within {waited} s; a serving control plane goes on with it", operation.id),
            ))
        }
        OperationState::Failed | OperationState::Undone => {
            let reason = operation.error.map_or_else(|| "no reason was recorded".to_owned(), |error| format!("{}: {}", error.code, error.message));
            let end = if operation.state == OperationState::Undone { "failed and was taken back" } else { "failed where it stood" };
            Err(Failed::new(Exit::Failure, format!("operation {} {end} ({reason})", operation.id)))
        }
    }
}

async fn wait(control: &ControlPlane, operation: Operation) -> Result<Operation, Failed> {
    let deadline = tokio::time::Instant::now() + WAIT;
    let mut current = operation;
    while matches!(current.state, OperationState::Pending | OperationState::Running) && tokio::time::Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(200)).await;
        current = control.operation(current.id).await?;
    }
    Ok(current)
}

fn answer(tenant: &Value, operation: &Operation, generated: Option<String>, as_json: bool) {
    if as_json {
        let mut data = json!({ "tenant": tenant, "operation": operation });
        if let Some(password) = generated {
            data["owner_password"] = json!(password);
        }
        terminal::out(&json!({ "data": data }).to_string());
        return;
    }
    show(tenant, false);
    terminal::out(&format!("Operation {} {}", operation.id, operation.state.as_str()));
    if let Some(password) = generated {
        terminal::out(&format!("Password of the owner: {password}"));
    }
}
