//! What a location is, on the wire and in the database.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a location is in the tree. More may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LocationType {
    /// A root: a building or shop of its own.
    Site,
    /// A part of a site.
    Area,
    /// A row of shelves.
    Aisle,
    /// A shelf or box; contains nothing else.
    Bin,
    /// Built in: where goods come from and go to. Never written by a caller.
    Virtual,
}

impl LocationType {
    /// The value in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Area => "area",
            Self::Aisle => "aisle",
            Self::Bin => "bin",
            Self::Virtual => "virtual",
        }
    }

    /// Reads the value of the database.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "site" => Self::Site,
            "area" => Self::Area,
            "aisle" => Self::Aisle,
            "bin" => Self::Bin,
            _ => Self::Virtual,
        }
    }
}

/// What a new location may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewLocationType {
    /// A root: a building or shop of its own.
    Site,
    /// A part of a site.
    Area,
    /// A row of shelves.
    Aisle,
    /// A shelf or box; contains nothing else.
    Bin,
}

impl From<NewLocationType> for LocationType {
    fn from(new: NewLocationType) -> Self {
        match new {
            NewLocationType::Site => Self::Site,
            NewLocationType::Area => Self::Area,
            NewLocationType::Aisle => Self::Aisle,
            NewLocationType::Bin => Self::Bin,
        }
    }
}

/// What a site is. More may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// A warehouse.
    Warehouse,
    /// A restaurant.
    Restaurant,
    /// A shop.
    Store,
    /// Somebody else's warehouse.
    ThirdParty,
}

impl SiteKind {
    /// The value in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warehouse => "warehouse",
            Self::Restaurant => "restaurant",
            Self::Store => "store",
            Self::ThirdParty => "third_party",
        }
    }

    /// Reads the value of the database.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text {
            "restaurant" => Self::Restaurant,
            "store" => Self::Store,
            "third_party" => Self::ThirdParty,
            _ => Self::Warehouse,
        }
    }
}

/// Whether a location is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LocationStatus {
    /// In use.
    Active,
    /// Put away; its history stays.
    Archived,
}

impl LocationStatus {
    /// The value in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    /// Reads the value of the database.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text == "archived" { Self::Archived } else { Self::Active }
    }
}
