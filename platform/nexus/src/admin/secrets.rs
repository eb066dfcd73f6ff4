//! `nexus admin secrets`: keys of the processes, and what is sealed with them.

use nexus_config::Settings;
use nexus_control_plane::ControlPlane;
use nexus_infra::secrets::{MasterKey, Rewrapped, SecretsError};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::exit::{Exit, Failed};
use crate::terminal;

/// `nexus admin secrets runtime-key`
pub fn runtime_key(settings: &Settings, as_json: bool) -> Result<(), Failed> {
    let derive = |master: &SecretString| MasterKey::from_base64(master)?.runtime_key();
    let wrong = |error: SecretsError| Failed::new(Exit::Settings, format!("secrets.master_key: {error}"));
    let key = derive(&settings.secrets.master_key).map_err(wrong)?;
    let previous = match &settings.secrets.previous_kek_id {
        Some(_) => Some(derive(&settings.secrets.previous_master_key).map_err(wrong)?),
        None => None,
    };
    if as_json {
        let data = json!({
            "kek_id": settings.secrets.kek_id,
            "runtime_key": key.expose_secret(),
            "previous_kek_id": settings.secrets.previous_kek_id,
            "previous_runtime_key": previous.as_ref().map(|key| key.expose_secret().to_owned()),
        });
        terminal::out(&json!({ "data": data }).to_string());
        return Ok(());
    }
    // The key alone on standard output, so that it can be piped into a secret store.
    terminal::out(key.expose_secret());
    Ok(())
}

/// `nexus admin secrets rewrap`
pub async fn rewrap(control: &ControlPlane, as_json: bool) -> Result<(), Failed> {
    let report = control.rewrap_secrets().await?;
    if as_json {
        terminal::out(&json!({ "data": report }).to_string());
    } else {
        let row =
            |name: &str, count: Rewrapped| vec![name.to_owned(), count.rewrapped.to_string(), count.current.to_string(), count.failed.to_string()];
        let rows = [row("signing keys", report.signing_keys), row("tenants", report.tenants)];
        terminal::out(&terminal::columns(&["SECRETS", "REWRAPPED", "CURRENT", "FAILED"], &rows));
    }
    match report.signing_keys.failed + report.tenants.failed {
        0 => Ok(()),
        failed => Err(Failed::new(
            Exit::CheckFailed,
            format!("{failed} sealed secrets do not open with the keys of the settings and were left as they are; the log names them"),
        )),
    }
}
