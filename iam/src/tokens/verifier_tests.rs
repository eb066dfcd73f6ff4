//! What a verifier lets in, and everything it must not.

use std::sync::atomic::{AtomicUsize, Ordering};

use jsonwebtoken::{EncodingKey, Header};
use nexus_core::{Clock, ManualClock, TenantId};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::tokens::{InvitationClaim, NewToken, Revocation, SigningKey, SigningKeys, TokenPolicy, TokenSigner};

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
        invitation: None,
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
        assert!(matches!(bench.verifier.verify(&issued.token, &[audience]).await, Err(TokenError::WrongAudience { .. })));
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
    let mut claims = whole.clone();
    claims["inv"] = json!({ "id": Uuid::from_u128(4), "gen": 2 });
    let read = bench.verifier.verify(&sign(&claims), &[Audience::Tenant]).await.unwrap().inv.clone();
    assert_eq!(read, Some(InvitationClaim { id: Uuid::from_u128(4), generation: 2, name: None }));
    // An account is invited to nothing by itself.
    claims.as_object_mut().unwrap().remove("tid");
    claims["aud"] = "nexus-account".into();
    assert!(matches!(bench.verifier.verify(&sign(&claims), &[Audience::Account]).await, Err(TokenError::Invalid)));
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

/// Tells no ended session, and counts how often it is asked.
#[derive(Default)]
struct NoneEnded(AtomicUsize);

#[async_trait]
impl crate::tokens::RevocationSource for NoneEnded {
    async fn revocations(&self) -> Result<Vec<Revocation>, Box<dyn std::error::Error + Send + Sync>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_planes_one_keeps_the_shared_verifier_fresh() {
    let (bench, ended, shutdown) = (bench(), NoneEnded::default(), CancellationToken::new());
    let plane = || async {
        let revocations = bench.verifier.revocations();
        tokio::join!(bench.verifier.keep_fresh(shutdown.clone()), revocations.poll(&ended, shutdown.clone()));
    };
    let reads = || (bench.published.reads.load(Ordering::Relaxed), ended.0.load(Ordering::Relaxed));
    let watch = async {
        // The clock stands still but for this, which lets everything run that is due.
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(reads(), (1, 1), "both planes read");
        shutdown.cancel();
    };
    tokio::join!(plane(), plane(), watch);
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

#[tokio::test]
async fn what_was_being_verified_while_its_key_was_withdrawn_is_not_remembered() {
    let bench = bench();
    let issued = bench.signer.issue(tenant_token(1)).unwrap();
    let claims = bench.verifier.verify(&issued.token, &[Audience::Tenant]).await.unwrap();
    let mut key = [0; 32];
    key.copy_from_slice(digest(&SHA256, issued.token.as_bytes()).as_ref());
    let late = bench.verifier.verified.get(&key).await.unwrap();
    bench.published.keys.lock().unwrap().clear();
    bench.verifier.reload().await.unwrap();
    bench.verifier.verified.insert(key, late).await;
    assert!(matches!(bench.verifier.verify(&issued.token, &[Audience::Tenant]).await, Err(TokenError::Invalid)), "{claims:?}");
}

/// A view that can't be read.
struct Away;

#[async_trait]
impl JwksSource for Away {
    async fn jwks(&self) -> Result<Vec<Jwk>, Box<dyn std::error::Error + Send + Sync>> {
        Err("away".into())
    }
}

#[tokio::test]
async fn keys_of_a_snapshot_verify_until_the_view_can_be_read() {
    let bench = bench();
    let token = bench.signer.issue(tenant_token(1)).unwrap().token;
    bench.verifier.reload().await.unwrap();
    let revocations = Arc::new(Revocations::new(bench.clock.clone()));
    let restarted = TokenVerifier::new(Box::new(Away), revocations, ISSUER, Duration::from_secs(5), bench.clock.clone());
    assert!(matches!(restarted.verify(&token, &[Audience::Tenant]).await, Err(TokenError::KeysUnavailable)));
    restarted.restore(bench.verifier.published());
    assert!(restarted.verify(&token, &[Audience::Tenant]).await.is_ok());
    let other = SigningKey::generate("k2").unwrap();
    let unknown = jsonwebtoken::encode(&Header { kid: Some("k2".into()), ..Header::new(Algorithm::ES256) }, &json!({}), other.encoding()).unwrap();
    let refused = restarted.verify(&unknown, &[Audience::Tenant]).await;
    assert!(matches!(refused, Err(TokenError::KeysUnavailable)), "it may have been published since");

    // What was read stands, whatever a snapshot says.
    bench.verifier.restore(vec![other.public().clone()]);
    assert!(bench.verifier.verify(&token, &[Audience::Tenant]).await.is_ok());
}

#[tokio::test]
async fn no_character_of_a_token_can_be_altered_left_out_or_added() {
    let bench = bench();
    let token = bench.signer.issue(tenant_token(1)).unwrap().token;
    let refused = async |text: String| assert!(bench.verifier.verify(&text, &[Audience::Tenant]).await.is_err(), "{text}");
    for place in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        // The neighbour by the lowest bits: at the end of a part those are bits that say nothing.
        bytes[place] = if bytes[place] == b'.' { b'-' } else { bytes[place] ^ 1 };
        refused(String::from_utf8(bytes).unwrap()).await;
        refused(format!("{}{}", &token[..place], &token[place + 1..])).await;
    }
    for text in [format!("{token}A"), format!("{token}="), format!("{token}."), format!(" {token}"), format!("{token}\n"), token.replace('.', "..")] {
        refused(text).await;
    }
    assert!(bench.verifier.verify(&token, &[Audience::Tenant]).await.is_ok());
}

#[tokio::test]
async fn a_claim_of_another_type_is_refused() {
    let bench = bench();
    let key = SigningKey::generate("k2").unwrap();
    bench.published.keys.lock().unwrap().push(key.public().clone());
    let whole = json!({ "iss": ISSUER, "aud": "nexus-tenant", "sub": Uuid::from_u128(7), "tid": Uuid::from_u128(9), "typ": "access",
        "sid": Uuid::from_u128(1), "iat": 1_800_000_000_i64, "exp": 1_800_000_900_i64, "jti": Uuid::from_u128(3) });
    for name in ["iss", "aud", "sub", "tid", "typ", "sid", "exp", "jti"] {
        for value in
            [json!(null), json!(7), json!(-1), json!(1e300), json!(""), json!("x"), json!([]), json!(["nexus-account"]), json!({}), json!(true)]
        {
            let mut claims = whole.clone();
            claims[name] = value.clone();
            let token = jsonwebtoken::encode(&Header { kid: Some("k2".into()), ..Header::new(Algorithm::ES256) }, &claims, key.encoding()).unwrap();
            assert!(bench.verifier.verify(&token, &[Audience::Tenant]).await.is_err(), "{name}={value}");
        }
    }
    for value in [json!(7), json!("x"), json!([]), json!({}), json!({ "id": Uuid::from_u128(4) }), json!({ "id": Uuid::from_u128(4), "gen": -1 })] {
        let mut claims = whole.clone();
        claims["inv"] = value.clone();
        let token = jsonwebtoken::encode(&Header { kid: Some("k2".into()), ..Header::new(Algorithm::ES256) }, &claims, key.encoding()).unwrap();
        assert!(bench.verifier.verify(&token, &[Audience::Tenant]).await.is_err(), "inv={value}");
    }
    for algorithm in ["none", "None", "NONE", "", "ES384", "RS256"] {
        let part = |value: serde_json::Value| base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, value.to_string().as_bytes());
        let head = part(json!({ "alg": algorithm, "typ": "JWT", "kid": "k2" }));
        for signature in ["", "AAAA"] {
            let token = format!("{head}.{}.{signature}", part(whole.clone()));
            assert!(matches!(bench.verifier.verify(&token, &[Audience::Tenant]).await, Err(TokenError::Invalid)), "{algorithm}");
        }
    }
}
