//! Who may call: extractors that stand in a handler's signature.
//!
//! Each checks its token before the body is read ([`nexus_web::gate`]), and takes tokens of its own realm only: a tenant's token is no operator's, an operator's
//! no account's, and one for an organization is no account's either where it would reach further than that organization.

mod account;
mod operation;
mod operator;

pub use account::{AccountAuth, MemberAuth, OptionalAuth};
pub use operation::{OperationAuth, Watcher};
pub use operator::{AuditLogsRead, OperatorAuth, Permission, PlansAssign, PlansRead, TenantsCreate, TenantsDelete, TenantsRead, TenantsWrite};

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use nexus_core::{ErrorCode, Problem};
use nexus_iam::api_keys;
use nexus_iam::tokens::{Audience, Claims, TokenError};
use nexus_web::bearer;

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
    Ok(state.verifier.verify(token, audiences).await?)
}

/// The bearer token of the request.
fn token(req: &HttpRequest) -> Result<&str, Problem> {
    bearer(req).ok_or_else(|| Problem::new(ErrorCode::UNAUTHORIZED, "Send an access token as Authorization: Bearer …."))
}
