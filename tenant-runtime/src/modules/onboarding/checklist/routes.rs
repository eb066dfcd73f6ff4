//! `/onboarding`.

use actix_web::{get, patch};
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, Json, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::service;
use super::wire::{OnboardingOut, OnboardingPatch};
use crate::context::Guard;
use crate::modules::onboarding::permission::{OnboardingRead, OnboardingWrite};

#[utoipa::path(
    tag = "onboarding", operation_id = "get_onboarding", summary = "See what a new organization has still to do",
    description = "The steps of a new organization, each with whether it is done; read from the organization's data at this moment. A step that is undone again (the only invitation was revoked) is no longer done.",
    responses((status = 200, description = "The steps.", body = Envelope<OnboardingOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("settings.read")))
)]
#[get("/onboarding")]
pub async fn get(guard: Guard<OnboardingRead>) -> ApiResult {
    Ok(respond::ok(service::get(&guard).await?))
}

#[utoipa::path(
    tag = "onboarding", operation_id = "edit_onboarding", summary = "Put the list of steps away",
    description = "Puts the list away for everybody in the organization, or takes it out again. Needs no If-Match: it is a mark, and what it says is not lost by being said twice.",
    request_body = OnboardingPatch,
    responses((status = 200, description = "The steps.", body = Envelope<OnboardingOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("settings.write")))
)]
#[patch("/onboarding")]
pub async fn edit(guard: Guard<OnboardingWrite>, body: Json<OnboardingPatch>) -> ApiResult {
    Ok(respond::ok(service::edit(&guard, body.0).await?))
}

/// Mounts the operations.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(get).service(edit);
}
