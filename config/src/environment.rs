//! Variables of the environment that would say something to a library behind the settings' back.

use std::process::Command;

/// What the Postgres driver reads wherever it is not told otherwise, and in part (`PGOPTIONS`, `PGSSLCERT`, `PGSSLKEY`) even then.
const POSTGRES: &[&str] = &[
    "PGAPPNAME",
    "PGDATABASE",
    "PGHOST",
    "PGHOSTADDR",
    "PGOPTIONS",
    "PGPASSFILE",
    "PGPASSWORD",
    "PGPORT",
    "PGSSLCERT",
    "PGSSLKEY",
    "PGSSLMODE",
    "PGSSLROOTCERT",
    "PGUSER",
];

/// Makes sure that no PG* variable gets into a connection: where one is set, the program replaces itself by itself without them (same process, same arguments).
/// A variable can't be removed safely from a process that runs. Call it before anything else.
///
/// # Errors
/// When the program can't be started anew.
#[cfg(unix)]
pub fn without_postgres_variables() -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;

    if POSTGRES.iter().all(|name| std::env::var_os(name).is_none()) {
        return Ok(());
    }
    let mut again = Command::new(std::env::current_exe()?);
    let mut arguments = std::env::args_os();
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    again.args(arguments);
    for name in POSTGRES {
        again.env_remove(name);
    }
    // Comes back only when it fails.
    Err(again.exec())
}
