//! Handlers of `/.well-known`.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::state::ControlPlane;

/// A public key (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JwkOut {
    /// Key type.
    #[schema(example = "EC")]
    kty: String,
    /// Curve.
    #[schema(example = "P-256")]
    crv: String,
    /// X coordinate, base64url.
    #[schema(example = "WKn-ZIGevcwGIyyrzFoZNBdaq9_TsqzGl96oc0CWuis")]
    x: String,
    /// Y coordinate, base64url.
    #[schema(example = "y77t-RvAHRKTsSGdIYUfweuOvwrvDD-Q3Hv5J0fSKbE")]
    y: String,
    /// Key id, as in the header of tokens.
    #[schema(example = "0199a3c07b1e7c559f103a5d2f0c4e11")]
    kid: String,
    /// Use.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    usage: String,
    /// Algorithm.
    #[schema(example = "ES256")]
    alg: String,
}

/// A key set (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct JwksOut {
    /// Every key that may have signed a token which is still good, and the one that will sign next.
    keys: Vec<JwkOut>,
}

/// Who issues tokens (the part of OpenID Connect Discovery that holds before the platform is an identity provider).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IssuerOut {
    /// The `iss` of tokens.
    #[schema(example = "https://nexus.example")]
    issuer: String,
    /// Where the keys are.
    #[schema(example = "https://nexus.example/.well-known/jwks.json")]
    jwks_uri: String,
    /// Algorithms of signatures.
    id_token_signing_alg_values_supported: [&'static str; 1],
}

#[utoipa::path(
    tag = "well-known", operation_id = "get_jwks", summary = "Get the signing keys",
    description = "The public keys that access tokens are verified with. Read them again when a token names a key that is not among them, and every few minutes.",
    responses((status = 200, description = "The keys.", body = JwksOut))
)]
#[get("/.well-known/jwks.json")]
pub(crate) async fn jwks(state: web::Data<ControlPlane>) -> HttpResponse {
    let keys = state
        .signer
        .published()
        .into_iter()
        .map(|key| JwkOut { kty: key.kty, crv: key.crv, x: key.x, y: key.y, kid: key.kid, usage: key.usage, alg: key.alg })
        .collect();
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(JwksOut { keys })
}

#[utoipa::path(
    tag = "well-known", operation_id = "get_issuer", summary = "Get the token issuer",
    description = "Who issues access tokens, and where the keys are.",
    responses((status = 200, description = "The issuer.", body = IssuerOut))
)]
#[get("/.well-known/openid-configuration")]
pub(crate) async fn issuer(state: web::Data<ControlPlane>) -> HttpResponse {
    let jwks_uri = format!("{}/.well-known/jwks.json", state.settings.http.public_url);
    let issuer = IssuerOut { issuer: state.settings.tokens.issuer.clone(), jwks_uri, id_token_signing_alg_values_supported: ["ES256"] };
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=300")).json(issuer)
}

pub(crate) fn routes(cfg: &mut ServiceConfig<'_>) {
    cfg.service(jwks).service(issuer);
}
