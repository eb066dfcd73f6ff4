//! `imports`: one row per uploaded file, with the id of its job.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub digest: String,
    pub file_key: Option<String>,
    pub file_name: String,
    pub content_type: Option<String>,
    pub size_bytes: i64,
    pub mapping: Json,
    pub options: Json,
    pub dry_run: bool,
    pub generation: i32,
    pub error_key: Option<String>,
    pub row_count: i64,
    pub error_count: i64,
    pub summary: Json,
    pub created_by: Option<Uuid>,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
