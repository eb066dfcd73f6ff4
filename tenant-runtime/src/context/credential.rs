//! What a caller proves themselves with: `Authorization: Bearer` and an access token or an API key, or the console's cookie with an access token.
//!
//! Both are checked without asking anybody for the tenant: a token by its signature, a key by its MAC. So a flood of made-up credentials
//! reaches neither the directory nor a pool.

use std::sync::Arc;

use nexus_core::{Actor, TenantId};
use nexus_iam::api_keys::{self, PresentedKey};
use nexus_iam::tokens::{Audience, Claims, InvitationClaim, TokenError};
use nexus_web::console::Shown;

use super::error::TenantError;
use crate::state::Runtime;

/// An authentic credential.
pub(super) enum Credential {
    /// A person's access token.
    Token(Arc<Claims>),
    /// A program's API key; whether it is still good is the policy's to say.
    Key(PresentedKey),
}

impl Credential {
    /// The credential that a request shows.
    pub(super) async fn of(runtime: &Runtime, shown: Option<Shown<'_>>) -> Result<Self, TenantError> {
        let Shown { token, by_cookie } = shown.ok_or(TenantError::NoCredential)?;
        if token.starts_with(api_keys::PREFIX) && !by_cookie {
            return api_keys::read(&runtime.keyring, token).map(Self::Key).ok_or(TenantError::BadCredential);
        }
        let claims = runtime.verifier.verify(token, &[Audience::Tenant, Audience::Account]).await.map_err(|error| match error {
            TokenError::KeysUnavailable => TenantError::Verification(Arc::new(error)),
            TokenError::WrongAudience { .. } => TenantError::NoTenantInToken,
            _ => TenantError::BadCredential,
        })?;
        Ok(Self::Token(claims))
    }

    /// The organization it is for.
    pub(super) fn tenant(&self) -> Result<TenantId, TenantError> {
        match self {
            Self::Token(claims) => claims.tid.ok_or(TenantError::NoTenantInToken),
            Self::Key(key) => Ok(key.tenant),
        }
    }

    /// Who acts with it.
    pub(super) fn actor(&self) -> Actor {
        match self {
            Self::Token(claims) => Actor::user(claims.sub),
            Self::Key(key) => Actor::api_key(key.id),
        }
    }

    /// The invitation that it is good for, and for nothing else.
    pub(super) fn invitation(&self) -> Option<InvitationClaim> {
        match self {
            Self::Token(claims) => claims.inv.clone(),
            Self::Key(_) => None,
        }
    }

    /// Whether it is of a person who has proved the e-mail address.
    pub(super) fn email_verified(&self) -> bool {
        matches!(self, Self::Token(claims) if claims.email_verified)
    }
}
