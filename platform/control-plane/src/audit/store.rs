//! The only query on the platform's audit log.

use nexus_core::list::{ListRequest, Listing};
use nexus_infra::postgres::{DbError, PageConn, list};
use sea_orm::sea_query::Expr;
use sea_orm::{EntityTrait, FromQueryResult, QuerySelect};

use super::entity::{Entity, Model};

/// An entry, and who the operator is that did it.
#[derive(Debug, FromQueryResult)]
pub(super) struct EntryRow {
    #[sea_orm(nested)]
    pub(super) entry: Model,
    pub(super) operator_name: Option<String>,
}

/// One part of the log.
pub(super) async fn list<C: PageConn>(conn: &C, request: &ListRequest) -> Result<Listing<EntryRow>, DbError> {
    let name = "(SELECT o.display_name FROM operators o WHERE audit_log.actor_kind = 'operator' AND o.id = audit_log.actor_id)";
    list::run_into(conn, Entity::find().expr_as(Expr::cust(name), "operator_name"), request).await
}
