//! `/settings`.

use actix_web::{get, patch};
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, IfMatch, Json, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{SettingsOut, SettingsPatch};
use crate::context::Guard;
use crate::modules::access::permission::{SettingsRead, SettingsWrite};

#[utoipa::path(
    tag = "settings", operation_id = "get_settings", summary = "Get the settings", description = "Locale, currency and time zone of the organization.",
    responses((status = 200, description = "The settings.", body = Envelope<SettingsOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("settings.read")))
)]
#[get("/settings")]
pub async fn get(guard: Guard<SettingsRead>) -> ApiResult {
    let settings = service::get(&guard).await?;
    let version = settings.version;
    Ok(respond::ok_versioned(settings, version))
}

#[utoipa::path(
    tag = "settings", operation_id = "edit_settings", summary = "Change the settings",
    description = "Changes the given settings. Needs the version last read in If-Match.",
    params(IfMatch), request_body = SettingsPatch,
    responses((status = 200, description = "The settings.", body = Envelope<SettingsOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("settings.write")))
)]
#[patch("/settings")]
pub async fn edit(guard: Guard<SettingsWrite>, version: IfMatch, body: Json<SettingsPatch>) -> ApiResult {
    let settings = service::edit(&guard, version.0, body.0).await?;
    let version = settings.version;
    Ok(respond::ok_versioned(settings, version))
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get).service(edit);
}
