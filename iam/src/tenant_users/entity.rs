//! The tenant's tables `users`, `roles` and `invitations`, and the states that their rows are in. The generated column `search` is left out: the database
//! keeps it.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Where a person stands in an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Has yet to accept an invitation; the id is provisional.
    #[sea_orm(string_value = "invited")]
    Invited,
    /// Comes in.
    #[sea_orm(string_value = "active")]
    Active,
    /// Shut out, with the roles kept.
    #[sea_orm(string_value = "deactivated")]
    Deactivated,
    /// The membership has ended; the row stays, because history names it.
    #[sea_orm(string_value = "removed")]
    Removed,
}

/// What has become of an invitation. A pending one may have expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// Can be accepted until it expires.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// The person has joined.
    #[sea_orm(string_value = "accepted")]
    Accepted,
    /// Taken back.
    #[sea_orm(string_value = "revoked")]
    Revoked,
}

pub(super) mod users {
    use sea_orm::entity::prelude::*;

    use crate::tenant_users::UserState;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub email: String,
        pub email_normalised: String,
        pub display_name: String,
        pub status: UserState,
        pub invited_at: Option<ChronoDateTimeUtc>,
        pub joined_at: Option<ChronoDateTimeUtc>,
        pub deactivated_at: Option<ChronoDateTimeUtc>,
        pub version: i64,
        pub created_at: ChronoDateTimeUtc,
        pub updated_at: ChronoDateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod roles {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "roles")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub key: String,
        pub name: String,
        pub description: String,
        pub built_in: bool,
        pub version: i64,
        pub created_at: ChronoDateTimeUtc,
        pub updated_at: ChronoDateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod invitations {
    use sea_orm::entity::prelude::*;

    use crate::tenant_users::InvitationState;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "invitations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Option<Uuid>,
        pub email: String,
        pub display_name: Option<String>,
        pub locale: String,
        pub roles: Json,
        pub status: InvitationState,
        pub generation: i32,
        pub invited_by: Uuid,
        pub sent_at: ChronoDateTimeUtc,
        pub expires_at: ChronoDateTimeUtc,
        pub ended_at: Option<ChronoDateTimeUtc>,
        pub version: i64,
        pub created_at: ChronoDateTimeUtc,
        pub updated_at: ChronoDateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
