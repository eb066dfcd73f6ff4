//! Goods that come in or go out, on the wire.

use chrono::{DateTime, Utc};
use nexus_web::validate;
use nexus_web::wire::QuantityString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use super::ReferenceIn;

/// What kind of movement is posted. More may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// Goods come in, from a supplier or from production.
    Receive,
    /// Goods go out, to a customer or into production.
    Issue,
    /// Goods come back from a customer, or go back to a supplier.
    Return,
    /// Goods are thrown away.
    Scrap,
}

/// The other side of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Partner {
    /// Suppliers.
    Supplier,
    /// Customers.
    Customer,
    /// Production.
    Production,
}

/// A batch of goods that come in or go out.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "receive", "note": "Delivery of Tuesday", "reference": { "type": "invoice", "number": "536365" },
    "lines": [{ "sku": "BEAN-1KG", "location": "MAIN", "quantity": "12.5", "unit": "each", "reference_line": 1 }],
}))]
pub struct MovementsIn {
    /// What happens.
    pub kind: MovementKind,
    /// The other side. `receive`: supplier (default) or production; `issue`: customer (default) or production; `return`: customer
    /// (default, goods come in) or supplier (goods go out); `scrap`: none.
    #[serde(default)]
    pub partner: Option<Partner>,
    /// Why, in words.
    #[serde(default)]
    #[validate(custom(function = "validate::note"))]
    #[schema(example = "Delivery of Tuesday", max_length = 1000)]
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
    pub lines: Vec<MovementLineIn>,
}

/// One line of goods that come in or go out.
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MovementLineIn {
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
    /// How much.
    #[validate(custom(function = "validate::positive"))]
    pub quantity: QuantityString,
    /// Unit as the caller believes it.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 32>"))]
    #[schema(example = "each", max_length = 32)]
    pub unit: Option<String>,
    /// Line of the reference document.
    #[serde(default)]
    #[validate(range(min = 0))]
    #[schema(example = 1, minimum = 0)]
    pub reference_line: Option<i32>,
    /// Why, in words, for this line.
    #[serde(default)]
    #[validate(custom(function = "validate::note"))]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}
