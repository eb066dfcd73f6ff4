//! Variants: the things that have a SKU, barcodes, a price and stock.
//!
//! Invariants: a SKU is unique within the organization without regard to case; a barcode belongs to one variant; barcodes of a GTIN
//! kind carry a right check digit. A variant that holds stock is not archived.

pub(super) mod barcode;
pub(super) mod list;
pub(super) mod routes;
pub(super) mod service;
pub(super) mod store;
pub(super) mod wire;
