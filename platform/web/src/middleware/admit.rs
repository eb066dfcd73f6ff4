//! The door: a place for every request of the API, or 503 at once. Health is not kept out, nor what is no API: metrics are on a listener of their own,
//! documentation and pages are files.

use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

use crate::admission::Place;
use crate::error::ApiError;
use crate::state::WebState;

/// Gives the place back on every way out, also when the client has gone.
struct Leaving(Place);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.leave();
    }
}

pub(crate) async fn admit(req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let path = req.match_info().as_str();
    let counted = path.starts_with("/api/") && path != "/api/v1/health";
    let Some(admission) = WebState::of_service(&req).filter(|_| counted).map(|state| Arc::clone(&state.admission)) else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    match Place::take(&admission).await {
        Ok(place) => {
            req.extensions_mut().insert(place.clone());
            let _leaving = Leaving(place);
            Ok(next.call(req).await?.map_into_boxed_body())
        }
        Err(refused) => Ok(req.error_response(ApiError(refused))),
    }
}
