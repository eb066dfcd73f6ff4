//! Handlers of `/billing/*`, and of `/admin/plans`.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::http::header::HeaderValue;
use actix_web::{get, web};
use nexus_billing::{active_plans, plan_standings, subscription_of};
use nexus_core::Problem;
use nexus_web::wire::Envelope;
use nexus_web::{ApiResult, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::ORGANIZATION_REQUIRED;
use super::wire::{PlanOut, PlanStandingOut, SubscriptionOut};
use crate::guard::{MemberAuth, OperatorAuth, PlansRead};
use crate::state::ControlPlane;
use crate::tenancy;

#[utoipa::path(
    tag = "billing", operation_id = "list_plans", summary = "List the plans on sale", description = "Public: every plan on sale, in the order in which they are shown.",
    responses((status = 200, description = "The plans.", body = Envelope<Vec<PlanOut>>))
)]
#[get("/billing/plans")]
pub(crate) async fn plans(state: web::Data<ControlPlane>) -> ApiResult {
    let plans = active_plans(state.db.conn()).await?;
    let mut answer = respond::ok(plans.into_iter().map(PlanOut::from).collect::<Vec<_>>());
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    Ok(answer)
}

#[utoipa::path(
    tag = "billing", operation_id = "get_subscription", summary = "Get the organization's subscription",
    description = "The subscription of the token's organization, with the plan in the version taken.",
    responses(
        (status = 200, description = "The subscription.", body = Envelope<SubscriptionOut>),
        (status = 304, description = "Unchanged since the ETag given in If-None-Match."),
        (status = 404, description = "The organization is gone."),
    ),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-tenant")))
)]
#[get("/billing/subscription")]
pub(crate) async fn subscription(auth: MemberAuth, state: web::Data<ControlPlane>) -> ApiResult {
    let organization =
        auth.organization.ok_or_else(|| Problem::new(ORGANIZATION_REQUIRED, "Use a token of the organization: log in to it, or switch to it."))?;
    tenancy::require_membership(&state, auth.account, organization).await?;
    let found = subscription_of(state.db.conn(), organization).await?;
    let version = found.0.version;
    Ok(respond::ok_versioned(SubscriptionOut::from(found), version))
}

#[utoipa::path(
    tag = "admin", operation_id = "list_plan_versions", summary = "List every version of every plan",
    description = "What is sold and what was, with limits, features and prices, and how many organizations have each version: subscribers keep the one they took. In \
                   the order in which plans are shown, the newest version first.",
    responses((status = 200, description = "The versions.", body = Envelope<Vec<PlanStandingOut>>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.plans.read")))
)]
#[get("/admin/plans")]
pub(crate) async fn plan_versions(_auth: OperatorAuth<PlansRead>, state: web::Data<ControlPlane>) -> ApiResult {
    let standings = plan_standings(state.db.conn()).await?;
    Ok(respond::ok(standings.into_iter().map(PlanStandingOut::from).collect::<Vec<_>>()))
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(plans).service(subscription).service(plan_versions);
}
