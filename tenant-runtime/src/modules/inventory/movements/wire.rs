//! Movements on the wire.

use chrono::{DateTime, Utc};
use nexus_web::validate;
use nexus_web::wire::QuantityString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

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

/// The document a movement belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "names_a_document"))]
pub struct ReferenceIn {
    /// Kind of document.
    #[validate(custom(function = "reference_type"))]
    #[schema(example = "invoice", min_length = 1, max_length = 63, pattern = "^[a-z][a-z0-9_]{0,62}$")]
    pub r#type: String,
    /// Its id, when it lives here.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Its number as people know it.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "536365", min_length = 1, max_length = 100)]
    pub number: Option<String>,
}

fn names_a_document(reference: &ReferenceIn) -> Result<(), ValidationError> {
    if reference.id.is_none() && reference.number.is_none() {
        return Err(ValidationError::new("required").with_message("a reference needs an id or a number".into()));
    }
    Ok(())
}

/// Codes of kinds of documents: lower snake case.
pub fn reference_type(value: &str) -> Result<(), ValidationError> {
    let shaped = value.len() <= 63
        && value.starts_with(|letter: char| letter.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if shaped { Ok(()) } else { Err(ValidationError::new("pattern").with_message("must be 1 to 63 of a–z, 0–9 and _, beginning with a letter".into())) }
}

/// A batch of corrections: each line adds to or takes from one level.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
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

fn positive(quantity: &QuantityString) -> Result<(), ValidationError> {
    validate::positive(quantity)
}

/// A batch of moves between places of the organization.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
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
    #[validate(custom(function = "positive"))]
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

/// A batch of goods that come in or go out.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
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
    #[validate(custom(function = "positive"))]
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

/// What was posted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PostingOut {
    /// Id of the batch; the event and the audit entry carry it.
    pub id: Uuid,
    /// Its movements in the order of the lines.
    pub movements: Vec<MovementOut>,
}

/// One row of the ledger: a quantity of one variant from one place to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovementOut {
    /// Place in the ledger; grows.
    #[schema(example = 4711)]
    pub seq: i64,
    /// Id.
    pub id: Uuid,
    /// The posting it belongs to.
    pub batch_id: Uuid,
    /// Variant moved.
    pub variant_id: Uuid,
    /// Its product.
    pub product_id: Uuid,
    /// Its SKU.
    #[schema(example = "BEAN-1KG")]
    pub sku: String,
    /// Its product's name.
    #[schema(example = "Espresso beans")]
    pub product_name: String,
    /// Lot moved, if any.
    pub lot_id: Option<Uuid>,
    /// How much, greater than zero.
    pub quantity: QuantityString,
    /// Unit of the quantity.
    #[schema(example = "each")]
    pub unit: String,
    /// Where it left.
    pub from_location_id: Uuid,
    /// Code of where it left.
    #[schema(example = "SUPPLIER")]
    pub from_location: String,
    /// Where it arrived.
    pub to_location_id: Uuid,
    /// Code of where it arrived.
    #[schema(example = "MAIN")]
    pub to_location: String,
    /// On hand where it left, right after; none for virtual locations.
    pub from_quantity_after: Option<QuantityString>,
    /// On hand where it arrived, right after; none for virtual locations.
    pub to_quantity_after: Option<QuantityString>,
    /// Why, as a code; more may be added.
    #[schema(example = "receipt")]
    pub reason: String,
    /// Why, in words.
    pub note: Option<String>,
    /// The document it belongs to.
    pub reference: Option<ReferenceOut>,
    /// What kind of caller posted it.
    #[schema(example = "user")]
    pub actor_kind: String,
    /// Who posted it.
    pub actor_id: Option<Uuid>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// When it was recorded; grows along one variant and location.
    pub recorded_at: DateTime<Utc>,
    /// Why it was recorded late.
    pub backdating_reason: Option<String>,
    /// The import it came with.
    pub import_id: Option<Uuid>,
    /// Its line in the imported file.
    pub import_line: Option<i64>,
}

/// The document a movement belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferenceOut {
    /// Kind of document.
    #[schema(example = "invoice")]
    pub r#type: String,
    /// Its id, when it lives here.
    pub id: Option<Uuid>,
    /// Its number as people know it.
    #[schema(example = "536365")]
    pub number: Option<String>,
    /// Line of the document.
    pub line: Option<i32>,
}
