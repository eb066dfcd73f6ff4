//! One SQL file as a migration.

use sea_orm::{ConnectionTrait, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

/// A SQL file; its name (without `.sql`) is what the migrations table remembers.
#[derive(Clone, Copy)]
pub(crate) struct SqlStep {
    pub(crate) name: &'static str,
    pub(crate) sql: &'static str,
}

impl MigrationName for SqlStep {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlStep {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.sql).await.map(drop)
    }
}

/// `steps!("control" => "0001_foundation", …)`: the files of one schema, in order.
macro_rules! steps {
    ($folder:literal => $($name:literal),* $(,)?) => {
        &[$(crate::step::SqlStep { name: $name, sql: include_str!(concat!("../", $folder, "/", $name, ".sql")) }),*]
    };
}
pub(crate) use steps;
