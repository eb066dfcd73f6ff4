//! The ledger on the wire.

use chrono::{DateTime, Utc};
use nexus_web::wire::QuantityString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ReferenceOut;

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
    /// The movement that this one undoes.
    #[serde(default)]
    pub reverses_id: Option<Uuid>,
    /// The movement that undid this one.
    #[serde(default)]
    pub reversed_by_id: Option<Uuid>,
}
