//! The only queries on variants and barcodes.

use std::collections::BTreeMap;

use nexus_core::{Currency, ListRequest, Listing, Money};
use nexus_infra::{DbError, PageConn, Tx, list};
use nexus_web::wire::{DecimalString, MoneyDto};
use rust_decimal::Decimal;
use sea_orm::prelude::{ChronoDateTimeUtc, Json};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select, Set, Statement, Value,
};
use uuid::Uuid;

use super::barcode::Barcode;
use super::wire::{VariantIn, VariantOut, VariantStatus};
use crate::modules::catalog::entity::{barcodes, variants};
use crate::modules::catalog::store;

/// A variant with its barcodes, as it is selected.
#[derive(Debug, Clone, FromQueryResult)]
pub struct VariantRow {
    pub id: Uuid,
    pub product_id: Uuid,
    pub sku: String,
    pub name: String,
    pub attributes: Json,
    pub weight_g: Option<Decimal>,
    pub length_mm: Option<Decimal>,
    pub width_mm: Option<Decimal>,
    pub height_mm: Option<Decimal>,
    pub price_amount: Option<Decimal>,
    pub price_currency: Option<String>,
    pub cost_amount: Option<Decimal>,
    pub cost_currency: Option<String>,
    pub position: i32,
    pub status: String,
    pub version: i64,
    pub created_at: ChronoDateTimeUtc,
    pub updated_at: ChronoDateTimeUtc,
    pub archived_at: Option<ChronoDateTimeUtc>,
    pub barcodes: Json,
}

const BARCODES: &str = "(SELECT coalesce(jsonb_agg(jsonb_build_object('barcode', b.barcode, 'kind', b.kind) ORDER BY b.position, b.barcode), '[]'::jsonb) \
    FROM variant_barcodes b WHERE b.variant_id = variants.id)";

fn select() -> Select<variants::Entity> {
    variants::Entity::find().expr_as(Expr::cust(BARCODES), "barcodes")
}

fn money(amount: Option<Decimal>, currency: Option<&str>) -> Option<MoneyDto> {
    let currency: Currency = currency?.parse().ok()?;
    Money::new(amount?, currency).ok().map(MoneyDto)
}

fn measure(value: Option<Decimal>) -> Option<DecimalString> {
    value.map(|value| DecimalString(value.normalize()))
}

impl From<VariantRow> for VariantOut {
    fn from(row: VariantRow) -> Self {
        Self {
            id: row.id,
            product_id: row.product_id,
            sku: row.sku,
            name: row.name,
            attributes: serde_json::from_value::<BTreeMap<String, String>>(row.attributes).unwrap_or_default(),
            barcodes: serde_json::from_value::<Vec<Barcode>>(row.barcodes).unwrap_or_default(),
            weight_g: measure(row.weight_g),
            length_mm: measure(row.length_mm),
            width_mm: measure(row.width_mm),
            height_mm: measure(row.height_mm),
            price: money(row.price_amount, row.price_currency.as_deref()),
            cost: money(row.cost_amount, row.cost_currency.as_deref()),
            position: row.position,
            status: if row.status == "archived" { VariantStatus::Archived } else { VariantStatus::Active },
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

/// One variant.
pub async fn find<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<VariantOut>, DbError> {
    let row = select().filter(variants::Column::Id.eq(id)).into_model::<VariantRow>().one(conn).await?;
    Ok(row.map(Into::into))
}

/// The variants of some products, in their order.
pub async fn of_products<C: ConnectionTrait>(conn: &C, products: &[Uuid]) -> Result<Vec<VariantOut>, DbError> {
    let rows = select()
        .filter(variants::Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(variants::Column::Position)
        .order_by_asc(variants::Column::Id)
        .into_model::<VariantRow>()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The variants of the products of a page, as far as a page may weigh, and of how many of the products, in their order, they are all. Of one product they
/// are, whatever they weigh.
pub async fn of_page<C: PageConn>(conn: &C, products: &[Uuid]) -> Result<(Vec<VariantOut>, usize), DbError> {
    let place = Expr::cust_with_values("array_position($1::uuid[], variants.product_id)", [Value::from(products.to_vec())]);
    let select = select()
        .filter(variants::Column::ProductId.is_in(products.iter().copied()))
        .order_by_asc(place)
        .order_by_asc(variants::Column::Position)
        .order_by_asc(variants::Column::Id);
    let (rows, is_cut) = list::first::<VariantRow>(conn, &select.into_query()).await?;
    let last = rows.last().map(|variant| variant.product_id).filter(|_| is_cut);
    let whole = last.and_then(|last| products.iter().position(|product| *product == last)).unwrap_or(products.len());
    if whole == 0 && !products.is_empty() {
        return Ok((of_products(conn, &products[..1]).await?, 1));
    }
    Ok((rows.into_iter().filter(|variant| Some(variant.product_id) != last).map(Into::into).collect(), whole))
}

/// How many variants a product has, and the place of the last one.
pub async fn count_of(tx: &Tx, product: Uuid) -> Result<(i64, Option<i32>), DbError> {
    #[derive(FromQueryResult)]
    struct Siblings {
        count: i64,
        last: Option<i32>,
    }
    let sql = "SELECT count(*) AS count, max(position) AS last FROM variants WHERE product_id = $1";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [product.into()]);
    let row = Siblings::find_by_statement(statement).one(tx.conn()).await?;
    Ok(row.map_or((0, None), |row| (row.count, row.last)))
}

/// Condition on the view `catalog_variants`, with what was typed as `$1`: every word is one of the product (name, brand) or of this very
/// variant (name, SKU, barcodes). The product's own index narrows it down; only where there are siblings is the variant looked at alone.
pub const HAS_WORDS: &str = "catalog_variants.search @@ search_query($1) AND ( \
    NOT EXISTS (SELECT FROM variants s WHERE s.product_id = catalog_variants.product_id AND s.id <> catalog_variants.id) \
    OR (SELECT search_document(concat_ws(' ', p.name, p.brand, v.name)) \
            || search_document_codes(ARRAY(SELECT v.sku UNION ALL SELECT b.barcode FROM variant_barcodes b WHERE b.variant_id = v.id)) \
        FROM variants v JOIN products p ON p.id = v.product_id WHERE v.id = catalog_variants.id) @@ (SELECT search_query($1)))";

/// One part of the list of variants. SKU and barcode are compared as the database compares them.
pub async fn list<C: PageConn>(conn: &C, mut request: ListRequest, product: Option<Uuid>) -> Result<Listing<VariantOut>, DbError> {
    let mut select = select();
    if let Some(product) = product {
        select = select.filter(variants::Column::ProductId.eq(product));
    }
    for filter in request.take_filters("sku") {
        let sql = "variants.sku_normalised = lower(normalize(btrim($1), NFKC))";
        select = select.filter(list::any_text(&filter, |sku| Expr::cust_with_values(sql, [sku])));
    }
    for filter in request.take_filters("barcode") {
        let sql = "EXISTS (SELECT 1 FROM variant_barcodes f WHERE f.variant_id = variants.id AND f.barcode = $1)";
        select = select.filter(list::any_text(&filter, |barcode| Expr::cust_with_values(sql, [barcode])));
    }
    Ok(list::run_into::<VariantRow>(conn, select, &request).await?.map(Into::into))
}

fn row_of(id: Uuid, product: Uuid, variant: &VariantIn) -> variants::ActiveModel {
    variants::ActiveModel {
        id: Set(id),
        product_id: Set(product),
        sku: Set(variant.sku.trim().to_owned()),
        name: Set(variant.name.clone()),
        attributes: Set(serde_json::to_value(&variant.attributes).unwrap_or_default()),
        weight_g: Set(variant.weight_g.map(|value| value.0)),
        length_mm: Set(variant.length_mm.map(|value| value.0)),
        width_mm: Set(variant.width_mm.map(|value| value.0)),
        height_mm: Set(variant.height_mm.map(|value| value.0)),
        price_amount: Set(variant.price.map(|price| price.amount)),
        price_currency: Set(variant.price.map(|price| price.currency.to_string())),
        cost_amount: Set(variant.cost.map(|cost| cost.amount)),
        cost_currency: Set(variant.cost.map(|cost| cost.currency.to_string())),
        position: Set(variant.position.unwrap_or_default()),
        ..Default::default()
    }
}

/// Inserts variants with their barcodes: two statements, however many they are. Rows are given as (id, product, variant).
pub async fn insert(tx: &Tx, rows: &[(Uuid, Uuid, VariantIn)]) -> Result<(), DbError> {
    if rows.is_empty() {
        return Ok(());
    }
    let models = rows.iter().map(|(id, product, variant)| row_of(*id, *product, variant));
    variants::Entity::insert_many(models).exec_without_returning(tx.conn()).await?;
    let codes = rows.iter().map(|(id, _, variant)| (*id, variant.barcodes.as_slice())).collect::<Vec<_>>();
    insert_barcodes(tx, &codes).await
}

async fn insert_barcodes(tx: &Tx, of: &[(Uuid, &[Barcode])]) -> Result<(), DbError> {
    let models: Vec<barcodes::ActiveModel> = of
        .iter()
        .flat_map(|(variant, codes)| {
            codes.iter().zip(0_i32..).map(|(code, position)| barcodes::ActiveModel {
                variant_id: Set(*variant),
                barcode: Set(code.barcode.clone()),
                kind: Set(code.kind.as_str().to_owned()),
                position: Set(position),
            })
        })
        .collect();
    if !models.is_empty() {
        barcodes::Entity::insert_many(models).exec_without_returning(tx.conn()).await?;
    }
    Ok(())
}

/// Writes a variant as it shall be. `barcodes` are replaced only when they differ from `before`.
pub async fn update(tx: &Tx, before: &VariantOut, variant: &VariantIn, status: VariantStatus) -> Result<(), DbError> {
    let mut model = row_of(before.id, before.product_id, variant);
    model.product_id = sea_orm::NotSet;
    model.status = Set(status.as_str().to_owned());
    model.archived_at = match (before.status, status) {
        (VariantStatus::Active, VariantStatus::Archived) => Set(Some(tx.now())),
        (VariantStatus::Archived, VariantStatus::Active) => Set(None),
        _ => sea_orm::NotSet,
    };
    model.update(tx.conn()).await?;
    if variant.barcodes != before.barcodes {
        barcodes::Entity::delete_many().filter(barcodes::Column::VariantId.eq(before.id)).exec(tx.conn()).await?;
        insert_barcodes(tx, &[(before.id, &variant.barcodes)]).await?;
    }
    Ok(())
}

/// Deletes a variant unless stock refers to it; says whether it is gone.
pub async fn delete_unless_used(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    store::delete_unless_used::<variants::Entity>(tx, id).await
}

/// Puts a variant away. Refused by name while there is stock of it.
pub async fn archive(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    variants::Entity::update_many()
        .col_expr(variants::Column::Status, Expr::value("archived"))
        .col_expr(variants::Column::ArchivedAt, Expr::value(tx.now()))
        .filter(variants::Column::Id.eq(id))
        .filter(variants::Column::Status.ne("archived"))
        .exec(tx.conn())
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Code {
    code: String,
}

/// Which of `skus` a variant has (other than those in `except`), as they were typed.
pub async fn taken_skus<C: ConnectionTrait>(conn: &C, skus: &[String], except: &[Uuid]) -> Result<Vec<String>, DbError> {
    let sql = "SELECT wanted.sku AS code FROM unnest($1::text[]) AS wanted (sku) \
        JOIN variants v ON v.sku_normalised = lower(normalize(btrim(wanted.sku), NFKC)) WHERE v.id <> ALL ($2::uuid[])";
    let values = [skus.to_vec().into(), except.to_vec().into()];
    let rows = Code::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).all(conn).await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// Which of `codes` a variant has (other than those in `except`).
pub async fn taken_barcodes<C: ConnectionTrait>(conn: &C, codes: &[String], except: &[Uuid]) -> Result<Vec<String>, DbError> {
    let rows = barcodes::Entity::find()
        .select_only()
        .column_as(barcodes::Column::Barcode, "code")
        .filter(barcodes::Column::Barcode.is_in(codes.iter().cloned()))
        .filter(barcodes::Column::VariantId.is_not_in(except.iter().copied()))
        .into_model::<Code>()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| row.code).collect())
}

/// A SKU that was asked for, the form it is compared in, and who has it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct KnownSku {
    /// As it was typed.
    pub wanted: String,
    /// As it is compared.
    pub key: String,
    pub variant_id: Option<Uuid>,
    pub product_id: Option<Uuid>,
}

/// Each of `skus` once, with the variant that has it.
pub async fn look_up_skus(tx: &Tx, skus: &[String]) -> Result<Vec<KnownSku>, DbError> {
    let sql = "SELECT w.sku AS wanted, w.key, v.id AS variant_id, v.product_id \
        FROM (SELECT DISTINCT sku, lower(normalize(btrim(sku), NFKC)) AS key FROM unnest($1::text[]) AS asked (sku)) AS w \
        LEFT JOIN variants v ON v.sku_normalised = w.key";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [skus.to_vec().into()]);
    Ok(KnownSku::find_by_statement(statement).all(tx.conn()).await?)
}

/// Those of `codes` that variants have, with the SKU of the variant in the form it is compared in.
pub async fn barcode_owners(tx: &Tx, codes: &[String]) -> Result<Vec<(String, String)>, DbError> {
    #[derive(FromQueryResult)]
    struct Owner {
        barcode: String,
        key: String,
    }
    let sql =
        "SELECT b.barcode, v.sku_normalised AS key FROM variant_barcodes b JOIN variants v ON v.id = b.variant_id WHERE b.barcode = ANY ($1::text[])";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [codes.to_vec().into()]);
    Ok(Owner::find_by_statement(statement).all(tx.conn()).await?.into_iter().map(|owner| (owner.barcode, owner.key)).collect())
}
