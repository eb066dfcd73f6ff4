//! Corrections on the wire.

use nexus_web::wire::QuantityString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

use super::body::{posting_body, posting_line};

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

posting_body! {
    /// A batch of corrections: each line adds to or takes from one level.
    #[schema(example = json!({ "reason": "count", "note": "Shelf 4 counted", "lines": [{ "sku": "BEAN-1KG", "location": "MAIN", "delta": "-2" }] }))]
    pub struct AdjustIn of AdjustLineIn {
        /// Why, for all lines.
        pub reason: AdjustReason,
    }
}

posting_line! {
    /// One correction. The level is named by `inventory_id`, or by variant and location.
    pub struct AdjustLineIn at one place {
        /// The level.
        #[serde(default)]
        pub inventory_id: Option<Uuid>,
        /// What is added (or, negative, taken); not zero.
        #[validate(custom(function = "not_zero"))]
        pub delta: QuantityString,
        /// What must be on hand before this line; another figure answers 409 `STOCK_CHANGED` with the current state.
        #[serde(default)]
        pub expected_quantity: Option<QuantityString>,
        /// The level's version as read, 1 before anything has moved there; another one answers 409 `STOCK_CHANGED` with the current
        /// state.
        #[serde(default)]
        #[schema(example = 4, minimum = 1)]
        pub expected_version: Option<i64>,
    }
}

fn not_zero(delta: &QuantityString) -> Result<(), ValidationError> {
    if delta.is_zero() { Err(ValidationError::new("zero").with_message("must not be zero".into())) } else { Ok(()) }
}
