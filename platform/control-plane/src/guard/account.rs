//! A person, by an account token or by a token for one organization.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;
use nexus_core::{AccountId, Actor, Origin, TenantId};
use nexus_iam::tokens::Audience;
use nexus_web::{ApiError, gate, identity};
use uuid::Uuid;

use crate::context;

/// A person who is logged in.
#[derive(Debug, Clone)]
pub struct AccountAuth {
    /// Whose account.
    pub account: AccountId,
    /// The organization the token is for; none with an account token.
    pub organization: Option<TenantId>,
    /// The session.
    pub session: Uuid,
    /// The origin of what the person writes.
    pub origin: Origin,
}

impl AccountAuth {
    /// Whether the token reaches this organization: an account token reaches all of the person's, another only its own.
    pub fn reaches(&self, organization: TenantId) -> bool {
        self.organization.is_none_or(|own| own == organization)
    }
}

impl FromRequest for AccountAuth {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::hold(req, async move {
            let state = super::state(&request)?;
            let claims = state.verifier.verify(super::token(&request)?, &[Audience::Account, Audience::Tenant]).await?;
            let actor = Actor::user(claims.sub);
            identity::establish(&request, None, &actor).await?;
            Ok(Self { account: AccountId(claims.sub), organization: claims.tid, session: claims.sid, origin: context::origin(&request, actor) })
        }))
    }
}
