//! Locations on the wire.

use chrono::{DateTime, Utc};
use nexus_web::wire::DecimalString;
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

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

/// A postal address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 200>"))]
    #[schema(example = "Harbour Street 1", max_length = 200)]
    pub line1: Option<String>,
    /// Second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 200>"))]
    #[schema(max_length = 200)]
    pub line2: Option<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(example = "Hamburg", max_length = 100)]
    pub city: Option<String>,
    /// State, province or county.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 100>"))]
    #[schema(max_length = 100)]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[validate(custom(function = "validate::text::<1, 20>"))]
    #[schema(example = "20457", max_length = 20)]
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

fn yes() -> bool {
    true
}

/// A new location.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationIn {
    /// Code on labels and in files, unique without regard to case.
    #[validate(custom(function = "validate::code"))]
    #[schema(example = "A-01-03", min_length = 1, max_length = 64)]
    pub code: String,
    /// Name.
    #[validate(custom(function = "validate::name"))]
    #[schema(example = "Aisle 1, bin 3", min_length = 1, max_length = 200)]
    pub name: String,
    /// What it is; a site has no parent, everything else has one.
    pub r#type: NewLocationType,
    /// The location it lies in.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// What kind of site it is: sites only, `warehouse` when left out.
    #[serde(default)]
    pub kind: Option<SiteKind>,
    /// Whether goods may lie here (and not only in places within).
    #[serde(default = "yes")]
    #[schema(example = true)]
    pub is_stock: bool,
    /// Postal address.
    #[serde(default)]
    #[validate(nested)]
    pub address: Option<Address>,
    /// Place on the map.
    #[serde(default)]
    #[validate(nested)]
    pub map: Option<MapPlace>,
}

/// A location as it shall be: what is left out goes back to its default. The type is fixed.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LocationPut {
    /// Code, unique without regard to case.
    #[validate(custom(function = "validate::code"))]
    #[schema(example = "A-01-03", min_length = 1, max_length = 64)]
    pub code: String,
    /// Name.
    #[validate(custom(function = "validate::name"))]
    #[schema(example = "Aisle 1, bin 3", min_length = 1, max_length = 200)]
    pub name: String,
    /// The location it lies in.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// What kind of site it is: sites only, `warehouse` when left out.
    #[serde(default)]
    pub kind: Option<SiteKind>,
    /// Whether goods may lie here.
    #[serde(default = "yes")]
    #[schema(example = true)]
    pub is_stock: bool,
    /// Postal address.
    #[serde(default)]
    #[validate(nested)]
    pub address: Option<Address>,
    /// Place on the map.
    #[serde(default)]
    #[validate(nested)]
    pub map: Option<MapPlace>,
    /// Whether it is in use.
    #[serde(default = "active")]
    pub status: LocationStatus,
}

fn active() -> LocationStatus {
    LocationStatus::Active
}

/// Changes to a location: absent fields stay as they are, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LocationPatch {
    /// Code, unique without regard to case.
    #[validate(custom(function = "validate::patch_required_text::<1, 64>"))]
    #[schema(value_type = Option<String>, example = "A-01-03", max_length = 64)]
    pub code: Patch<String>,
    /// Name.
    #[validate(custom(function = "validate::patch_name"))]
    #[schema(value_type = Option<String>, example = "Aisle 1, bin 3", max_length = 200)]
    pub name: Patch<String>,
    /// The location it lies in.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = Option<Uuid>)]
    pub parent_id: Patch<Uuid>,
    /// What kind of site it is.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = Option<SiteKind>)]
    pub kind: Patch<SiteKind>,
    /// Whether goods may lie here.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = Option<bool>)]
    pub is_stock: Patch<bool>,
    /// Postal address; `null` removes it.
    #[validate(custom(function = "patch_address"))]
    #[schema(value_type = Option<Address>)]
    pub address: Patch<Address>,
    /// Place on the map; `null` removes it.
    #[validate(custom(function = "patch_map"))]
    #[schema(value_type = Option<MapPlace>)]
    pub map: Patch<MapPlace>,
    /// Whether it is in use.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = Option<LocationStatus>)]
    pub status: Patch<LocationStatus>,
}

fn inner(valid: Result<(), validator::ValidationErrors>) -> Result<(), validator::ValidationError> {
    valid.map_err(|errors| validator::ValidationError::new("invalid").with_message(errors.to_string().replace('\n', "; ").into()))
}

fn patch_address(address: &Patch<Address>) -> Result<(), validator::ValidationError> {
    address.value().map_or(Ok(()), |address| inner(address.validate()))
}

fn patch_map(map: &Patch<MapPlace>) -> Result<(), validator::ValidationError> {
    map.value().map_or(Ok(()), |map| inner(map.validate()))
}

/// A location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LocationOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// The location it lies in; none for sites and virtual locations.
    pub parent_id: Option<Uuid>,
    /// Code on labels and in files.
    #[schema(example = "MAIN")]
    pub code: String,
    /// Name.
    #[schema(example = "Main warehouse")]
    pub name: String,
    /// What it is; more may be added.
    pub r#type: LocationType,
    /// What kind of site it is; sites only.
    pub kind: Option<SiteKind>,
    /// Which virtual location it is: supplier, customer, transit, scrap, production, count.
    #[schema(example = "supplier")]
    pub virtual_kind: Option<String>,
    /// Whether goods may lie here.
    #[schema(example = true)]
    pub is_stock: bool,
    /// Postal address.
    pub address: Option<Address>,
    /// Place on the map.
    pub map: Option<MapPlace>,
    /// Whether it is in use.
    pub status: LocationStatus,
    /// Row version; the ETag is made from it.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was archived.
    pub archived_at: Option<DateTime<Utc>>,
}
