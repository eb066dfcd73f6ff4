//! Handlers of `/organizations`.

use actix_web::{HttpRequest, get, patch, post, web};
use nexus_core::list::{FieldKind, ListField, ListSpec, Modes};
use nexus_core::{Idempotent, Problem, Slug, TenantId, TenantState};
use nexus_web::wire::{Envelope, ListEnvelope};
use nexus_web::{ApiError, ApiResult, Idempotency, IfMatch, Json, PathId, list_params, list_query, precondition_failed, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::error::OrganizationError;
use super::service;
use super::wire::{OrganizationIn, OrganizationOut, OrganizationPatch};
use crate::guard::{AccountAuth, MemberAuth};
use crate::signup::{self, FoundedOut, NewOrganization};
use crate::state::ControlPlane;

pub(crate) static ORGANIZATIONS: ListSpec = ListSpec {
    fields: &[
        ListField::new("name", "name", FieldKind::Text),
        ListField::new("slug", "slug", FieldKind::Text),
        ListField::new("state", "state", FieldKind::Enum(TenantState::NAMES)).filter_only(),
        ListField::new("created_at", "created_at", FieldKind::Timestamp),
    ],
    default_sort: "name",
    key: ListSpec::ID,
    search: false,
    include: &[],
    extra: &[],
    modes: Modes::Both,
};
list_params!(pub(crate) ListOrganizations => ORGANIZATIONS);

#[utoipa::path(
    tag = "organizations", operation_id = "list_organizations", summary = "List the own organizations",
    description = "The organizations that the person belongs to. Needs an account token.",
    params(ListOrganizations),
    responses((status = 200, description = "A page of organizations.", body = ListEnvelope<OrganizationOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[get("/organizations")]
pub(crate) async fn list(auth: AccountAuth, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &ORGANIZATIONS)?;
    let listing = service::list(&state, &auth, &query.request).await?;
    Ok(respond::listing(&req, &query, listing.map(OrganizationOut::from)))
}

#[utoipa::path(
    tag = "organizations", operation_id = "create_organization", summary = "Open another organization",
    description = "Founds an organization that the person owns, and starts building it; answers like `/signup`, and by its rules: the platform must be open to new \
                   organizations, the address proved before a second one, and the person own fewer than one may. Needs an account token. A plan with a price \
                   begins with its trial.",
    params(Idempotency), request_body = OrganizationIn,
    responses(
        (status = 202, description = "The organization is being built.", body = Envelope<FoundedOut>),
        (status = 402, description = "The plan is not had by self-service."),
        (status = 403, description = "The platform is closed to new organizations, a proved address is wanted first, or the person owns as many as one may."),
        (status = 409, description = "The slug is taken, or the same request is in flight."),
    ),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[post("/organizations")]
pub(crate) async fn create(auth: AccountAuth, state: web::Data<ControlPlane>, idempotency: Idempotency, body: Json<OrganizationIn>) -> ApiResult {
    let OrganizationIn { name, slug, plan } = body.0;
    let slug = Slug::parse(&slug).map_err(|fault| Problem::validation(vec![fault]))?;
    let new = NewOrganization::by_choice(&state, name, slug, plan);
    let Idempotent { value, replayed } = service::open(&state, &auth, new, idempotency.key()).await?;
    signup::accepted(&state, value, replayed).await
}

#[utoipa::path(
    tag = "organizations", operation_id = "get_organization", summary = "Get an organization",
    description = "One of the organizations that the person belongs to; with a token for one organization, that one.",
    params(PathId),
    responses((status = 200, description = "The organization.", body = Envelope<OrganizationOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account or nexus-tenant")))
)]
#[get("/organizations/{id}")]
pub(crate) async fn get(auth: MemberAuth, state: web::Data<ControlPlane>, id: PathId) -> ApiResult {
    let found = service::get(&state, &auth, TenantId(id.0)).await?;
    let version = found.0.version;
    Ok(respond::ok_versioned(OrganizationOut::from(found), version))
}

#[utoipa::path(
    tag = "organizations", operation_id = "edit_organization", summary = "Change an organization",
    description = "Renames the organization; only its owner may. Needs the version last read in If-Match.",
    params(PathId, IfMatch), request_body = OrganizationPatch,
    responses((status = 200, description = "The changed organization.", body = Envelope<OrganizationOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account or nexus-tenant")))
)]
#[patch("/organizations/{id}")]
pub(crate) async fn edit(auth: MemberAuth, state: web::Data<ControlPlane>, id: PathId, version: IfMatch, body: Json<OrganizationPatch>) -> ApiResult {
    let name = body.0.name.value().map(String::as_str);
    let renamed = service::rename(&state, &auth, TenantId(id.0), version.0, name).await;
    let changed = renamed.map_err(|error| match error {
        OrganizationError::Stale(current) => ApiError(precondition_failed(OrganizationOut::from(*current))),
        other => other.into(),
    })?;
    let version = changed.0.version;
    Ok(respond::ok_versioned(OrganizationOut::from(changed), version))
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(create).service(get).service(edit);
}
