//! Where the machine keeps the servers that the embedded stack starts.
//!
//! Nothing is downloaded here: `scripts/install-servers.sh` installs what is missing, after saying so.
//! A message of this module names the command that would help.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The oldest Postgres whose behaviour the platform relies on (`CREATE DATABASE … STRATEGY`, `NULLS NOT DISTINCT`).
pub const POSTGRES_MINIMUM: u32 = 15;

/// A directory with the server's programs and the major version that they report.
#[derive(Debug, Clone)]
pub struct PostgresInstall {
    /// Holds `postgres` and `initdb`.
    pub bin: PathBuf,
    /// 15, 16, …
    pub major: u32,
}

/// Finds installed Postgres server programs, newest first.
///
/// `wanted` is the major version of a cluster that exists already: only that one can open it.
pub fn find_postgres(wanted: Option<u32>) -> Result<PostgresInstall> {
    let mut found: Vec<PostgresInstall> = postgres_directories()
        .into_iter()
        .filter(|dir| dir.join("initdb").is_file() && dir.join("postgres").is_file())
        .filter_map(|bin| major_version(&bin.join("postgres")).map(|major| PostgresInstall { bin, major }))
        .collect();
    found.sort_by_key(|install| std::cmp::Reverse(install.major));
    match wanted {
        Some(major) => found.into_iter().find(|install| install.major == major).with_context(|| {
            format!(
                "the development database was made by Postgres {major}, whose server programs are not installed; \
                 install postgresql-{major}, or clear the development data with `make reset`"
            )
        }),
        None => match found.into_iter().find(|install| install.major >= POSTGRES_MINIMUM) {
            Some(install) => Ok(install),
            None => bail!(
                "no Postgres server (version {POSTGRES_MINIMUM} or newer) is installed; \
                 `scripts/install-servers.sh` installs one (Debian and Ubuntu: `apt-get install postgresql`)"
            ),
        },
    }
}

/// Finds `redis-server` on the search path or where packages put it.
pub fn find_redis() -> Result<PathBuf> {
    let mut directories = search_path();
    directories.extend(["/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from));
    directories.into_iter().map(|dir| dir.join("redis-server")).find(|program| program.is_file()).context(
        "`redis-server` is not installed; `scripts/install-servers.sh` installs it \
             (Debian and Ubuntu: `apt-get install redis-server`), or name a running server in NEXUS_DEV_REDIS_URL",
    )
}

fn postgres_directories() -> Vec<PathBuf> {
    let mut directories = search_path();
    for (parent, prefix, suffix) in [
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql", "bin"),
        ("/usr/local/opt", "postgresql", "bin"),
    ] {
        let Ok(entries) = std::fs::read_dir(parent) else { continue };
        directories
            .extend(entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix)).map(|entry| entry.path().join(suffix)));
    }
    directories.push(PathBuf::from("/usr/local/pgsql/bin"));
    directories
}

/// The directories of PATH. PATH is the machine's, not a setting of Nexus, so it is read here and not in nexus-config.
fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// The major version in the output of `postgres --version`, such as "postgres (PostgreSQL) 15.14 (Debian …)".
fn major_version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

fn parse_major(line: &str) -> Option<u32> {
    let version = line.split_once("(PostgreSQL)")?.1.trim_start();
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::parse_major;

    #[test]
    fn the_major_version_is_read_from_what_servers_print() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_major("something else"), None);
    }
}
