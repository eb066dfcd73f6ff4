//! Operators of the platform. Only the command line makes them and shuts them out: no route does.

use nexus_config::Settings;
use nexus_control_plane::ControlPlane;
use nexus_core::{Email, Problem};
use nexus_iam::operators::{NewOperator, Operator, OperatorError, PlatformRole};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::passwords::{self, Source};
use crate::cli::{CreateOperatorArgs, OperatorRef, OperatorsCommand};
use crate::dev::DevSecrets;
use crate::exit::{Exit, Failed};
use crate::roles::Parts;
use crate::terminal;

/// `nexus admin create-operator`
pub async fn create(control: &ControlPlane, args: &CreateOperatorArgs, as_json: bool) -> Result<(), Failed> {
    let source = Source { stdin: args.password_stdin, generate: args.generate_password };
    let new = new_operator(&args.email, &args.name, &args.role)?;
    let (password, generated) = passwords::obtain(source, &args.email)?;
    let operator = control.create_operator(new, &password).await.map_err(Problem::from)?;
    let shown = generated.then(|| secrecy::ExposeSecret::expose_secret(&password).to_owned());
    if as_json {
        let mut data = json!({ "id": operator.id, "email": args.email, "role": args.role });
        if let Some(password) = shown {
            data["password"] = json!(password);
        }
        terminal::out(&json!({ "data": data }).to_string());
    } else {
        terminal::out(&format!("Operator {} created ({})", args.email, args.role));
        if let Some(password) = shown {
            terminal::out(&format!("Password: {password}"));
        }
    }
    Ok(())
}

/// `nexus admin operators …`
pub async fn run(control: &ControlPlane, command: &OperatorsCommand, as_json: bool) -> Result<(), Failed> {
    match command {
        OperatorsCommand::List => list(control, as_json).await,
        OperatorsCommand::Disable(who) => set_active(control, who, false, as_json).await,
        OperatorsCommand::Enable(who) => set_active(control, who, true, as_json).await,
    }
}

async fn list(control: &ControlPlane, as_json: bool) -> Result<(), Failed> {
    let operators = control.list_operators().await.map_err(Problem::from)?;
    if as_json {
        terminal::out(&json!({ "data": operators.iter().map(shown).collect::<Vec<_>>() }).to_string());
        return Ok(());
    }
    let row = |operator: &Operator| {
        let last = operator.last_login_at.map_or_else(|| "never".to_owned(), |at| at.to_rfc3339());
        vec![operator.id.to_string(), operator.email.clone(), operator.role.clone(), operator.status.clone(), last]
    };
    let rows: Vec<Vec<String>> = operators.iter().map(row).collect();
    terminal::out(&terminal::columns(&["ID", "EMAIL", "ROLE", "STATUS", "LAST LOG-IN"], &rows));
    Ok(())
}

async fn set_active(control: &ControlPlane, who: &OperatorRef, active: bool, as_json: bool) -> Result<(), Failed> {
    let operator = control.set_operator_active(&who.operator, active).await.map_err(Problem::from)?;
    if as_json {
        terminal::out(&json!({ "data": shown(&operator) }).to_string());
    } else if active {
        terminal::out(&format!("Operator {} may log in again.", operator.email));
    } else {
        terminal::out(&format!("Operator {} is shut out; every session ends within a second.", operator.email));
    }
    Ok(())
}

fn shown(operator: &Operator) -> Value {
    json!({
        "id": operator.id,
        "email": operator.email,
        "name": operator.display_name,
        "role": operator.role,
        "status": operator.status,
        "last_login_at": operator.last_login_at,
        "created_at": operator.created_at,
    })
}

/// Makes the first operator of a development stack, unless it is there.
pub async fn ensure_first(settings: &Settings, secrets: &DevSecrets) -> Result<(), Failed> {
    let control = Parts::control_plane(settings.clone()).await?;
    let new = new_operator(&secrets.operator_email, "First operator", "super_admin")?;
    let made = control.create_operator(new, &SecretString::from(secrets.operator_password.clone())).await;
    control.db.close().await;
    match made {
        Ok(_) | Err(OperatorError::EmailTaken) => Ok(()),
        Err(error) => Err(Problem::from(error).into()),
    }
}

fn new_operator(email: &str, name: &str, role: &str) -> Result<NewOperator, Failed> {
    let email = Email::parse(email).map_err(|fault| Failed::new(Exit::Refused, format!("{email}: {}", fault.message)))?;
    let role = role.parse::<PlatformRole>().map_err(|_| Failed::new(Exit::Refused, format!("there is no role {role}")))?;
    Ok(NewOperator { email, display_name: name.to_owned(), role })
}
