//! Whether a request is a page's of this very host.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{HeaderMap, HeaderName, ORIGIN};
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;
use nexus_core::Problem;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::{ObjectBuilder, Required, Type};

use super::CROSS_SITE;
use crate::error::ApiError;
use crate::state::WebState;
use crate::{gate, host};

const X_CONSOLE: HeaderName = HeaderName::from_static("x-console");
const X_TENANT: HeaderName = HeaderName::from_static("x-tenant");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A request that a page of this host sends, whether or not it has cookies yet: what sets or removes them takes no other. Else another site could log a browser in
/// as somebody else, or out. Document it with `params(OwnPage)`.
#[derive(Debug, Clone, Copy)]
pub struct OwnPage;

impl FromRequest for OwnPage {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let checked = check(req);
        Box::pin(gate::hold(req, async move {
            checked?;
            Ok(Self)
        }))
    }
}

impl IntoParams for OwnPage {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let value = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["1"])).build();
        let parameter = ParameterBuilder::new()
            .name("X-Console")
            .parameter_in(ParameterIn::Header)
            .required(Required::True)
            .description(Some(
                "Says that a page of the console asks, together with `Origin`, which browsers set: it must be exactly the host that is asked.",
            ))
            .schema(Some(value))
            .example(Some(serde_json::json!("1")));
        vec![parameter.build()]
    }
}

/// Refuses what is not a page's of this host. What a browser does not say of a read is not asked: it keeps cookies from other sites, and answers from other origins.
pub(super) fn check(req: &HttpRequest) -> Result<(), Problem> {
    let headers = req.headers();
    let writes = !matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let refuse = |message: &str| Err(Problem::new(CROSS_SITE, message));
    if headers.contains_key(X_TENANT) {
        return refuse("X-Tenant does not go with the console's cookies: the host names the organization.");
    }
    match only(headers, &SEC_FETCH_SITE) {
        Said::Nothing | Said::Once("same-origin" | "none") => {}
        _ => return refuse("The browser says that a page of another host asks (Sec-Fetch-Site)."),
    }
    match only(headers, &ORIGIN) {
        Said::Nothing if !writes => {}
        Said::Nothing => return refuse("A write with the console's cookies needs an Origin, which browsers send."),
        Said::Once(origin) if own_origin(req).is_some_and(|own| own == origin) => {}
        _ => return refuse("The Origin is not the host that is asked."),
    }
    if writes && !matches!(only(headers, &X_CONSOLE), Said::Once("1")) {
        return refuse("A write with the console's cookies needs the header X-Console: 1.");
    }
    Ok(())
}

/// What a header says.
enum Said<'r> {
    Nothing,
    Once(&'r str),
    /// More than once, or no text.
    Badly,
}

fn only<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Said<'r> {
    let mut values = headers.get_all(name);
    match (values.next().map(|value| value.to_str()), values.next()) {
        (None, _) => Said::Nothing,
        (Some(Ok(value)), None) => Said::Once(value),
        _ => Said::Badly,
    }
}

/// The origin of this host's pages. The scheme is the platform's: a proxy in front may talk to this process by another.
fn own_origin(req: &HttpRequest) -> Option<String> {
    Some(origin_of(&host::asked(req)?, WebState::of(req).is_some_and(|state| state.options.hsts)))
}

/// As browsers write it: in lower case, without the port that goes without saying.
fn origin_of(host: &str, https: bool) -> String {
    let (scheme, usual) = if https { ("https", ":443") } else { ("http", ":80") };
    let host = host.to_ascii_lowercase();
    format!("{scheme}://{}", host.strip_suffix(usual).unwrap_or(&host))
}

#[cfg(test)]
mod tests {
    use super::origin_of;

    #[test]
    fn an_origin_is_written_as_browsers_do() {
        for (host, https, origin) in [
            ("acme.nexus.example", true, "https://acme.nexus.example"),
            ("ACME.nexus.example:443", true, "https://acme.nexus.example"),
            ("acme.nexus.example:8443", true, "https://acme.nexus.example:8443"),
            ("acme.nexus.example:80", true, "https://acme.nexus.example:80"),
            ("acme.localhost:8080", false, "http://acme.localhost:8080"),
            ("localhost:80", false, "http://localhost"),
            ("[::1]:8080", false, "http://[::1]:8080"),
        ] {
            assert_eq!(origin_of(host, https), origin);
        }
    }
}
