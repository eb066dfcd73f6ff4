//! Somebody who has yet to join: the bearer of a token that is good for accepting one invitation, and for nothing else.

use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;
use nexus_iam::tenant_users::PEOPLE_SINCE_SCHEMA;
use nexus_iam::tokens::InvitationClaim;
use nexus_web::{ApiError, gate};

use super::authorization;
use super::error::TenantError;
use super::resolve;
use super::tenant_context::TenantContext;

/// Lets a request in whose token names an invitation of the tenant; derefs to a [`TenantContext`] that holds no permission, whoever the person is.
/// Answers 401, 403 or 503 otherwise. Whether the invitation is still good is for its row to say.
#[derive(Debug)]
pub struct Invited {
    ctx: TenantContext,
    /// The invitation, and which of its mails the link came from.
    pub invitation: InvitationClaim,
}

impl Deref for Invited {
    type Target = TenantContext;

    fn deref(&self) -> &TenantContext {
        &self.ctx
    }
}

impl FromRequest for Invited {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let owned = request.clone();
        Box::pin(gate::hold(request, async move {
            let (admitted, invitation) = authorization::measured(resolve::admit_invited(&owned)).await?;
            if admitted.tenant.schema_version < PEOPLE_SINCE_SCHEMA {
                return Err(TenantError::NotMigrated { permission: "users.write" }.into());
            }
            Ok(Self { ctx: TenantContext::of_request(admitted), invitation })
        }))
    }
}
