//! What the catalogue refuses, each with its code.

use std::time::Duration;

use nexus_core::{ErrorCode, Faults, FieldFault, Problem};
use nexus_infra::{DbError, IdempotencyError, WriteError};
use nexus_web::precondition_failed;
use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;

const SKU_TAKEN: ErrorCode = ErrorCode { code: "SKU_TAKEN", status: 409, summary: "Another variant has this SKU; details.sku names it." };
const BARCODE_TAKEN: ErrorCode =
    ErrorCode { code: "BARCODE_TAKEN", status: 409, summary: "Another variant has this barcode; details.barcode names it." };
const CATEGORY_CYCLE: ErrorCode = ErrorCode { code: "CATEGORY_CYCLE", status: 409, summary: "A category can't lie below itself." };
const CATEGORY_IN_USE: ErrorCode = ErrorCode { code: "CATEGORY_IN_USE", status: 409, summary: "Products or other categories lie in the category." };
const CATEGORY_EXISTS: ErrorCode =
    ErrorCode { code: "CATEGORY_EXISTS", status: 409, summary: "Another category has this slug, or a sibling this name; details.field says which." };
const TOO_MANY_CATEGORIES: ErrorCode =
    ErrorCode { code: "TOO_MANY_CATEGORIES", status: 409, summary: "There are as many categories as there may be." };
const TAG_EXISTS: ErrorCode = ErrorCode { code: "TAG_EXISTS", status: 409, summary: "A tag with this name exists." };
const TAG_IN_USE: ErrorCode = ErrorCode { code: "TAG_IN_USE", status: 409, summary: "Products carry the tag." };
const PRODUCT_STATUS: ErrorCode = ErrorCode { code: "PRODUCT_STATUS", status: 409, summary: "The product's status doesn't allow this change." };
const PRODUCT_HAS_MOVEMENTS: ErrorCode = ErrorCode {
    code: "PRODUCT_HAS_MOVEMENTS",
    status: 409,
    summary: "Stock of the product has moved, which fixes its unit and its kind; details.field names the one that was to change.",
};
const PRODUCT_HAS_STOCK: ErrorCode =
    ErrorCode { code: "PRODUCT_HAS_STOCK", status: 409, summary: "There is still stock of the product; move it out before archiving it." };
const VARIANT_HAS_STOCK: ErrorCode =
    ErrorCode { code: "VARIANT_HAS_STOCK", status: 409, summary: "There is still stock of the variant; move it out before archiving it." };
const TOO_MANY_VARIANTS: ErrorCode =
    ErrorCode { code: "TOO_MANY_VARIANTS", status: 409, summary: "The product has as many variants, archived ones included, as it may have." };
const EXPORT_STORAGE_FULL: ErrorCode =
    ErrorCode { code: "EXPORT_STORAGE_FULL", status: 409, summary: "The exported files of the organization would exceed what is kept of them." };

/// The codes of the catalogue.
pub const CODES: &[ErrorCode] = &[
    EXPORT_STORAGE_FULL,
    SKU_TAKEN,
    BARCODE_TAKEN,
    CATEGORY_CYCLE,
    CATEGORY_IN_USE,
    CATEGORY_EXISTS,
    TOO_MANY_CATEGORIES,
    TAG_EXISTS,
    TAG_IN_USE,
    PRODUCT_STATUS,
    PRODUCT_HAS_MOVEMENTS,
    PRODUCT_HAS_STOCK,
    VARIANT_HAS_STOCK,
    TOO_MANY_VARIANTS,
];

/// What the catalogue refuses.
#[derive(Debug, Error)]
pub enum CatalogError {
    /// No such product, variant, category or tag.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The row has another version than the caller read.
    #[error("stale version")]
    Stale(Value),
    /// The input is refused.
    #[error("invalid input")]
    Invalid(Vec<FieldFault>),
    /// The SKU belongs to another variant.
    #[error("SKU {0} is taken")]
    SkuTaken(String),
    /// The barcode belongs to another variant.
    #[error("barcode {0} is taken")]
    BarcodeTaken(String),
    /// The plan's number of products is reached.
    #[error("the plan allows {limit} products")]
    Quota {
        /// The limit.
        limit: i64,
    },
    /// The category would lie below itself.
    #[error("category cycle")]
    CategoryCycle,
    /// The category isn't empty.
    #[error("category in use")]
    CategoryInUse,
    /// The slug belongs to another category, or the name to a sibling: which of the two.
    #[error("category {0} taken")]
    CategoryExists(&'static str),
    /// No room for another category.
    #[error("at most {0} categories")]
    TooManyCategories(i64),
    /// The name belongs to another tag.
    #[error("tag exists")]
    TagExists,
    /// Products carry the tag.
    #[error("tag in use")]
    TagInUse,
    /// The status can't change so.
    #[error("{0}")]
    Status(String),
    /// The field is fixed, because stock of the product has moved.
    #[error("the {0} of a product that has moved is fixed")]
    HasMovements(&'static str),
    /// There is stock of the product.
    #[error("the product has stock")]
    ProductHasStock,
    /// There is stock of the variant.
    #[error("the variant has stock")]
    VariantHasStock,
    /// No room for another variant.
    #[error("at most {0} variants")]
    TooManyVariants(usize),
    /// The organization has too many exports that wait or run.
    #[error("too many exports wait")]
    TooManyExports(u32),
    /// The organization's exported files would exceed what is kept of them.
    #[error("{used} bytes are kept, at most {most} may be")]
    ExportStorageFull {
        /// Bytes kept, with the new file's.
        used: u64,
        /// Bytes allowed.
        most: u64,
        /// Days after which files are removed.
        days: u32,
    },
    /// The idempotency key is in flight or was used otherwise.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The database.
    #[error(transparent)]
    Db(DbError),
}

impl CatalogError {
    /// The row is not the one that the caller read; `current` goes into the answer.
    pub(super) fn stale(current: impl Serialize) -> Self {
        Self::Stale(serde_json::to_value(current).unwrap_or_default())
    }

    /// One fault of one field.
    pub(super) fn invalid(field: &str, code: &str, message: &str) -> Self {
        Self::Invalid(vec![FieldFault::new(field, code, message)])
    }
}

/// A violated constraint becomes the domain's own refusal. SKUs and barcodes are named afterwards, outside the failed transaction
/// (`conflict::name`).
impl From<DbError> for CatalogError {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("products_category_id_fkey") => Self::invalid("category_id", "unknown", "no such category"),
            Some("products_metadata_object") => Self::invalid("metadata", "too_large", "may have at most 16 KiB"),
            Some("variants_attributes_object") => Self::invalid("attributes", "too_large", "may have at most 16 KiB"),
            Some("categories_parent_id_fkey") => Self::invalid("parent_id", "unknown", "no such category"),
            Some("categories_depth") => Self::invalid("parent_id", "too_deep", "a category tree has at most 16 levels"),
            Some("categories_no_cycle") => Self::CategoryCycle,
            Some("categories_slug_key") => Self::CategoryExists("slug"),
            Some("categories_sibling_name_key") => Self::CategoryExists("name"),
            Some("products_unit_fixed") => Self::HasMovements("unit"),
            Some("products_kind_fixed") => Self::HasMovements("kind"),
            Some("products_has_stock") => Self::ProductHasStock,
            Some("variants_has_stock") => Self::VariantHasStock,
            Some("tags_name_normalised_key") => Self::TagExists,
            _ => Self::Db(error),
        }
    }
}

impl From<Faults> for CatalogError {
    fn from(faults: Faults) -> Self {
        Self::Invalid(faults.into_vec())
    }
}

impl WriteError for CatalogError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<CatalogError> for Problem {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::NotFound(what) => Self::not_found(what),
            CatalogError::Stale(current) => precondition_failed(current),
            CatalogError::Invalid(faults) => Self::validation(faults),
            CatalogError::SkuTaken(sku) => Self::new(SKU_TAKEN, format!("Another variant has the SKU {sku}.")).with_details(json!({ "sku": sku })),
            CatalogError::BarcodeTaken(barcode) => {
                Self::new(BARCODE_TAKEN, format!("Another variant has the barcode {barcode}.")).with_details(json!({ "barcode": barcode }))
            }
            CatalogError::Quota { limit } => Self::new(ErrorCode::QUOTA_EXCEEDED, format!("Your plan allows {limit} products."))
                .with_details(json!({ "limit": limit, "resource": "products" })),
            CatalogError::CategoryCycle => Self::new(CATEGORY_CYCLE, "A category can't lie below itself."),
            CatalogError::CategoryInUse => Self::new(CATEGORY_IN_USE, "Products or other categories lie in this category. Move them first."),
            CatalogError::CategoryExists(field) => {
                let message =
                    if field == "slug" { "Another category has this slug." } else { "Another category below the same parent has this name." };
                Self::new(CATEGORY_EXISTS, message).with_details(json!({ "field": field }))
            }
            CatalogError::TooManyCategories(most) => {
                Self::new(TOO_MANY_CATEGORIES, format!("There are at most {most} categories. Delete some first."))
            }
            CatalogError::TagExists => Self::new(TAG_EXISTS, "A tag with this name exists."),
            CatalogError::TagInUse => Self::new(TAG_IN_USE, "Products carry this tag. Take it off them first."),
            CatalogError::Status(message) => Self::new(PRODUCT_STATUS, message),
            CatalogError::HasMovements(field) => {
                Self::new(PRODUCT_HAS_MOVEMENTS, format!("Stock of this product has moved: its {field} can't change any more."))
                    .with_details(json!({ "field": field }))
            }
            CatalogError::ProductHasStock => Self::new(PRODUCT_HAS_STOCK, "There is still stock of this product. Move it out first."),
            CatalogError::VariantHasStock => Self::new(VARIANT_HAS_STOCK, "There is still stock of this variant. Move it out first."),
            CatalogError::TooManyVariants(most) => {
                Self::new(TOO_MANY_VARIANTS, format!("A product has at most {most} variants, archived ones included."))
            }
            CatalogError::TooManyExports(most) => {
                Self::new(ErrorCode::RATE_LIMITED, format!("{most} exports of the organization wait or run. Try again when one has ended."))
                    .retry_after(Duration::from_secs(30))
            }
            CatalogError::ExportStorageFull { used, most, days } => {
                let message = format!(
                    "The exported files of the organization would have {used} bytes, at most {most} are kept. Each is removed {days} days after its export; \
                     wait for that, or export fewer products by `status` or `category_id`."
                );
                Self::new(EXPORT_STORAGE_FULL, message).with_details(serde_json::json!({ "used_bytes": used, "limit_bytes": most }))
            }
            CatalogError::Idempotency(error) => error.into(),
            CatalogError::Db(error) => error.into(),
        }
    }
}
