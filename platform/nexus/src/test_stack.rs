//! `nexus test-stack`: the embedded servers for tests, started once, handed over by environment, stopped at the end.
//!
//! The command gets, beside its own environment:
//!
//! | variable | what |
//! |---|---|
//! | `NEXUS_TEST_SETTINGS` | a settings file (TOML) of a platform on these servers |
//! | `NEXUS_TEST_CONTROL_TEMPLATE` | a migrated control database to clone |
//! | `NEXUS_TEST_TENANT_TEMPLATE` | the tenant template to clone |
//! | `NEXUS_TEST_MAIL_DIR` | the folder of the mail sink |
//! | `NEXUS_TEST_BIN` | this program |
//! | `NEXUS_TEST_FSYNC` | whether Postgres syncs: `on` or `off` |
//!
//! A janitor drops databases whose test process is gone (`nexus-test-support` marks them), so that thousands of tests fit on the disk.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nexus_config::{DevServers, Role, Settings};
use nexus_infra::{ConnectSpec, Db};
use nexus_migration::database;
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::cli::TestStackArgs;
use crate::dev::DataDir;
use crate::dev::stack::{EmbeddedStack, Purpose, table};
use crate::exit::{Exit, Failed};
use crate::terminal;

/// Databases of tests begin with one of these; the janitor touches no other.
const TEST_DATABASES: &str = "^(nexus_test_|nxt_)[0-9a-f]{32}$";

/// How the folders of test stacks begin.
const FOLDERS: &str = "nexus-tests-";

/// And how they begin once nobody uses them.
const GONE: &str = "nexus-gone-";

/// Starts the servers, runs the command (or waits to be interrupted), stops the servers. Answers the command's exit code.
pub async fn run(args: &TestStackArgs) -> Result<u8, Failed> {
    let temporary = match args.data_dir {
        Some(_) => None,
        // Below /var/tmp, not /tmp: that may be memory, and the user `postgres` must be able to enter.
        None => {
            remove_stale(std::path::Path::new("/var/tmp"));
            Some(tempfile::Builder::new().prefix(FOLDERS).tempdir_in("/var/tmp").context("no place for the test servers")?)
        }
    };
    let folder = match (&args.data_dir, &temporary) {
        (Some(folder), _) => folder.clone(),
        (None, Some(folder)) => folder.path().to_path_buf(),
        (None, None) => return Err(Failed::new(Exit::Failure, "no place for the test servers")),
    };
    if temporary.is_some() {
        open_to_all(&folder)?;
    }
    let interrupted = nexus_infra::shutdown::signal();
    tokio::pin!(interrupted);
    let data = DataDir::open(&folder).await?;
    let outside = DevServers::default();
    let stack = tokio::select! {
        stack = EmbeddedStack::start(data, &outside, Purpose::Tests { fsync: args.fsync }) => stack?,
        _ = &mut interrupted => return Ok(130),
    };
    let outcome = tokio::select! {
        outcome = with_stack(args, &stack) => outcome,
        _ = &mut interrupted => Ok(130),
    };
    stack.stop().await;
    if let Some(folder) = temporary {
        remove_behind(&folder.keep());
    }
    outcome
}

/// Hundreds of databases are hundreds of thousands of files: nobody waits for their removal. What it leaves when it is killed, the next run removes.
fn remove_behind(folder: &std::path::Path) {
    use std::os::unix::process::CommandExt;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let gone = folder.with_file_name(name.replacen(FOLDERS, GONE, 1));
    let folder = if std::fs::rename(folder, &gone).is_ok() { gone.as_path() } else { folder };
    let mut remove = std::process::Command::new("nice");
    remove.args(["rm", "-rf", "--"]).arg(folder).process_group(0);
    if remove.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().is_err() {
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// Removes what a killed run left: folders of ours whose lock nobody holds.
fn remove_stale(parent: &std::path::Path) {
    use std::os::unix::fs::MetadataExt;
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let gone = name.starts_with(GONE);
        if !gone && !name.starts_with(FOLDERS) {
            continue;
        }
        let ours = std::fs::symlink_metadata(entry.path()).is_ok_and(|meta| meta.is_dir() && meta.uid() == nix::unistd::geteuid().as_raw());
        // A folder without a lock file is just being made by another run.
        let unused = gone || std::fs::File::open(entry.path().join("lock")).is_ok_and(|lock| lock.try_lock().is_ok());
        if ours && unused {
            remove_behind(&entry.path());
        }
    }
}

/// Only the way in: everything below is private to its owner.
fn open_to_all(folder: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o711)).context("the folder of the test servers")
}

async fn with_stack(args: &TestStackArgs, stack: &EmbeddedStack) -> Result<u8, Failed> {
    let file = stack.write_settings(table([
        ("tokens", table([("issuer", "http://localhost:8080".into())]).into()),
        ("http", table([("public_url", "http://localhost:8080".into()), ("apex_host", "localhost".into())]).into()),
        // Tests ask far more than people do; the tests of the limits set their own.
        ("rate_limit", table([("enabled", false.into()), ("sign_ups_per_hour", toml::Value::Integer(100_000))]).into()),
        // Nothing outside the folder of the stack; each control database of a test has a place of its own.
        ("runtime", table([("snapshot_file", "".into())]).into()),
        // What is prepared for nobody costs time; the tests of the warm pool set their own.
        ("provisioning", table([("warm_pool", table([("size", toml::Value::Integer(0))]).into())]).into()),
        ("log", table([("format", "pretty".into())]).into()),
    ]))?;
    let settings = Settings::load_file(Role::All, &file).map_err(|error| Failed::new(Exit::Settings, error.to_string()))?;
    let prepared = crate::migrate::prepare(&settings).await?;
    let admin = Db::connect(&ConnectSpec::from_url(&SecretString::from(stack.admin_url().to_owned())).context("the administrator's URL")?)
        .await
        .context("the administrator's connection")?;
    // Nobody may be in a database while it is cloned.
    database::close(admin.pool(), &prepared.control_database).await.context("the control template")?;

    let itself = std::env::current_exe().context("the path of this program")?;
    let environment = [
        ("NEXUS_TEST_SETTINGS", file.into_os_string()),
        ("NEXUS_TEST_CONTROL_TEMPLATE", prepared.control_database.into()),
        ("NEXUS_TEST_TENANT_TEMPLATE", prepared.tenant_template.into()),
        ("NEXUS_TEST_MAIL_DIR", stack.mails().path().as_os_str().to_owned()),
        ("NEXUS_TEST_BIN", itself.into_os_string()),
        ("NEXUS_TEST_FSYNC", if args.fsync { "on" } else { "off" }.into()),
    ];

    let stopping = CancellationToken::new();
    let janitor = tokio::spawn(sweep(admin, stopping.clone()));
    let outcome = match args.command.split_first() {
        Some((program, arguments)) => {
            let mut command = tokio::process::Command::new(program);
            command.args(arguments).envs(environment).kill_on_drop(true);
            let status = command.status().await.with_context(|| format!("{} could not be started", program.display()))?;
            Ok(code_of(status))
        }
        None => {
            for (name, value) in environment {
                terminal::out(&format!("export {name}={}", value.display()));
            }
            terminal::note("The test servers run until Ctrl-C.");
            std::future::pending().await
        }
    };
    stopping.cancel();
    let _ = janitor.await;
    outcome
}

fn code_of(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}

/// Drops, one at a time, the databases of test processes that are gone.
async fn sweep(admin: Db, stopping: CancellationToken) {
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(3)) => {}
        }
        let abandoned: Result<Vec<String>, sqlx::Error> = sqlx::query_scalar(
            "SELECT d.datname::text FROM pg_database d JOIN pg_shdescription c ON c.objoid = d.oid AND c.classoid = 'pg_database'::regclass
             WHERE c.description LIKE 'nexus-test-%' AND d.datname ~ $1
               AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = c.description)
             ORDER BY d.oid LIMIT 20",
        )
        .bind(TEST_DATABASES)
        .fetch_all(admin.pool())
        .await;
        for name in abandoned.unwrap_or_default() {
            if stopping.is_cancelled() {
                return;
            }
            if let Err(error) = database::remove(admin.pool(), &name).await {
                tracing::debug!(%error, "an abandoned test database could not be dropped");
            }
        }
    }
}
