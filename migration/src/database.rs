//! Creating, closing and dropping databases and roles so that it may be repeated, run twice at once, or be killed.
//!
//! Each change is made under a session advisory lock on the *name*, look at the catalogue included; mere questions
//! ([`state`], [`role_exists`]) take none. A killed client's backend keeps that lock until its statement is through, so
//! whoever comes next sees the outcome and never races a `CREATE DATABASE` in flight. Nobody waits for a lock for ever.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use secrecy::SecretString;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::name_lock::NameLock;
use crate::sql::{catalogue_ident, ident, literal};
use crate::{MigrationError, ServerFacts, scram};

/// Whoever holds a lock for work elsewhere says something on its session this often: well within what makes a holder forsaken.
const SAY_EVERY: Duration = Duration::from_secs(3);
/// How long a database that is copied waits for its role, which may wait for a lock of its own. Well within the same bound.
const ROLE_LIMIT: Duration = Duration::from_secs(5);

/// A database to be.
#[derive(Debug, Clone, Copy)]
pub struct NewDatabase<'a> {
    /// Its name.
    pub name: &'a str,
    /// The database it is copied from.
    pub template: &'a str,
    /// Whether it may be entered at once; a tenant's may only when its limits stand.
    pub open: bool,
    /// Greatest number of connections.
    pub connection_limit: Option<u32>,
}

/// How a database stands in the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseState {
    /// There is none.
    Absent,
    /// There is one.
    Present {
        /// It is marked as a template.
        template: bool,
    },
    /// A DROP was interrupted: only another DROP is possible.
    Invalid,
}

/// Runs one statement that can't carry parameters. The text must be built with [`crate::sql`].
pub(crate) async fn run(connection: &mut PgConnection, statement: String) -> Result<(), MigrationError> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut *connection).await?;
    Ok(())
}

/// How the database stands now.
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn state(connection: &mut PgConnection, name: &str) -> Result<DatabaseState, MigrationError> {
    let row = sqlx::query("SELECT datistemplate, datconnlimit = -2 AS invalid FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(&mut *connection)
        .await?;
    Ok(match row {
        None => DatabaseState::Absent,
        Some(row) if row.try_get::<Option<bool>, _>("invalid")?.unwrap_or(false) => DatabaseState::Invalid,
        Some(row) => DatabaseState::Present { template: row.try_get("datistemplate")? },
    })
}

/// Creates the database unless it is there, owned by `nx_owner`, with nothing granted to PUBLIC, open or closed as it is to be.
///
/// # Errors
/// [`MigrationError::Database`]; a missing template is one.
pub async fn create(admin: &PgPool, new: NewDatabase<'_>) -> Result<(), MigrationError> {
    let mut lock = NameLock::take(admin, new.name).await?;
    if let Some(copy) = lacking(&mut lock.connection, new).await? {
        run(&mut lock.connection, copy).await?;
    }
    lock.finish(&closing(new)?).await
}

/// Does `work` while holding the lock on a name that others know, and says something on the lock's session meanwhile: one that was silent for long would be
/// taken for forsaken. The work is dropped when that session ends.
///
/// # Errors
/// [`MigrationError::Database`] when the lock is not granted in time, or is lost; else those of `work`.
pub async fn holding<T, E: From<MigrationError>>(admin: &PgPool, name: &str, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let mut lock = NameLock::take(admin, name).await?;
    let outcome = tokio::select! {
        outcome = work => outcome,
        lost = say_something(&mut lock.connection) => {
            let Err(lost) = lost;
            return Err(lost.into());
        }
    };
    lock.release().await?;
    outcome
}

async fn say_something(connection: &mut PgConnection) -> Result<Infallible, MigrationError> {
    loop {
        tokio::time::sleep(SAY_EVERY).await;
        run(connection, "SELECT 1".to_owned()).await?;
    }
}

/// As [`create`]; and when `prepared` answers that the role is there, lets it into the database and opens that, in one transaction with closing it to PUBLIC.
/// `prepared` goes on beside the copying, and is waited for a little longer. Answers whether the database is open.
///
/// # Errors
/// [`MigrationError::Database`]; a missing template is one.
pub async fn create_and_admit(
    admin: &PgPool,
    new: NewDatabase<'_>,
    role: &str,
    prepared: impl Future<Output = bool>,
) -> Result<bool, MigrationError> {
    let (closing, opening) = (closing(new)?, opening(role, new.name)?);
    let mut lock = NameLock::take(admin, new.name).await?;
    let copy = lacking(&mut lock.connection, new).await?;
    let copied = async {
        match copy {
            Some(copy) => run(&mut lock.connection, copy).await,
            None => Ok(()),
        }
    };
    // Biased: the server copies while this thread reckons what the role needs, which takes it a while.
    let (mut copied, mut prepared, mut answer) = (Box::pin(copied), pin!(prepared), None);
    loop {
        tokio::select! {
            biased;
            copied = &mut copied => break copied?,
            is_prepared = &mut prepared, if answer.is_none() => answer = Some(is_prepared),
        }
    }
    drop(copied);
    let is_prepared = match answer {
        Some(is_prepared) => is_prepared,
        // The lock is held in silence meanwhile.
        None => tokio::time::timeout(ROLE_LIMIT, prepared).await.unwrap_or(false),
    };
    lock.finish(&if is_prepared { format!("{closing}; {opening}") } else { closing }).await?;
    Ok(is_prepared)
}

pub(crate) async fn create_locked(connection: &mut PgConnection, new: NewDatabase<'_>) -> Result<(), MigrationError> {
    if let Some(copy) = lacking(connection, new).await? {
        run(connection, copy).await?;
    }
    run(connection, closing(new)?).await
}

/// The statement that copies the template, unless the database is there.
async fn lacking(connection: &mut PgConnection, new: NewDatabase<'_>) -> Result<Option<String>, MigrationError> {
    let name = ident(new.name)?;
    let found = state(connection, new.name).await?;
    if found == DatabaseState::Invalid {
        run(connection, format!("DROP DATABASE {name}")).await?;
    }
    if matches!(found, DatabaseState::Present { .. }) {
        return Ok(None);
    }
    let limit = new.connection_limit.map_or(-1, i64::from);
    let encoding = encoding(connection, new.template).await?;
    Ok(Some(format!(
        "CREATE DATABASE {name} OWNER nx_owner TEMPLATE {} STRATEGY wal_log ALLOW_CONNECTIONS {} CONNECTION LIMIT {limit}{encoding}",
        ident(new.template)?,
        new.open,
    )))
}

/// The statements that take it from PUBLIC, and close one that is not to be open.
fn closing(new: NewDatabase<'_>) -> Result<String, MigrationError> {
    let name = ident(new.name)?;
    let close = if new.open { String::new() } else { format!("; ALTER DATABASE {name} ALLOW_CONNECTIONS false") };
    Ok(format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC{close}"))
}

/// A database made from `template0` must be UTF-8 even where the cluster is not.
async fn encoding(connection: &mut PgConnection, template: &str) -> Result<&'static str, MigrationError> {
    if template != "template0" {
        return Ok("");
    }
    let encoding: String = sqlx::query_scalar("SELECT pg_encoding_to_char(encoding)::text FROM pg_database WHERE datname = 'template0'")
        .fetch_one(&mut *connection)
        .await?;
    Ok(if encoding == "UTF8" { "" } else { " ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'" })
}

/// Lets the database be entered (by whom it is granted to).
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn open(admin: &PgPool, name: &str) -> Result<(), MigrationError> {
    let statement = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", ident(name)?);
    NameLock::take(admin, name).await?.finish(&statement).await
}

/// The comment on a database that a tenant uses.
pub const IN_USE: &str = "nexus: a tenant's database, in use";

/// Writes [`IN_USE`] on the database.
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn mark_in_use(admin: &PgPool, name: &str) -> Result<(), MigrationError> {
    let statement = format!("COMMENT ON DATABASE {} IS {}", ident(name)?, literal(IN_USE));
    NameLock::take(admin, name).await?.finish(&statement).await
}

/// Takes [`IN_USE`] off the database. Nothing happens when it is not there, or the database is gone.
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn unmark_in_use(admin: &PgPool, name: &str) -> Result<(), MigrationError> {
    let statement = format!("COMMENT ON DATABASE {} IS NULL", ident(name)?);
    let mut lock = NameLock::take(admin, name).await?;
    if is_in_use(&mut lock.connection, name).await? {
        run(&mut lock.connection, statement).await?;
    }
    lock.release().await
}

async fn is_in_use(connection: &mut PgConnection, name: &str) -> Result<bool, MigrationError> {
    let query = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND shobj_description(oid, 'pg_database') = $2)";
    Ok(sqlx::query_scalar(query).bind(name).bind(IN_USE).fetch_one(&mut *connection).await?)
}

/// Keeps everybody out of the database and ends the sessions in it. Nothing happens when it is gone.
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn close(admin: &PgPool, name: &str) -> Result<(), MigrationError> {
    let mut lock = NameLock::take(admin, name).await?;
    if matches!(state(&mut lock.connection, name).await?, DatabaseState::Present { .. }) {
        run(&mut lock.connection, format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", ident(name)?)).await?;
        end_sessions(&mut lock.connection, "datname", name).await?;
    }
    lock.release().await
}

/// Drops the database, with whoever is in it, unless it is marked as [`IN_USE`]. Nothing happens when it is gone.
///
/// # Errors
/// [`MigrationError::InUse`], [`MigrationError::Database`].
pub async fn remove(admin: &PgPool, name: &str) -> Result<(), MigrationError> {
    let quoted = ident(name)?;
    let mut lock = NameLock::take(admin, name).await?;
    // Here and not before: the mark can't come between this look and the DROP.
    if is_in_use(&mut lock.connection, name).await? {
        lock.release().await?;
        return Err(MigrationError::InUse(name.to_owned()));
    }
    match state(&mut lock.connection, name).await? {
        DatabaseState::Absent => {}
        DatabaseState::Invalid => run(&mut lock.connection, format!("DROP DATABASE IF EXISTS {quoted}")).await?,
        DatabaseState::Present { template } => {
            let plain = if template { " IS_TEMPLATE false" } else { "" };
            run(&mut lock.connection, format!("ALTER DATABASE {quoted} ALLOW_CONNECTIONS false{plain}")).await?;
            end_sessions(&mut lock.connection, "datname", name).await?;
            run(&mut lock.connection, format!("DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")).await?;
        }
    }
    lock.release().await
}

/// A tenant's login role.
#[derive(Debug, Clone, Copy)]
pub struct TenantRole<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its password.
    pub password: &'a SecretString,
    /// The only database it may enter.
    pub database: &'a str,
    /// Greatest number of connections over all processes.
    pub connection_limit: u32,
}

/// Creates or corrects a tenant's role: log-in with this password, member of `nx_tenant`, CONNECT on its own database
/// alone, limited in connections, statements, locks and idle transactions.
///
/// # Errors
/// [`MigrationError::Database`]; a missing database is one.
pub async fn ensure_tenant_role(admin: &PgPool, role: TenantRole<'_>) -> Result<(), MigrationError> {
    prepare_tenant_role(admin, role).await?;
    let statement = connect(role.name, role.database)?;
    NameLock::take(admin, role.database).await?.finish(&statement).await
}

/// Lets a tenant's role that is there into its database, and opens that.
///
/// # Errors
/// [`MigrationError::Database`]; a missing role or database is one.
pub async fn admit(admin: &PgPool, role: &str, database: &str) -> Result<(), MigrationError> {
    let statements = opening(role, database)?;
    NameLock::take(admin, database).await?.finish(&statements).await
}

fn opening(role: &str, database: &str) -> Result<String, MigrationError> {
    Ok(format!("{}; ALTER DATABASE {} ALLOW_CONNECTIONS true", connect(role, database)?, ident(database)?))
}

fn connect(role: &str, database: &str) -> Result<String, MigrationError> {
    Ok(format!("GRANT CONNECT ON DATABASE {} TO {}", ident(database)?, ident(role)?))
}

/// A role may have its database's name, and is made while that is being copied: its lock is another.
fn role_lock(name: &str) -> String {
    format!("role {name}")
}

/// As [`ensure_tenant_role`], but for CONNECT: for a database that is not there yet.
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn prepare_tenant_role(admin: &PgPool, role: TenantRole<'_>) -> Result<(), MigrationError> {
    let name = ident(role.name)?;
    // Some milliseconds of work, which nobody else on this thread need wait for.
    let password = role.password.clone();
    let verifier = tokio::task::spawn_blocking(move || scram::verifier(&password)).await.map_err(|_| MigrationError::Crypto)??;
    let verifier = literal(&verifier);
    let mut lock = NameLock::take(admin, &role_lock(role.name)).await?;
    let connection = &mut *lock.connection;
    let facts = ServerFacts::read(connection).await?;
    let attributes = format!(
        "LOGIN INHERIT NOCREATEDB NOCREATEROLE {}CONNECTION LIMIT {} PASSWORD {verifier}",
        if facts.superuser { "NOSUPERUSER NOREPLICATION NOBYPASSRLS " } else { "" },
        role.connection_limit
    );
    let verb = if role_exists(connection, role.name).await? { "ALTER" } else { "CREATE" };
    let membership = if facts.version >= 16 { " WITH INHERIT TRUE, SET FALSE, ADMIN FALSE" } else { "" };
    let own = if facts.superuser {
        String::new()
    } else if facts.version >= 16 {
        // Ending a tenant's sessions needs the privileges of its role.
        format!("GRANT {name} TO CURRENT_USER WITH INHERIT TRUE, SET FALSE;")
    } else {
        format!("GRANT {name} TO CURRENT_USER;")
    };
    // One transaction: the role never exists half made.
    lock.finish(&format!(
        "{verb} ROLE {name} {attributes}; {own}
             GRANT nx_tenant TO {name}{membership};
             ALTER ROLE {name} SET statement_timeout = '15s';
             ALTER ROLE {name} SET lock_timeout = '5s';
             ALTER ROLE {name} SET idle_in_transaction_session_timeout = '30s';
             ALTER ROLE {name} SET search_path = 'public';
             ALTER ROLE {name} SET timezone = 'UTC'"
    ))
    .await
}

/// Removes a tenant's role with its sessions and grants. Nothing happens when it is gone.
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn remove_role(admin: &PgPool, name: &str) -> Result<(), MigrationError> {
    let quoted = ident(name)?;
    let mut lock = NameLock::take(admin, &role_lock(name)).await?;
    let connection = &mut *lock.connection;
    if role_exists(connection, name).await? {
        run(connection, format!("ALTER ROLE {quoted} NOLOGIN")).await?;
        end_sessions(connection, "usename", name).await?;
        let granted: Vec<String> = sqlx::query_scalar(
            "SELECT d.datname::text FROM pg_database d, aclexplode(d.datacl) a JOIN pg_roles r ON r.oid = a.grantee
             WHERE r.rolname = $1 GROUP BY d.datname",
        )
        .bind(name)
        .fetch_all(&mut *connection)
        .await?;
        for database in granted {
            run(connection, format!("REVOKE ALL ON DATABASE {} FROM {quoted}", catalogue_ident(&database))).await?;
        }
        run(connection, format!("DROP ROLE IF EXISTS {quoted}")).await?;
    }
    lock.release().await
}

/// Whether the role is there.
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn role_exists(connection: &mut PgConnection, name: &str) -> Result<bool, MigrationError> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)").bind(name).fetch_one(&mut *connection).await?)
}

/// Ends the sessions in a database (`datname`) or of a role (`usename`), other than this one.
async fn end_sessions(connection: &mut PgConnection, column: &'static str, name: &str) -> Result<(), MigrationError> {
    sqlx::query(AssertSqlSafe(format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {column} = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )))
    .bind(name)
    .execute(&mut *connection)
    .await?;
    Ok(())
}
