//! The only queries on tags, and on which product carries which.

use nexus_core::{ListRequest, Listing};
use nexus_infra::{DbError, PageConn, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Set, Statement};
use uuid::Uuid;

use super::wire::TagOut;
use crate::modules::catalog::entity::{product_tags, tags};

impl From<tags::Model> for TagOut {
    fn from(row: tags::Model) -> Self {
        Self { id: row.id, name: row.name, color: row.color, version: row.version, created_at: row.created_at, updated_at: row.updated_at }
    }
}

/// One part of the list of tags.
pub async fn list<C: PageConn>(conn: &C, mut request: ListRequest) -> Result<Listing<TagOut>, DbError> {
    let mut select = tags::Entity::find();
    if let Some(q) = request.q.take() {
        select = select.filter(Expr::cust_with_values("tags.search @@ search_query($1)", [q]));
    }
    Ok(list::run(conn, select, &request).await?.map(Into::into))
}

/// One tag.
pub async fn find<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<TagOut>, DbError> {
    Ok(tags::Entity::find_by_id(id).one(conn).await?.map(Into::into))
}

/// One tag, its row locked until the transaction ends.
pub async fn find_locked(tx: &Tx, id: Uuid) -> Result<Option<TagOut>, DbError> {
    Ok(tags::Entity::find_by_id(id).lock_exclusive().one(tx.conn()).await?.map(Into::into))
}

/// Inserts a tag.
pub async fn insert(tx: &Tx, id: Uuid, name: &str, color: Option<&str>) -> Result<TagOut, DbError> {
    let model = tags::ActiveModel { id: Set(id), name: Set(name.to_owned()), color: Set(color.map(str::to_owned)), ..Default::default() };
    Ok(model.insert(tx.conn()).await?.into())
}

/// Writes a tag.
pub async fn update(tx: &Tx, id: Uuid, name: &str, color: Option<&str>) -> Result<TagOut, DbError> {
    let model = tags::ActiveModel { id: Set(id), name: Set(name.to_owned()), color: Set(color.map(str::to_owned)), ..Default::default() };
    Ok(model.update(tx.conn()).await?.into())
}

/// Whether a product carries the tag.
pub async fn is_used(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    Ok(product_tags::Entity::find().filter(product_tags::Column::TagId.eq(id)).limit(1).count(tx.conn()).await? > 0)
}

/// Deletes a tag.
pub async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tags::Entity::delete_by_id(id).exec(tx.conn()).await?;
    Ok(())
}

/// Gives products exactly these tags; unknown tags are created. One product's names may repeat.
pub async fn set_on_products(tx: &Tx, of: &[(Uuid, Vec<String>)]) -> Result<(), DbError> {
    if of.is_empty() {
        return Ok(());
    }
    let mut names: Vec<String> = of.iter().flat_map(|(_, names)| names.iter().cloned()).collect();
    names.sort_unstable();
    names.dedup();
    let ids: Vec<Uuid> = names.iter().map(|_| tx.new_id()).collect();
    if !names.is_empty() {
        // In one order for everybody, so that two imports can't wait for each other's new tags.
        let sql = "INSERT INTO tags (id, name) SELECT t.id, t.name FROM unnest($1::uuid[], $2::text[]) AS t (id, name) \
            ORDER BY lower(normalize(t.name, NFKC)) ON CONFLICT (name_normalised) DO NOTHING";
        tx.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [ids.into(), names.into()])).await?;
    }
    let products: Vec<Uuid> = of.iter().map(|(product, _)| *product).collect();
    let (owners, tags): (Vec<Uuid>, Vec<String>) = of.iter().flat_map(|(product, names)| names.iter().map(|name| (*product, name.clone()))).unzip();
    let sql = "WITH wanted AS (SELECT DISTINCT w.product_id, t.id AS tag_id FROM unnest($2::uuid[], $3::text[]) AS w (product_id, name) \
            JOIN tags t ON t.name_normalised = lower(normalize(w.name, NFKC))), \
        gone AS (DELETE FROM product_tags pt WHERE pt.product_id = ANY ($1::uuid[]) \
            AND NOT EXISTS (SELECT 1 FROM wanted WHERE wanted.product_id = pt.product_id AND wanted.tag_id = pt.tag_id)) \
        INSERT INTO product_tags (product_id, tag_id) SELECT product_id, tag_id FROM wanted ON CONFLICT DO NOTHING";
    let values = [products.into(), owners.into(), tags.into()];
    tx.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    Ok(())
}
