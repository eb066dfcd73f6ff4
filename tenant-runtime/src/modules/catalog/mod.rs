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
//! Facade for other slices, below: look-ups and the upsert of products, all taking `&Tx`; for their SQL the view `catalog_variants`.
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
mod store;
mod tags;
mod upsert;
mod variants;

#[cfg(test)]
mod tests;

pub use error::CatalogError;
pub use export::csv_cell::safe as inert_cell;
pub use facade::{find_categories, known_skus};
pub use products::status::{ProductKind, ProductStatus};
pub use sku::{MAX_SKU_LENGTH, normalise_sku, parse_sku};
pub use upsert::{ProductUpsert, UpsertOutcome, VariantUpsert, upsert_products};
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
