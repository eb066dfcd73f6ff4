//! `Idempotency-Key`: who tries what, with which content. The effect and its answer are stored by
//! `nexus_infra::Db::write_once` in one transaction; here the key is only read and completed.
//!
//! Scope: tenant + principal + method + route template. Fingerprint: SHA-256 of path, query and body bytes; a handler
//! without a [`super::Json`] body fingerprints path and query alone, and one that reads its body itself (an upload)
//! sets `fingerprint` to [`fingerprint`] of what identifies the content.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use aws_lc_rs::digest;
use futures::future::LocalBoxFuture;
use nexus_core::{FieldFault, Problem};
use nexus_infra::IdempotencyKey;
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use super::json::BodyDigest;
use crate::error::{ApiError, IDEMPOTENCY_KEY_REQUIRED, bad_request};
use crate::{gate, identity};

const HEADER: &str = "idempotency-key";
const MAX_LENGTH: usize = 255;

/// The idempotency key of a POST, if the caller sent one. Document it with `params(Idempotency)`.
#[derive(Debug, Clone)]
pub struct Idempotency(pub Option<IdempotencyKey>);

impl Idempotency {
    /// The key, as `write_once` takes it.
    #[must_use]
    pub fn key(&self) -> Option<&IdempotencyKey> {
        self.0.as_ref()
    }
}

/// The idempotency key of an operation that moves money or stock: 400 without one.
/// Document it with `params(RequiredIdempotency)`.
#[derive(Debug, Clone)]
pub struct RequiredIdempotency(pub IdempotencyKey);

impl RequiredIdempotency {
    /// The key, as `write_once` takes it.
    #[must_use]
    pub fn key(&self) -> Option<&IdempotencyKey> {
        Some(&self.0)
    }
}

impl FromRequest for Idempotency {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            gate::opened(&req).await;
            Ok(Self(complete(&req).await?))
        })
    }
}

impl FromRequest for RequiredIdempotency {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            gate::opened(&req).await;
            match complete(&req).await? {
                Some(key) => Ok(Self(key)),
                None => Err(Problem::new(
                    IDEMPOTENCY_KEY_REQUIRED,
                    "This operation moves money or stock: send an Idempotency-Key header with a value of your own, such as a UUID, and the same one when you retry.",
                )
                .into()),
            }
        })
    }
}

async fn complete(req: &HttpRequest) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(key) = read(req)? else { return Ok(None) };
    let awaited = req.extensions().get::<BodyDigest>().cloned();
    let digest = match awaited {
        // An error means that the body was refused; then its extractor answers and this one's result is not used.
        Some(BodyDigest(mut digest)) => digest.wait_for(Option::is_some).await.ok().and_then(|digest| *digest),
        None => None,
    };
    let route = req.match_pattern().unwrap_or_else(|| req.path().to_owned());
    let scope = format!("{} {} {route}", identity::scope_of(req), req.method());
    let target = req.uri().path_and_query().map_or("", |target| target.as_str());
    Ok(Some(IdempotencyKey { scope, key, fingerprint: fingerprint(&[target.as_bytes(), digest.as_ref().map_or(&[], <[u8; 32]>::as_slice)]) }))
}

/// Hex SHA-256 of the parts, each preceded by its length.
#[must_use]
pub fn fingerprint(parts: &[&[u8]]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    hex::encode(context.finish().as_ref())
}

fn read(req: &HttpRequest) -> Result<Option<String>, Problem> {
    let mut values = req.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.as_bytes();
    let valid = (1..=MAX_LENGTH).contains(&text.len()) && text.iter().all(u8::is_ascii_graphic) && values.next().is_none();
    if !valid {
        return Err(bad_request(vec![FieldFault::new("Idempotency-Key", "value", "must be one value of 1 to 255 visible ASCII characters")]));
    }
    Ok(value.to_str().ok().map(str::to_owned))
}

impl IntoParams for Idempotency {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameter(Required::False)]
    }
}

impl IntoParams for RequiredIdempotency {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameter(Required::True)]
    }
}

fn parameter(required: Required) -> Parameter {
    // Swagger UI sends an example along, and without one it can't try out what needs a key. Where none is needed none is suggested: whoever
    // tries a write out twice would only see the first one again.
    let example = matches!(required, Required::True).then(|| json!("try-out-1"));
    let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(MAX_LENGTH)).pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(
            "A value of the caller's own, such as a new UUID. Retrying with the same one repeats the answer (`Idempotency-Replayed: true`) and not the effect; \
             another body under it answers 422, a try still in flight 409. Kept for at least 24 hours.",
        ))
        .schema(Some(schema))
        .example(example)
        .build()
}
