//! What `nexus dev` says once it serves, and the file (`running.json`) that tells scripts the same.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use nexus_config::{Role, Settings};
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
    terminal::out(&banner(&url, stack)?);
    Ok(())
}

/// Removes the file for scripts.
pub fn remove(data_dir: &Path) {
    let _ = std::fs::remove_file(data_dir.join(FILE));
}

fn banner(url: &str, stack: &EmbeddedStack) -> Result<String> {
    let secrets = stack.secrets();
    let operator = format!("{}, password {}", secrets.operator_email, secrets.operator_password);
    let port = url.rsplit(':').next().unwrap_or_default();
    let itself = std::env::current_exe().context("the path of this program")?;
    let settings = stack.data_dir().join("nexus.toml");
    // As the process reads it: the environment may name another address than the file.
    let metrics = metrics_at(Settings::load_file(Role::All, &settings)?.http.metrics_bind);
    Ok(format!(
        r#"
Nexus is ready (Ctrl-C stops everything).

  Start       {url}
  API         {url}/api/v1, documented at {url}/docs
  Mails       {url}/dev/mail
  Metrics     {metrics}
  Operator    {operator}
  Commands    NEXUS_CONFIG={settings} {itself} admin --help

Quick start, in another terminal: an organization of your own (`make demo` does more):

  curl -sX POST {url}/api/v1/signup -H 'Content-Type: application/json' -d '{{"organization":"Acme Ltd","slug":"acme","email":"ada@example.com","password":"correct horse battery staple","display_name":"Ada","plan":"free"}}'
  TOKEN=$(curl -sX POST {url}/api/v1/auth/login -H 'Content-Type: application/json' -d '{{"email":"ada@example.com","password":"correct horse battery staple","organization":"acme"}}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -sf --retry 9 http://acme.localhost:{port}/api/v1/products -H "Authorization: Bearer $TOKEN"
"#,
        settings = quoted(&settings.to_string_lossy()),
        itself = quoted(&itself.to_string_lossy()),
    ))
}

fn metrics_at(bind: SocketAddr) -> String {
    if bind.port() == 0 { "on a port of the system's choice (http.metrics_bind)".to_owned() } else { format!("http://{bind}/metrics") }
}

/// A path as a shell reads it.
fn quoted(path: &str) -> String {
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    if plain { path.to_owned() } else { format!("'{}'", path.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::{metrics_at, quoted};

    #[test]
    fn an_address_is_told_where_it_is_known() {
        assert_eq!(metrics_at("127.0.0.1:9464".parse().unwrap()), "http://127.0.0.1:9464/metrics");
        assert!(!metrics_at("127.0.0.1:0".parse().unwrap()).contains("http://"));
    }

    #[test]
    fn a_path_is_quoted_where_a_shell_would_break_it() {
        assert_eq!(quoted("/srv/nexus-1/.nexus/nexus.toml"), "/srv/nexus-1/.nexus/nexus.toml");
        assert_eq!(quoted("/home/ada/my stuff/it's"), r"'/home/ada/my stuff/it'\''s'");
    }
}
