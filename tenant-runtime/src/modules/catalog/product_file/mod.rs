//! The file of products, one row per variant: its columns, and how a value is written in a cell and read again. Export and import both
//! go by this, so that an exported file can be imported anywhere as it is.
//!
//! Invariants: what [`row`] writes, the functions beside it read back as the same value; no cell begins a formula in a spreadsheet
//! (`formula`).
//!
//! Not in the file: places of variants among their siblings (the order of rows says them), times, versions, and what a category is
//! beside its path.

mod cells;
mod formula;
mod parts;

pub use cells::{attributes, barcodes, category_path, path_cell, row, tags};
pub(super) use cells::{attributes_cell, barcodes_cell, measure_cell, metadata_cell, money_text, tags_cell};
pub use formula::{bare, inert};

/// The columns, in the order in which they are written. A column is found by its name.
pub const COLUMNS: &[&str; 23] = &[
    "product_id",
    "sku",
    "name",
    "description",
    "status",
    "kind",
    "category",
    "brand",
    "unit",
    "tags",
    "variant_name",
    "attributes",
    "barcode",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "price",
    "currency",
    "cost",
    "cost_currency",
    "variant_status",
    "metadata",
];
