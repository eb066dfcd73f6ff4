//! Saved views on the wire.

use chrono::{DateTime, Utc};
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

/// Greatest size of a query, in bytes of JSON.
const MAX_QUERY: usize = 8_000;

/// A new saved view.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SavedViewIn {
    /// The list it belongs to, in snake case.
    #[validate(custom(function = "resource"))]
    #[schema(example = "products", pattern = "^[a-z][a-z0-9_]{0,62}$")]
    pub resource: String,
    /// Name, unique among your views of this resource.
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "Low on coffee", min_length = 1, max_length = 100)]
    pub name: String,
    /// The query: filters, sort, columns, as the client wants them back. An object of at most 8 KB, numbers written out.
    #[validate(custom(function = "query"))]
    #[schema(value_type = Object, example = json!({ "q": "coffee", "sort": "-updated_at" }))]
    pub query: Value,
    /// Whether everybody in the organization sees it.
    #[serde(default)]
    pub shared: bool,
}

/// Changes to a saved view: absent fields stay as they are.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SavedViewPatch {
    /// Name.
    #[validate(custom(function = "validate::patch_required_text::<1, 100>"))]
    #[schema(value_type = String, example = "Low on coffee", max_length = 100, min_length = 1)]
    pub name: Patch<String>,
    /// The query, replaced as a whole.
    #[validate(custom(function = "patch_query"))]
    #[schema(value_type = Object, example = json!({ "q": "coffee" }))]
    pub query: Patch<Value>,
    /// Whether everybody in the organization sees it.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = bool)]
    pub shared: Patch<bool>,
}

/// A saved view.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SavedViewOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// The list it belongs to.
    #[schema(example = "products")]
    pub resource: String,
    /// Name.
    #[schema(example = "Low on coffee")]
    pub name: String,
    /// The query.
    #[schema(value_type = Object)]
    pub query: Value,
    /// Its owner.
    pub user_id: Uuid,
    /// Whether everybody in the organization sees it.
    pub shared: bool,
    /// Row version; the ETag is made from it.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

fn resource(resource: &str) -> Result<(), ValidationError> {
    let shaped = resource.len() <= 63
        && resource.starts_with(|letter: char| letter.is_ascii_lowercase())
        && resource.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if shaped {
        return Ok(());
    }
    Err(ValidationError::new("pattern").with_message("must be a resource's name in snake case, such as products".into()))
}

fn query(query: &Value) -> Result<(), ValidationError> {
    validate::json_object(query)?;
    // The database counts its own form, which has spaces after colons and commas.
    let spaces = query.to_string().bytes().filter(|byte| matches!(byte, b':' | b',')).count();
    if query.to_string().len() + spaces > MAX_QUERY {
        return Err(ValidationError::new("too_large").with_message(format!("may have at most {MAX_QUERY} bytes as JSON").into()));
    }
    Ok(())
}

fn patch_query(value: &Patch<Value>) -> Result<(), ValidationError> {
    validate::not_cleared(value)?;
    value.value().map_or(Ok(()), query)
}
