//! The life of a tenant: its states, and which may follow which.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident = $text:literal => [$($next:ident),*];)*) => {
        /// Where a tenant is in its life. Each state has a cause (`state_reason`) and a way out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum TenantState { $($(#[$doc])* $name),* }

        impl TenantState {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Their values in the database and on the wire.
            pub const NAMES: &'static [&'static str] = &[$($text),*];

            /// The value in the database and on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The states that may follow.
            #[must_use]
            pub fn successors(self) -> &'static [Self] {
                match self { $(Self::$name => &[$(Self::$next),*]),* }
            }
        }
    };
}

states! {
    /// Asked for, nothing built yet.
    Pending = "pending" => [Provisioning, Broken, Deleted];
    /// Being built.
    Provisioning = "provisioning" => [Active, Broken, Deleted];
    /// In use.
    Active = "active" => [ReadOnly, Suspended, Migrating, Moving, Restoring, Recovering, Broken, Archived, Deleting];
    /// Reads only.
    ReadOnly = "read_only" => [Active, Suspended, Archived, Deleting];
    /// Access cut, data kept.
    Suspended = "suspended" => [Active, Archived, Deleting];
    /// Its schema is being migrated.
    Migrating = "migrating" => [Active, Broken];
    /// Being moved to another server.
    Moving = "moving" => [Active, Broken];
    /// Being restored from a backup.
    Restoring = "restoring" => [Active, Broken];
    /// Coming back after a fault.
    Recovering = "recovering" => [Active, Broken];
    /// Building or upkeep failed; the reason says why, a retry is the way out.
    Broken = "broken" => [Provisioning, Recovering, Deleting, Deleted];
    /// Put away, restorable.
    Archived = "archived" => [Active, Deleting];
    /// Access cut, waiting for the end of the undelete window.
    Deleting = "deleting" => [Active, Deleted];
    /// Erased.
    Deleted = "deleted" => [];
}

impl TenantState {
    /// Whether `next` may follow.
    #[must_use]
    pub fn can_become(self, next: Self) -> bool {
        self.successors().contains(&next)
    }

    /// Whether its people may read.
    #[must_use]
    pub fn admits_reads(self) -> bool {
        matches!(self, Self::Active | Self::ReadOnly)
    }
}

impl fmt::Display for TenantState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Not a tenant state.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown tenant state `{0}`")]
pub struct UnknownState(String);

impl FromStr for TenantState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text).ok_or_else(|| UnknownState(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_but_the_last_has_a_way_out_and_a_wire_name() {
        for state in TenantState::ALL.iter().copied() {
            assert_eq!(state == TenantState::Deleted, state.successors().is_empty());
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
