//! `/audit-logs`.

use actix_web::{HttpRequest, get};
use nexus_web::wire::ListEnvelope;
use nexus_web::{ApiResult, list_query, respond};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{AUDIT_LOGS, ListAuditLogs};
use super::service;
use super::wire::AuditLogOut;
use crate::context::Guard;
use crate::modules::access::permission::AuditLogsRead;

#[utoipa::path(
    tag = "access", operation_id = "list_audit_logs", summary = "Read the audit log",
    description = "Who did what in the organization, newest first. By cursor only. The log is append-only.",
    params(ListAuditLogs),
    responses((status = 200, description = "A part of the log.", body = ListEnvelope<AuditLogOut>)),
    security(("bearer" = []), ("api_key" = [])), extensions(("x-permission" = json!("audit_logs.read")))
)]
#[get("/audit-logs")]
pub async fn list(guard: Guard<AuditLogsRead>, req: HttpRequest) -> ApiResult {
    let query = list_query(&req, &AUDIT_LOGS)?;
    let entries = service::list(&guard, &query.request).await?;
    Ok(respond::listing(&req, &query, entries))
}

/// Mounts the operation.
pub fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(list);
}
