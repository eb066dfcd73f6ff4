//! The table `tenants`, as organizations and operators see it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub state: String,
    pub state_reason: Option<String>,
    pub entitlements: Json,
    pub schema_version: i32,
    pub epoch: i64,
    pub created_by: Option<Uuid>,
    pub version: i64,
    pub created_at: ChronoDateTimeUtc,
    pub updated_at: ChronoDateTimeUtc,
    pub activated_at: Option<ChronoDateTimeUtc>,
    pub deleted_at: Option<ChronoDateTimeUtc>,
    pub erase_after: Option<ChronoDateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The slug as its people know it: a released one carries `~` and part of the id.
    pub fn public_slug(&self) -> &str {
        self.slug.split('~').next().unwrap_or(&self.slug)
    }
}
