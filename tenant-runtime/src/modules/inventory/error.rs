//! What the stock slice refuses, each with its code.

use nexus_core::{ErrorCode, Faults, FieldFault, Problem};
use nexus_infra::{DbError, IdempotencyError, WriteError};
use nexus_web::precondition_failed;
use serde::Serialize;
use serde_json::{Value, json};
use thiserror::Error;

use super::posting::{Conflict, Shortage};
use super::reversals::{NotReversible, Reversal};
use crate::context::TenantError;

const INSUFFICIENT_STOCK: ErrorCode = ErrorCode {
    code: "INSUFFICIENT_STOCK",
    status: 409,
    summary: "A place holds less than is asked for; details.lines name variant, location, requested and available.",
};
const STOCK_CHANGED: ErrorCode = ErrorCode {
    code: "STOCK_CHANGED",
    status: 409,
    summary: "A level is not what the caller expected; details.lines carry its current state, and what changed it last.",
};
const ALREADY_REVERSED: ErrorCode = ErrorCode {
    code: "ALREADY_REVERSED",
    status: 409,
    summary: "The movement, or one of its posting, was reversed before; details.reversals name each with what reversed it.",
};
const MOVEMENT_NOT_REVERSIBLE: ErrorCode = ErrorCode {
    code: "MOVEMENT_NOT_REVERSIBLE",
    status: 409,
    summary: "The movement can't be reversed: it is a reversal, came with a file that is to be undone as a whole, or its article or a place is out of use. details.reason says which: `reversal`, `import`, `out_of_use`.",
};
const STOCK_LIMIT: ErrorCode = ErrorCode { code: "STOCK_LIMIT", status: 409, summary: "A level would exceed 99,999,999,999,999.999999." };
const LOCATION_CODE_TAKEN: ErrorCode = ErrorCode { code: "LOCATION_CODE_TAKEN", status: 409, summary: "Another location has this code." };
const LOCATION_READ_ONLY: ErrorCode =
    ErrorCode { code: "LOCATION_READ_ONLY", status: 409, summary: "Virtual locations are built in and can't be changed." };
const LOCATION_HAS_STOCK: ErrorCode =
    ErrorCode { code: "LOCATION_HAS_STOCK", status: 409, summary: "The location still holds stock; move it away first." };
const LOCATION_HAS_CHILDREN: ErrorCode =
    ErrorCode { code: "LOCATION_HAS_CHILDREN", status: 409, summary: "The location contains others; move or archive them first." };
const LOCATION_CYCLE: ErrorCode =
    ErrorCode { code: "LOCATION_CYCLE", status: 409, summary: "A location can't lie within itself, nor deeper than 16 levels." };

/// The codes of this slice.
pub const CODES: &[ErrorCode] = &[
    INSUFFICIENT_STOCK,
    STOCK_CHANGED,
    ALREADY_REVERSED,
    MOVEMENT_NOT_REVERSIBLE,
    STOCK_LIMIT,
    LOCATION_CODE_TAKEN,
    LOCATION_READ_ONLY,
    LOCATION_HAS_STOCK,
    LOCATION_HAS_CHILDREN,
    LOCATION_CYCLE,
];

/// What the stock slice refuses.
#[derive(Debug, Error)]
pub enum InventoryError {
    /// No such location, movement or product.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The row has another version than the caller read.
    #[error("stale version")]
    Stale(Value),
    /// The input is refused.
    #[error("invalid input")]
    Invalid(Vec<FieldFault>),
    /// Some lines ask for more than there is.
    #[error("insufficient stock in {} lines", .0.len())]
    Insufficient(Vec<Shortage>),
    /// Some levels are not as expected.
    #[error("{} levels have changed", .0.len())]
    Changed(Vec<Conflict>),
    /// Some movements were undone before.
    #[error("{} movements are reversed already", .0.len())]
    AlreadyReversed(Vec<Reversal>),
    /// What can't be undone.
    #[error(transparent)]
    NotReversible(#[from] NotReversible),
    /// A level would leave the range of quantities.
    #[error("a level would exceed the greatest quantity")]
    Limit,
    /// Posting needs a further permission.
    #[error(transparent)]
    Tenant(#[from] TenantError),
    /// The code belongs to another location.
    #[error("location code {0} is taken")]
    CodeTaken(String),
    /// Virtual locations don't change.
    #[error("virtual location")]
    ReadOnly,
    /// The location holds stock.
    #[error("the location holds stock")]
    HasStock,
    /// The location contains others.
    #[error("the location contains others")]
    HasChildren,
    /// The location would lie within itself, or too deep.
    #[error("location cycle")]
    Cycle,
    /// The plan's number of locations is reached.
    #[error("the plan allows {limit} locations")]
    Quota {
        /// The limit.
        limit: i64,
    },
    /// The idempotency key is in flight or was used otherwise.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl InventoryError {
    /// The row is not the one that the caller read; `current` goes into the answer.
    pub(super) fn stale(current: impl Serialize) -> Self {
        Self::Stale(serde_json::to_value(current).unwrap_or_default())
    }

    /// One fault of one field.
    pub(super) fn invalid(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldFault::new(field, code, message)])
    }
}

impl From<Faults> for InventoryError {
    fn from(faults: Faults) -> Self {
        Self::Invalid(faults.into_vec())
    }
}

impl WriteError for InventoryError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<InventoryError> for Problem {
    fn from(error: InventoryError) -> Self {
        match error {
            InventoryError::NotFound(what) => Self::not_found(what),
            InventoryError::Stale(current) => precondition_failed(current),
            InventoryError::Invalid(faults) => Self::validation(faults),
            InventoryError::Insufficient(lines) => {
                let message = match lines.as_slice() {
                    [one] => format!("{} at {}: {} asked for, {} available.", one.sku, one.location, one.requested, one.available),
                    many => format!("{} lines ask for more than is available.", many.len()),
                };
                Self::new(INSUFFICIENT_STOCK, message).with_details(json!({ "lines": lines }))
            }
            InventoryError::Changed(lines) => {
                Self::new(STOCK_CHANGED, "The stock has changed since it was read.").with_details(json!({ "lines": lines }))
            }
            InventoryError::AlreadyReversed(reversals) => {
                Self::new(ALREADY_REVERSED, "This was reversed before.").with_details(json!({ "reversals": reversals }))
            }
            InventoryError::NotReversible(error) => {
                let details = match &error {
                    NotReversible::OutOfUse(faults) => json!({ "reason": error.reason(), "faults": faults }),
                    _ => json!({ "reason": error.reason() }),
                };
                Self::new(MOVEMENT_NOT_REVERSIBLE, error.to_string()).with_details(details)
            }
            InventoryError::Limit => Self::new(STOCK_LIMIT, "A level would exceed 99,999,999,999,999.999999."),
            InventoryError::Tenant(error) => error.into(),
            InventoryError::CodeTaken(code) => {
                Self::new(LOCATION_CODE_TAKEN, format!("Another location has the code {code}.")).with_details(json!({ "code": code }))
            }
            InventoryError::ReadOnly => Self::new(LOCATION_READ_ONLY, "Virtual locations are built in and can't be changed."),
            InventoryError::HasStock => Self::new(LOCATION_HAS_STOCK, "The location still holds stock. Move it away first."),
            InventoryError::HasChildren => Self::new(LOCATION_HAS_CHILDREN, "The location contains others. Move or archive them first."),
            InventoryError::Cycle => Self::new(LOCATION_CYCLE, "A location can't lie within itself, nor deeper than 16 levels."),
            InventoryError::Quota { limit } => Self::new(ErrorCode::QUOTA_EXCEEDED, format!("Your plan allows {limit} locations."))
                .with_details(json!({ "limit": limit, "resource": "locations" })),
            InventoryError::Idempotency(error) => error.into(),
            InventoryError::Db(error) => error.into(),
        }
    }
}
