//! Path parameters. A malformed id is an unknown resource: 404, as for one that does not exist.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{KnownFormat, ObjectBuilder, Required, SchemaFormat, Type};
use uuid::Uuid;

use crate::error::ApiError;
use crate::gate;

/// The path parameter `{id}`. Document it with `params(PathId)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathId(pub Uuid);

impl FromRequest for PathId {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            gate::opened(&req).await;
            Ok(Self(path_id(&req, "id")?))
        })
    }
}

/// The path parameter `{name}` as a UUID in its hyphenated form, for paths with more than one id.
///
/// # Errors
/// 404 when it is no UUID.
pub fn path_id(req: &HttpRequest, name: &str) -> Result<Uuid, Problem> {
    let text = req.match_info().get(name).unwrap_or("");
    if text.len() != 36 {
        return Err(Problem::not_found("resource"));
    }
    Uuid::try_parse(text).map_err(|_| Problem::not_found("resource"))
}

/// The path parameter `{name}` as decoded text.
///
/// # Errors
/// 404 when it is empty, longer than 200 characters or holds control characters.
pub fn path_text(req: &HttpRequest, name: &str) -> Result<String, Problem> {
    let text = decoded(req.match_info().get(name).unwrap_or(""));
    let refused = |letter: char| letter.is_control() || letter == char::REPLACEMENT_CHARACTER;
    if text.is_empty() || text.chars().count() > 200 || text.chars().any(refused) {
        return Err(Problem::not_found("resource"));
    }
    Ok(text)
}

/// Actix's router has decoded all but `%25`, `%2F` and `%2B`; these are left.
fn decoded(text: &str) -> String {
    text.replace("%2F", "/").replace("%2f", "/").replace("%2B", "+").replace("%2b", "+").replace("%25", "%")
}

impl IntoParams for PathId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let schema = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
        vec![
            ParameterBuilder::new()
                .name("id")
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .description(Some("Id of the resource, UUIDv7."))
                .example(Some("0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11".into()))
                .schema(Some(schema))
                .build(),
        ]
    }
}
