//! The catalogue: products with their variants, barcodes, categories and tags.
//!
//! Purpose: what the organization offers or uses, found by words, SKU or scan.
//!
//! Invariants:
//! - A SKU is unique within the organization without regard to case; a barcode belongs to one variant.
//! - A product's version moves with every change of its own, its tags and its variants.
//! - What has stock history is archived, never deleted: foreign keys of the ledger refuse the delete.
//! - The plan's number of products is counted in the transaction that adds one.
//! - Every change writes one audit entry and one event (`catalog.product.created.v1`, …); a batch writes one of each.
//!
//! Facade for other slices, below: look-ups of variants and the upsert of products, all taking `&Tx`.
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
mod products;
mod quota;
mod record;
mod sku;
mod tags;
mod upsert;
mod variants;

#[cfg(test)]
mod tests;

pub use error::CatalogError;
pub use export::csv_cell::safe as inert_cell;
pub use facade::{VariantRef, find_categories, find_variants, find_variants_by_barcode, find_variants_by_sku};
pub use products::status::{ProductKind, ProductStatus};
pub use sku::{MAX_SKU_LENGTH, normalise_sku, parse_sku};
pub use upsert::{ProductUpsert, UpsertOutcome, VariantUpsert, plan_products, upsert_products};
pub use variants::barcode::{Barcode, BarcodeKind};

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
    .events(record::EVENTS)
    .jobs(|| vec![Box::new(export::jobs::ExportProducts)])
}
