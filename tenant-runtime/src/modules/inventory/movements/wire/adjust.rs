//! Corrections on the wire.

use chrono::{DateTime, Utc};
use nexus_web::validate;
use nexus_web::wire::QuantityString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::ReferenceIn;

/// Why stock is corrected. More may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustReason {
    /// A mistake of the books.
    Correction,
    /// The result of a count.
    Count,
    /// Broken or spoilt.
    Damage,
    /// Past its date.
    Expiry,
    /// Gone, nobody knows why.
    Loss,
    /// Stolen.
    Theft,
    /// Found again.
    Found,
    /// The first stock of an article.
    OpeningStock,
    /// Anything else; the note says what.
    Other,
}

impl AdjustReason {
    /// Every reason.
    pub const ALL: &'static [Self] =
        &[Self::Correction, Self::Count, Self::Damage, Self::Expiry, Self::Loss, Self::Theft, Self::Found, Self::OpeningStock, Self::Other];

    /// The code in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::Count => "count",
            Self::Damage => "damage",
            Self::Expiry => "expiry",
            Self::Loss => "loss",
            Self::Theft => "theft",
            Self::Found => "found",
            Self::OpeningStock => "opening_stock",
            Self::Other => "other",
        }
    }
}

/// A batch of corrections: each line adds to or takes from one level.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "count", "note": "Shelf 4 counted", "lines": [{ "sku": "BEAN-1KG", "location": "MAIN", "delta": "-2" }] }))]
pub struct AdjustIn {
    /// Why, for all lines.
    pub reason: AdjustReason,
    /// Why, in words.
    #[serde(default)]
    #[validate(custom(function = "validate::note"))]
    #[schema(example = "Shelf 4 counted", max_length = 1000)]
    pub note: Option<String>,
    /// The document behind it.
    #[serde(default)]
    #[validate(nested)]
    pub reference: Option<ReferenceIn>,
    /// When it happened; now when left out. Earlier times need `inventory.backdate` and `backdating_reason`.
    #[serde(default)]
    pub occurred_at: Option<DateTime<Utc>>,
    /// Why it is recorded late.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 500>"))]
    #[schema(example = "The list came in on Monday", max_length = 500)]
    pub backdating_reason: Option<String>,
    /// The lines.
    #[validate(length(min = 1, max = 1000), nested)]
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<AdjustLineIn>,
}

/// One correction. The level is named by `inventory_id`, or by variant and location.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustLineIn {
    /// The level.
    #[serde(default)]
    pub inventory_id: Option<Uuid>,
    /// The variant; or give `sku`.
    #[serde(default)]
    pub variant_id: Option<Uuid>,
    /// The variant's SKU, without regard to case.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "BEAN-1KG", max_length = 100)]
    pub sku: Option<String>,
    /// The location; or give `location`.
    #[serde(default)]
    pub location_id: Option<Uuid>,
    /// The location's code, without regard to case.
    #[serde(default)]
    #[validate(custom(function = "validate::code"))]
    #[schema(example = "MAIN", max_length = 64)]
    pub location: Option<String>,
    /// What is added (or, negative, taken); not zero.
    #[validate(custom(function = "not_zero"))]
    pub delta: QuantityString,
    /// Unit as the caller believes it; refused when the product is counted in another one.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 32>"))]
    #[schema(example = "each", max_length = 32)]
    pub unit: Option<String>,
    /// What must be on hand before this line; another figure answers 409 `STOCK_CHANGED` with the current state.
    #[serde(default)]
    pub expected_quantity: Option<QuantityString>,
    /// The level's version as read; another one answers 409 `STOCK_CHANGED` with the current state.
    #[serde(default)]
    #[schema(example = 4, minimum = 1)]
    pub expected_version: Option<i64>,
    /// Why, in words, for this line.
    #[serde(default)]
    #[validate(custom(function = "validate::note"))]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

fn not_zero(delta: &QuantityString) -> Result<(), ValidationError> {
    if delta.is_zero() { Err(ValidationError::new("zero").with_message("must not be zero".into())) } else { Ok(()) }
}
