//! One worker's application.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, ResponseError};
use nexus_core::{ErrorCode, Problem};
use utoipa_actix_web::{AppExt, scope};

use super::{API, AppSpec};
use crate::error::ApiError;
use crate::middleware::admit::admit;
use crate::middleware::conditional::conditional;
use crate::middleware::leave::leave;
use crate::middleware::limit::limit;
use crate::middleware::outer::outer;
use crate::middleware::query::query;
use crate::state::WebState;
use crate::{docs, health, middleware};

/// Builds the application of one worker; tests pass it to `actix_web::test::init_service`.
pub fn build(
    spec: &AppSpec,
) -> App<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<BoxBody>, Error = actix_web::Error, InitError = ()> + use<>> {
    let app = App::new().into_utoipa_app();
    let app = app.service(scope::scope(API).configure(|cfg| {
        health::api_slice().mount(cfg);
        spec.api.iter().for_each(|slice| slice.mount(cfg));
    }));
    let app = app.configure(|cfg| {
        health::root_slice().mount(cfg);
        spec.root.iter().for_each(|slice| slice.mount(cfg));
    });
    let options = &spec.state.options;
    app.into_app()
        .app_data(Data::clone(&spec.state))
        .app_data(PayloadConfig::new(options.body_limit))
        .configure(docs::configure)
        .default_service(web::to(unknown))
        .configure(|cfg| {
            if let Some(fallback) = &spec.fallback {
                fallback(cfg);
            }
        })
        .wrap(from_fn(query))
        .wrap(from_fn(limit))
        .wrap(from_fn(conditional))
        .wrap(from_fn(leave))
        .wrap(Compress::default())
        .wrap(middleware::cors(options))
        .wrap(from_fn(outer))
        .wrap(from_fn(admit))
}

/// What no route answers: 405 with `Allow` where the path exists with other methods, else 404.
pub async fn unknown(req: HttpRequest, state: Data<WebState>) -> HttpResponse {
    let methods = state.table.methods(req.match_info().as_str());
    if methods.is_empty() {
        return HttpResponse::from_error(ApiError(Problem::new(ErrorCode::NOT_FOUND, "No such path.")));
    }
    let names = methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(", ");
    let problem = Problem::new(ErrorCode::METHOD_NOT_ALLOWED, format!("This path answers {names} only."));
    let mut response = ApiError(problem).error_response();
    if let Ok(allow) = HeaderValue::from_str(&names) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}
