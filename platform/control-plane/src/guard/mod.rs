//! Who may call: extractors that stand in a handler's signature.
//!
//! Each checks its token before the body is read ([`nexus_web::gate`]), and takes tokens of its own realm only: a tenant's token is no operator's, an operator's
//! no account's, and one for an organization is no account's either where it would reach further than that organization.

mod account;
mod operation;
mod operator;

pub use account::{AccountAuth, MemberAuth, OptionalAuth, Visitor};
pub use operation::{OperationAuth, Watcher};
pub use operator::{
    AuditLogsRead, OperatorAuth, Permission, PlansAssign, PlansRead, TenantsCreate, TenantsDelete, TenantsRead, TenantsWrite, VisitingOperator,
};

use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, web};
use chrono::{DateTime, Utc};
use nexus_core::{AccountId, ErrorCode, Problem, TenantId};
use nexus_iam::accounts::NOT_A_MEMBER;
use nexus_iam::api_keys;
use nexus_iam::tokens::{Audience, Claims, TokenError};
use nexus_web::ApiError;
use nexus_web::console::{self, Jar};
use nexus_web::host::{self, HostKind};

use crate::state::ControlPlane;

/// The codes of guards.
pub(crate) const CODES: &[ErrorCode] = &[account::ACCOUNT_TOKEN_REQUIRED];

/// The control plane's state, as mounted.
fn state(req: &HttpRequest) -> Result<ControlPlane, Problem> {
    let data = req.app_data::<web::Data<ControlPlane>>().ok_or_else(|| Problem::internal("the control plane's state is not mounted"))?;
    Ok(ControlPlane::clone(data))
}

/// The claims of a token for one of `audiences`. Another good credential is told with 403 what is wanted here, and learns nothing else.
async fn claims(state: &ControlPlane, token: &str, audiences: &[Audience]) -> Result<Arc<Claims>, Problem> {
    if token.starts_with(api_keys::PREFIX) && api_keys::read(state.provisioner.tenant_keyring(), token).is_some() {
        return Err(TokenError::WrongAudience { takes: audiences.to_vec() }.into());
    }
    let claims = state.verifier.verify(token, audiences).await?;
    // Good for joining an organization, there, and for nothing else.
    if claims.inv.is_some() {
        return Err(Problem::new(ErrorCode::FORBIDDEN, "This token is for accepting an invitation, and for nothing else."));
    }
    Ok(claims)
}

/// The verified claims of what the request shows, and whether a cookie showed it. `jars` are the cookies that may.
async fn verified(state: &ControlPlane, req: &HttpRequest, jars: &[Jar], audiences: &[Audience]) -> Result<(Arc<Claims>, bool), Problem> {
    let verified = match console::shown(req, jars)? {
        Some(shown) => claims(state, shown.token, audiences).await.map(|claims| (claims, shown.by_cookie)),
        None => Err(Problem::new(ErrorCode::UNAUTHORIZED, "Send an access token as Authorization: Bearer ….")),
    };
    let (claims, by_cookie) = verified.map_err(|problem| console::explained(req, jars, problem))?;
    if by_cookie {
        match claims.aud {
            Audience::Operator => at_apex(state, req)?,
            Audience::Account | Audience::Tenant => at_home(state, req, AccountId(claims.sub), claims.tid).await?,
        }
    }
    Ok((claims, by_cookie))
}

/// Refuses a person's cookie on another host than its own: the account's session is of the apex host, an organization's of that organization's.
pub(crate) async fn at_home(state: &ControlPlane, req: &HttpRequest, account: AccountId, organization: Option<TenantId>) -> Result<(), Problem> {
    match (host::kind_of(req, &state.settings.http.apex_host), organization) {
        (HostKind::Apex, None) => Ok(()),
        (HostKind::Tenant(slug), Some(organization)) if state.accounts.membership_in(account, organization).await?.slug == slug => Ok(()),
        _ => Err(of_another_host()),
    }
}

fn at_apex(state: &ControlPlane, req: &HttpRequest) -> Result<(), Problem> {
    if host::kind_of(req, &state.settings.http.apex_host) == HostKind::Apex { Ok(()) } else { Err(of_another_host()) }
}

fn of_another_host() -> Problem {
    Problem::new(ErrorCode::TENANT_MISMATCH, "The session in the cookies is of another host.")
}

/// When a token ends.
fn end_of(claims: &Claims) -> DateTime<Utc> {
    DateTime::from_timestamp(claims.exp, 0).unwrap_or_default()
}

/// Who is there, where it may be nobody: without a credential, and with cookies that neither open anything nor can be refreshed, or are of an organization that
/// the person does not belong to any more. A header must be good.
async fn if_any<T>(req: &HttpRequest, jar: Jar, known: impl Future<Output = Result<T, ApiError>>) -> Result<Option<T>, ApiError> {
    let shows_header = req.headers().contains_key(AUTHORIZATION);
    if !shows_header && !console::has_session(req, jar) {
        return Ok(None);
    }
    match known.await {
        Err(ApiError(problem)) if !shows_header && (problem.code == ErrorCode::UNAUTHORIZED || problem.code == NOT_A_MEMBER) => Ok(None),
        known => known.map(Some),
    }
}
