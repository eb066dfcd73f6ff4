//! Who the caller turned out to be: told to the HTTP layer by a guard once it has verified the credential.

use actix_web::{HttpMessage, HttpRequest};
use nexus_core::{Actor, TenantId};
use uuid::Uuid;

use crate::admission;
use crate::error::ApiError;
use crate::state::WebState;

/// The caller as idempotency keys and rate limits see them, such as `user:0190…`; in the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalScope(pub String);

/// The tenant the request belongs to; in the request's extensions. Cursors are bound to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantScope(pub TenantId);

/// Notes the verified caller and charges their rate limit. Guards call this once, inside [`crate::gate::hold`]. An actor
/// without an id is nobody: then this does nothing.
///
/// # Errors
/// 429 `RATE_LIMITED` when the caller has used up their allowance, 503 when the tenant has too many requests under way.
pub fn establish(req: &HttpRequest, tenant: Option<TenantId>, actor: &Actor) -> Result<(), ApiError> {
    // Nobody stays counted by address: "nobody" must not become one caller whom everybody shares.
    let Some(who) = actor.id else { return Ok(()) };
    let principal = format!("{}:{who}", actor.kind.as_str());
    let counted = tenant.map_or_else(|| principal.clone(), |tenant| format!("{tenant}:{principal}"));
    {
        let mut extensions = req.extensions_mut();
        extensions.insert(PrincipalScope(principal));
        if let Some(tenant) = tenant {
            extensions.insert(TenantScope(tenant));
        }
    }
    if let Some(tenant) = tenant {
        admission::enter_share(req, tenant)?;
    }
    if let Some(state) = WebState::of(req) {
        state.limiter.charge_principal(req, &counted)?;
    }
    Ok(())
}

/// Notes a session that showed its refresh token, and charges its own rate limit: a token that nobody can guess is a caller, though nobody has looked up whose.
///
/// # Errors
/// 429 `RATE_LIMITED` when the session has used up its allowance.
pub fn establish_session(req: &HttpRequest, session: Uuid) -> Result<(), ApiError> {
    let principal = format!("session:{session}");
    req.extensions_mut().insert(PrincipalScope(principal.clone()));
    match WebState::of(req) {
        Some(state) => state.limiter.charge_session(req, &principal),
        None => Ok(()),
    }
}

/// The tenant of the request, once established.
#[must_use]
pub fn tenant_of(req: &HttpRequest) -> Option<TenantId> {
    req.extensions().get::<TenantScope>().map(|scope| scope.0)
}

/// `tenant/principal`, with `-` where there is none: the first half of an idempotency key's scope.
pub(crate) fn scope_of(req: &HttpRequest) -> String {
    let extensions = req.extensions();
    let tenant = extensions.get::<TenantScope>().map_or_else(|| "-".to_owned(), |scope| scope.0.to_string());
    let principal = extensions.get::<PrincipalScope>().map_or("-", |scope| scope.0.as_str());
    format!("{tenant}/{principal}")
}
