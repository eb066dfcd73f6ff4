//! Tags on the wire.

use chrono::{DateTime, Utc};
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

/// A new tag.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagIn {
    /// Name, unique without regard to case.
    #[validate(custom(function = "validate::text::<1, 60>"))]
    #[schema(example = "organic", min_length = 1, max_length = 60)]
    pub name: String,
    /// Colour it is shown in.
    #[serde(default)]
    #[validate(custom(function = "check_color"))]
    #[schema(example = "#1f8a4c", pattern = "^#[0-9a-f]{6}$")]
    pub color: Option<String>,
}

/// Changes to a tag: absent fields stay as they are, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TagPatch {
    /// Name.
    #[validate(custom(function = "validate::patch_required_text::<1, 60>"))]
    #[schema(value_type = String, example = "organic", max_length = 60, min_length = 1)]
    pub name: Patch<String>,
    /// Colour.
    #[validate(custom(function = "patch_color"))]
    #[schema(value_type = Option<String>, example = "#1f8a4c", pattern = "^#[0-9a-f]{6}$")]
    pub color: Patch<String>,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TagOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// Name.
    #[schema(example = "organic")]
    pub name: String,
    /// Colour it is shown in.
    #[schema(example = "#1f8a4c")]
    pub color: Option<String>,
    /// Row version; PATCH and DELETE want it in If-Match.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

fn check_color(color: &str) -> Result<(), ValidationError> {
    let hex = color.strip_prefix('#').unwrap_or("");
    if hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        return Ok(());
    }
    Err(ValidationError::new("pattern").with_message("must be a colour such as #1f8a4c".into()))
}

fn patch_color(value: &Patch<String>) -> Result<(), ValidationError> {
    value.value().map_or(Ok(()), |value| check_color(value))
}
