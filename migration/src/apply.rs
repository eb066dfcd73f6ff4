//! Runs a schema's migrations: one transaction, one lock, as the owner of the objects.

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};
use sea_orm_migration::MigratorTrait;
use sqlx::PgPool;

use crate::MigrationError;

/// Advisory lock of whoever migrates a database (advisory locks are per database).
const MIGRATION_LOCK: i64 = 0x6e78_0001;

/// What a migration run did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Migrations that were run now; 0 when the schema was up to date.
    pub steps: usize,
    /// Version the database has now.
    pub version: i32,
}

/// Applies what is pending and records version and fingerprint, all or nothing. A database that is *newer* than this
/// program is refused by the migrator, which knows no file for what was applied.
pub(crate) async fn apply<M: MigratorTrait>(pool: &PgPool, version: i32, fingerprint: &str) -> Result<Applied, MigrationError> {
    let connection = DatabaseConnection::from(pool.clone());
    let tx = connection.begin().await?;
    tx.execute_unprepared("SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '2min'; SET LOCAL client_min_messages = warning").await?;
    tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    tx.execute_unprepared("SET LOCAL ROLE nx_owner").await?;
    let pending = M::get_pending_migrations(&tx).await?.len();
    if pending > 0 {
        M::up(&tx, None).await?;
        tx.execute_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            "INSERT INTO schema_info (version, fingerprint) VALUES ($1, $2)
             ON CONFLICT (singleton) DO UPDATE SET version = excluded.version, fingerprint = excluded.fingerprint, migrated_at = now()",
            [version.into(), fingerprint.into()],
        ))
        .await?;
    }
    tx.commit().await?;
    Ok(Applied { steps: pending, version })
}
