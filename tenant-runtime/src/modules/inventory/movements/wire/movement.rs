//! Goods that come in or go out, on the wire.

use nexus_web::validate;
use nexus_web::wire::QuantityString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::body::{posting_body, posting_line};

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

posting_body! {
    /// A batch of goods that come in or go out.
    #[schema(example = json!({
        "kind": "receive", "note": "Delivery of Tuesday", "reference": { "type": "invoice", "number": "536365" },
        "lines": [{ "sku": "BEAN-1KG", "location": "MAIN", "quantity": "12.5", "unit": "each", "reference_line": 1 }],
    }))]
    pub struct MovementsIn of MovementLineIn {
        /// What happens.
        pub kind: MovementKind,
        /// The other side. `receive`: supplier (default) or production; `issue`: customer (default) or production; `return`: customer
        /// (default, goods come in) or supplier (goods go out); `scrap`: none.
        #[serde(default)]
        pub partner: Option<Partner>,
    }
}

posting_line! {
    /// One line of goods that come in or go out.
    pub struct MovementLineIn at one place {
        /// How much.
        #[validate(custom(function = "validate::positive"))]
        pub quantity: QuantityString,
        /// Line of the reference document.
        #[serde(default)]
        #[validate(range(min = 0))]
        #[schema(example = 1, minimum = 0)]
        pub reference_line: Option<i32>,
    }
}
