//! The only queries of the export.

use std::collections::HashMap;

use nexus_infra::{Db, DbError};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement};
use uuid::Uuid;

use super::wire::ProductExportIn;
use crate::modules::catalog::entity::products;
use crate::modules::catalog::products::store as product_store;
use crate::modules::catalog::products::wire::ProductOut;

/// The next products after `after` in the order of their ids, with their variants.
pub async fn page(db: &Db, filter: &ProductExportIn, after: Option<Uuid>, limit: u64) -> Result<Vec<ProductOut>, DbError> {
    let mut select = products::Entity::find().select_only().column(products::Column::Id).order_by_asc(products::Column::Id).limit(limit);
    if let Some(after) = after {
        select = select.filter(products::Column::Id.gt(after));
    }
    if !filter.status.is_empty() {
        select = select.filter(products::Column::Status.is_in(filter.status.iter().map(|status| status.as_str())));
    }
    if let Some(category) = filter.category_id {
        select = select.filter(products::Column::CategoryId.eq(category));
    }
    let ids: Vec<Uuid> = select.into_tuple().all(db.conn()).await?;
    product_store::find_many(db.conn(), &ids).await
}

/// Names of all categories with those above them, such as `Drinks > Coffee`.
pub async fn category_paths(db: &Db) -> Result<HashMap<Uuid, String>, DbError> {
    #[derive(FromQueryResult)]
    struct Path {
        id: Uuid,
        path: String,
    }
    let sql = "WITH RECURSIVE tree (id, path) AS (SELECT id, name FROM categories WHERE parent_id IS NULL \
        UNION ALL SELECT c.id, tree.path || ' > ' || c.name FROM categories c JOIN tree ON c.parent_id = tree.id) SELECT id, path FROM tree";
    let rows = Path::find_by_statement(Statement::from_string(DbBackend::Postgres, sql)).all(db.conn()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.path)).collect())
}
