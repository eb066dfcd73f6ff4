//! Reversals on the wire.

use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

/// How much is undone. More may be added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReversalScope {
    /// The movement alone.
    #[default]
    Movement,
    /// Everything that was posted with it by the same request (its `batch_id`).
    Batch,
}

/// What is undone, and why.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "scope": "batch", "note": "Wrong shelf" }))]
pub struct ReverseIn {
    /// `movement` (default) or `batch`.
    #[serde(default)]
    pub scope: ReversalScope,
    /// Why, in words.
    #[serde(default)]
    #[validate(custom(function = "nexus_web::validate::note"))]
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}
