//! Signing keys: P-256 pairs, two of them live, the private halves sealed under the platform's key-encryption key.
//!
//! Life of a key: `next` (published, not yet used, so that every verifier has met it before the first signature) → `active` (signs) → `retired` (published
//! until the last token it signed has expired) → gone from the JWKS.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{DecodingKey, EncodingKey};
use serde::{Deserialize, Serialize};

use super::TokenError;

/// A public key as published at `/.well-known/jwks.json` (RFC 7517, EC P-256).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// Key type, `EC`.
    pub kty: String,
    /// Curve, `P-256`.
    pub crv: String,
    /// X coordinate, base64url.
    pub x: String,
    /// Y coordinate, base64url.
    pub y: String,
    /// Key id: the `kid` of the token's header.
    pub kid: String,
    /// Use, `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// Algorithm, `ES256`.
    pub alg: String,
}

impl Jwk {
    /// The key in the form the JWT library verifies with.
    ///
    /// # Errors
    /// [`TokenError::Invalid`] when the coordinates are not base64url or the key is of another kind.
    pub(crate) fn decoding_key(&self) -> Result<DecodingKey, TokenError> {
        if self.kty != "EC" || self.crv != "P-256" || self.alg != "ES256" {
            return Err(TokenError::Invalid);
        }
        DecodingKey::from_ec_components(&self.x, &self.y).map_err(|_| TokenError::Invalid)
    }
}

/// Where a signing key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Published, signs after the next rotation.
    Next,
    /// Signs.
    Active,
    /// Signs no more; published until its tokens have expired.
    Retired,
}

impl KeyState {
    /// The value in `signing_keys.state`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}

/// A key pair, in memory. `Debug` shows the key id only.
pub struct SigningKey {
    public: Jwk,
    pkcs8: Vec<u8>,
    encoding: EncodingKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.public.kid).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// Makes a new pair called `kid`.
    ///
    /// # Errors
    /// [`TokenError::Signing`] when the system's randomness fails.
    pub fn generate(kid: impl Into<String>) -> Result<Self, TokenError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| TokenError::Signing("no key could be generated".into()))?;
        Self::from_pkcs8(kid, document.as_ref())
    }

    /// Reads a pair from its PKCS #8 form.
    ///
    /// # Errors
    /// [`TokenError::Signing`] when the bytes are no P-256 key.
    pub fn from_pkcs8(kid: impl Into<String>, pkcs8: &[u8]) -> Result<Self, TokenError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map_err(|_| TokenError::Signing("the private key can't be read".into()))?;
        // Uncompressed point: 0x04, then 32 bytes each.
        let point = pair.public_key().as_ref();
        let (x, y) = match point {
            [4, rest @ ..] if rest.len() == 64 => rest.split_at(32),
            _ => return Err(TokenError::Signing("the public key has an unexpected form".into())),
        };
        let public = Jwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
            kid: kid.into(),
            usage: "sig".into(),
            alg: "ES256".into(),
        };
        Ok(Self { public, pkcs8: pkcs8.to_vec(), encoding: EncodingKey::from_ec_der(pkcs8) })
    }

    /// The public half.
    pub fn public(&self) -> &Jwk {
        &self.public
    }

    /// The private half as PKCS #8, to be sealed at once.
    pub(crate) fn private_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub(crate) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }
}

/// The live keys of the signer: the one that signs, and everything that is published.
#[derive(Debug)]
pub struct SigningKeys {
    /// Signs.
    pub active: SigningKey,
    /// Published, the active one included.
    pub published: Vec<Jwk>,
}
