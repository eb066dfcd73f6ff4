//! Unknown query parameters of operations that take none. Operations that take some check them themselves
//! ([`crate::list_query`], [`crate::Params`]).

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use nexus_core::FieldFault;

use crate::error::{ApiError, bad_request};
use crate::extract;
use crate::state::WebState;

pub(crate) async fn query(req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    if extract::names_any(req.query_string()) && refused(&req) {
        let problem = bad_request(unknown(req.query_string()));
        return Ok(req.error_response(ApiError(problem)));
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

fn refused(req: &ServiceRequest) -> bool {
    let Some(state) = WebState::of_service(req) else { return false };
    req.match_pattern().is_some_and(|template| state.table.refuses_query(req.method(), &template))
}

fn unknown(query: &str) -> Vec<FieldFault> {
    let names = query.split('&').filter(|part| !part.is_empty()).map(|part| part.split_once('=').map_or(part, |(name, _)| name));
    names.take(20).map(|name| FieldFault::new(name.chars().take(60).collect::<String>(), "unknown", "is not a parameter of this operation")).collect()
}
