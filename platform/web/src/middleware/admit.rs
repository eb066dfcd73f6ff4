//! The door: a place for every request of the API, or 503 before anything else is done for it. Health is not kept out, nor what is no API: metrics are on a
//! listener of their own, documentation and pages are files. A browser's question beforehand (CORS) costs nothing and needs no place.
//!
//! What is refused passes no other layer. Its answer carries what theirs carry all the same.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::Error;
use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::web::Data;
use nexus_core::Problem;

use super::frame::Frame;
use super::unread::Held;
use super::{access, cors_headers};
use crate::admission::{Place, Shed};
use crate::error::envelope_for;
use crate::state::WebState;

/// Gives the place back on every way out, also when the client has gone.
struct Leaving(Place);

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.leave();
    }
}

pub(crate) async fn admit(req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(state) = WebState::of_service(&req).filter(|_| is_counted(&req)) else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let admission = Arc::clone(&state.admission);
    let place = match Place::take(&admission).await {
        Ok(place) => place,
        Err(problem) => {
            take_turns(&state).await;
            return Ok(refused(req, &state, &problem));
        }
    };
    req.extensions_mut().insert(place.clone());
    let leaving = Leaving(place);
    let response = next.call(req).await;
    drop(leaving);
    let response = response?.map_into_boxed_body();
    let is_shed = response.request().extensions().get::<Shed>().is_some();
    if is_shed {
        take_turns(&state).await;
    }
    Ok(response)
}

fn is_counted(req: &ServiceRequest) -> bool {
    let path = req.match_info().as_str();
    path.starts_with("/api/") && path != "/api/v1/health" && !is_preflight(req)
}

fn is_preflight(req: &ServiceRequest) -> bool {
    req.method() == Method::OPTIONS && req.headers().contains_key(header::ORIGIN) && req.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Waits until it is a refusal's turn; nobody is kept while the process ends.
async fn take_turns(state: &Data<WebState>) {
    if !state.draining.load(Ordering::Relaxed) {
        state.admission.pace().await;
    }
}

fn refused(mut req: ServiceRequest, state: &Data<WebState>, problem: &Problem) -> ServiceResponse<BoxBody> {
    access::count_refused(req.method());
    let body = Held::of(&mut req);
    let frame = Frame::of(&req, state);
    let mut response = envelope_for(problem, &frame.id.0);
    cors_headers(response.headers_mut(), req.headers(), &state.options);
    body.until_answered(frame.decorated(req.into_response(response)))
}
