//! `/openapi.json` and the documentation page `/docs` (Swagger UI, its files inside the program).

use std::sync::Arc;

use actix_web::http::header::{self, AcceptEncoding, Encoding};
use actix_web::web::{self, Data, Header};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use nexus_core::Problem;
use utoipa_swagger_ui::Config;

use crate::error::ApiResult;
use crate::state::WebState;

/// Mounts the document and the page.
pub(crate) fn configure(cfg: &mut web::ServiceConfig) {
    let config = Config::from("/openapi.json").display_operation_id(true).try_it_out_enabled(true).persist_authorization(false).validator_url("none");
    let config = Data::from(Arc::new(DocsConfig(Arc::new(config))));
    cfg.app_data(config)
        .route("/openapi.json", web::get().to(openapi))
        .route("/docs", web::get().to(redirect))
        .route("/docs/{file:.*}", web::get().to(page));
}

struct DocsConfig(Arc<Config<'static>>);

async fn openapi(accepted: Option<Header<AcceptEncoding>>, state: Data<WebState>) -> HttpResponse {
    let supported = [Encoding::gzip(), Encoding::identity()];
    let gzip = accepted.is_some_and(|accepted| accepted.negotiate(supported.iter()) == Some(Encoding::gzip()));
    // With an encoding of its own, the answer is not compressed anew each time.
    let (encoding, body) =
        if gzip { ("gzip", state.document.gzip()) } else { ("identity", Bytes::copy_from_slice(state.document.text().as_bytes())) };
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_ENCODING, encoding))
        .insert_header((header::VARY, header::ACCEPT_ENCODING.as_str()))
        .insert_header((header::ETAG, state.document.etag()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(body)
}

async fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

async fn page(req: HttpRequest, config: Data<DocsConfig>) -> ApiResult {
    let file = req.match_info().query("file");
    let found = utoipa_swagger_ui::serve(file, Arc::clone(&config.0)).map_err(|error| Problem::internal(error.to_string()))?;
    let found = found.ok_or_else(|| Problem::not_found("page"))?;
    let mut response = HttpResponse::Ok();
    if found.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    let bytes = if found.content_type.starts_with("text/html") { titled(&found.bytes) } else { found.bytes.into_owned() };
    Ok(response.content_type(found.content_type).insert_header((header::CACHE_CONTROL, "public, max-age=3600")).body(bytes))
}

/// The page under the API's name in place of its program's, which the configuration can't change.
fn titled(page: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(page).replacen("<title>Swagger UI</title>", "<title>Nexus API</title>", 1).into_bytes()
}
