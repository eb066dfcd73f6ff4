//! A person: by an account token, or by a token for one organization where that may do.
//!
//! A token for one organization travels to that organization's clients and integrations. Leaked, it must not open the person's other organizations or change the
//! account: it reaches what concerns its own organization, and lets the account be read.

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use futures::future::LocalBoxFuture;
use nexus_core::{AccountId, Actor, ErrorCode, Origin, Problem, TenantId};
use nexus_iam::tokens::Audience;
use nexus_web::console::Jar;
use nexus_web::{ApiError, gate, identity};
use uuid::Uuid;

use crate::context;

pub(super) const ACCOUNT_TOKEN_REQUIRED: ErrorCode = ErrorCode {
    code: "ACCOUNT_TOKEN_REQUIRED",
    status: 403,
    summary: "The operation concerns the account itself: log in without an organization, or switch by refresh token, and use that token.",
};

/// A person with an account token.
#[derive(Debug, Clone)]
pub struct AccountAuth {
    /// Whose account.
    pub account: AccountId,
    /// The session.
    pub session: Uuid,
    /// The origin of what the person writes.
    pub origin: Origin,
}

/// A person with an account token or with a token for one organization.
#[derive(Debug, Clone)]
pub struct MemberAuth {
    /// Whose account.
    pub account: AccountId,
    /// The organization the token is for; none with an account token.
    pub organization: Option<TenantId>,
    /// The session.
    pub session: Uuid,
    /// When the token ends.
    pub expires_at: DateTime<Utc>,
    /// The origin of what the person writes.
    pub origin: Origin,
}

impl MemberAuth {
    /// Whether the token reaches this organization: an account token reaches all of the person's, another only its own.
    pub fn reaches(&self, organization: TenantId) -> bool {
        self.organization.is_none_or(|own| own == organization)
    }

    /// The same person, if by an account token.
    ///
    /// # Errors
    /// 403 `ACCOUNT_TOKEN_REQUIRED`.
    pub fn into_account(self) -> Result<AccountAuth, Problem> {
        match self.organization {
            None => Ok(AccountAuth { account: self.account, session: self.session, origin: self.origin }),
            Some(_) => Err(Problem::new(
                ACCOUNT_TOKEN_REQUIRED,
                "This token is for one organization. Use one for the account: log in without an organization, or switch by refresh token.",
            )),
        }
    }

    async fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let state = super::state(request)?;
        let (claims, _) = super::verified(&state, request, &[Jar::People], &[Audience::Account, Audience::Tenant]).await?;
        let actor = Actor::user(claims.sub);
        identity::establish(request, None, &actor)?;
        Ok(Self {
            account: AccountId(claims.sub),
            organization: claims.tid,
            session: claims.sid,
            expires_at: super::end_of(&claims),
            origin: context::origin(request, actor),
        })
    }
}

impl FromRequest for MemberAuth {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::hold(req, async move { Self::of(&request).await }))
    }
}

impl FromRequest for AccountAuth {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::hold(req, async move { Ok(MemberAuth::of(&request).await?.into_account()?) }))
    }
}

/// A person with a token, or somebody who shows another proof in the body. A token that is shown must be good.
#[derive(Debug, Clone)]
pub struct OptionalAuth(pub Option<MemberAuth>);

impl FromRequest for OptionalAuth {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::hold(req, async move {
            let shown = request.headers().contains_key(AUTHORIZATION);
            Ok(Self(if shown { Some(MemberAuth::of(&request).await?) } else { None }))
        }))
    }
}

/// A person, or nobody: without a credential, and with cookies that neither open anything nor can be refreshed.
#[derive(Debug, Clone)]
pub struct Visitor(pub Option<MemberAuth>);

impl FromRequest for Visitor {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::hold(req, async move { Ok(Self(super::if_any(&request, Jar::People, MemberAuth::of(&request)).await?)) }))
    }
}
