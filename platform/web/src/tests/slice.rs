//! A slice as an author would write it, with a guard that takes a while.

use std::cell::Cell;

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, patch, post};
use chrono::DateTime;
use futures::future::LocalBoxFuture;
use nexus_core::list::{FieldKind, ListField, ListSpec, Listing, Modes, Paging, Scalar};
use nexus_core::{Actor, ErrorCode, Idempotent, Problem, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;
use validator::Validate;

use crate::extract::{Idempotency, IfMatch, Json, Params, Patch, PathId, RequiredIdempotency, path_text};
use crate::wire::{Envelope, ListEnvelope, MoneyDto, QuantityString};
use crate::{ApiError, ApiResult, bearer, gate, identity, list_params, list_query, precondition_failed, respond, sse, validate};

pub(super) const ID: &str = "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11";
pub(super) const OUT_OF_STOCK: ErrorCode = ErrorCode { code: "OUT_OF_STOCK", status: 409, summary: "There is not enough." };

/// `Bearer good` is a user of the tenant named by `X-Tenant` (1 without).
pub(super) struct Guard;

impl FromRequest for Guard {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let work = {
            let req = req.clone();
            async move {
                // As a look-up in a directory would: the other extractors get their chance to overtake.
                tokio::task::yield_now().await;
                if bearer(&req) != Some("good") {
                    return Err(ApiError(Problem::new(ErrorCode::UNAUTHORIZED, "Log in first.")));
                }
                let number = req.headers().get("x-tenant").and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(1);
                identity::establish(&req, Some(TenantId(Uuid::from_u128(number))), &Actor::user(Uuid::from_u128(7)))?;
                Ok(Self)
            }
        };
        Box::pin(gate::hold(req, work))
    }
}

pub(super) static THINGS: ListSpec = ListSpec {
    fields: &[
        ListField::new("name", "name", FieldKind::Text),
        ListField::new("status", "status", FieldKind::Enum(&["active", "archived"])),
        ListField::new("created_at", "created_at", FieldKind::Timestamp),
    ],
    default_sort: "-created_at",
    key: ListSpec::ID,
    search: true,
    include: &["parts"],
    extra: &[],
    modes: Modes::Both,
};
list_params!(pub(super) ListThings => THINGS);

#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ThingIn {
    /// Name.
    #[validate(custom(function = "validate::text::<1, 20>"))]
    #[schema(example = "Screw", min_length = 1, max_length = 20)]
    name: String,
    /// How many.
    quantity: QuantityString,
    /// Price of one.
    price: Option<MoneyDto>,
}

#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ThingPatch {
    /// New name.
    #[serde(default)]
    #[validate(custom(function = validate::patch_name))]
    name: Patch<String>,
    /// New note, null clears it.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "blue")]
    note: Patch<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ThingOut {
    /// Id.
    id: Uuid,
    /// Name.
    #[schema(example = "Screw")]
    name: String,
    /// Version.
    #[schema(example = 3)]
    version: i64,
}

#[derive(Debug, Deserialize, Validate, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportParams {
    /// Only look.
    #[serde(default)]
    dry_run: bool,
    /// How deep.
    #[validate(range(min = 1, max = 5))]
    depth: Option<u32>,
}

fn thing(name: &str) -> ThingOut {
    ThingOut { id: ID.parse().unwrap(), name: name.to_owned(), version: 3 }
}

#[utoipa::path(
    tag = "things", operation_id = "list_things", summary = "List things", description = "Things.", params(ListThings),
    responses((status = 200, description = "A page.", body = ListEnvelope<ThingOut>)),
    security(("bearer" = [])), extensions(("x-permission" = json!("things.read")))
)]
#[get("/things")]
async fn list(_guard: Guard, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &THINGS)?;
    let items = vec![thing("a"), thing("b")];
    let position = |number: i64| vec![Scalar::Timestamp(DateTime::from_timestamp(number, 0).unwrap()), Scalar::Uuid(ID.parse().unwrap())];
    let listing = match &query.request.paging {
        Paging::Page { page, limit } => Listing::Page { items, page: *page, limit: *limit, total: 45, total_estimated: false },
        Paging::Cursor { after, limit, .. } => {
            Listing::Cursor { items, limit: *limit, next: Some(position(2)), prev: after.as_ref().map(|_| position(1)), has_more: true }
        }
    };
    Ok(respond::listing(&req, &query, listing))
}

#[utoipa::path(
    tag = "things", operation_id = "create_thing", summary = "Create a thing", description = "A new thing.", params(Idempotency),
    request_body = ThingIn, responses((status = 201, description = "The thing.", body = Envelope<ThingOut>)),
    security(("bearer" = [])), extensions(("x-permission" = json!("things.write")))
)]
#[post("/things")]
async fn create(_guard: Guard, idempotency: Idempotency, body: Json<ThingIn>) -> ApiResult {
    let replayed = idempotency.key().is_some_and(|key| key.key == "again");
    let _ = (&body.0.quantity, &body.0.price);
    Ok(respond::idempotent(Idempotent { value: thing(&body.0.name), replayed }, |thing| {
        respond::created(&format!("/api/v1/things/{ID}"), thing, Some(1))
    }))
}

/// Shows the key it was given.
#[utoipa::path(
    tag = "things", operation_id = "move_thing", summary = "Move a thing", description = "Moves stock.",
    params(PathId, RequiredIdempotency), request_body = ThingIn,
    responses((status = 200, description = "The key.", body = Envelope<Vec<String>>), (status = 409, description = "Not enough.")),
    security(("bearer" = [])), extensions(("x-permission" = json!("things.move")))
)]
#[post("/things/{id}/move")]
async fn move_thing(idempotency: RequiredIdempotency, _body: Json<ThingIn>, _id: PathId, _guard: Guard) -> ApiResult {
    let key = idempotency.0;
    Ok(respond::ok(vec![key.scope, key.key, key.fingerprint]))
}

#[utoipa::path(
    tag = "things", operation_id = "get_thing", summary = "Get a thing", description = "One thing.", params(PathId),
    responses((status = 200, description = "The thing.", body = Envelope<ThingOut>)),
    security(("bearer" = [])), extensions(("x-permission" = json!("things.read")))
)]
#[get("/things/{id}")]
async fn get(_guard: Guard, _id: PathId) -> ApiResult {
    Ok(respond::ok_versioned(thing("a"), 3))
}

#[utoipa::path(
    tag = "things", operation_id = "edit_thing", summary = "Change a thing", description = "Changes it.", params(PathId, IfMatch),
    request_body = ThingPatch, responses((status = 200, description = "The thing.", body = Envelope<ThingOut>)),
    security(("bearer" = [])), extensions(("x-permission" = json!("things.write")))
)]
#[patch("/things/{id}")]
async fn edit(_guard: Guard, _id: PathId, version: IfMatch, body: Json<ThingPatch>) -> ApiResult {
    if version.0 != 3 {
        return Err(precondition_failed(thing("current")).into());
    }
    let note = match body.0.note {
        Patch::Absent => "absent".to_owned(),
        Patch::Null => "null".to_owned(),
        Patch::Value(note) => note,
    };
    let _ = body.0.name;
    Ok(respond::ok_versioned(thing(&note), 4))
}

#[utoipa::path(
    tag = "things", operation_id = "delete_thing", summary = "Delete a thing", description = "Deletes it.", params(PathId, IfMatch),
    responses((status = 204, description = "Deleted.")),
    security(("bearer" = [])), extensions(("x-permission" = json!("things.write")))
)]
#[delete("/things/{id}")]
async fn remove(_guard: Guard, _id: PathId, _version: IfMatch) -> ApiResult {
    Ok(respond::no_content())
}

#[utoipa::path(
    tag = "reports", operation_id = "get_report", summary = "Report", description = "A report.", params(ReportParams),
    responses((status = 200, description = "Depth.", body = Envelope<u32>)), security()
)]
#[get("/report")]
async fn report(params: Params<ReportParams>) -> ApiResult {
    Ok(respond::ok(params.0.depth.unwrap_or(0) + u32::from(params.0.dry_run)))
}

#[utoipa::path(
    tag = "things", operation_id = "get_by_key", summary = "By key", description = "By a text.",
    params(("key" = String, Path, description = "Key.")),
    responses((status = 200, description = "The key.", body = Envelope<String>)), security()
)]
#[get("/keys/{key}")]
async fn by_key(req: HttpRequest) -> ApiResult {
    Ok(respond::ok(path_text(&req, "key")?))
}

thread_local! {
    pub(super) static SIGN_UPS: Cell<u32> = const { Cell::new(0) };
}

#[utoipa::path(
    tag = "signup", operation_id = "sign_up", summary = "Sign up", description = "Signs up.",
    responses((status = 204, description = "Done.")), security()
)]
#[post("/signup")]
async fn sign_up() -> ApiResult {
    SIGN_UPS.with(|count| count.set(count.get() + 1));
    Ok(respond::no_content())
}

#[utoipa::path(tag = "faults", operation_id = "fail", summary = "Fail", description = "Fails.", responses((status = 204, description = "Never.")), security())]
#[get("/fail")]
async fn fail() -> ApiResult {
    Err(Problem::internal("connection to 10.0.0.7 refused: password wrong").into())
}

#[utoipa::path(tag = "faults", operation_id = "panic", summary = "Panic", description = "Panics.", responses((status = 204, description = "Never.")), security())]
#[get("/panic")]
async fn panics() -> ApiResult {
    panic!("a secret in a panic message")
}

#[utoipa::path(tag = "faults", operation_id = "foreign", summary = "Foreign", description = "Fails by itself.", responses((status = 204, description = "Never.")), security())]
#[get("/foreign")]
async fn foreign() -> Result<HttpResponse, actix_web::Error> {
    Err(actix_web::error::ErrorForbidden("<b>internal words</b>"))
}

#[utoipa::path(tag = "bulk", operation_id = "bulk", summary = "Bulk", description = "A long text.", responses((status = 200, description = "Text.", body = Envelope<String>)), security())]
#[get("/long")]
async fn long() -> ApiResult {
    Ok(respond::ok("long ".repeat(2000)))
}

#[utoipa::path(tag = "events", operation_id = "stream_events", summary = "Events", description = "A stream.", responses((status = 200, description = "Events.", content_type = "text/event-stream", body = String)), security())]
#[get("/events")]
async fn events(req: HttpRequest) -> ApiResult {
    let events = (0..50).map(|number| sse::Event::json(number.to_string(), "tick", &"tick tock").unwrap());
    let mut response = sse::respond(&req, futures::stream::iter(events.collect::<Vec<_>>()));
    response.headers_mut().insert(HeaderName::from_static("x-kept"), HeaderValue::from_static("1"));
    Ok(response)
}

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list).service(create).service(move_thing).service(get).service(edit).service(remove).service(report);
    cfg.service(by_key).service(sign_up).service(fail).service(panics).service(foreign).service(long).service(events);
}
