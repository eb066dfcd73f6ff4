//! Products in bulk, for imports: create what is new, change what differs, leave the rest. One entry in the audit log and one event
//! per call.
//!
//! A product is recognised by its id or else by the SKUs of its variants; an id that nobody has is the new product's. What a row leaves out (`None`) stays as it is, or takes its default in a new
//! product. Faulty products are refused one by one; the others go on.

mod changes;
mod plan;
mod stock;
mod store;
mod write;

use std::collections::BTreeMap;

use nexus_core::{Entitlements, FieldFault, Money};
use nexus_infra::Tx;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::error::CatalogError;
use super::products::status::{ProductKind, ProductStatus};
use super::quota;
use super::variants::barcode::Barcode;
use super::variants::wire::VariantStatus;
use plan::{Plan, counted, plan};

/// Most products of one call.
pub const MAX_UPSERT: usize = 1_000;

/// A product as a file describes it. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProductUpsert {
    /// Its id, where the file knows it.
    pub id: Option<Uuid>,
    /// Name; empty where the file has none: a known product keeps its own, a new one is called by its first SKU.
    pub name: String,
    /// Description.
    pub description: Option<String>,
    /// Status; a new product becomes active unless it says otherwise.
    pub status: Option<ProductStatus>,
    /// Kind; a new product is stocked.
    pub kind: Option<ProductKind>,
    /// Category.
    pub category_id: Option<Uuid>,
    /// Brand.
    pub brand: Option<String>,
    /// Unit.
    pub unit: Option<String>,
    /// Tags, replaced as a whole.
    pub tags: Option<Vec<String>>,
    /// Free-form data, merged key by key into what is there.
    pub metadata: Option<BTreeMap<String, Value>>,
    /// Its variants: at least one, unless the product is known by its id.
    pub variants: Vec<VariantUpsert>,
}

/// A variant as a file describes it. `None` leaves a field as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VariantUpsert {
    /// SKU: what the variant is recognised by.
    pub sku: String,
    /// What tells it from its siblings.
    pub name: Option<String>,
    /// Attributes, replaced as a whole.
    pub attributes: Option<BTreeMap<String, String>>,
    /// Barcodes, replaced as a whole.
    pub barcodes: Option<Vec<Barcode>>,
    /// Weight in grams.
    pub weight_g: Option<Decimal>,
    /// Length in millimetres.
    pub length_mm: Option<Decimal>,
    /// Width in millimetres.
    pub width_mm: Option<Decimal>,
    /// Height in millimetres.
    pub height_mm: Option<Decimal>,
    /// Selling price.
    pub price: Option<Money>,
    /// Purchase cost.
    pub cost: Option<Money>,
    /// Whether it is in use; a new one is.
    pub status: Option<VariantStatus>,
}

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The variant whose field it is; none for one of the product.
    pub sku: Option<String>,
    /// Its name, such as `price`; empty for a variant that is added.
    pub field: &'static str,
    /// What it was, as a file has it; a long text is cut off.
    pub before: String,
    /// What it becomes.
    pub after: String,
}

/// What becomes of one product, in the order of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpsertOutcome {
    /// New.
    Created {
        /// Its id.
        product_id: Uuid,
    },
    /// Changed.
    Updated {
        /// Its id.
        product_id: Uuid,
        /// The fields that differ.
        changed: Vec<FieldChange>,
    },
    /// Already as described.
    Unchanged {
        /// Its id.
        product_id: Uuid,
    },
    /// Refused; nothing of it is written.
    Refused(Vec<FieldFault>),
}

/// Creates and changes products (at most [`MAX_UPSERT`] per call).
///
/// # Errors
/// [`CatalogError::Quota`] when the new products would exceed the plan, database errors; nothing is written then.
pub async fn upsert_products(tx: &Tx, entitlements: &Entitlements, rows: &[ProductUpsert]) -> Result<Vec<UpsertOutcome>, CatalogError> {
    let mut plans = plan(tx, rows).await?;
    stock::refuse(tx, &mut plans).await?;
    quota::check(tx, entitlements, counted(&plans)).await?;
    write::create(tx, &plans).await?;
    for plan in &plans {
        if let Plan::Update(update) = plan {
            write::apply(tx, update).await?;
        }
    }
    let outcomes: Vec<UpsertOutcome> = plans.into_iter().map(Plan::into_outcome).collect();
    write::record(tx, &outcomes);
    Ok(outcomes)
}
