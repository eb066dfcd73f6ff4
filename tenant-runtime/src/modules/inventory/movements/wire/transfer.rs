//! Moves between places on the wire.

use chrono::{DateTime, Utc};
use nexus_web::validate;
use nexus_web::wire::QuantityString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::ReferenceIn;

/// A batch of moves between places of the organization.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "note": "Refill of the shop",
    "lines": [{ "sku": "BEAN-1KG", "from_location": "MAIN", "to_location": "SHOP", "quantity": "5" }],
}))]
pub struct TransferIn {
    /// Why, in words.
    #[serde(default)]
    #[validate(custom(function = "validate::note"))]
    #[schema(example = "Refill of the shop", max_length = 1000)]
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
    #[schema(max_length = 500)]
    pub backdating_reason: Option<String>,
    /// The lines.
    #[validate(length(min = 1, max = 1000), nested)]
    #[schema(min_items = 1, max_items = 1000)]
    pub lines: Vec<TransferLineIn>,
}

/// One move.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferLineIn {
    /// The variant; or give `sku`.
    #[serde(default)]
    pub variant_id: Option<Uuid>,
    /// The variant's SKU, without regard to case.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "BEAN-1KG", max_length = 100)]
    pub sku: Option<String>,
    /// Where it leaves; or give `from_location`.
    #[serde(default)]
    pub from_location_id: Option<Uuid>,
    /// Code of where it leaves.
    #[serde(default)]
    #[validate(custom(function = "validate::code"))]
    #[schema(example = "MAIN", max_length = 64)]
    pub from_location: Option<String>,
    /// Where it arrives; or give `to_location`.
    #[serde(default)]
    pub to_location_id: Option<Uuid>,
    /// Code of where it arrives.
    #[serde(default)]
    #[validate(custom(function = "validate::code"))]
    #[schema(example = "SHOP", max_length = 64)]
    pub to_location: Option<String>,
    /// How much.
    #[validate(custom(function = "validate::positive"))]
    pub quantity: QuantityString,
    /// Unit as the caller believes it.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 32>"))]
    #[schema(example = "each", max_length = 32)]
    pub unit: Option<String>,
    /// Why, in words, for this line.
    #[serde(default)]
    #[validate(custom(function = "validate::note"))]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}
