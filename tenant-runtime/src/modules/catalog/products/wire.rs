//! Products on the wire.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::status::{ProductKind, ProductStatus};
use crate::modules::catalog::sku::normalise_sku;
use crate::modules::catalog::variants::wire::{VariantIn, VariantOut};

/// Most variants of one product.
pub const MAX_VARIANTS: usize = 200;
/// Most tags of one product.
pub const MAX_TAGS: usize = 50;

/// A new product, with its variants.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "distinct_codes"))]
pub struct ProductIn {
    /// Name shown to people.
    #[validate(custom(function = "validate::text::<1, 300>"))]
    #[schema(example = "Espresso beans", min_length = 1, max_length = 300)]
    pub name: String,
    /// Description, several lines.
    #[serde(default)]
    #[validate(custom(function = "validate::multiline::<0, 20_000>"))]
    #[schema(example = "Dark roast, whole beans.", max_length = 20000)]
    pub description: String,
    /// `draft` (default) or `active`.
    #[serde(default = "draft")]
    #[validate(custom(function = "not_archived"))]
    pub status: ProductStatus,
    /// What it is to the stock ledger.
    #[serde(default = "stocked")]
    pub kind: ProductKind,
    /// Category it lies in.
    #[serde(default)]
    pub category_id: Option<Uuid>,
    /// Brand.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 120>"))]
    #[schema(example = "Acme", max_length = 120, min_length = 1)]
    pub brand: Option<String>,
    /// Unit in which its quantities are counted.
    #[serde(default = "each")]
    #[validate(custom(function = "validate::text::<1, 32>"))]
    #[schema(example = "each", max_length = 32, min_length = 1)]
    pub unit: String,
    /// Free-form data of the organization's own: an object of at most 16 KiB.
    #[serde(default = "no_metadata")]
    #[validate(custom(function = "validate::json_object"))]
    #[schema(value_type = Object, example = json!({ "origin": "Ethiopia" }))]
    pub metadata: Value,
    /// Names of tags; unknown ones are created.
    #[serde(default)]
    #[validate(length(max = 50), custom(function = "tag_names"))]
    #[schema(example = json!(["coffee"]), max_items = 50)]
    pub tags: Vec<String>,
    /// Its variants.
    #[serde(default)]
    #[validate(length(max = 200), nested)]
    #[schema(max_items = 200)]
    pub variants: Vec<VariantIn>,
}

/// A product as it shall be: what is left out goes back to its default. Variants are edited on their own.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductPut {
    /// Name shown to people.
    #[validate(custom(function = "validate::text::<1, 300>"))]
    #[schema(example = "Espresso beans", min_length = 1, max_length = 300)]
    pub name: String,
    /// Description, several lines.
    #[serde(default)]
    #[validate(custom(function = "validate::multiline::<0, 20_000>"))]
    #[schema(example = "Dark roast, whole beans.", max_length = 20000)]
    pub description: String,
    /// Status.
    pub status: ProductStatus,
    /// What it is to the stock ledger; fixed once the product has left `draft` or its stock has moved.
    #[serde(default = "stocked")]
    pub kind: ProductKind,
    /// Category it lies in.
    #[serde(default)]
    pub category_id: Option<Uuid>,
    /// Brand.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 120>"))]
    #[schema(example = "Acme", max_length = 120, min_length = 1)]
    pub brand: Option<String>,
    /// Unit in which its quantities are counted; fixed once its stock has moved.
    #[serde(default = "each")]
    #[validate(custom(function = "validate::text::<1, 32>"))]
    #[schema(example = "each", max_length = 32, min_length = 1)]
    pub unit: String,
    /// Free-form data of the organization's own: an object of at most 16 KiB.
    #[serde(default = "no_metadata")]
    #[validate(custom(function = "validate::json_object"))]
    #[schema(value_type = Object, example = json!({ "origin": "Ethiopia" }))]
    pub metadata: Value,
    /// Names of tags; unknown ones are created, others are taken off.
    #[serde(default)]
    #[validate(length(max = 50), custom(function = "tag_names"))]
    #[schema(example = json!(["coffee"]), max_items = 50)]
    pub tags: Vec<String>,
}

/// Changes to a product: absent fields stay as they are, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "brand": "Acme", "description": "Dark roast.", "name": "House blend", "tags": ["coffee"] }))]
pub struct ProductPatch {
    /// Name shown to people.
    #[validate(custom(function = "validate::patch_required_text::<1, 300>"))]
    #[schema(value_type = String, example = "House blend", max_length = 300, min_length = 1)]
    pub name: Patch<String>,
    /// Description; `null` empties it.
    #[validate(custom(function = "validate::patch_multiline::<0, 20_000>"))]
    #[schema(value_type = Option<String>, example = "Dark roast.", max_length = 20000)]
    pub description: Patch<String>,
    /// Status.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = ProductStatus)]
    pub status: Patch<ProductStatus>,
    /// What it is to the stock ledger; fixed once the product has left `draft` or its stock has moved.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = ProductKind)]
    pub kind: Patch<ProductKind>,
    /// Category it lies in; `null` takes it out.
    #[schema(value_type = Option<Uuid>)]
    pub category_id: Patch<Uuid>,
    /// Brand.
    #[validate(custom(function = "validate::patch_text::<1, 120>"))]
    #[schema(value_type = Option<String>, example = "Acme", max_length = 120, min_length = 1)]
    pub brand: Patch<String>,
    /// Unit in which its quantities are counted; fixed once its stock has moved.
    #[validate(custom(function = "validate::patch_required_text::<1, 32>"))]
    #[schema(value_type = String, example = "each", max_length = 32, min_length = 1)]
    pub unit: Patch<String>,
    /// Free-form data, replaced as a whole.
    #[validate(custom(function = "validate::patch_json_object"))]
    #[schema(value_type = Object, example = json!({ "origin": "Ethiopia" }))]
    pub metadata: Patch<Value>,
    /// Names of tags, replaced as a whole.
    #[validate(custom(function = "patch_tag_names"))]
    #[schema(value_type = Vec<String>, example = json!(["coffee"]))]
    pub tags: Patch<Vec<String>>,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProductOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// Name shown to people.
    #[schema(example = "Espresso beans")]
    pub name: String,
    /// Description.
    #[schema(example = "Dark roast, whole beans.")]
    pub description: String,
    /// Status; more may be added.
    pub status: ProductStatus,
    /// What it is to the stock ledger; more may be added.
    pub kind: ProductKind,
    /// Category it lies in.
    pub category_id: Option<Uuid>,
    /// Brand.
    #[schema(example = "Acme")]
    pub brand: Option<String>,
    /// Unit in which its quantities are counted.
    #[schema(example = "each")]
    pub unit: String,
    /// Free-form data of the organization's own.
    #[schema(value_type = Object)]
    pub metadata: Value,
    /// Names of its tags, sorted.
    pub tags: Vec<String>,
    /// Its variants in their order. Always in answers about one product; in lists only with `include=variants`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub variants: Option<Vec<VariantOut>>,
    /// Whether it is part of the sample data.
    #[serde(default)]
    #[schema(example = false)]
    pub sample: bool,
    /// Row version; the ETag is made from it.
    #[schema(example = 3)]
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was archived.
    pub archived_at: Option<DateTime<Utc>>,
}

fn draft() -> ProductStatus {
    ProductStatus::Draft
}

fn stocked() -> ProductKind {
    ProductKind::Stocked
}

fn each() -> String {
    "each".to_owned()
}

fn no_metadata() -> Value {
    Value::Object(serde_json::Map::new())
}

fn not_archived(status: &ProductStatus) -> Result<(), ValidationError> {
    if *status == ProductStatus::Archived {
        return Err(ValidationError::new("status").with_message("a new product is a draft or active".into()));
    }
    Ok(())
}

fn tag_names(tags: &[String]) -> Result<(), ValidationError> {
    tags.iter().try_for_each(|tag| validate::text::<1, 60>(tag))
}

fn patch_tag_names(tags: &Patch<Vec<String>>) -> Result<(), ValidationError> {
    validate::not_cleared(tags)?;
    let Some(tags) = tags.value() else { return Ok(()) };
    if tags.len() > MAX_TAGS {
        return Err(ValidationError::new("length").with_message(format!("at most {MAX_TAGS} tags").into()));
    }
    tag_names(tags)
}

/// No SKU and no barcode twice within one request: the database would name the second one taken by the first.
fn distinct_codes(product: &ProductIn) -> Result<(), ValidationError> {
    let mut skus = HashSet::new();
    let mut barcodes = HashSet::new();
    for variant in &product.variants {
        if !skus.insert(normalise_sku(&variant.sku)) {
            return Err(ValidationError::new("duplicate_sku").with_message(format!("the SKU {} occurs twice", variant.sku).into()));
        }
        for barcode in &variant.barcodes {
            if !barcodes.insert(barcode.barcode.as_str()) {
                return Err(ValidationError::new("duplicate_barcode").with_message(format!("the barcode {} occurs twice", barcode.barcode).into()));
            }
        }
    }
    Ok(())
}
