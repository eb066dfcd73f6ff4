//! The only queries on settings.

use std::collections::BTreeMap;

use nexus_infra::{Db, DbError, Tx};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryOrder, QuerySelect, Set, Statement};
use serde_json::Value;

use crate::modules::access::entity::settings;

/// Bytes of the longest name of a time zone that is looked up.
const LONGEST_ZONE: usize = 64;

/// Every setting by key, and the version of the whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    pub values: BTreeMap<String, Value>,
    pub version: i64,
}

impl From<Vec<settings::Model>> for Rows {
    fn from(rows: Vec<settings::Model>) -> Self {
        let version = rows.iter().map(|row| row.version).sum();
        Self { values: rows.into_iter().map(|row| (row.key, row.value)).collect(), version }
    }
}

/// Every setting.
pub async fn all<C: ConnectionTrait>(conn: &C) -> Result<Rows, DbError> {
    Ok(settings::Entity::find().all(conn).await?.into())
}

/// Every setting, locked until the transaction ends.
pub async fn all_locked(tx: &Tx) -> Result<Rows, DbError> {
    Ok(settings::Entity::find().order_by_asc(settings::Column::Key).lock_exclusive().all(tx.conn()).await?.into())
}

/// Writes one setting.
pub async fn set(tx: &Tx, key: &str, value: Value) -> Result<(), DbError> {
    let row = settings::ActiveModel { key: Set(key.to_owned()), value: Set(value), ..Default::default() };
    let overwrite = OnConflict::column(settings::Column::Key).update_column(settings::Column::Value).to_owned();
    settings::Entity::insert(row).on_conflict(overwrite).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// Whether the database knows the time zone by this name. Zones that count leap seconds, and POSIX's spellings, are none of an organization's.
///
/// # Errors
/// [`DbError`].
pub async fn knows_time_zone(db: &Db, name: &str) -> Result<bool, DbError> {
    if name.len() > LONGEST_ZONE || name.contains('\0') {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM pg_timezone_names WHERE name = $1 AND name !~ '^(posix|right)/' LIMIT 1";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into()]);
    Ok(db.conn().query_one_raw(statement).await?.is_some())
}
