//! Issuing access tokens (control plane only).

use std::sync::{Arc, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header};
use nexus_core::{SharedClock, TenantId};
use uuid::Uuid;

use super::{Audience, Claims, InvitationClaim, Jwk, SigningKeys, TOKEN_TYPE, TokenError};

/// Issuer and lifetimes of tokens, from the settings.
#[derive(Debug, Clone)]
pub struct TokenPolicy {
    /// The `iss` claim: the platform's public address.
    pub issuer: String,
    /// How long an access token is good.
    pub access_ttl: Duration,
    /// How long a refresh token is good; each rotation starts it anew, up to [`crate::sessions::ABSOLUTE_LIFETIME`].
    pub refresh_ttl: Duration,
    /// Clock skew forgiven by verifiers.
    pub leeway: Duration,
}

/// What a token shall say; times, issuer and id are added by the signer.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// The realm.
    pub audience: Audience,
    /// Account or operator.
    pub subject: Uuid,
    /// The tenant, for [`Audience::Tenant`].
    pub tenant: Option<TenantId>,
    /// The session.
    pub session: Uuid,
    /// Whether the account's address is proved.
    pub email_verified: bool,
    /// The platform role, for operators.
    pub role: Option<String>,
    /// The invitation, of somebody who has yet to join `tenant`.
    pub invitation: Option<InvitationClaim>,
}

/// A signed token and when it ends.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The compact JWT.
    pub token: String,
    /// Its `exp`.
    pub expires_at: DateTime<Utc>,
}

/// Signs access tokens with the active key. The keys are swapped underneath by a rotation.
#[derive(Debug)]
pub struct TokenSigner {
    keys: RwLock<Arc<SigningKeys>>,
    policy: TokenPolicy,
    clock: SharedClock,
}

impl TokenSigner {
    /// A signer over these keys. [`crate::tokens::SigningKeys`] come from [`crate::signing_keys::load_or_create`].
    pub fn new(keys: SigningKeys, policy: TokenPolicy, clock: SharedClock) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), policy, clock }
    }

    /// Lifetimes and issuer.
    pub fn policy(&self) -> &TokenPolicy {
        &self.policy
    }

    /// Takes over the keys of a rotation.
    pub fn replace(&self, keys: SigningKeys) {
        *self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(keys);
    }

    /// What is published at `/.well-known/jwks.json`.
    pub fn published(&self) -> Vec<Jwk> {
        self.current().published.clone()
    }

    /// Signs a token.
    ///
    /// # Errors
    /// [`TokenError::Signing`] when the audience and the tenant, role or invitation contradict each other, or the library refuses.
    pub fn issue(&self, new: NewToken) -> Result<Issued, TokenError> {
        if new.tenant.is_some() != (new.audience == Audience::Tenant) || new.role.is_some() != (new.audience == Audience::Operator) {
            return Err(TokenError::Signing("audience, tenant and role do not agree".into()));
        }
        if new.invitation.is_some() && new.audience != Audience::Tenant {
            return Err(TokenError::Signing("an invitation is to an organization".into()));
        }
        let now = self.clock.now();
        let expires_at = now + self.policy.access_ttl;
        let claims = Claims {
            iss: self.policy.issuer.clone(),
            aud: new.audience,
            sub: new.subject,
            tid: new.tenant,
            typ: TOKEN_TYPE.into(),
            sid: new.session,
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
            jti: self.clock.new_id(),
            email_verified: new.email_verified,
            role: new.role,
            inv: new.invitation,
        };
        let keys = self.current();
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(keys.active.public().kid.clone());
        let token = jsonwebtoken::encode(&header, &claims, keys.active.encoding()).map_err(|error| TokenError::Signing(error.to_string()))?;
        Ok(Issued { token, expires_at })
    }

    fn current(&self) -> Arc<SigningKeys> {
        self.keys.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}
