//! Handlers of `/tenants`.

use actix_web::{HttpRequest, delete, get, patch, post, put, web};
use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};
use nexus_core::{Idempotent, TenantId, TenantState};
use nexus_iam::operators::PlatformPermission;
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiError, ApiResult, Idempotency, IfMatch, Json, Params, PathId, list_params, list_query, precondition_failed, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::error::TenantError;
use super::service;
use super::store::{PLAN, SERVER};
use super::wire::{DeleteParams, TenantDetailOut, TenantEdit, TenantIn, TenantOut, TenantPatch, TenantReplacement};
use crate::billing::SubscriptionOut;
use crate::guard::{OperatorAuth, TenantsCreate, TenantsDelete, TenantsRead, TenantsWrite};
use crate::operations::{self, OperationOut};
use crate::signup::{self, FoundedOut};
use crate::state::ControlPlane;

pub(crate) static TENANTS: ListSpec = ListSpec {
    fields: &[
        ListField::new("name", "name", FieldKind::Text),
        ListField::new("slug", "slug", FieldKind::Text),
        ListField::new("state", "state", FieldKind::Enum(TenantState::NAMES)),
        ListField::new("plan", PLAN, FieldKind::Text).nullable(),
        ListField::new("server", SERVER, FieldKind::Text).filter_only().nullable(),
        ListField::new("schema_version", "schema_version", FieldKind::Integer),
        ListField::new("created_at", "created_at", FieldKind::Timestamp),
        ListField::new("updated_at", "updated_at", FieldKind::Timestamp),
    ],
    default_sort: "-created_at",
    key: ListSpec::ID,
    search: true,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};
list_params!(pub(crate) ListTenants => TENANTS);

#[utoipa::path(
    tag = "tenants", operation_id = "list_tenants", summary = "List tenants", description = "Every tenant of the platform; `q` is looked for in name and slug.",
    params(ListTenants),
    responses((status = 200, description = "A page of tenants.", body = ListEnvelope<TenantOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.tenants.read")))
)]
#[get("/tenants")]
pub(crate) async fn list(_auth: OperatorAuth<TenantsRead>, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &TENANTS)?;
    let listing = service::list(&state, &query.request).await?;
    Ok(respond::listing(&req, &query, listing.map(TenantOut::from)))
}

#[utoipa::path(
    tag = "tenants", operation_id = "create_tenant", summary = "Make a tenant",
    description = "Founds an organization for somebody, with an existing account as its owner or a new one, and starts building it; answers like `/signup`.",
    params(Idempotency), request_body = TenantIn,
    responses((status = 202, description = "The tenant is being built.", body = Envelope<FoundedOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.tenants.create")))
)]
#[post("/tenants")]
pub(crate) async fn create(
    auth: OperatorAuth<TenantsCreate>,
    state: web::Data<ControlPlane>,
    idempotency: Idempotency,
    body: Json<TenantIn>,
) -> ApiResult {
    let Idempotent { value, replayed } = service::create(&state, body.0, &auth.origin, state.keyed(idempotency.key()).as_ref()).await?;
    signup::accepted(&state, value, replayed).await
}

#[utoipa::path(
    tag = "tenants", operation_id = "get_tenant", summary = "Get a tenant", description = "One tenant with its subscription.",
    params(PathId),
    responses((status = 200, description = "The tenant.", body = Envelope<TenantDetailOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.tenants.read")))
)]
#[get("/tenants/{id}")]
pub(crate) async fn get(_auth: OperatorAuth<TenantsRead>, state: web::Data<ControlPlane>, id: PathId) -> ApiResult {
    let (view, subscription) = service::get(&state, TenantId(id.0)).await?;
    let version = view.row.version;
    Ok(respond::ok_versioned(TenantDetailOut { tenant: view.into(), subscription: subscription.map(SubscriptionOut::from) }, version))
}

#[utoipa::path(
    tag = "tenants", operation_id = "edit_tenant", summary = "Change a tenant",
    description = "Changes name, plan or state; needs the version last read in If-Match. A suspension wants a reason. State `active` takes a deletion back while its \
                   window is open. A plan needs platform.plans.assign, taking a deletion back platform.tenants.delete, everything else platform.tenants.write.",
    params(PathId, IfMatch), request_body = TenantPatch,
    responses((status = 200, description = "The changed tenant.", body = Envelope<TenantOut>)),
    security(("bearer" = [])),
    extensions(
        ("x-audience" = json!("nexus-operator")),
        ("x-permission" = json!(["platform.tenants.write", "platform.plans.assign", "platform.tenants.delete"])),
    )
)]
#[patch("/tenants/{id}")]
pub(crate) async fn edit(
    auth: OperatorAuth<TenantsRead>,
    state: web::Data<ControlPlane>,
    id: PathId,
    version: IfMatch,
    body: Json<TenantPatch>,
) -> ApiResult {
    permitted(&auth, &body.0)?;
    edited(&auth, &state, id, version, body.0.into()).await
}

#[utoipa::path(
    tag = "tenants", operation_id = "replace_tenant", summary = "Replace a tenant",
    description = "Sets name, plan, state and reason at once; what an operator can't set (slug, owner, times) stays. A plan that the tenant has already stays as it is, a \
                   trial of it included. Needs the version last read in If-Match, and both platform.tenants.write and platform.plans.assign; taking a deletion back \
                   (state `active` while its window is open) needs platform.tenants.delete, too. A tenant that a saga is at work on is in no state that can be set (409).",
    params(PathId, IfMatch), request_body = TenantReplacement,
    responses((status = 200, description = "The tenant as it is now.", body = Envelope<TenantOut>)),
    security(("bearer" = [])),
    extensions(
        ("x-audience" = json!("nexus-operator")),
        ("x-permission" = json!(["platform.tenants.write", "platform.plans.assign", "platform.tenants.delete"])),
    )
)]
#[put("/tenants/{id}")]
pub(crate) async fn replace(
    auth: OperatorAuth<TenantsWrite>,
    state: web::Data<ControlPlane>,
    id: PathId,
    version: IfMatch,
    body: Json<TenantReplacement>,
) -> ApiResult {
    auth.also(PlatformPermission::PlansAssign)?;
    edited(&auth, &state, id, version, body.0.into()).await
}

async fn edited<P>(auth: &OperatorAuth<P>, state: &ControlPlane, id: PathId, version: IfMatch, change: TenantEdit) -> ApiResult {
    let may_undelete = auth.role.may(PlatformPermission::TenantsDelete);
    let view = service::edit(state, TenantId(id.0), version.0, change, may_undelete, &auth.origin).await.map_err(stale)?;
    let version = view.row.version;
    Ok(respond::ok_versioned(TenantOut::from(view), version))
}

/// What a patch asks for decides which permissions it needs. Whether it takes a deletion back is known when the row is locked.
fn permitted(auth: &OperatorAuth<TenantsRead>, patch: &TenantPatch) -> Result<(), ApiError> {
    if !patch.plan.is_absent() {
        auth.also(PlatformPermission::PlansAssign)?;
    }
    if !patch.name.is_absent() || !patch.state.is_absent() || !patch.state_reason.is_absent() {
        auth.also(PlatformPermission::TenantsWrite)?;
    }
    Ok(())
}

fn stale(error: TenantError) -> ApiError {
    match error {
        TenantError::Stale(current) => ApiError(precondition_failed(TenantOut::from(*current))),
        other => other.into(),
    }
}

#[utoipa::path(
    tag = "tenants", operation_id = "delete_tenant", summary = "Delete a tenant",
    description = "Cuts access at once. The tenant can be taken back (state `active`; one that never was in use is `broken` again then) for 7 days; then its database, role and bucket are erased. With `dry_run=true` \
                   nothing changes and the tenant is answered as it would be.",
    params(PathId, IfMatch, DeleteParams),
    responses(
        (status = 200, description = "Dry run: the tenant as it would be.", body = Envelope<TenantOut>),
        (status = 204, description = "Access is cut; erasure is scheduled."),
    ),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.tenants.delete")))
)]
#[delete("/tenants/{id}")]
pub(crate) async fn remove(
    auth: OperatorAuth<TenantsDelete>,
    state: web::Data<ControlPlane>,
    id: PathId,
    version: IfMatch,
    params: Params<DeleteParams>,
) -> ApiResult {
    let view = service::delete(&state, TenantId(id.0), version.0, params.0.dry_run, &auth.origin).await.map_err(stale)?;
    Ok(if params.0.dry_run { respond::ok(TenantOut::from(view)) } else { respond::no_content() })
}

#[utoipa::path(
    tag = "tenants", operation_id = "retry_tenant", summary = "Try again what failed on a tenant",
    description = "A tenant that is `broken` because building it failed and was taken back is built by a new operation; its slug is reserved again at once. An operation \
                   under way that fails and waits for its next try, be it building, taking back or erasing, is tried now: then it is the one that is answered. 409 \
                   where nothing has failed. A deletion that was refused is asked for again by DELETE.",
    params(PathId, Idempotency),
    responses((status = 202, description = "The operation that tries.", body = Envelope<OperationOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.tenants.write")))
)]
#[post("/tenants/{id}/retry")]
pub(crate) async fn retry(auth: OperatorAuth<TenantsWrite>, state: web::Data<ControlPlane>, id: PathId, idempotency: Idempotency) -> ApiResult {
    let retried = service::retry(&state, TenantId(id.0), &auth.origin, idempotency.key()).await?;
    let operation = service::operation(&state, retried.value).await?;
    Ok(respond::idempotent(Idempotent { value: operation, replayed: retried.replayed }, |operation| {
        respond::accepted(&operations::location(operation.id), OperationOut::from(operation))
    }))
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(create).service(get).service(edit).service(replace).service(remove).service(retry);
}
