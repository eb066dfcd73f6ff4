//! Posting: the one way stock changes.
//!
//! A posting is a batch of 1 to 1,000 lines that happen together or not at all. Each line becomes one row of the ledger, from → to;
//! the levels of its real sides change with it, in the same statement. Purchasing, sales and stock-takes post through [`post`] as
//! the operations of this slice do.
//!
//! Invariants:
//! - The fold of the ledger equals the levels, after every commit.
//! - No level is negative at any line of any posting; `available` neither. Lines of one posting are checked in their order against
//!   the running level, so several lines on one level are summed before they are checked. The database's CHECK stands behind.
//! - Level rows are locked in key order (variant, location) before they are read; no posting waits for one that waits for it.
//! - `recorded_at` is the database's clock, grows strictly along one level, and `*_quantity_after` is what the side held then.
//! - Virtual locations keep no level.
//!
//! Deliberately not here: lots (they come with their own table; `lot_id` stays empty until then), reservations, and value.

pub mod action;
mod resolve;
mod service;
mod store;

use chrono::{DateTime, Utc};
use nexus_core::Quantity;
use serde::Serialize;
use uuid::Uuid;

pub use service::post;

use super::movements::wire::MovementOut;

/// Most lines of one posting.
pub const MAX_LINES: usize = 1_000;

/// The built-in places outside the organization's stock; their ids are the same in every tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VirtualPlace {
    /// Where goods come from.
    Supplier,
    /// Where goods go to.
    Customer,
    /// Where goods are on their way.
    Transit,
    /// Where spoilt goods go to.
    Scrap,
    /// Where goods are used up or made.
    Production,
    /// The other side of corrections and counts.
    Count,
}

impl VirtualPlace {
    /// Every one.
    pub const ALL: &'static [Self] = &[Self::Supplier, Self::Customer, Self::Transit, Self::Scrap, Self::Production, Self::Count];

    /// The one with this location id.
    #[must_use]
    pub fn of(id: Uuid) -> Option<Self> {
        Self::ALL.iter().copied().find(|place| place.id() == id)
    }

    /// Its location id.
    #[must_use]
    pub const fn id(self) -> Uuid {
        let number = match self {
            Self::Supplier => 0x201,
            Self::Customer => 0x202,
            Self::Transit => 0x203,
            Self::Scrap => 0x204,
            Self::Production => 0x205,
            Self::Count => 0x206,
        };
        Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | number)
    }

    /// Its location code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Supplier => "SUPPLIER",
            Self::Customer => "CUSTOMER",
            Self::Transit => "TRANSIT",
            Self::Scrap => "SCRAP",
            Self::Production => "PRODUCTION",
            Self::Count => "COUNT",
        }
    }
}

/// Which article a line moves.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Item {
    /// By variant id.
    Variant(Uuid),
    /// By SKU, without regard to case.
    Sku(String),
}

/// A place, and the name of the input field that named it (for faults).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Field of the line, such as `from_location_id`.
    pub field: &'static str,
    /// The place.
    pub at: PlaceRef,
}

/// How a place is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PlaceRef {
    /// By location id.
    Id(Uuid),
    /// By location code, without regard to case.
    Code(String),
    /// A built-in place.
    Virtual(VirtualPlace),
}

impl From<VirtualPlace> for Place {
    fn from(place: VirtualPlace) -> Self {
        Self { field: "kind", at: PlaceRef::Virtual(place) }
    }
}

/// The document a movement belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Kind of document, such as `purchase_order`.
    pub kind: String,
    /// Its id, when it lives here.
    pub id: Option<Uuid>,
    /// Its number as people know it.
    pub number: Option<String>,
}

/// One line: a quantity of one article from one place to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingLine {
    /// The article.
    pub item: Item,
    /// Where it leaves.
    pub from: Place,
    /// Where it arrives.
    pub to: Place,
    /// How much; greater than zero.
    pub quantity: Quantity,
    /// Unit as the caller believes it; must be the product's.
    pub unit: Option<String>,
    /// Why, as a code.
    pub reason: &'static str,
    /// Why, in words.
    pub note: Option<String>,
    /// Business time of this line; the posting's when absent.
    pub occurred_at: Option<DateTime<Utc>>,
    /// Line of the reference document.
    pub reference_line: Option<i32>,
    /// What the real side must hold before this line (of a line with one real side).
    pub expected_quantity: Option<Quantity>,
    /// The version the real side's level must have before this posting.
    pub expected_version: Option<i64>,
    /// The movement that it undoes.
    pub reverses: Option<Uuid>,
}

/// A batch of lines that happen together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// Name in the audit log, such as `inventory.adjust`.
    pub action: &'static str,
    /// The lines, 1 to [`MAX_LINES`].
    pub lines: Vec<PostingLine>,
    /// The document behind all lines.
    pub reference: Option<Reference>,
    /// Business time; now when absent.
    pub occurred_at: Option<DateTime<Utc>>,
    /// Why it is recorded late; set when `occurred_at`, or that of a line, lies back. Whether the caller may is checked before.
    pub backdating_reason: Option<String>,
}

/// What was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Id of the batch: the event's and the audit entry's.
    pub id: Uuid,
    /// Its movements in the order of the lines.
    pub movements: Vec<MovementOut>,
}

/// A line that asks for more than there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shortage {
    /// Index of the line.
    pub line: usize,
    /// Variant asked for.
    pub variant_id: Uuid,
    /// Its SKU.
    pub sku: String,
    /// Location asked.
    pub location_id: Uuid,
    /// Its code.
    pub location: String,
    /// What the line asks for.
    pub requested: Quantity,
    /// What was available when its turn came.
    pub available: Quantity,
}

/// A level that is not what the caller expected, with its current state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conflict {
    /// Index of the line.
    pub line: usize,
    /// Variant of the level.
    pub variant_id: Uuid,
    /// Its SKU.
    pub sku: String,
    /// Location of the level.
    pub location_id: Uuid,
    /// Its code.
    pub location: String,
    /// What the caller expected on hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_quantity: Option<Quantity>,
    /// The version the caller expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<i64>,
    /// What is on hand.
    pub on_hand: Quantity,
    /// What is available.
    pub available: Quantity,
    /// The level's version: 1 before anything has moved there, one more with each posting.
    pub version: i64,
    /// What changed it last; none before anything has moved there.
    pub last_movement: Option<LastMovement>,
}

/// The newest movement of a level, as somebody needs it who did not know of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastMovement {
    /// Its id.
    pub id: Uuid,
    /// What it added to the level (or, negative, took from it).
    pub delta: Quantity,
    /// Why, as a code.
    pub reason: String,
    /// What kind of caller posted it.
    pub actor_kind: String,
    /// Who posted it.
    pub actor_id: Option<Uuid>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
}
