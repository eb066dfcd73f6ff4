//! Sample data on the wire.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

/// Whether sample data are there, and how much.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SampleDataOut {
    /// Whether they are there.
    #[schema(example = true)]
    pub loaded: bool,
    /// Id of this set; its audit entries and events carry it.
    pub id: Option<Uuid>,
    /// Since when.
    pub loaded_at: Option<DateTime<Utc>>,
    /// What was made.
    pub counts: SampleCounts,
    /// Movements that were posted.
    #[schema(example = 126)]
    pub movements: i64,
}

/// How many things of each kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SampleCounts {
    /// Products.
    #[schema(example = 24)]
    pub products: i64,
    /// Categories.
    #[schema(example = 6)]
    pub categories: i64,
    /// Locations.
    #[schema(example = 2)]
    pub locations: i64,
}

/// How to remove.
#[derive(Debug, Clone, Copy, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RemovalParams {
    /// Only says what would become of the sample data.
    #[serde(default)]
    #[param(default = false)]
    pub dry_run: bool,
}

/// What became of the sample data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SampleRemovalOut {
    /// Id of the set.
    pub id: Uuid,
    /// Whether this only says what would be.
    #[schema(example = false)]
    pub dry_run: bool,
    /// What is gone: nothing referred to it.
    pub deleted: SampleCounts,
    /// What is out of use: the ledger names it.
    pub archived: SampleCounts,
    /// What stays, because somebody has worked with it. It is no sample any more.
    pub kept: SampleCounts,
    /// Movements that were reversed.
    #[schema(example = 126)]
    pub reversed_movements: i64,
}
