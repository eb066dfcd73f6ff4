//! What a database server needs before its first tenant: the roles of Nexus, the control database, closed doors.
//!
//! | role | log-in | may |
//! |---|---|---|
//! | `nx_owner` | no | owns every database and object; only the administrator may become it |
//! | `nx_tenant` | no | the DML grants inside each tenant database; tenants' roles are members |
//! | `nexus_control` | yes | DML in the control database |
//! | `nexus_directory` | yes | SELECT on three views of the control database |
//!
//! CONNECT is revoked from PUBLIC on *every* database of the server, so the server is expected to be dedicated to Nexus.
//!
//! Errors go to the server's log without their DETAIL: that names values, such as the address that is taken or a whole row. Only a superuser may set that.

use secrecy::SecretString;
use sqlx::postgres::PgConnection;
use sqlx::{PgPool, Row};

use crate::database::{self, NewDatabase, run};
use crate::name_lock::NameLock;
use crate::sql::{catalogue_ident, ident, literal};
use crate::{MigrationError, scram};

/// What to set up on a server.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClusterSpec<'a> {
    /// The control database, on the one server that has it.
    pub control: Option<ControlSpec<'a>>,
}

/// The control database and the passwords of its two roles.
#[derive(Debug, Clone, Copy)]
pub struct ControlSpec<'a> {
    /// Name of the database, usually `nexus_control`.
    pub database: &'a str,
    /// Password of `nexus_control`.
    pub control_password: &'a SecretString,
    /// Password of `nexus_directory`.
    pub directory_password: &'a SecretString,
}

/// What a bootstrap found that an operator should know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BootstrapReport {
    /// Major version of the server.
    pub version: i32,
    /// Databases that anybody may still enter, because the administrator does not own them.
    pub open_to_public: Vec<String>,
    /// Whether the server's log keeps values of rows, and that was not ours to change.
    pub logs_values: bool,
}

/// What the server and the administrator's role are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerFacts {
    /// Major version.
    pub version: i32,
    /// Whether the current role is a superuser.
    pub superuser: bool,
    /// Whether errors are logged with their DETAIL, which names values of rows.
    pub logs_values: bool,
}

impl ServerFacts {
    /// Asks the server.
    ///
    /// # Errors
    /// [`MigrationError::Database`].
    pub async fn read(connection: &mut PgConnection) -> Result<Self, MigrationError> {
        let facts = "SELECT current_setting('server_version_num')::int / 10000 AS version, rolsuper,
                            current_setting('log_error_verbosity') <> 'terse' AS logs_values
                     FROM pg_roles WHERE rolname = current_user";
        let row = sqlx::query(facts).fetch_one(&mut *connection).await?;
        Ok(Self { version: row.try_get("version")?, superuser: row.try_get("rolsuper")?, logs_values: row.try_get("logs_values")? })
    }
}

/// Brings a server into the shape that Nexus needs. `admin` is the administrator's pool on its maintenance database.
///
/// # Errors
/// [`MigrationError::ServerTooOld`], [`MigrationError::AdministratorTooWeak`], or a failed statement.
pub async fn bootstrap_cluster(admin: &PgPool, spec: &ClusterSpec<'_>) -> Result<BootstrapReport, MigrationError> {
    let mut lock = NameLock::take(admin, "nexus.bootstrap").await?;
    let connection = &mut *lock.connection;
    let facts = ServerFacts::read(connection).await?;
    check_administrator(connection, facts).await?;

    for role in ["nx_owner", "nx_tenant"] {
        ensure_role(connection, role, "NOLOGIN").await?;
        if !facts.superuser {
            let options = if facts.version >= 16 { " WITH INHERIT TRUE, SET TRUE" } else { "" };
            run(connection, format!("GRANT {} TO CURRENT_USER{options}", ident(role)?)).await?;
        }
    }
    if let Some(control) = &spec.control {
        for (role, password) in [("nexus_control", control.control_password), ("nexus_directory", control.directory_password)] {
            ensure_role(connection, role, &format!("LOGIN PASSWORD {}", literal(&scram::verifier(password)?))).await?;
        }
        let new = NewDatabase { name: control.database, template: "template0", open: true, connection_limit: None };
        database::create_locked(connection, new).await?;
        grant_control(connection, control.database).await?;
    }
    let open_to_public = close_to_public(connection).await?;
    if facts.superuser {
        run(connection, "ALTER ROLE ALL SET log_error_verbosity = terse".to_owned()).await?;
    }
    let logs_values = facts.logs_values && !facts.superuser;
    lock.release().await?;
    if logs_values {
        tracing::warn!("the server writes values of rows, personal data among them, into its log: set log_error_verbosity = terse for it");
    }
    if !open_to_public.is_empty() {
        tracing::warn!(databases = ?open_to_public, "anybody who can log in may enter these databases: revoke CONNECT from PUBLIC as their owner");
    }
    Ok(BootstrapReport { version: facts.version, open_to_public, logs_values })
}

/// Gives the two control roles CONNECT on a control database (tests clone it; grants on databases are not copied).
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn grant_control(connection: &mut PgConnection, database: &str) -> Result<(), MigrationError> {
    run(connection, format!("GRANT CONNECT ON DATABASE {} TO nexus_control, nexus_directory", ident(database)?)).await
}

/// Revokes CONNECT and TEMPORARY from PUBLIC wherever PUBLIC has them. Returns the databases where that is not ours to do.
///
/// # Errors
/// [`MigrationError::Database`].
pub async fn close_to_public(connection: &mut PgConnection) -> Result<Vec<String>, MigrationError> {
    let mut left = Vec::new();
    for (name, ours) in open_databases(connection).await? {
        if !ours {
            left.push(name);
            continue;
        }
        // The administrator stays welcome.
        let quoted = catalogue_ident(&name);
        let closed = run(
            connection,
            format!("GRANT CONNECT ON DATABASE {quoted} TO CURRENT_USER; REVOKE CONNECT, TEMPORARY ON DATABASE {quoted} FROM PUBLIC"),
        )
        .await;
        if let Err(error) = closed
            && !was_dropped(&error)
        {
            return Err(error);
        }
    }
    Ok(left)
}

/// Connectable databases that PUBLIC may enter, and whether the current role owns them.
async fn open_databases(connection: &mut PgConnection) -> Result<Vec<(String, bool)>, MigrationError> {
    let rows = sqlx::query(
        "SELECT d.datname::text AS name, pg_has_role(d.datdba, 'USAGE') AS ours FROM pg_database d
         WHERE d.datallowconn AND d.datconnlimit <> -2 AND EXISTS (
             SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
             WHERE a.grantee = 0 AND a.privilege_type IN ('CONNECT', 'TEMPORARY'))
         ORDER BY d.datname",
    )
    .fetch_all(&mut *connection)
    .await?;
    rows.into_iter().map(|row| Ok((row.try_get("name")?, row.try_get("ours")?))).collect()
}

/// The database went away between the look and the change, or somebody else changed its grants just then.
fn was_dropped(error: &MigrationError) -> bool {
    let MigrationError::Database(sqlx::Error::Database(error)) = error else { return false };
    error.code().as_deref() == Some("3D000") || (error.code().as_deref() == Some("XX000") && error.message().contains("concurrently"))
}

async fn ensure_role(connection: &mut PgConnection, name: &str, attributes: &str) -> Result<(), MigrationError> {
    let verb = if database::role_exists(connection, name).await? { "ALTER" } else { "CREATE" };
    run(connection, format!("{verb} ROLE {} {attributes}", ident(name)?)).await
}

async fn check_administrator(connection: &mut PgConnection, facts: ServerFacts) -> Result<(), MigrationError> {
    if facts.version < 15 {
        return Err(MigrationError::ServerTooOld { found: facts.version });
    }
    if facts.superuser {
        return Ok(());
    }
    let row = sqlx::query("SELECT rolname::text AS name, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user")
        .fetch_one(&mut *connection)
        .await?;
    for (attribute, missing) in [("rolcreatedb", "CREATEDB"), ("rolcreaterole", "CREATEROLE")] {
        if !row.try_get::<bool, _>(attribute)? {
            return Err(MigrationError::AdministratorTooWeak { role: row.try_get("name")?, missing });
        }
    }
    Ok(())
}
