//! The only queries on locations.

use nexus_core::list::{Op, Scalar};
use nexus_core::{ListRequest, Listing};
use nexus_infra::postgres::advisory;
use nexus_infra::{DbError, PageConn, Tx, list};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, NotSet, PaginatorTrait, QueryFilter, QuerySelect,
    Select, Set,
};
use serde::Serialize;
use uuid::Uuid;

use super::wire::{LocationIn, LocationOut, LocationPut, LocationStatus, LocationType, SiteKind};
use crate::modules::inventory::entity::{levels, locations, movements};
use crate::modules::inventory::store::has_code;
use crate::samples::Samples;

impl From<locations::Model> for LocationOut {
    fn from(row: locations::Model) -> Self {
        Self {
            id: row.id,
            parent_id: row.parent_id,
            code: row.code,
            name: row.name,
            r#type: LocationType::parse(&row.r#type),
            kind: row.kind.as_deref().map(SiteKind::parse),
            virtual_kind: row.virtual_kind,
            is_stock: row.is_stock,
            address: row.address.and_then(|address| serde_json::from_value(address).ok()),
            map: row.map.and_then(|map| serde_json::from_value(map).ok()),
            status: LocationStatus::parse(&row.status),
            sample: false,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            archived_at: row.archived_at,
        }
    }
}

/// A location with whether it is a sample, as it is selected.
#[derive(Debug, Clone, FromQueryResult)]
struct LocationRow {
    #[sea_orm(nested)]
    location: locations::Model,
    sample: bool,
}

impl From<LocationRow> for LocationOut {
    fn from(row: LocationRow) -> Self {
        Self { sample: row.sample, ..row.location.into() }
    }
}

fn select(samples: Samples) -> Select<locations::Entity> {
    locations::Entity::find().expr_as(Expr::cust(samples.has("locations.id")), "sample")
}

fn json<T: Serialize>(value: Option<&T>) -> Result<Option<serde_json::Value>, DbError> {
    value.map(serde_json::to_value).transpose().map_err(DbError::other)
}

/// One location.
pub async fn find<C: ConnectionTrait>(conn: &C, samples: Samples, id: Uuid) -> Result<Option<LocationOut>, DbError> {
    Ok(select(samples).filter(locations::Column::Id.eq(id)).into_model::<LocationRow>().one(conn).await?.map(Into::into))
}

/// One location, locked against postings and edits until the transaction ends.
pub async fn find_locked(tx: &Tx, samples: Samples, id: Uuid) -> Result<Option<LocationOut>, DbError> {
    let row = select(samples).filter(locations::Column::Id.eq(id)).lock_exclusive().into_model::<LocationRow>().one(tx.conn()).await?;
    Ok(row.map(Into::into))
}

/// One location, locked against being archived or deleted until the transaction ends.
pub async fn find_shared(tx: &Tx, id: Uuid) -> Result<Option<LocationOut>, DbError> {
    Ok(locations::Entity::find_by_id(id).lock_shared().one(tx.conn()).await?.map(Into::into))
}

/// One part of the list.
pub async fn list<C: PageConn>(conn: &C, samples: Samples, mut request: ListRequest, sites_only: bool) -> Result<Listing<LocationOut>, DbError> {
    let mut select = select(samples);
    if sites_only {
        select = select.filter(locations::Column::Type.eq("site"));
    }
    if let Some(q) = request.q.take() {
        select = select.filter(Expr::cust_with_values("locations.search @@ search_query($1)", [q]));
    }
    for filter in request.take_filters("code") {
        select = select.filter(list::any_text(&filter, has_code));
    }
    for filter in request.take_filters("sample") {
        select = select.filter(list::flag(&filter, Expr::cust(samples.has("locations.id"))));
    }
    for filter in request.take_filters("within") {
        let mut any = Condition::any();
        for value in &filter.values {
            if let Scalar::Uuid(id) = value {
                let sql = "locations.id IN (WITH RECURSIVE inside (id) AS (SELECT $1::uuid UNION SELECT l.id FROM locations l JOIN inside ON l.parent_id = inside.id) SELECT id FROM inside)";
                any = any.add(Expr::cust_with_values(sql, [*id]));
            }
        }
        select = select.filter(if filter.op == Op::NotIn { any.not() } else { any });
    }
    Ok(list::run_into::<LocationRow>(conn, select, &request).await?.map(Into::into))
}

/// Inserts a location.
pub async fn insert(tx: &Tx, id: Uuid, location: &LocationIn, kind: Option<SiteKind>) -> Result<LocationOut, DbError> {
    let model = locations::ActiveModel {
        id: Set(id),
        parent_id: Set(location.parent_id),
        code: Set(location.code.clone()),
        name: Set(location.name.clone()),
        r#type: Set(LocationType::from(location.r#type).as_str().to_owned()),
        kind: Set(kind.map(|kind| kind.as_str().to_owned())),
        is_stock: Set(location.is_stock),
        address: Set(json(location.address.as_ref())?),
        map: Set(json(location.map.as_ref())?),
        status: Set("active".to_owned()),
        ..Default::default()
    };
    Ok(model.insert(tx.conn()).await?.into())
}

/// Writes a location as it shall be.
pub async fn update(tx: &Tx, before: &LocationOut, location: &LocationPut, kind: Option<SiteKind>) -> Result<LocationOut, DbError> {
    let archived = location.status == LocationStatus::Archived;
    let model = locations::ActiveModel {
        id: Set(before.id),
        parent_id: if before.parent_id == location.parent_id { NotSet } else { Set(location.parent_id) },
        code: Set(location.code.clone()),
        name: Set(location.name.clone()),
        kind: Set(kind.map(|kind| kind.as_str().to_owned())),
        is_stock: Set(location.is_stock),
        address: Set(json(location.address.as_ref())?),
        map: Set(json(location.map.as_ref())?),
        status: Set(location.status.as_str().to_owned()),
        archived_at: if before.status == location.status { NotSet } else { Set(archived.then(|| tx.now())) },
        ..Default::default()
    };
    Ok(LocationOut { sample: before.sample, ..model.update(tx.conn()).await?.into() })
}

/// Moves the location's version on, because what it says of itself beside its row has changed.
pub async fn touch(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    locations::Entity::update_many()
        .col_expr(locations::Column::UpdatedAt, Expr::col(locations::Column::UpdatedAt))
        .filter(locations::Column::Id.eq(id))
        .exec(tx.conn())
        .await?;
    Ok(())
}

/// Whether a location has one of these codes, without regard to case.
pub async fn any_coded(tx: &Tx, codes: &[String]) -> Result<bool, DbError> {
    let any = codes.iter().fold(Condition::any(), |any, code| any.add(has_code(code)));
    Ok(locations::Entity::find().filter(any).count(tx.conn()).await? > 0)
}

/// Deletes a location.
pub async fn delete(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    locations::Entity::delete_by_id(id).exec(tx.conn()).await?;
    Ok(())
}

/// Whether active locations lie directly in it.
pub async fn has_active_children(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    let found =
        locations::Entity::find().filter(locations::Column::ParentId.eq(id)).filter(locations::Column::Status.eq("active")).count(tx.conn()).await?;
    Ok(found > 0)
}

/// Whether anything lies in it.
pub async fn has_stock(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    let holding = Condition::any().add(levels::Column::OnHand.gt(0)).add(levels::Column::Incoming.gt(0));
    Ok(levels::Entity::find().filter(levels::Column::LocationId.eq(id)).filter(holding).count(tx.conn()).await? > 0)
}

/// Whether levels, movements or other locations name it.
pub async fn is_referred_to(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    let children = locations::Entity::find().filter(locations::Column::ParentId.eq(id)).limit(1).count(tx.conn()).await?;
    let levels = levels::Entity::find().filter(levels::Column::LocationId.eq(id)).limit(1).count(tx.conn()).await?;
    let sides = Condition::any().add(movements::Column::FromLocationId.eq(id)).add(movements::Column::ToLocationId.eq(id));
    let movements = movements::Entity::find().filter(sides).limit(1).count(tx.conn()).await?;
    Ok(children + levels + movements > 0)
}

/// How many places count towards the plan's limit: active ones, virtual ones aside. Others who count wait until this transaction ends,
/// so that two of them can't both take the last place.
pub async fn count_for_quota(tx: &Tx) -> Result<i64, DbError> {
    tx.lock(advisory::QUOTA, "locations").await?;
    let counted = Condition::all().add(locations::Column::Type.ne("virtual")).add(locations::Column::Status.eq("active"));
    let places = locations::Entity::find().filter(counted).count(tx.conn()).await?;
    Ok(i64::try_from(places).unwrap_or(i64::MAX))
}
