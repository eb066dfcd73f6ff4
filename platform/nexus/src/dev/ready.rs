//! What `nexus dev` says once it serves, and the file (`running.json`) that tells scripts the same.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;
use serde_json::json;

use super::files;
use super::stack::EmbeddedStack;
use crate::terminal;

const FILE: &str = "running.json";

/// Prints the addresses, the first operator's log-in and the quick start, and writes the file for scripts.
pub fn announce(stack: &EmbeddedStack, address: SocketAddr) -> Result<()> {
    let url = format!("http://localhost:{}", address.port());
    files::write_private(
        &stack.data_dir().join(FILE),
        &serde_json::to_vec_pretty(&json!({ "url": url, "pid": std::process::id(), "settings": stack.data_dir().join("nexus.toml") }))?,
    )?;
    terminal::out(&banner(&url, stack));
    Ok(())
}

/// Removes the file for scripts.
pub fn remove(data_dir: &Path) {
    let _ = std::fs::remove_file(data_dir.join(FILE));
}

fn banner(url: &str, stack: &EmbeddedStack) -> String {
    let secrets = stack.secrets();
    let operator = format!("{}  {}", secrets.operator_email, secrets.operator_password);
    let port = url.rsplit(':').next().unwrap_or_default();
    format!(
        r#"
Nexus is ready (Ctrl-C stops everything).

  API         {url}/api/v1
  Docs        {url}/docs
  Mails       {url}/dev/mail
  Operator    {operator}
  Settings    NEXUS_CONFIG={settings} nexus admin tenants list

Quick start: an organization of your own (`make demo` does more):

  curl -sX POST {url}/api/v1/signup -H 'Content-Type: application/json' -H "Idempotency-Key: $(uuidgen || cat /proc/sys/kernel/random/uuid)" -d '{{"organization":"Acme Ltd","slug":"acme","email":"ada@example.com","password":"correct horse battery staple","display_name":"Ada","plan":"free"}}'
  TOKEN=$(curl -sX POST {url}/api/v1/auth/login -H 'Content-Type: application/json' -d '{{"email":"ada@example.com","password":"correct horse battery staple","organization":"acme"}}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -s http://acme.localhost:{port}/api/v1/products -H "Authorization: Bearer $TOKEN"
"#,
        settings = stack.data_dir().join("nexus.toml").display(),
    )
}
