//! The catalogue: products with their variants, barcodes, categories and tags.
//!
//! Purpose: what the organization offers or uses, found by words, SKU or scan.
//!
//! Invariants:
//! - A SKU is unique within the organization without regard to case; a barcode belongs to one variant.
//! - A product's version moves with every change of its own, its tags and its variants.
//! - What has stock history is archived, never deleted: foreign keys of the ledger refuse the delete.
//! - What holds stock is not archived, and unit and kind are fixed once a variant has moved: triggers refuse both by name, also
//!   against postings under way.
//! - Archiving touches the product or the variant alone: an article is in use when neither is archived.
//! - The plan's number of products is counted in the transaction that adds one.
//! - Every change writes one audit entry and one event (`catalog.product.created.v1`, …); a batch writes one of each.
//!
//! Facade for other slices, below: look-ups, and products by the batch, made and retired, all taking `&Tx`; for their SQL the view `catalog_variants`.
//!
//! Deliberately not here: stock (slice `inventory`), reading files (slice `imports`), media and units of measure.

mod categories;
mod conflict;
mod entity;
mod error;
mod export;
mod facade;
mod gtin;
mod permission;
pub mod product_file;
mod products;
mod quota;
mod retire;
mod sku;
mod store;
mod tags;
mod upsert;
mod variants;

#[cfg(test)]
mod tests;

pub use categories::wire::may_be_path;
pub use error::CatalogError;
pub use facade::{
    VARIANT_HAS_WORDS, categories_called, category_at, category_paths, first_product_at, hold_products, owners_of_skus, product_exists,
    touch_products,
};
pub use permission::CategoriesWrite;
pub use products::status::{ProductKind, ProductStatus};
pub use retire::{Retired, delete_empty_categories, retire_products};
pub use sku::{MAX_SKU_LENGTH, normalise_sku, parse_sku};
pub use upsert::{FieldChange, ProductUpsert, UpsertOutcome, VariantUpsert, upsert_products};
pub use variants::barcode::Barcode;
pub use variants::wire::VariantStatus;

use crate::module::Module;

/// The slice.
#[must_use]
pub fn module() -> Module {
    Module::new("catalog", |cfg| {
        export::routes::routes(cfg);
        products::routes::routes(cfg);
        variants::routes::routes(cfg);
        categories::routes::routes(cfg);
        tags::routes::routes(cfg);
    })
    .errors(error::CODES)
    .jobs(|| vec![Box::new(export::jobs::ExportProducts)])
}
