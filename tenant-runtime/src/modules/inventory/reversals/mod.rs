//! Undoing movements: a reversal takes the same quantity of the same article the same way back, and both rows of the ledger name each other.
//!
//! Invariants:
//! - A movement is reversed at most once; whoever reverses of one posting queues behind the others (advisory lock until commit), and the
//!   database's unique key stands behind.
//! - A reversal is not reversed: what was undone by mistake is posted anew. A trigger holds both.
//! - A reversal is a posting like any other: it is recorded now, and no level becomes negative by it.
//! - It needs the permission that what it undoes was posted with.
//! - Of a posting the last line is undone first: what was there for each line when it was posted is there when it is undone.

pub(super) mod routes;
mod service;
mod store;
mod wire;

pub use service::reverse_products;

use nexus_core::FieldFault;
use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

use super::REVERSALS_SINCE;
use crate::context::TenantContext;

/// Whether the tenant's schema has reversals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reversals {
    /// It does.
    Read,
    /// It is older; nothing was reversed.
    Absent,
}

impl Reversals {
    /// As the tenant's schema is.
    pub fn of(ctx: &TenantContext) -> Self {
        if ctx.tenant().schema_version < REVERSALS_SINCE { Self::Absent } else { Self::Read }
    }
}

/// A movement and what undid it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reversal {
    /// What was undone.
    pub movement_id: Uuid,
    /// What undid it.
    pub reversal_id: Uuid,
}

/// What of a movement is no longer in use: a field of the movement, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutOfUse {
    /// The movement.
    pub movement_id: Uuid,
    /// Its field.
    #[serde(flatten)]
    pub fault: FieldFault,
}

/// Why something can't be undone at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotReversible {
    /// It undoes something itself.
    #[error("A reversal can't be reversed. Post the movement anew instead.")]
    IsReversal,
    /// A file's movements are not undone by one posting.
    #[error("The movements of an imported file can be reversed one by one only.")]
    Imported,
    /// The article or a place is no longer in use.
    #[error("The article or a location of the movement is no longer in use.")]
    OutOfUse(Vec<OutOfUse>),
}

impl NotReversible {
    /// As a code.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::IsReversal => "reversal",
            Self::Imported => "import",
            Self::OutOfUse(_) => "out_of_use",
        }
    }
}
