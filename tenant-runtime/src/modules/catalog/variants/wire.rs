//! Variants on the wire.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use nexus_web::wire::{DecimalString, MoneyDto};
use nexus_web::{Patch, validate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::barcode::{Barcode, check_barcode, distinct_barcodes};
use crate::modules::catalog::sku::parse_sku;

/// Most barcodes of one variant.
pub const MAX_BARCODES: usize = 20;
/// Most attributes of one variant.
const MAX_ATTRIBUTES: usize = 50;
/// Most bytes of one variant's attributes, names and values together: a product may have 200 variants and is read as a whole.
const MAX_ATTRIBUTE_BYTES: usize = 4_096;

/// A new variant, or a variant as it shall be: what is left out goes back to its default.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VariantIn {
    /// Stock-keeping unit, unique within the organization without regard to case.
    #[validate(custom(function = "sku"))]
    #[schema(example = "BEAN-1KG", min_length = 1, max_length = 100)]
    pub sku: String,
    /// What tells it from its siblings; empty for an only variant.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<0, 300>"))]
    #[schema(example = "1 kg", max_length = 300)]
    pub name: String,
    /// Its attributes, such as size and colour.
    #[serde(default)]
    #[validate(custom(function = "attributes"))]
    #[schema(example = json!({ "size": "1 kg" }))]
    pub attributes: BTreeMap<String, String>,
    /// Its barcodes; the first is the one that is printed.
    #[serde(default)]
    #[validate(length(max = 20), custom(function = "distinct_barcodes"), nested)]
    #[schema(max_items = 20)]
    pub barcodes: Vec<Barcode>,
    /// Weight in grams, at most 3 decimals.
    #[serde(default)]
    #[validate(custom(function = "measure"))]
    pub weight_g: Option<DecimalString>,
    /// Length in millimetres, at most 3 decimals.
    #[serde(default)]
    #[validate(custom(function = "measure"))]
    pub length_mm: Option<DecimalString>,
    /// Width in millimetres, at most 3 decimals.
    #[serde(default)]
    #[validate(custom(function = "measure"))]
    pub width_mm: Option<DecimalString>,
    /// Height in millimetres, at most 3 decimals.
    #[serde(default)]
    #[validate(custom(function = "measure"))]
    pub height_mm: Option<DecimalString>,
    /// Selling price without tax.
    #[serde(default)]
    #[validate(custom(function = "not_negative"))]
    pub price: Option<MoneyDto>,
    /// Purchase cost without tax.
    #[serde(default)]
    #[validate(custom(function = "not_negative"))]
    pub cost: Option<MoneyDto>,
    /// Place among its siblings; after them when it is left out.
    #[serde(default)]
    #[validate(range(min = 0, max = 1_000_000))]
    #[schema(example = 0, minimum = 0, maximum = 1000000)]
    pub position: Option<i32>,
}

/// Changes to a variant: absent fields stay as they are, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "attributes": { "size": "1 kg" }, "name": "1 kg", "position": 0, "sku": "BEAN-1KG" }))]
pub struct VariantPatch {
    /// Stock-keeping unit.
    #[validate(custom(function = "patch_sku"))]
    #[schema(value_type = String, example = "BEAN-1KG", min_length = 1, max_length = 100)]
    pub sku: Patch<String>,
    /// What tells it from its siblings; `null` empties it.
    #[validate(custom(function = "validate::patch_text::<0, 300>"))]
    #[schema(value_type = Option<String>, example = "1 kg", max_length = 300)]
    pub name: Patch<String>,
    /// Its attributes, replaced as a whole.
    #[validate(custom(function = "patch_attributes"))]
    #[schema(value_type = BTreeMap<String, String>, example = json!({ "size": "1 kg" }))]
    pub attributes: Patch<BTreeMap<String, String>>,
    /// Its barcodes, replaced as a whole.
    #[validate(custom(function = "patch_barcodes"))]
    #[schema(value_type = Vec<Barcode>)]
    pub barcodes: Patch<Vec<Barcode>>,
    /// Weight in grams.
    #[validate(custom(function = "patch_measure"))]
    #[schema(value_type = Option<DecimalString>)]
    pub weight_g: Patch<DecimalString>,
    /// Length in millimetres.
    #[validate(custom(function = "patch_measure"))]
    #[schema(value_type = Option<DecimalString>)]
    pub length_mm: Patch<DecimalString>,
    /// Width in millimetres.
    #[validate(custom(function = "patch_measure"))]
    #[schema(value_type = Option<DecimalString>)]
    pub width_mm: Patch<DecimalString>,
    /// Height in millimetres.
    #[validate(custom(function = "patch_measure"))]
    #[schema(value_type = Option<DecimalString>)]
    pub height_mm: Patch<DecimalString>,
    /// Selling price without tax.
    #[validate(custom(function = "patch_not_negative"))]
    #[schema(value_type = Option<MoneyDto>)]
    pub price: Patch<MoneyDto>,
    /// Purchase cost without tax.
    #[validate(custom(function = "patch_not_negative"))]
    #[schema(value_type = Option<MoneyDto>)]
    pub cost: Patch<MoneyDto>,
    /// Place among its siblings.
    #[validate(custom(function = "patch_position"))]
    #[schema(value_type = i32, example = 0)]
    pub position: Patch<i32>,
    /// `archived` puts the variant away, provided that there is no stock of it; `active` brings it back.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = VariantStatus)]
    pub status: Patch<VariantStatus>,
}

/// Whether a variant is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VariantStatus {
    /// In use.
    Active,
    /// Put away; its history stays.
    Archived,
}

impl VariantStatus {
    /// The value in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VariantOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// The product it belongs to.
    pub product_id: Uuid,
    /// Stock-keeping unit.
    #[schema(example = "BEAN-1KG")]
    pub sku: String,
    /// What tells it from its siblings.
    #[schema(example = "1 kg")]
    pub name: String,
    /// Its attributes.
    #[schema(example = json!({ "size": "1 kg" }))]
    pub attributes: BTreeMap<String, String>,
    /// Its barcodes.
    pub barcodes: Vec<Barcode>,
    /// Weight in grams.
    pub weight_g: Option<DecimalString>,
    /// Length in millimetres.
    pub length_mm: Option<DecimalString>,
    /// Width in millimetres.
    pub width_mm: Option<DecimalString>,
    /// Height in millimetres.
    pub height_mm: Option<DecimalString>,
    /// Selling price without tax.
    pub price: Option<MoneyDto>,
    /// Purchase cost without tax.
    pub cost: Option<MoneyDto>,
    /// Place among its siblings.
    #[schema(example = 0)]
    pub position: i32,
    /// Whether it is in use, provided that its product is not archived; more may be added.
    pub status: VariantStatus,
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

type Verdict = Result<(), ValidationError>;

fn fault(code: &'static str, message: &'static str) -> Verdict {
    Err(ValidationError::new(code).with_message(message.into()))
}

fn sku(sku: &str) -> Verdict {
    match parse_sku("sku", sku) {
        Ok(_) => Ok(()),
        Err(fault) => {
            let code = match fault.code.as_str() {
                "required" => "required",
                "too_long" => "too_long",
                _ => "control_characters",
            };
            Err(ValidationError::new(code).with_message(fault.message.into()))
        }
    }
}

fn patch_sku(value: &Patch<String>) -> Verdict {
    validate::not_cleared(value)?;
    value.value().map_or(Ok(()), |value| sku(value))
}

fn attributes(attributes: &BTreeMap<String, String>) -> Verdict {
    if attributes.len() > MAX_ATTRIBUTES {
        return fault("length", "at most 50 attributes");
    }
    for (name, value) in attributes {
        validate::text::<1, 60>(name)?;
        validate::text::<0, 200>(value)?;
    }
    if attributes.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_ATTRIBUTE_BYTES {
        return fault("too_large", "at most 4 KiB of names and values together");
    }
    Ok(())
}

fn patch_attributes(value: &Patch<BTreeMap<String, String>>) -> Verdict {
    validate::not_cleared(value)?;
    value.value().map_or(Ok(()), attributes)
}

fn patch_barcodes(value: &Patch<Vec<Barcode>>) -> Verdict {
    validate::not_cleared(value)?;
    let Some(barcodes) = value.value() else { return Ok(()) };
    if barcodes.len() > MAX_BARCODES {
        return fault("length", "at most 20 barcodes");
    }
    barcodes.iter().try_for_each(check_barcode)?;
    distinct_barcodes(barcodes)
}

/// `numeric(14,3)`, not negative.
fn measure(value: &DecimalString) -> Verdict {
    let number = value.0.normalize();
    if number.is_sign_negative() && !number.is_zero() {
        return fault("negative", "must not be negative");
    }
    if number.scale() > 3 {
        return fault("scale", "at most 3 decimals");
    }
    if number.trunc() >= Decimal::from(100_000_000_000_u64) {
        return fault("magnitude", "at most 11 digits before the decimal point");
    }
    Ok(())
}

fn patch_measure(value: &Patch<DecimalString>) -> Verdict {
    value.value().map_or(Ok(()), measure)
}

fn not_negative(value: &MoneyDto) -> Verdict {
    if value.amount.is_sign_negative() && !value.amount.is_zero() { fault("negative", "must not be negative") } else { Ok(()) }
}

fn patch_not_negative(value: &Patch<MoneyDto>) -> Verdict {
    value.value().map_or(Ok(()), not_negative)
}

fn patch_position(value: &Patch<i32>) -> Verdict {
    validate::not_cleared(value)?;
    match value.value() {
        Some(position) if !(0..=1_000_000).contains(position) => fault("range", "must be between 0 and 1000000"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_fit_the_column() {
        let of = |text: &str| measure(&DecimalString(text.parse().unwrap()));
        assert!(of("0.125").is_ok() && of("99999999999.999").is_ok());
        assert_eq!(of("0.1255").unwrap_err().code, "scale");
        assert_eq!(of("-1").unwrap_err().code, "negative");
        assert_eq!(of("100000000000").unwrap_err().code, "magnitude");
    }
}
