//! [`IfMatch`]: the version an edit is based on. Never last-write-wins: `*` is not accepted.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;
use nexus_core::{ErrorCode, FieldFault, Problem};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use crate::error::{ApiError, bad_request};
use crate::gate;

/// The row version named by `If-Match: "7"`. Document it with `params(IfMatch)`.
///
/// Missing → 428; malformed → 400. The service answers [`crate::precondition_failed`] when the row has moved on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            gate::opened(&req).await;
            Ok(Self(version(&req)?))
        })
    }
}

fn version(req: &HttpRequest) -> Result<i64, Problem> {
    let mut values = req.headers().get_all(header::IF_MATCH);
    let Some(value) = values.next() else {
        return Err(Problem::new(ErrorCode::PRECONDITION_REQUIRED, "Send the ETag you last read as If-Match, such as If-Match: \"7\"."));
    };
    let malformed = || bad_request(vec![FieldFault::new("If-Match", "value", "must be one strong ETag as this API gave it, such as \"7\"")]);
    if values.next().is_some() {
        return Err(malformed());
    }
    value.to_str().ok().and_then(parse_tag).ok_or_else(malformed)
}

/// `"7"` → 7: digits only, no sign, no leading zero but `"0"`.
pub(crate) fn parse_tag(text: &str) -> Option<i64> {
    let digits = text.trim().strip_prefix('"')?.strip_suffix('"')?;
    let canonical = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
    canonical.then(|| digits.parse().ok()).flatten()
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![
            ParameterBuilder::new()
                .name("If-Match")
                .parameter_in(ParameterIn::Header)
                .required(Required::True)
                .description(Some("The ETag last read. 428 when it is missing, 412 with the current representation when it is stale."))
                .example(Some("\"7\"".into()))
                .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some("^\"(0|[1-9][0-9]{0,17})\"$"))))
                .build(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_strong_tag_of_one_version_is_read() {
        assert_eq!(parse_tag("\"7\""), Some(7));
        assert_eq!(parse_tag("\"0\""), Some(0));
        for bad in ["7", "*", "W/\"7\"", "\"7\", \"8\"", "\"-1\"", "\"07\"", "\"\"", "\"99999999999999999999\""] {
            assert_eq!(parse_tag(bad), None, "{bad}");
        }
    }
}
