//! Levels on the wire.

use chrono::{DateTime, Utc};
use nexus_web::wire::QuantityString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is where: one variant at one location, of one lot.
/// `on_hand = available + committed + reserved + damaged + safety_stock + quality_control`; `incoming` stands outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LevelOut {
    /// Id of the level; adjustments may name it as `inventory_id`.
    pub id: Uuid,
    /// Variant.
    pub variant_id: Uuid,
    /// Its product.
    pub product_id: Uuid,
    /// Its SKU.
    #[schema(example = "BEAN-1KG")]
    pub sku: String,
    /// Its product's name.
    #[schema(example = "Espresso beans")]
    pub product_name: String,
    /// What tells it from its siblings.
    #[schema(example = "1 kg")]
    pub variant_name: String,
    /// Location.
    pub location_id: Uuid,
    /// Its code.
    #[schema(example = "MAIN")]
    pub location: String,
    /// Its name.
    #[schema(example = "Main warehouse")]
    pub location_name: String,
    /// Lot, if any.
    pub lot_id: Option<Uuid>,
    /// Unit of the quantities.
    #[schema(example = "each")]
    pub unit: String,
    /// All that is there.
    pub on_hand: QuantityString,
    /// What can be promised.
    pub available: QuantityString,
    /// Promised to orders.
    pub committed: QuantityString,
    /// Held for a short while.
    pub reserved: QuantityString,
    /// Damaged.
    pub damaged: QuantityString,
    /// Kept back.
    pub safety_stock: QuantityString,
    /// Under inspection.
    pub quality_control: QuantityString,
    /// On its way.
    pub incoming: QuantityString,
    /// Counts the level's changes.
    #[schema(example = 4)]
    pub version: i64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}
