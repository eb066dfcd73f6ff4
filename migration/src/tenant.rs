//! A tenant database's schema (`migration/tenant/*.sql`).
//!
//! The runtime serves versions N and N−1, so a change comes in two releases: expand, then contract.

use aws_lc_rs::digest;
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use sqlx::PgPool;

use crate::step::{SqlStep, steps};
use crate::{Applied, MigrationError, apply};

/// Number of the newest tenant schema. Raised with every release that adds files.
pub const TENANT_SCHEMA_VERSION: i32 = 3;

const STEPS: &[SqlStep] = steps!("tenant" =>
    "0001_foundation",
    "0002_access",
    "0003_catalog",
    "0004_inventory",
    "0005_operations",
    "0006_grants",
    "0007_seed",
    "0008_api_keys",
    "0009_people",
    "0010_reversals",
    "0011_onboarding",
    "0012_role_words",
);

/// A tenant database's migrations.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS.iter().map(|step| Box::new(*step) as Box<dyn MigrationTrait>).collect()
    }
}

/// 16 hex digits over version, names and text of all tenant SQL: two databases with one fingerprint have one schema.
#[must_use]
pub fn fingerprint() -> String {
    digest(STEPS, TENANT_SCHEMA_VERSION)
}

/// Name of the template database that has exactly this schema.
#[must_use]
pub fn template_name() -> String {
    format!("nx_tpl_{}", fingerprint())
}

/// Brings a tenant database (or a template in the making) up to date. `admin` is the administrator's pool on it.
///
/// # Errors
/// [`MigrationError::Migration`]; nothing was changed then.
pub async fn migrate_tenant(admin: &PgPool) -> Result<Applied, MigrationError> {
    apply::apply::<Migrator>(admin, TENANT_SCHEMA_VERSION, &fingerprint()).await
}

pub(crate) fn digest(steps: &[SqlStep], version: i32) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&version.to_be_bytes());
    for step in steps {
        context.update(step.name.as_bytes());
        context.update(&[0]);
        context.update(step.sql.as_bytes());
        context.update(&[0]);
    }
    hex::encode(&context.finish().as_ref()[..8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_tells_any_change_of_the_sql() {
        let one = [SqlStep { name: "a", sql: "SELECT 1" }];
        let other = [SqlStep { name: "a", sql: "SELECT 2" }];
        assert_eq!(digest(&one, 1).len(), 16);
        assert_ne!(digest(&one, 1), digest(&other, 1));
        assert_ne!(digest(&one, 1), digest(&one, 2));
    }

    #[test]
    fn every_sql_file_of_the_folders_is_listed() {
        for (folder, count) in [("tenant", STEPS.len()), ("control", super::super::control::Migrator::migrations().len())] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            let files = std::fs::read_dir(path).unwrap().filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "sql"));
            assert_eq!(files.count(), count, "{folder}");
        }
    }
}
