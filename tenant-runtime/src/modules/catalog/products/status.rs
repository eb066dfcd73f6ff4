//! A product's life: draft → active → archived → active.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a product is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    /// Being prepared.
    Draft,
    /// In use.
    Active,
    /// Put away: no longer offered, its history stays.
    Archived,
}

impl ProductStatus {
    /// Every status.
    pub const ALL: &'static [Self] = &[Self::Draft, Self::Active, Self::Archived];

    /// The value in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    /// Reads the value of the database or of a file.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == text)
    }

    /// The statuses that may follow.
    #[must_use]
    pub fn successors(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Active, Self::Archived],
            Self::Active => &[Self::Archived],
            Self::Archived => &[Self::Active],
        }
    }

    /// Whether `next` may follow; staying as it is always may.
    #[must_use]
    pub fn can_become(self, next: Self) -> bool {
        self == next || self.successors().contains(&next)
    }
}

/// What a product is to the stock ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductKind {
    /// Goods that are counted.
    Stocked,
    /// Goods that are not counted: packaging, consumables, fees.
    NonStocked,
    /// Work.
    Service,
}

impl ProductKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Stocked, Self::NonStocked, Self::Service];

    /// The value in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stocked => "stocked",
            Self::NonStocked => "non_stocked",
            Self::Service => "service",
        }
    }

    /// Reads the value of the database or of a file.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_wire_name_and_a_way_on() {
        for status in ProductStatus::ALL.iter().copied() {
            assert_eq!(ProductStatus::parse(status.as_str()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
            assert!(!status.successors().is_empty());
            assert!(status.can_become(status));
        }
        assert!(!ProductStatus::Active.can_become(ProductStatus::Draft), "what was offered once is no draft again");
    }

    #[test]
    fn every_kind_has_a_wire_name() {
        for kind in ProductKind::ALL.iter().copied() {
            assert_eq!(ProductKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
