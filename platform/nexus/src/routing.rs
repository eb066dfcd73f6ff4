//! Which plane answers a path: the one table that every role and the ingress share.
//!
//! A process that holds both planes never asks: the paths are disjoint. A process that lacks the plane of a path answers 503, because the path exists; only
//! not here.

use actix_web::http::header::{HeaderValue, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};
use nexus_core::Problem;
use nexus_web::server::unknown_path;
use nexus_web::{ApiError, WebState};

use crate::console::{self, Console};
use crate::roles::Planes;

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    /// The control plane.
    Control,
    /// The tenant runtime.
    Tenant,
    /// The console, which the tenant runtime serves.
    Console,
    /// Whichever process is reached.
    Process,
}

/// First segments below `/api/v1` that belong to the control plane.
const CONTROL: &[&str] = &["auth", "account", "sessions", "signup", "operations", "organizations", "tenants", "billing", "admin"];
/// First segments below `/api/v1` that every process answers.
const PROCESS: &[&str] = &["health"];

/// First segments at the root that every process answers, or nobody: never a page of the console.
const ROOT: &[&str] = &["api", "docs", "openapi.json", "healthz", "readyz", "version", "metrics", "dev"];

/// The plane of a path.
#[must_use]
pub fn plane_of(path: &str) -> Plane {
    let mut segments = path.trim_start_matches('/').split('/');
    match (segments.next(), segments.next(), segments.next()) {
        (Some("api"), Some("v1"), Some(first)) if CONTROL.contains(&first) => Plane::Control,
        (Some("api"), Some("v1"), Some(first)) if PROCESS.contains(&first) => Plane::Process,
        (Some("api"), Some("v1"), Some(_)) => Plane::Tenant,
        (Some(".well-known"), ..) => Plane::Control,
        (Some(first), ..) if ROOT.contains(&first) => Plane::Process,
        _ => Plane::Console,
    }
}

/// Answers what no route of this process does: the console's files; 503 for a path of a plane that it lacks, else 404 or 405.
pub async fn elsewhere(request: HttpRequest, planes: web::Data<Planes>, console: web::Data<Console>, state: web::Data<WebState>) -> HttpResponse {
    let (held, name) = match plane_of(request.match_info().as_str()) {
        Plane::Console if planes.tenant => return console::answer(&console, &request),
        Plane::Console => (false, "The console"),
        Plane::Control => (planes.control, "The control plane"),
        Plane::Tenant => (planes.tenant, "The tenant runtime"),
        Plane::Process => (true, ""),
    };
    if held {
        return unknown_path(request, state).await;
    }
    let mut response = ApiError(Problem::unavailable(name)).error_response();
    if !response.headers().contains_key(RETRY_AFTER) {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_decides_the_plane() {
        for (path, plane) in [
            ("/api/v1/signup", Plane::Control),
            ("/api/v1/auth/login", Plane::Control),
            ("/api/v1/admin/auth/login", Plane::Control),
            ("/api/v1/organizations/1", Plane::Control),
            ("/.well-known/jwks.json", Plane::Control),
            ("/api/v1/products", Plane::Tenant),
            ("/api/v1/accounting", Plane::Tenant),
            ("/api/v1/authors/1", Plane::Tenant),
            ("/api/v1/health", Plane::Process),
            ("/healthz", Plane::Process),
            ("/docs", Plane::Process),
            ("/metrics", Plane::Process),
            ("/api", Plane::Process),
            ("/api/v2/products", Plane::Process),
            ("/", Plane::Console),
            ("", Plane::Console),
            ("/verify-email", Plane::Console),
            ("/assets/app.js", Plane::Console),
            ("/settings/members", Plane::Console),
            ("/apiary", Plane::Console),
        ] {
            assert_eq!(plane_of(path), plane, "{path}");
        }
    }
}
