//! What a verifier lets in, and everything it must not.

use std::sync::atomic::{AtomicUsize, Ordering};

use jsonwebtoken::{EncodingKey, Header};
use nexus_core::{Clock, ManualClock, TenantId};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::tokens::{NewToken, Revocation, SigningKey, SigningKeys, TokenPolicy, TokenSigner};

const ISSUER: &str = "https://nexus.example";

#[derive(Clone, Default)]
struct Published {
    keys: Arc<std::sync::Mutex<Vec<Jwk>>>,
    reads: Arc<AtomicUsize>,
}

#[async_trait]
impl JwksSource for Published {
    async fn jwks(&self) -> Result<Vec<Jwk>, Box<dyn std::error::Error + Send + Sync>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        Ok(self.keys.lock().unwrap().clone())
    }
}

struct Bench {
    clock: Arc<ManualClock>,
    published: Published,
    signer: TokenSigner,
    verifier: TokenVerifier,
}

fn bench() -> Bench {
    let clock = ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
    let key = SigningKey::generate("k1").unwrap();
    let published = Published::default();
    published.keys.lock().unwrap().push(key.public().clone());
    let policy = TokenPolicy {
        issuer: ISSUER.into(),
        access_ttl: Duration::from_secs(900),
        refresh_ttl: Duration::from_secs(604_800),
        leeway: Duration::from_secs(5),
    };
    let keys = SigningKeys { published: vec![key.public().clone()], active: key };
    let signer = TokenSigner::new(keys, policy, clock.clone());
    let revocations = Arc::new(Revocations::new(clock.clone()));
    let verifier = TokenVerifier::new(Box::new(published.clone()), revocations, ISSUER, Duration::from_secs(5), clock.clone());
    Bench { clock, published, signer, verifier }
}

fn tenant_token(session: u128) -> NewToken {
    NewToken {
        audience: Audience::Tenant,
        subject: Uuid::from_u128(7),
        tenant: Some(TenantId(Uuid::from_u128(9))),
        session: Uuid::from_u128(session),
        email_verified: true,
        role: None,
    }
}

#[tokio::test]
async fn a_signed_token_is_accepted_until_it_expires() {
    let bench = bench();
    let issued = bench.signer.issue(tenant_token(1)).unwrap();
    let claims = bench.verifier.verify(&issued.token, &[Audience::Tenant]).await.unwrap();
    assert_eq!((claims.sub, claims.tid), (Uuid::from_u128(7), Some(TenantId(Uuid::from_u128(9)))));
    bench.clock.advance(chrono::TimeDelta::seconds(904));
    assert!(bench.verifier.verify(&issued.token, &[Audience::Tenant]).await.is_ok(), "leeway");
    bench.clock.advance(chrono::TimeDelta::seconds(1));
    assert!(matches!(bench.verifier.verify(&issued.token, &[Audience::Tenant]).await, Err(TokenError::Expired)));
}

#[tokio::test]
async fn a_token_of_one_realm_is_worthless_in_another() {
    let bench = bench();
    let issued = bench.signer.issue(tenant_token(1)).unwrap();
    for audience in [Audience::Account, Audience::Operator] {
        assert!(matches!(bench.verifier.verify(&issued.token, &[audience]).await, Err(TokenError::WrongAudience)));
    }
}

#[tokio::test]
async fn an_ended_session_is_refused_although_the_token_was_verified_before() {
    let bench = bench();
    let issued = bench.signer.issue(tenant_token(1)).unwrap();
    bench.verifier.verify(&issued.token, &[Audience::Tenant]).await.unwrap();
    bench.verifier.revocations().add([Revocation { family_id: Uuid::from_u128(1), revoked_at: bench.clock.now() }]);
    assert!(matches!(bench.verifier.verify(&issued.token, &[Audience::Tenant]).await, Err(TokenError::Revoked)));
}

#[tokio::test]
async fn an_altered_or_foreign_token_is_refused() {
    let bench = bench();
    let issued = bench.signer.issue(tenant_token(1)).unwrap();
    let (body, signature) = issued.token.rsplit_once('.').unwrap();
    let altered = format!("{body}.{}", signature.chars().rev().collect::<String>());
    for token in [altered.as_str(), body, "", "a.b.c", &"x".repeat(5000)] {
        assert!(matches!(bench.verifier.verify(token, &[Audience::Tenant]).await, Err(TokenError::Invalid)), "{token}");
    }
    let stranger = SigningKey::generate("k1").unwrap();
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("k1".into());
    let claims = bench.verifier.verify(&issued.token, &[Audience::Tenant]).await.unwrap();
    let forged = jsonwebtoken::encode(&header, claims.as_ref(), stranger.encoding()).unwrap();
    assert!(matches!(bench.verifier.verify(&forged, &[Audience::Tenant]).await, Err(TokenError::Invalid)));
}

#[tokio::test]
async fn the_symmetric_algorithm_and_missing_claims_are_refused() {
    let bench = bench();
    let key = SigningKey::generate("k2").unwrap();
    bench.published.keys.lock().unwrap().push(key.public().clone());
    let whole = json!({ "iss": ISSUER, "aud": "nexus-tenant", "sub": Uuid::from_u128(7), "tid": Uuid::from_u128(9), "typ": "access",
        "sid": Uuid::from_u128(1), "iat": 1_800_000_000_i64, "exp": 1_800_000_900_i64, "jti": Uuid::from_u128(3) });
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some("k2".into());
    let sign = |claims: &serde_json::Value| jsonwebtoken::encode(&header, claims, key.encoding()).unwrap();
    assert!(bench.verifier.verify(&sign(&whole), &[Audience::Tenant]).await.is_ok());
    for missing in ["iss", "aud", "sub", "tid", "typ", "sid", "exp", "jti"] {
        let mut claims = whole.clone();
        claims.as_object_mut().unwrap().remove(missing);
        assert!(matches!(bench.verifier.verify(&sign(&claims), &[Audience::Tenant]).await, Err(TokenError::Invalid)), "without {missing}");
    }
    for (name, value) in [("iss", "https://evil.example"), ("typ", "refresh"), ("aud", "nexus-account"), ("role", "super_admin")] {
        let mut claims = whole.clone();
        claims[name] = value.into();
        assert!(matches!(bench.verifier.verify(&sign(&claims), &[Audience::Tenant]).await, Err(TokenError::Invalid)), "{name}={value}");
    }
    let mut symmetric = Header::new(Algorithm::HS256);
    symmetric.kid = Some("k2".into());
    let token = jsonwebtoken::encode(&symmetric, &whole, &EncodingKey::from_secret(key.public().x.as_bytes())).unwrap();
    assert!(matches!(bench.verifier.verify(&token, &[Audience::Tenant]).await, Err(TokenError::Invalid)));
}

#[tokio::test]
async fn a_rotated_key_is_found_and_unknown_ones_do_not_hammer_the_source() {
    let bench = bench();
    let issued = bench.signer.issue(tenant_token(1)).unwrap();
    bench.verifier.verify(&issued.token, &[Audience::Tenant]).await.unwrap();
    assert_eq!(bench.published.reads.load(Ordering::Relaxed), 1);

    let next = SigningKey::generate("k2").unwrap();
    bench.published.keys.lock().unwrap().push(next.public().clone());
    let published = bench.published.keys.lock().unwrap().clone();
    bench.signer.replace(SigningKeys { active: next, published });
    let rotated = bench.signer.issue(tenant_token(2)).unwrap();
    bench.clock.advance(chrono::TimeDelta::seconds(10));
    bench.verifier.verify(&rotated.token, &[Audience::Tenant]).await.unwrap();
    bench.verifier.verify(&issued.token, &[Audience::Tenant]).await.unwrap();
    assert_eq!(bench.published.reads.load(Ordering::Relaxed), 2);

    bench.signer.replace(SigningKeys { active: SigningKey::generate("unpublished").unwrap(), published: vec![] });
    let unknown = bench.signer.issue(tenant_token(3)).unwrap();
    for _ in 0..5 {
        assert!(matches!(bench.verifier.verify(&unknown.token, &[Audience::Tenant]).await, Err(TokenError::Invalid)));
    }
    assert_eq!(bench.published.reads.load(Ordering::Relaxed), 2, "within the pause the source is left alone");
}

#[tokio::test]
async fn a_withdrawn_key_stops_working_at_the_next_reload() {
    let bench = bench();
    let issued = bench.signer.issue(tenant_token(1)).unwrap();
    bench.verifier.verify(&issued.token, &[Audience::Tenant]).await.unwrap();
    bench.published.keys.lock().unwrap().clear();
    bench.verifier.reload().await.unwrap();
    assert!(matches!(bench.verifier.verify(&issued.token, &[Audience::Tenant]).await, Err(TokenError::Invalid)));
}
