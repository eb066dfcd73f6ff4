//! The control database's schema (`migration/control/*.sql`).

use sea_orm_migration::{MigrationTrait, MigratorTrait};
use sqlx::PgPool;

use crate::step::{SqlStep, steps};
use crate::{Applied, MigrationError, apply, tenant};

/// Number of the newest control schema.
pub const CONTROL_SCHEMA_VERSION: i32 = 1;

const STEPS: &[SqlStep] = steps!("control" =>
    "0001_foundation",
    "0002_accounts",
    "0003_tenants",
    "0004_provisioning",
    "0005_billing",
    "0006_views_and_grants",
    "0007_sessions_and_trials",
    "0008_warm_pool",
    "0009_moved_servers",
    "0010_passwords",
    "0011_people",
    "0012_session_codes",
    "0013_operators_views",
    "0014_order_of_events",
);

/// The control database's migrations.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS.iter().map(|step| Box::new(*step) as Box<dyn MigrationTrait>).collect()
    }
}

/// Brings a control database up to date. `admin` is the administrator's pool on that database; the roles of
/// [`crate::bootstrap_cluster`] must exist.
///
/// # Errors
/// [`MigrationError::Migration`]; nothing was changed then.
pub async fn migrate_control(admin: &PgPool) -> Result<Applied, MigrationError> {
    apply::apply::<Migrator>(admin, CONTROL_SCHEMA_VERSION, &tenant::digest(STEPS, CONTROL_SCHEMA_VERSION)).await
}
