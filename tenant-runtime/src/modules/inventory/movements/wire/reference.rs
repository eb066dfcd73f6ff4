//! The document behind a movement, on the wire.

use nexus_web::validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

/// The document a movement belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "names_a_document"))]
pub struct ReferenceIn {
    /// Kind of document.
    #[validate(custom(function = "reference_type"))]
    #[schema(example = "invoice", min_length = 1, max_length = 63, pattern = "^[a-z][a-z0-9_]{0,62}$")]
    pub r#type: String,
    /// Its id, when it lives here.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Its number as people know it.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "536365", min_length = 1, max_length = 100)]
    pub number: Option<String>,
}

fn names_a_document(reference: &ReferenceIn) -> Result<(), ValidationError> {
    if reference.id.is_none() && reference.number.is_none() {
        return Err(ValidationError::new("required").with_message("a reference needs an id or a number".into()));
    }
    Ok(())
}

/// Whether a code names a kind of documents: lower snake case.
#[must_use]
pub fn is_reference_type(value: &str) -> bool {
    value.len() <= 63
        && value.starts_with(|letter: char| letter.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn reference_type(value: &str) -> Result<(), ValidationError> {
    if is_reference_type(value) {
        Ok(())
    } else {
        Err(ValidationError::new("pattern").with_message("must be 1 to 63 of a–z, 0–9 and _, beginning with a letter".into()))
    }
}

/// The document a movement belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReferenceOut {
    /// Kind of document.
    #[schema(example = "invoice")]
    pub r#type: String,
    /// Its id, when it lives here.
    pub id: Option<Uuid>,
    /// Its number as people know it.
    #[schema(example = "536365")]
    pub number: Option<String>,
    /// Line of the document.
    pub line: Option<i32>,
}
