//! What other slices may know of variants.

use std::collections::HashMap;

use nexus_infra::{DbError, Tx};
use uuid::Uuid;

use super::categories::store as categories;
use super::products::status::{ProductKind, ProductStatus};
use super::variants::store::{self, VariantRefRow};

/// A variant as other slices see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantRef {
    /// Id.
    pub id: Uuid,
    /// The product it belongs to.
    pub product_id: Uuid,
    /// SKU as it is written.
    pub sku: String,
    /// Name of the product, followed by the variant's own name where it has one.
    pub name: String,
    /// Unit in which its quantities are counted.
    pub unit: String,
    /// Whether it is stocked at all.
    pub kind: ProductKind,
    /// Status of the product.
    pub product_status: ProductStatus,
    /// Whether the variant or its product is put away.
    pub archived: bool,
}

impl From<VariantRefRow> for VariantRef {
    fn from(row: VariantRefRow) -> Self {
        let product_status = ProductStatus::parse(&row.product_status).unwrap_or(ProductStatus::Draft);
        let name = if row.variant_name.is_empty() { row.product_name } else { format!("{} {}", row.product_name, row.variant_name) };
        Self {
            id: row.id,
            product_id: row.product_id,
            sku: row.sku,
            name,
            unit: row.unit,
            kind: ProductKind::parse(&row.kind).unwrap_or(ProductKind::Stocked),
            product_status,
            archived: product_status == ProductStatus::Archived || row.variant_status == "archived",
        }
    }
}

/// The variants with these SKUs, by the SKU as it was asked for. Unknown SKUs are missing from the answer. One statement.
///
/// # Errors
/// [`DbError`].
pub async fn find_variants_by_sku(tx: &Tx, skus: &[String]) -> Result<HashMap<String, VariantRef>, DbError> {
    Ok(by_asked(store::refs_by_sku(tx, skus).await?))
}

/// The variants with these barcodes, by barcode. Unknown ones are missing from the answer. One statement.
///
/// # Errors
/// [`DbError`].
pub async fn find_variants_by_barcode(tx: &Tx, barcodes: &[String]) -> Result<HashMap<String, VariantRef>, DbError> {
    Ok(by_asked(store::refs_by_barcode(tx, barcodes).await?))
}

/// The variants with these ids. Unknown ones are missing from the answer. One statement.
///
/// # Errors
/// [`DbError`].
pub async fn find_variants(tx: &Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, VariantRef>, DbError> {
    Ok(store::refs_by_id(tx, ids).await?.into_iter().map(|row| (row.id, row.into())).collect())
}

/// The categories with these slugs or unambiguous names, by what was asked for. Unknown and ambiguous ones are missing from the answer.
///
/// # Errors
/// [`DbError`].
pub async fn find_categories(tx: &Tx, names: &[String]) -> Result<HashMap<String, Uuid>, DbError> {
    Ok(categories::ids_by_name(tx, names).await?.into_iter().collect())
}

fn by_asked(rows: Vec<VariantRefRow>) -> HashMap<String, VariantRef> {
    rows.into_iter().map(|mut row| (std::mem::take(&mut row.wanted), row.into())).collect()
}
