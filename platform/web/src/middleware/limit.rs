//! Rate limits around a request: by client address where nobody is known, and the headers that tell how much is left.
//!
//! - Without a credential, or where none is asked for: charged to the address before the handler runs.
//! - With one: the guard charges the principal ([`crate::identity::establish`]). Where no principal came of it (a wrong
//!   token), the address is charged afterwards, and the refusal becomes 429 once that allowance is gone. Never before:
//!   strangers at one's address must not lock out valid tokens.
//! - A session that is refreshed is charged by its handler ([`crate::identity::establish_session`]), once its token has proved to be one of ours.
//! - Founding an organization, by sign-up or by whoever is logged in, has an allowance of its own beside, for the address and for the site it lies in.

use std::net::IpAddr;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use ipnet::IpNet;
use nexus_core::Problem;

use crate::client::{self, ClientAddress};
use crate::console;
use crate::error::ApiError;
use crate::identity::PrincipalScope;
use crate::rate_limit::{Decision, RateLimiter};
use crate::state::WebState;

pub(crate) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(crate) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What founds an organization.
const FOUNDING: [&str; 2] = ["/api/v1/signup", "/api/v1/organizations"];

/// Public by the document, and yet only good with a token that nobody can guess, in the body or in a cookie: strangers at one's address must not end one's session.
const WITH_REFRESH_TOKEN: [&str; 4] =
    ["/api/v1/auth/refresh", "/api/v1/admin/auth/refresh", "/api/v1/auth/session/refresh", "/api/v1/admin/auth/session/refresh"];

pub(crate) async fn limit(req: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    // The path that routes are matched on: in the URI's own, `%61pi` is another word than `api`.
    let path = req.match_info().as_str();
    let limited = path.starts_with("/api/") && path != "/api/v1/health";
    let is_signup = req.method() == Method::POST && FOUNDING.contains(&path);
    let Some(state) = WebState::of_service(&req).filter(|state| limited && state.limiter.is_enabled()) else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let from = req.extensions().get::<ClientAddress>().map(|address| address.0);
    let of = |network: fn(IpAddr) -> IpNet| from.map_or_else(|| "unknown".to_owned(), |address| network(address).to_string());
    let address = of(client::network);
    let stranger = !WITH_REFRESH_TOKEN.contains(&path) && (!has_credential(req.headers()) || state.table.is_public(req.method(), path));
    let founding = is_signup.then(|| of(client::site));
    if let Err(refused) = before(&state.limiter, &address, stranger, founding, &req).await {
        let headers = req.extensions().get::<Decision>().cloned();
        let mut response = req.error_response(ApiError(refused));
        announce(response.headers_mut(), headers.as_ref());
        return Ok(response);
    }
    let mut response = next.call(req).await?.map_into_boxed_body();
    let known = response.request().extensions().get::<PrincipalScope>().is_some();
    if !stranger && !known && response.status() != StatusCode::TOO_MANY_REQUESTS {
        let decision = state.limiter.charge_unverified(&address);
        if response.status().is_client_error()
            && let Err(refused) = decision.clone().into_result()
        {
            response = response.error_response(ApiError(refused));
            response.request().extensions_mut().insert(decision);
        }
    }
    let decision = response.request().extensions().get::<Decision>().cloned();
    announce(response.headers_mut(), decision.as_ref());
    Ok(response)
}

/// Whether something came along that may be a credential. All of them, API keys too, travel in this header and in no other, but for the console's sessions.
fn has_credential(headers: &HeaderMap) -> bool {
    headers.contains_key(header::AUTHORIZATION) || console::shows_token(headers)
}

/// `founding`: the site that founds an organization.
async fn before(limiter: &RateLimiter, address: &str, stranger: bool, founding: Option<String>, req: &ServiceRequest) -> Result<(), Problem> {
    let mut decisions = Vec::new();
    if let Some(site) = founding {
        decisions.push(limiter.charge_signup(address, &site).await);
    }
    if stranger {
        decisions.push(limiter.charge_anonymous(address).await);
    }
    let strictest = decisions.iter().find(|decision| !decision.allowed).or(decisions.first()).cloned();
    let Some(decision) = strictest else { return Ok(()) };
    let result = decision.clone().into_result();
    req.extensions_mut().insert(decision);
    result
}

/// `RateLimit-Policy: "principal";q=600;w=60` and `RateLimit: "principal";r=599;t=1`
/// (draft-ietf-httpapi-ratelimit-headers-10).
fn announce(headers: &mut HeaderMap, decision: Option<&Decision>) {
    let Some(decision) = decision else { return };
    let (policy, left) = decision.headers();
    for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}
