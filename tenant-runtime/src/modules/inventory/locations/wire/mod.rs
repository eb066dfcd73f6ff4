//! Locations on the wire.

mod kind;
mod place;

use chrono::{DateTime, Utc};
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

pub use kind::{LocationStatus, LocationType, NewLocationType, SiteKind};
pub use place::{Address, MapPlace};

fn yes() -> bool {
    true
}

/// A location as it is written: fields of its own beside those that every location has. A macro and not a flattened part: serde checks
/// unknown fields only of what it reads as one struct.
macro_rules! location_body {
    ($(#[$about:meta])* pub struct $name:ident { $($own:tt)* }) => {
        #[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$about])*
        pub struct $name {
            /// Code on labels and in files, unique without regard to case.
            #[validate(custom(function = "validate::code"))]
            #[schema(example = "A-01-03", min_length = 1, max_length = 64)]
            pub code: String,
            /// Name.
            #[validate(custom(function = "validate::name"))]
            #[schema(example = "Aisle 1, bin 3", min_length = 1, max_length = 200)]
            pub name: String,
            /// The location it lies in; a site has none, everything else has one.
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
            $($own)*
        }
    };
}

location_body! {
    /// A new location.
    #[schema(example = json!({ "code": "SHOP", "name": "Shop in the High Street", "type": "site", "kind": "store", "is_stock": true }))]
    pub struct LocationIn {
        /// What it is.
        pub r#type: NewLocationType,
    }
}

location_body! {
    /// A location as it shall be: what is left out goes back to its default. The type is fixed.
    #[schema(example = json!({
        "code": "A-01-03", "name": "Aisle 1, bin 3", "parent_id": "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11", "is_stock": true, "status": "active",
    }))]
    pub struct LocationPut {
        /// Whether it is in use.
        #[serde(default = "active")]
        pub status: LocationStatus,
    }
}

/// The location as it is.
impl From<&LocationOut> for LocationPut {
    fn from(location: &LocationOut) -> Self {
        Self {
            code: location.code.clone(),
            name: location.name.clone(),
            parent_id: location.parent_id,
            kind: location.kind,
            is_stock: location.is_stock,
            address: location.address.clone(),
            map: location.map.clone(),
            status: location.status,
        }
    }
}

fn active() -> LocationStatus {
    LocationStatus::Active
}

/// Changes to a location: absent fields stay as they are, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "code": "A-01-03", "name": "Aisle 1, bin 3" }))]
pub struct LocationPatch {
    /// Code, unique without regard to case.
    #[validate(custom(function = "validate::patch_required_text::<1, 64>"))]
    #[schema(value_type = String, example = "A-01-03", max_length = 64, min_length = 1)]
    pub code: Patch<String>,
    /// Name.
    #[validate(custom(function = "validate::patch_name"))]
    #[schema(value_type = String, example = "Aisle 1, bin 3", max_length = 200, min_length = 1)]
    pub name: Patch<String>,
    /// The location it lies in.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = Uuid)]
    pub parent_id: Patch<Uuid>,
    /// What kind of site it is.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = SiteKind)]
    pub kind: Patch<SiteKind>,
    /// Whether goods may lie here.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = bool)]
    pub is_stock: Patch<bool>,
    /// Postal address; `null` removes it.
    #[validate(nested)]
    #[schema(value_type = Option<Address>)]
    pub address: Patch<Address>,
    /// Place on the map; `null` removes it.
    #[validate(nested)]
    #[schema(value_type = Option<MapPlace>)]
    pub map: Patch<MapPlace>,
    /// Whether it is in use.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = LocationStatus)]
    pub status: Patch<LocationStatus>,
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
    /// Whether it is part of the sample data.
    #[serde(default)]
    #[schema(example = false)]
    pub sample: bool,
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
