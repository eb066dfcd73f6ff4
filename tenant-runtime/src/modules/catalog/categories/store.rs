//! The only queries on categories.

use nexus_core::{ListRequest, Listing};
use nexus_infra::{DbError, PageConn, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QuerySelect,
    Set, Statement,
};
use uuid::Uuid;

use super::wire::{CategoryIn, CategoryOut};
use crate::modules::catalog::entity::categories;

impl From<categories::Model> for CategoryOut {
    fn from(row: categories::Model) -> Self {
        Self {
            id: row.id,
            parent_id: row.parent_id,
            name: row.name,
            slug: row.slug,
            description: row.description,
            seo_title: row.seo_title,
            seo_description: row.seo_description,
            position: row.position,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// One category.
pub async fn find<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<CategoryOut>, DbError> {
    Ok(categories::Entity::find_by_id(id).one(conn).await?.map(Into::into))
}

/// One category, its row locked until the transaction ends.
pub async fn find_locked(tx: &Tx, id: Uuid) -> Result<Option<CategoryOut>, DbError> {
    Ok(categories::Entity::find_by_id(id).lock_exclusive().one(tx.conn()).await?.map(Into::into))
}

/// One part of the list of categories.
pub async fn list<C: PageConn>(conn: &C, mut request: ListRequest) -> Result<Listing<CategoryOut>, DbError> {
    let mut select = categories::Entity::find();
    if let Some(q) = request.q.take() {
        select = select.filter(Expr::cust_with_values("categories.search @@ search_query($1)", [q]));
    }
    Ok(list::run(conn, select, &request).await?.map(Into::into))
}

/// A category of the tree, with the number of products that lie directly in it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct TreeRow {
    pub id: Uuid,
    pub parent_id: Option<Uuid>,
    pub name: String,
    pub slug: String,
    pub position: i32,
    pub product_count: i64,
}

/// Every category, parents and children alike, in the order of siblings.
pub async fn tree<C: ConnectionTrait>(conn: &C) -> Result<Vec<TreeRow>, DbError> {
    let sql = "SELECT c.id, c.parent_id, c.name, c.slug, c.position, coalesce(n.count, 0) AS product_count FROM categories c \
        LEFT JOIN (SELECT category_id, count(*) AS count FROM products WHERE status <> 'archived' AND category_id IS NOT NULL GROUP BY category_id) n \
        ON n.category_id = c.id ORDER BY c.position, lower(c.name), c.id";
    Ok(TreeRow::find_by_statement(Statement::from_string(DbBackend::Postgres, sql)).all(conn).await?)
}

/// Keeps the tree as it is until the transaction ends: the lock is the one of the trigger that guards it. Taken before any row is
/// locked, so that a move and an insert below what moves don't wait for each other.
pub async fn lock_tree(tx: &Tx) -> Result<(), DbError> {
    let sql = "SELECT pg_advisory_xact_lock(7301, 'categories'::regclass::oid::integer)";
    tx.conn().execute_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(())
}

/// How many categories there are.
pub async fn count(tx: &Tx) -> Result<i64, DbError> {
    let categories = categories::Entity::find().count(tx.conn()).await?;
    Ok(i64::try_from(categories).unwrap_or(i64::MAX))
}

/// Inserts a category.
pub async fn insert(tx: &Tx, id: Uuid, category: &CategoryIn, slug: String) -> Result<CategoryOut, DbError> {
    Ok(row_of(id, category, slug).insert(tx.conn()).await?.into())
}

/// Writes a category as it shall be.
pub async fn update(tx: &Tx, id: Uuid, category: &CategoryIn, slug: String) -> Result<CategoryOut, DbError> {
    Ok(row_of(id, category, slug).update(tx.conn()).await?.into())
}

fn row_of(id: Uuid, category: &CategoryIn, slug: String) -> categories::ActiveModel {
    categories::ActiveModel {
        id: Set(id),
        parent_id: Set(category.parent_id),
        name: Set(category.name.clone()),
        slug: Set(slug),
        description: Set(category.description.clone()),
        seo_title: Set(category.seo_title.clone()),
        seo_description: Set(category.seo_description.clone()),
        position: Set(category.position),
        ..Default::default()
    }
}

/// Whether a slug is free.
pub async fn slug_is_free(tx: &Tx, slug: &str) -> Result<bool, DbError> {
    Ok(categories::Entity::find().filter(categories::Column::Slug.eq(slug)).count(tx.conn()).await? == 0)
}

/// Deletes a category; a foreign key refuses when something lies in it.
pub async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    categories::Entity::delete_by_id(id).exec(tx.conn()).await?;
    Ok(())
}

/// The categories with this slug or name, at most two of them: who asks wants to know whether there is exactly one.
pub async fn called(tx: &Tx, name: &str) -> Result<Vec<Uuid>, DbError> {
    let named = Expr::cust_with_values("lower(categories.name) = lower($1)", [name]);
    let select = categories::Entity::find().filter(Condition::any().add(categories::Column::Slug.eq(name)).add(named));
    Ok(select.select_only().column(categories::Column::Id).limit(2).into_tuple().all(tx.conn()).await?)
}

/// The category of this name directly below another, or at the top. Names of siblings differ by more than case.
pub async fn child(tx: &Tx, parent: Option<Uuid>, name: &str) -> Result<Option<Uuid>, DbError> {
    let below = match parent {
        Some(parent) => categories::Column::ParentId.eq(parent),
        None => categories::Column::ParentId.is_null(),
    };
    let select = categories::Entity::find().select_only().column(categories::Column::Id).filter(below);
    Ok(select.filter(Expr::cust_with_values("lower(categories.name) = lower($1)", [name])).into_tuple().one(tx.conn()).await?)
}
