//! Template databases: a tenant's schema, ready to be copied.
//!
//! Named by the fingerprint of the SQL, marked `IS_TEMPLATE` only when complete, not connectable, rebuilt and never
//! altered. What a crash left unmarked is thrown away.

use std::time::Duration;

use nexus_infra::{ConnectSpec, Db};
use nexus_migration::database::{self, DatabaseState, NewDatabase};
use nexus_migration::{MigrationError, migrate_tenant, template_name};
use sqlx::{AssertSqlSafe, PgPool};

use crate::error::ProvisioningError;

/// Makes sure that the server has the template of this program's tenant schema. Answers its name. `admin` is a pool on
/// the maintenance database, `spec` the same way in. One builds it, others wait for that for a while.
///
/// # Errors
/// When the server fails; nothing that counts as a template is left then.
pub async fn ensure(admin: &Db, spec: &ConnectSpec) -> Result<String, ProvisioningError> {
    let name = template_name();
    if is_ready(admin.pool(), &name).await? {
        return Ok(name);
    }
    // Another name than the database's own, which its making and dropping lock.
    database::holding(admin.pool(), &format!("template {name}"), async {
        if is_ready(admin.pool(), &name).await? { Ok(()) } else { build(admin.pool(), spec, &name).await }
    })
    .await?;
    Ok(name)
}

async fn is_ready(admin: &PgPool, name: &str) -> Result<bool, MigrationError> {
    let mut connection = admin.acquire().await?;
    Ok(database::state(&mut connection, name).await? == DatabaseState::Present { template: true })
}

async fn build(admin: &PgPool, spec: &ConnectSpec, name: &str) -> Result<(), ProvisioningError> {
    tracing::info!(template = name, "building the tenant template");
    database::remove(admin, name).await?;
    database::create(admin, NewDatabase { name, template: "template0", open: true, connection_limit: None }).await?;
    let inside = Db::connect(&spec.clone().database(name).max_connections(2).acquire_timeout(Duration::from_secs(10))).await?;
    let migrated = migrate_tenant(inside.pool()).await;
    if migrated.is_ok() {
        // Visibility and statistics are copied along; a tenant does not pay for them again.
        sqlx::query("VACUUM (FREEZE, ANALYZE)").execute(inside.pool()).await.map_err(MigrationError::from)?;
    }
    inside.close().await;
    migrated?;
    // The last step, in one statement: from here on it is a template that nobody can enter.
    let seal = format!("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true", nexus_migration::sql::ident(name)?);
    sqlx::raw_sql(AssertSqlSafe(seal)).execute(admin).await.map_err(MigrationError::from)?;
    Ok(())
}
