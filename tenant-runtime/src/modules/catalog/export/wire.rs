//! The export on the wire and in the job's payload.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::modules::catalog::products::status::ProductStatus;

/// What to export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProductExportIn {
    /// Only products in one of these statuses; empty means all.
    #[validate(length(max = 3))]
    #[schema(example = json!(["active"]), max_items = 3)]
    pub status: Vec<ProductStatus>,
    /// Only products that lie directly in this category.
    pub category_id: Option<Uuid>,
}
