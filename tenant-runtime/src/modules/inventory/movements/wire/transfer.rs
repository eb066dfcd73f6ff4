//! Moves between places on the wire.

use nexus_web::validate;
use nexus_web::wire::QuantityString;
use uuid::Uuid;
use validator::Validate;

use super::body::{posting_body, posting_line};

posting_body! {
    /// A batch of moves between places of the organization.
    #[schema(example = json!({
        "note": "Refill of the shop",
        "lines": [{ "sku": "BEAN-1KG", "from_location": "MAIN", "to_location": "SHOP", "quantity": "5" }],
    }))]
    pub struct TransferIn of TransferLineIn {}
}

posting_line! {
    /// One move.
    pub struct TransferLineIn {
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
    }
}
