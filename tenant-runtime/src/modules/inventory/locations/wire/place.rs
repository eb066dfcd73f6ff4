//! Where a location is: its address, and its place on the map.

use nexus_web::validate;
use nexus_web::wire::DecimalString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 200>"))]
    #[schema(example = "Harbour Street 1", max_length = 200, min_length = 1)]
    pub line1: Option<String>,
    /// Second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 200>"))]
    #[schema(max_length = 200, min_length = 1)]
    pub line2: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "Hamburg", max_length = 100, min_length = 1)]
    pub city: Option<String>,
    /// State, province or county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(max_length = 100, min_length = 1)]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 20>"))]
    #[schema(example = "20457", max_length = 20, min_length = 1)]
    pub postal_code: Option<String>,
    /// ISO 3166-1 country code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "country_code"))]
    #[schema(example = "DE", pattern = "^[A-Z]{2}$")]
    pub country: Option<String>,
}

fn country_code(code: &str) -> Result<(), validator::ValidationError> {
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(());
    }
    Err(validator::ValidationError::new("pattern").with_message("must be two capital letters such as DE".into()))
}

/// Where a location is drawn on its site's map, in metres from the site's origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MapPlace {
    /// To the right.
    pub x: DecimalString,
    /// Downwards.
    pub y: DecimalString,
    /// Extent to the right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<DecimalString>,
    /// Extent downwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<DecimalString>,
    /// Storey; 0 is the ground floor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(range(min = -20, max = 200))]
    #[schema(example = 0, minimum = -20, maximum = 200)]
    pub floor: Option<i32>,
}
