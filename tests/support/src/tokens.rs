//! Tokens that say whatever a test wants, signed by a key that the test's control database publishes (or not).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use nexus_core::{Clock, SystemClock};
use serde_json::{Value, json};
use uuid::Uuid;

/// A signing key of a test. Made with [`crate::ControlDb`], whose JWKS publishes it.
pub struct TestTokens {
    kid: String,
    issuer: String,
    key: EncodingKey,
    public: Value,
}

impl std::fmt::Debug for TestTokens {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TestTokens").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl TestTokens {
    /// A fresh key, published nowhere: what a forger has.
    #[must_use]
    pub fn foreign(issuer: &str) -> Self {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref()).expect("a key");
        let point = pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let kid = format!("test-{}", SystemClock.new_id());
        let public = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        });
        Self { kid, issuer: issuer.to_owned(), key: EncodingKey::from_ec_der(document.as_ref()), public }
    }

    /// The key id in the tokens' header.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The public half as a JWK.
    #[must_use]
    pub fn public_jwk(&self) -> &Value {
        &self.public
    }

    /// Complete claims of a tenant token, good for 15 minutes; change what a test is about, then [`Self::mint`].
    #[must_use]
    pub fn tenant_claims(&self, account: Uuid, tenant: Uuid) -> Value {
        let mut claims = self.claims("nexus-tenant", account);
        claims["tid"] = json!(tenant);
        claims
    }

    /// Complete claims of an account token.
    #[must_use]
    pub fn account_claims(&self, account: Uuid) -> Value {
        self.claims("nexus-account", account)
    }

    /// Complete claims of an operator's token.
    #[must_use]
    pub fn operator_claims(&self, operator: Uuid, role: &str) -> Value {
        let mut claims = self.claims("nexus-operator", operator);
        claims["role"] = json!(role);
        claims
    }

    fn claims(&self, audience: &str, subject: Uuid) -> Value {
        let now = SystemClock.now().timestamp();
        json!({
            "iss": self.issuer, "aud": audience, "sub": subject, "typ": "access", "sid": SystemClock.new_id(),
            "iat": now, "exp": now + 900, "jti": SystemClock.new_id(), "email_verified": true,
        })
    }

    /// Signs claims as they are.
    #[must_use]
    pub fn mint(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key).expect("a token")
    }

    /// Claims whose `exp` passed long ago.
    #[must_use]
    pub fn expired(&self, mut claims: Value) -> String {
        let past = SystemClock.now().timestamp() - 3600;
        claims["iat"] = json!(past - 900);
        claims["exp"] = json!(past);
        self.mint(&claims)
    }

    /// Claims that lack one.
    #[must_use]
    pub fn without(&self, mut claims: Value, name: &str) -> String {
        claims.as_object_mut().expect("claims").remove(name);
        self.mint(&claims)
    }

    /// An unsigned token (`alg: none`).
    #[must_use]
    pub fn unsigned(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT", "kid": self.kid })), part(claims))
    }

    /// A token signed with HMAC under the public key's bytes, the classic confusion of algorithms.
    #[must_use]
    pub fn hmac_confused(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(self.kid.clone());
        let secret = self.public["x"].as_str().unwrap_or_default();
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
    }

    /// When a token ends, for tests that look at it.
    #[must_use]
    pub fn ends_at(claims: &Value) -> DateTime<Utc> {
        DateTime::from_timestamp(claims["exp"].as_i64().unwrap_or_default(), 0).unwrap_or_default()
    }
}

/// What a token says, read without its key.
///
/// # Panics
/// When it is no token.
#[must_use]
pub fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).expect("a token of three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).expect("base64")).expect("claims in JSON")
}
