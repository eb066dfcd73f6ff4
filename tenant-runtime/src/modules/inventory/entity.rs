//! The slice's tables, and the catalogue's reading surface. Generated columns that are never read are left out.

/// `locations`.
pub(super) mod locations {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "locations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub parent_id: Option<Uuid>,
        pub code: String,
        pub name: String,
        pub r#type: String,
        pub kind: Option<String>,
        pub virtual_kind: Option<String>,
        pub is_stock: bool,
        pub address: Option<Json>,
        pub map: Option<Json>,
        pub status: String,
        pub version: i64,
        pub created_at: ChronoDateTimeUtc,
        pub updated_at: ChronoDateTimeUtc,
        pub archived_at: Option<ChronoDateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `stock_levels`. Written only by the statements of `posting` and `staged`.
pub(super) mod levels {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stock_levels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub variant_id: Uuid,
        pub location_id: Uuid,
        pub lot_id: Option<Uuid>,
        pub on_hand: Decimal,
        pub available: Decimal,
        pub committed: Decimal,
        pub reserved: Decimal,
        pub damaged: Decimal,
        pub safety_stock: Decimal,
        pub quality_control: Decimal,
        pub incoming: Decimal,
        pub version: i64,
        pub updated_at: ChronoDateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::catalog_variants::Entity", from = "Column::VariantId", to = "super::catalog_variants::Column::Id")]
        Variant,
        #[sea_orm(belongs_to = "super::locations::Entity", from = "Column::LocationId", to = "super::locations::Column::Id")]
        Location,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// `stock_movements`. Written only by the statements of `posting` and `staged`.
pub(super) mod movements {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "stock_movements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub id: Uuid,
        pub batch_id: Uuid,
        pub variant_id: Uuid,
        pub lot_id: Option<Uuid>,
        pub quantity: Decimal,
        pub unit: String,
        pub from_location_id: Uuid,
        pub to_location_id: Uuid,
        pub reason: String,
        pub note: Option<String>,
        pub reference_type: Option<String>,
        pub reference_id: Option<Uuid>,
        pub reference_number: Option<String>,
        pub reference_line: Option<i32>,
        pub backdating_reason: Option<String>,
        pub actor_kind: String,
        pub actor_id: Option<Uuid>,
        pub from_quantity_after: Option<Decimal>,
        pub to_quantity_after: Option<Decimal>,
        pub occurred_at: ChronoDateTimeUtc,
        pub recorded_at: ChronoDateTimeUtc,
        pub import_id: Option<Uuid>,
        pub import_line: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::catalog_variants::Entity", from = "Column::VariantId", to = "super::catalog_variants::Column::Id")]
        Variant,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// `catalog_variants`: the view in which the catalogue shows its articles to other slices.
pub(super) mod catalog_variants {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "catalog_variants")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub product_id: Uuid,
        pub sku: String,
        pub variant_name: String,
        pub product_name: String,
        pub unit: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
