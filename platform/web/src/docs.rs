//! `/openapi.json` and the documentation page `/docs` (Swagger UI, its files inside the program).

use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
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

async fn openapi(state: Data<WebState>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::ETAG, state.document.etag()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(state.document.text().to_owned())
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
    Ok(response.content_type(found.content_type).insert_header((header::CACHE_CONTROL, "public, max-age=3600")).body(found.bytes.into_owned()))
}
