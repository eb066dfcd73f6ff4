//! Handlers of `/account/avatar`.

use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, put, web};
use futures::future::LocalBoxFuture;
use nexus_core::{ErrorCode, Problem};
use nexus_iam::accounts::AccountError;
use nexus_iam::picture::{MAX_BYTES, PictureKind, Upload};
use nexus_web::extract::read_body_up_to;
use nexus_web::wire::Envelope;
use nexus_web::{ApiError, ApiResult, IfMatch, gate, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::wire::{AccountOut, PictureFile};
use super::shown;
use crate::guard::{AccountAuth, MemberAuth};
use crate::state::ControlPlane;

/// A picture in a body, of a kind that is taken. What it shows is looked at later.
pub(crate) struct PictureIn(Upload);

impl FromRequest for PictureIn {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, payload) = (req.clone(), payload.take());
        Box::pin(async move {
            gate::opened(&req).await;
            let given = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let kind = PictureKind::of_media_type(given.trim()).ok_or_else(|| {
                Problem::new(ErrorCode::UNSUPPORTED_MEDIA_TYPE, "The body must be a picture: send Content-Type: image/png, image/jpeg or image/webp.")
            })?;
            let bytes = read_body_up_to(&req, payload, MAX_BYTES).await?;
            Ok(Self(Upload { kind, bytes: bytes.into() }))
        })
    }
}

#[utoipa::path(
    tag = "account", operation_id = "get_avatar", summary = "Get the own picture",
    description = "The picture of the person who is logged in: WebP, 256 pixels square. Its ETag is the account's. A token for one organization may read it, too.",
    responses(
        (status = 200, description = "The picture.", content_type = "image/webp", body = PictureFile),
        (status = 404, description = "There is no picture."),
    ),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account or nexus-tenant")))
)]
#[get("/account/avatar")]
pub(crate) async fn get(auth: MemberAuth, state: web::Data<ControlPlane>) -> ApiResult {
    let avatar = state.accounts.avatar(auth.account).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((ETAG, respond::etag(avatar.version))).insert_header((CACHE_CONTROL, "private, no-cache"));
    Ok(response.content_type("image/webp").body(avatar.image))
}

#[utoipa::path(
    tag = "account", operation_id = "replace_avatar", summary = "Set the own picture",
    description = "Takes a file of at most 256 KiB and 2,048 pixels in width and height, and draws the picture anew from its middle: nothing else of the file is kept. \
                   It is part of the account: it needs the account's version in If-Match, and an account token.",
    params(IfMatch),
    request_body(description = "The file.", content((PictureFile = "image/png"), (PictureFile = "image/jpeg"), (PictureFile = "image/webp"))),
    responses(
        (status = 200, description = "The account, with its picture.", body = Envelope<AccountOut>),
        (status = 422, description = "The file is no picture of its kind, or too large a one."),
    ),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[put("/account/avatar")]
pub(crate) async fn replace(auth: AccountAuth, state: web::Data<ControlPlane>, version: IfMatch, picture: PictureIn) -> ApiResult {
    let account = state.accounts.set_avatar(auth.account, version.0, picture.0, &auth.origin).await;
    shown(&state, auth.session, account).await
}

#[utoipa::path(
    tag = "account", operation_id = "delete_avatar", summary = "Remove the own picture",
    description = "Removes the picture; needs the account's version in If-Match, and an account token.",
    params(IfMatch),
    responses((status = 204, description = "There is no picture any more."), (status = 404, description = "There was no picture.")),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-account")))
)]
#[delete("/account/avatar")]
pub(crate) async fn remove(auth: AccountAuth, state: web::Data<ControlPlane>, version: IfMatch) -> ApiResult {
    match state.accounts.remove_avatar(auth.account, version.0, &auth.origin).await {
        Err(stale @ AccountError::Stale(_)) => shown(&state, auth.session, Err(stale)).await,
        removed => Ok(removed.map(|()| respond::no_content())?),
    }
}

pub(super) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get).service(replace).service(remove);
}
