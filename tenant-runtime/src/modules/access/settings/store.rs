//! The only queries on settings.

use std::collections::BTreeMap;

use nexus_infra::{DbError, Tx};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder, QuerySelect, Set};
use serde_json::Value;

use crate::modules::access::entity::settings;

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
