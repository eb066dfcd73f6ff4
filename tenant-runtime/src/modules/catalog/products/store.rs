//! The only queries on products.

use std::collections::HashMap;
use std::time::Duration;

use nexus_core::list::{Op, Scalar};
use nexus_core::{ListRequest, Listing};
use nexus_infra::{DbError, PageConn, Tx, advisory, list};
use sea_orm::prelude::{ChronoDateTimeUtc, Json};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, NotSet, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, Set, Statement, Value,
};
use uuid::Uuid;

use super::status::{ProductKind, ProductStatus};
use super::wire::{ProductIn, ProductOut, ProductPut};
use crate::modules::catalog::entity::products;
use crate::modules::catalog::store;
use crate::modules::catalog::variants::store as variants;
use crate::modules::catalog::variants::wire::VariantOut;
use crate::samples::Samples;

/// A product with its tags, as it is selected.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ProductRow {
    pub id: Uuid,
    pub name: String,
    pub description: String,
    pub status: String,
    pub kind: String,
    pub category_id: Option<Uuid>,
    pub brand: Option<String>,
    pub unit: String,
    pub metadata: Json,
    pub version: i64,
    pub created_at: ChronoDateTimeUtc,
    pub updated_at: ChronoDateTimeUtc,
    pub archived_at: Option<ChronoDateTimeUtc>,
    pub tags: Json,
    pub sample: bool,
}

const TAGS: &str = "(SELECT coalesce(jsonb_agg(t.name ORDER BY t.name_normalised), '[]'::jsonb) \
    FROM product_tags pt JOIN tags t ON t.id = pt.tag_id WHERE pt.product_id = products.id)";

fn select(samples: Samples) -> Select<products::Entity> {
    products::Entity::find().expr_as(Expr::cust(TAGS), "tags").expr_as(Expr::cust(samples.has("products.id")), "sample")
}

impl From<ProductRow> for ProductOut {
    fn from(row: ProductRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            status: ProductStatus::parse(&row.status).unwrap_or(ProductStatus::Draft),
            kind: ProductKind::parse(&row.kind).unwrap_or(ProductKind::Stocked),
            category_id: row.category_id,
            brand: row.brand,
            unit: row.unit,
            metadata: row.metadata,
            tags: serde_json::from_value(row.tags).unwrap_or_default(),
            variants: None,
            sample: row.sample,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

/// One product with its variants.
pub async fn find<C: ConnectionTrait>(conn: &C, samples: Samples, id: Uuid) -> Result<Option<ProductOut>, DbError> {
    let Some(row) = select(samples).filter(products::Column::Id.eq(id)).into_model::<ProductRow>().one(conn).await? else { return Ok(None) };
    let mut product = ProductOut::from(row);
    product.variants = Some(variants::of_products(conn, &[id]).await?);
    Ok(Some(product))
}

/// Products with their variants, by id, locked in the order of their ids until the transaction ends. Which are samples is not asked.
pub async fn find_many_locked(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, ProductOut>, DbError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    products::Entity::find()
        .select_only()
        .column(products::Column::Id)
        .filter(products::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(products::Column::Id)
        .lock_exclusive()
        .into_tuple::<Uuid>()
        .all(tx.conn())
        .await?;
    Ok(find_many(tx.conn(), ids).await?.into_iter().map(|product| (product.id, product)).collect())
}

/// Products with their variants, in the order of their ids. Which are samples is not asked.
pub async fn find_many<C: ConnectionTrait>(conn: &C, ids: &[Uuid]) -> Result<Vec<ProductOut>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = products::Column::Id.is_in(ids.iter().copied());
    let rows = select(Samples::Absent).filter(wanted).order_by_asc(products::Column::Id).into_model::<ProductRow>().all(conn).await?;
    let mut by_product = grouped(variants::of_products(conn, ids).await?);
    Ok(rows.into_iter().map(|row| ProductOut { variants: Some(by_product.remove(&row.id).unwrap_or_default()), ..row.into() }).collect())
}

/// Products with their variants, in the order of their ids; the first ones only where their variants weigh more than a page may. Which
/// are samples is not asked.
pub async fn find_first<C: PageConn>(conn: &C, ids: &[Uuid]) -> Result<Vec<ProductOut>, DbError> {
    let wanted = products::Column::Id.is_in(ids.iter().copied());
    let rows = select(Samples::Absent).filter(wanted).order_by_asc(products::Column::Id).into_model::<ProductRow>().all(conn).await?;
    with_variants(conn, rows).await
}

fn grouped(variants: Vec<VariantOut>) -> HashMap<Uuid, Vec<VariantOut>> {
    let mut by_product: HashMap<Uuid, Vec<_>> = HashMap::new();
    for variant in variants {
        by_product.entry(variant.product_id).or_default().push(variant);
    }
    by_product
}

/// Whether the product exists.
pub async fn exists<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<bool, DbError> {
    use sea_orm::PaginatorTrait;
    Ok(products::Entity::find_by_id(id).count(conn).await? > 0)
}

/// Locks the product's row until the transaction ends; says whether there is one.
pub async fn lock(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    let row =
        products::Entity::find_by_id(id).select_only().column(products::Column::Id).lock_exclusive().into_tuple::<Uuid>().one(tx.conn()).await?;
    Ok(row.is_some())
}

/// What stock there is, or was, of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Stock {
    pub has_moved: bool,
    pub has_stock: bool,
}

/// The stock of products with variants, which stays as it is in both respects until the transaction ends: the variants are locked against
/// postings, as the triggers that guard a product's stock do.
pub async fn hold_stock(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Stock>, DbError> {
    #[derive(FromQueryResult)]
    struct OfProduct {
        product_id: Uuid,
        #[sea_orm(nested)]
        stock: Stock,
    }
    let statement = |sql: &str| Statement::from_sql_and_values(DbBackend::Postgres, sql, [ids.to_vec().into()]);
    tx.conn().execute_raw(statement("SELECT FROM variants WHERE product_id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE")).await?;
    let sql = "SELECT product_id, bool_or(has_moved) AS has_moved, bool_or(has_stock) AS has_stock \
        FROM variant_stock WHERE product_id = ANY ($1::uuid[]) GROUP BY product_id";
    let rows = OfProduct::find_by_statement(statement(sql)).all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| (row.product_id, row.stock)).collect())
}

/// Moves the product's version on, because one of its parts changed.
pub async fn touch(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    touch_many(tx, &[id]).await
}

/// Moves the versions of products on.
pub async fn touch_many(tx: &Tx, ids: &[Uuid]) -> Result<(), DbError> {
    products::Entity::update_many()
        .col_expr(products::Column::UpdatedAt, Expr::col(products::Column::UpdatedAt))
        .filter(products::Column::Id.is_in(ids.iter().copied()))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Versions of products, which are locked in the order of their ids until the transaction ends. Unknown ones are missing.
pub async fn versions_locked(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, DbError> {
    let rows = products::Entity::find()
        .select_only()
        .columns([products::Column::Id, products::Column::Version])
        .filter(products::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(products::Column::Id)
        .lock_exclusive()
        .into_tuple::<(Uuid, i64)>()
        .all(tx.conn())
        .await?;
    Ok(rows.into_iter().collect())
}

/// When the oldest product was made.
pub async fn first_at(tx: &Tx) -> Result<Option<ChronoDateTimeUtc>, DbError> {
    let select = products::Entity::find().select_only().column(products::Column::CreatedAt);
    Ok(select.order_by_asc(products::Column::CreatedAt).order_by_asc(products::Column::Id).into_tuple().one(tx.conn()).await?)
}

/// Deletes products with their variants; the ledger's foreign keys refuse those that have moved.
pub async fn delete_many(tx: &Tx, ids: &[Uuid]) -> Result<(), DbError> {
    products::Entity::delete_many().filter(products::Column::Id.is_in(ids.iter().copied())).exec(tx.conn()).await?;
    Ok(())
}

/// Puts products away and takes them out of their categories.
pub async fn archive_many(tx: &Tx, ids: &[Uuid]) -> Result<(), DbError> {
    products::Entity::update_many()
        .col_expr(products::Column::Status, Expr::value("archived"))
        .col_expr(products::Column::ArchivedAt, Expr::value(tx.now()))
        .col_expr(products::Column::CategoryId, Expr::value(Option::<Uuid>::None))
        .filter(products::Column::Id.is_in(ids.iter().copied()))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Locks every product that carries the tag, in the order of their ids, until the transaction ends. A tag may be on a hundred thousand
/// products: this transaction's statements get two minutes.
pub async fn lock_tagged(tx: &Tx, tag: Uuid) -> Result<(), DbError> {
    tx.allow_statements(Duration::from_secs(120)).await?;
    let sql = "SELECT count(*) FROM (SELECT FROM products WHERE id IN (SELECT product_id FROM product_tags WHERE tag_id = $1) \
        ORDER BY id FOR UPDATE) AS locked";
    tx.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [tag.into()])).await?;
    Ok(())
}

/// Moves the version of every product that carries the tag on: one statement.
pub async fn touch_tagged(tx: &Tx, tag: Uuid) -> Result<(), DbError> {
    let sql = "UPDATE products SET updated_at = updated_at WHERE id IN (SELECT product_id FROM product_tags WHERE tag_id = $1)";
    tx.conn().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [tag.into()])).await?;
    Ok(())
}

/// One part of the list of products.
pub async fn list<C: PageConn>(conn: &C, samples: Samples, mut request: ListRequest) -> Result<Listing<ProductOut>, DbError> {
    let mut select = select(samples);
    if let Some(q) = request.q.take() {
        select = select.filter(Expr::cust_with_values("products.search @@ search_query($1)", [q]));
    }
    for filter in request.take_filters("tag") {
        let sql = "EXISTS (SELECT 1 FROM product_tags pt JOIN tags t ON t.id = pt.tag_id \
            WHERE pt.product_id = products.id AND t.name_normalised = lower(normalize($1, NFKC)))";
        select = select.filter(list::any_text(&filter, |name| Expr::cust_with_values(sql, [name])));
    }
    for filter in request.take_filters("sample") {
        select = select.filter(list::flag(&filter, Expr::cust(samples.has("products.id"))));
    }
    let mut conditions = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    for filter in request.take_filters("price") {
        let operator = match filter.op {
            Op::In => "IN",
            Op::NotIn => "NOT IN",
            Op::Lt => "<",
            Op::Lte => "<=",
            Op::Gt => ">",
            Op::Gte => ">=",
        };
        let first = values.len() + 1;
        values.extend(filter.values.iter().filter_map(|value| match value {
            Scalar::Decimal(amount) => Some(Value::from(*amount)),
            _ => None,
        }));
        let places: Vec<String> = (first..=values.len()).map(|place| format!("${place}")).collect();
        conditions.push(format!("v.price_amount {operator} ({})", places.join(", ")));
    }
    if !conditions.is_empty() {
        let sql =
            format!("EXISTS (SELECT 1 FROM variants v WHERE v.product_id = products.id AND v.status = 'active' AND {})", conditions.join(" AND "));
        select = select.filter(Expr::cust_with_values(sql, values));
    }
    if !request.includes("variants") {
        return Ok(list::run_into::<ProductRow>(conn, select, &request).await?.map(ProductOut::from));
    }
    list::run_expanded(conn, select.into_query(), &request, async |rows: Vec<ProductRow>| with_variants(conn, rows).await).await
}

/// The products with their variants; of variants that weigh more than a page may, the first products only.
async fn with_variants<C: PageConn>(conn: &C, mut rows: Vec<ProductRow>) -> Result<Vec<ProductOut>, DbError> {
    let ids: Vec<Uuid> = rows.iter().map(|product| product.id).collect();
    let (found, whole) = variants::of_page(conn, &ids).await?;
    rows.truncate(whole);
    let mut by_product = grouped(found);
    Ok(rows.into_iter().map(|row| ProductOut { variants: Some(by_product.remove(&row.id).unwrap_or_default()), ..row.into() }).collect())
}

/// Inserts a product without variants and tags.
pub async fn insert(tx: &Tx, id: Uuid, product: &ProductIn) -> Result<(), DbError> {
    insert_many(tx, &[(id, product.clone())]).await
}

/// Inserts products without variants and tags: one statement.
pub async fn insert_many(tx: &Tx, rows: &[(Uuid, ProductIn)]) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    let models = rows.iter().map(|(id, product)| products::ActiveModel {
        id: Set(*id),
        name: Set(product.name.clone()),
        description: Set(product.description.clone()),
        status: Set(product.status.as_str().to_owned()),
        kind: Set(product.kind.as_str().to_owned()),
        category_id: Set(product.category_id),
        brand: Set(product.brand.clone()),
        unit: Set(product.unit.clone()),
        metadata: Set(product.metadata.clone()),
        archived_at: Set((product.status == ProductStatus::Archived).then(|| tx.now())),
        ..Default::default()
    });
    products::Entity::insert_many(models).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// Writes the product as it shall be, tags aside.
pub async fn update(tx: &Tx, before: &ProductOut, product: &ProductPut) -> Result<(), DbError> {
    let archived = product.status == ProductStatus::Archived;
    let model = products::ActiveModel {
        id: Set(before.id),
        name: Set(product.name.clone()),
        description: Set(product.description.clone()),
        status: Set(product.status.as_str().to_owned()),
        kind: Set(product.kind.as_str().to_owned()),
        category_id: Set(product.category_id),
        brand: Set(product.brand.clone()),
        unit: Set(product.unit.clone()),
        metadata: Set(product.metadata.clone()),
        archived_at: if (before.status == ProductStatus::Archived) == archived { NotSet } else { Set(archived.then(|| tx.now())) },
        ..Default::default()
    };
    model.update(tx.conn()).await?;
    Ok(())
}

/// Deletes a product with its variants unless stock refers to one of them; says whether it is gone.
pub async fn delete_unless_used(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    store::delete_unless_used::<products::Entity>(tx, id).await
}

/// Puts the product away; its variants stay as they are. Refused by name while there is stock of one.
pub async fn archive(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    products::Entity::update_many()
        .col_expr(products::Column::Status, Expr::value("archived"))
        .col_expr(products::Column::ArchivedAt, Expr::value(tx.now()))
        .filter(products::Column::Id.eq(id))
        .filter(products::Column::Status.ne("archived"))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// How many products count towards the plan's limit. Others who count wait until this transaction ends, so that two of them can't
/// both take the last place.
pub async fn count_for_quota(tx: &Tx) -> Result<i64, DbError> {
    #[derive(FromQueryResult)]
    struct Count {
        count: i64,
    }
    tx.lock(advisory::QUOTA, "products").await?;
    let sql = "SELECT count(*) AS count FROM products WHERE status <> 'archived'";
    let row = Count::find_by_statement(Statement::from_string(DbBackend::Postgres, sql)).one(tx.conn()).await?;
    Ok(row.map_or(0, |row| row.count))
}
