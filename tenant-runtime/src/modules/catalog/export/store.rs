//! The only queries of the export.

use std::collections::HashMap;

use nexus_infra::{Db, DbError};
use sea_orm::prelude::Json;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement};
use uuid::Uuid;

use super::wire::ProductExportIn;
use crate::modules::catalog::entity::products;
use crate::modules::catalog::product_file::path_cell;
use crate::modules::catalog::products::store as product_store;
use crate::modules::catalog::products::wire::ProductOut;

/// The next products after `after` in the order of their ids, with their variants: as many as are asked for, or as a page may weigh.
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
    product_store::find_first(db.conn(), &ids).await
}

/// The paths of all categories, as a file has them.
pub async fn category_paths<C: ConnectionTrait>(conn: &C) -> Result<HashMap<Uuid, String>, DbError> {
    #[derive(FromQueryResult)]
    struct Path {
        id: Uuid,
        names: Json,
    }
    let sql = "WITH RECURSIVE tree (id, names) AS (SELECT id, jsonb_build_array(name) FROM categories WHERE parent_id IS NULL \
        UNION ALL SELECT c.id, tree.names || to_jsonb(c.name) FROM categories c JOIN tree ON c.parent_id = tree.id) SELECT id, names FROM tree";
    let rows = Path::find_by_statement(Statement::from_string(DbBackend::Postgres, sql)).all(conn).await?;
    let names = |names: &Json| names.as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned).collect::<Vec<_>>();
    Ok(rows.into_iter().map(|row| (row.id, path_cell(names(&row.names).iter().map(String::as_str)))).collect())
}
