//! The handler of `/admin/audit-logs`.

use actix_web::{HttpRequest, get, web};
use nexus_web::wire::ListEnvelope;
use nexus_web::{ApiResult, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{AUDIT_LOGS, ListPlatformAuditLogs};
use super::service;
use super::wire::PlatformAuditLogOut;
use crate::guard::{AuditLogsRead, OperatorAuth};
use crate::state::ControlPlane;

#[utoipa::path(
    tag = "admin", operation_id = "list_platform_audit_logs", summary = "Read the platform's audit log",
    description = "Who did what on the platform, newest first: operators, people with their accounts, and the platform itself. By cursor only. The log is append-only. What \
                   happens inside an organization is in its own log.",
    params(ListPlatformAuditLogs),
    responses((status = 200, description = "A part of the log.", body = ListEnvelope<PlatformAuditLogOut>)),
    security(("bearer" = [])), extensions(("x-audience" = json!("nexus-operator")), ("x-permission" = json!("platform.audit_logs.read")))
)]
#[get("/admin/audit-logs")]
pub(crate) async fn list(_auth: OperatorAuth<AuditLogsRead>, state: web::Data<ControlPlane>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &AUDIT_LOGS)?;
    let entries = service::list(&state, &query.request).await?;
    Ok(respond::listing(&req, &query, entries.map(PlatformAuditLogOut::from)))
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list);
}
