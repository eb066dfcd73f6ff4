//! Operators of the platform. Only the command line makes them: no route does.

use nexus_config::Settings;
use nexus_control_plane::ControlPlane;
use nexus_core::{Email, Problem};
use nexus_iam::operators::{NewOperator, OperatorError, PlatformRole};
use secrecy::SecretString;
use serde_json::json;

use super::passwords::{self, Source};
use crate::cli::CreateOperatorArgs;
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
