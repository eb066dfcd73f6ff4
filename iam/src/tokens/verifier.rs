//! Checking access tokens offline.
//!
//! Verifying a signature costs more than the rest of a small request, so a verified token is remembered by its digest until it expires; expiry and revocation
//! are checked on every use all the same.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use nexus_core::SharedClock;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::{Audience, Claims, Jwk, Revocations, TOKEN_TYPE, TokenError};

/// How many verified tokens are remembered.
const CACHE_CAPACITY: u64 = 50_000;
/// Tokens with an unknown `kid` make the keys be read again, but not more often than this.
const RELOAD_PAUSE: Duration = Duration::from_secs(5);
/// The keys are read again after this even when nothing unknown turned up, so that a withdrawn key stops working.
const RELOAD_EVERY: Duration = Duration::from_secs(60);
/// A compact ES256 token of ours is well below this; longer input is refused unread.
const MAX_TOKEN_BYTES: usize = 4096;

/// Where the public keys come from: the view `jwks`, or a snapshot of it.
#[async_trait]
pub trait JwksSource: Send + Sync {
    /// The published keys.
    ///
    /// # Errors
    /// Any; a verifier keeps the keys it has.
    async fn jwks(&self) -> Result<Vec<Jwk>, Box<dyn std::error::Error + Send + Sync>>;
}

#[derive(Default)]
struct Keys {
    by_id: HashMap<String, DecodingKey>,
    published: Vec<Jwk>,
    read_at: Option<DateTime<Utc>>,
}

impl Keys {
    fn of(published: Vec<Jwk>, read_at: Option<DateTime<Utc>>) -> Self {
        let by_id = published.iter().filter_map(|jwk| Some((jwk.kid.clone(), jwk.decoding_key().ok()?))).collect();
        Self { by_id, published, read_at }
    }
}

/// A token that was verified.
#[derive(Clone)]
struct Verified {
    claims: Arc<Claims>,
    /// [`TokenVerifier::withdrawals`] when its verification began.
    withdrawals: u64,
}

/// Verifies access tokens of every realm. Cheap to share behind an `Arc`.
pub struct TokenVerifier {
    source: Box<dyn JwksSource>,
    revocations: Arc<Revocations>,
    clock: SharedClock,
    leeway: Duration,
    validation: Validation,
    keys: RwLock<Arc<Keys>>,
    reloading: Mutex<Option<DateTime<Utc>>>,
    /// Held by whoever keeps the keys fresh.
    upkeep: Mutex<()>,
    verified: moka::future::Cache<[u8; 32], Verified>,
    /// How often keys were withdrawn. What was verified before the last time is not remembered, however late it is written.
    withdrawals: AtomicU64,
}

impl std::fmt::Debug for TokenVerifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenVerifier").finish_non_exhaustive()
    }
}

impl TokenVerifier {
    /// A verifier of tokens by `issuer`. Keys are read on first use; call [`Self::reload`] at start-up to fail early.
    pub fn new(source: Box<dyn JwksSource>, revocations: Arc<Revocations>, issuer: &str, leeway: Duration, clock: SharedClock) -> Self {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        // Time is checked here against the injected clock, and the audience against what the caller wants.
        validation.validate_exp = false;
        validation.set_audience(&[Audience::Tenant.as_str(), Audience::Account.as_str(), Audience::Operator.as_str()]);
        Self {
            source,
            revocations,
            clock,
            leeway,
            validation,
            keys: RwLock::default(),
            reloading: Mutex::new(None),
            upkeep: Mutex::default(),
            verified: moka::future::Cache::builder().max_capacity(CACHE_CAPACITY).time_to_live(Duration::from_secs(3600)).build(),
            withdrawals: AtomicU64::new(0),
        }
    }

    /// The ended sessions this verifier refuses.
    pub fn revocations(&self) -> &Arc<Revocations> {
        &self.revocations
    }

    /// Checks a token and that it is for one of `audiences`.
    ///
    /// # Errors
    /// [`TokenError`]; only [`TokenError::KeysUnavailable`] is not the bearer's fault.
    pub async fn verify(&self, token: &str, audiences: &[Audience]) -> Result<Arc<Claims>, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        let withdrawals = self.withdrawals.load(Ordering::Acquire);
        let claims = match self.verified.get(&key).await {
            Some(known) if known.withdrawals == withdrawals => known.claims,
            _ => {
                let claims = Arc::new(self.verify_signature(token).await?);
                if !self.is_expired(&claims) {
                    self.verified.insert(key, Verified { claims: claims.clone(), withdrawals }).await;
                }
                claims
            }
        };
        if self.is_expired(&claims) {
            self.verified.invalidate(&key).await;
            return Err(TokenError::Expired);
        }
        if self.revocations.contains(claims.sid) {
            return Err(TokenError::Revoked);
        }
        if !audiences.contains(&claims.aud) {
            return Err(TokenError::WrongAudience { takes: audiences.to_vec() });
        }
        Ok(claims)
    }

    /// Reads the keys again.
    ///
    /// # Errors
    /// [`TokenError::KeysUnavailable`]; the keys known so far stay.
    pub async fn reload(&self) -> Result<(), TokenError> {
        let mut last = self.reloading.lock().await;
        self.reload_locked(&mut last).await
    }

    /// The published keys, as they were read last.
    pub fn published(&self) -> Vec<Jwk> {
        self.known().published.clone()
    }

    /// Takes the keys that a snapshot names, until they can be read: tokens they signed are accepted after a restart while the view is away.
    pub fn restore(&self, published: Vec<Jwk>) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if keys.read_at.is_none() {
            *keys = Arc::new(Keys::of(published, None));
        }
    }

    /// Reads the keys again every minute until `shutdown`. Both planes of a process call it for the verifier they share: one does the work, the other takes
    /// over when that one ends.
    pub async fn keep_fresh(&self, shutdown: CancellationToken) {
        let Some(_turn) = shutdown.run_until_cancelled(self.upkeep.lock()).await else { return };
        let mut tick = tokio::time::interval(RELOAD_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        while shutdown.run_until_cancelled(tick.tick()).await.is_some() {
            if let Err(error) = self.reload().await {
                tracing::warn!(%error, "signing keys can't be read; the known ones stay in use");
            }
        }
    }

    async fn verify_signature(&self, token: &str) -> Result<Claims, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?;
        if header.alg != Algorithm::ES256 {
            return Err(TokenError::Invalid);
        }
        let kid = header.kid.ok_or(TokenError::Invalid)?;
        let key = self.key(&kid).await?;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &self.validation).map_err(|_| TokenError::Invalid)?.claims;
        let tenant_fits = claims.tid.is_some() == (claims.aud == Audience::Tenant);
        let role_fits = claims.role.is_some() == (claims.aud == Audience::Operator);
        let invitation_fits = claims.inv.is_none() || claims.aud == Audience::Tenant;
        if claims.typ != TOKEN_TYPE || !tenant_fits || !role_fits || !invitation_fits {
            return Err(TokenError::Invalid);
        }
        Ok(claims)
    }

    async fn key(&self, kid: &str) -> Result<DecodingKey, TokenError> {
        if let Some(key) = self.known().by_id.get(kid) {
            return Ok(key.clone());
        }
        let mut last = self.reloading.lock().await;
        if let Some(key) = self.known().by_id.get(kid) {
            return Ok(key.clone());
        }
        let paused = last.is_some_and(|at| (self.clock.now() - at).to_std().is_ok_and(|since| since < RELOAD_PAUSE));
        if !paused {
            self.reload_locked(&mut last).await?;
        }
        match (self.known().by_id.get(kid), self.known().read_at) {
            (Some(key), _) => Ok(key.clone()),
            (None, Some(_)) => Err(TokenError::Invalid),
            (None, None) => Err(TokenError::KeysUnavailable),
        }
    }

    async fn reload_locked(&self, last: &mut Option<DateTime<Utc>>) -> Result<(), TokenError> {
        let now = self.clock.now();
        *last = Some(now);
        let published = self.source.jwks().await.map_err(|error| {
            tracing::warn!(%error, "the signing keys can't be read");
            TokenError::KeysUnavailable
        })?;
        let keys = Arc::new(Keys::of(published, Some(now)));
        let dropped = self.known().by_id.keys().any(|kid| !keys.by_id.contains_key(kid));
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        if dropped {
            // A withdrawn key may have signed what is remembered, and what is being verified.
            self.withdrawals.fetch_add(1, Ordering::AcqRel);
            self.verified.invalidate_all();
        }
        Ok(())
    }

    fn known(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_expired(&self, claims: &Claims) -> bool {
        let leeway = i64::try_from(self.leeway.as_secs()).unwrap_or(0);
        self.clock.now().timestamp() >= claims.exp.saturating_add(leeway)
    }
}

#[cfg(test)]
#[path = "verifier_tests.rs"]
mod tests;
