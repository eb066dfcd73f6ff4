//! The production application under test, and one-line requests.

use std::sync::Arc;

use actix_web::body::{BoxBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, init_service, try_call_service};
use chrono::DateTime;
use nexus_core::ManualClock;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::slice::{self, OUT_OF_STOCK};
use crate::health::{BuildInfo, Health, HealthCheck};
use crate::options::WebOptions;
use crate::server::{AppSpec, ServerSpec, build};
use crate::slice::Slice;

/// What a client sees.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and error code, after checking that the envelope is whole.
    pub(super) fn error(&self) -> (u16, String) {
        let error = &self.json()["error"];
        assert!(error["message"].as_str().is_some_and(|text| text.len() > 5), "{error}");
        assert_eq!(error["request_id"].as_str(), self.header("x-request-id"));
        assert!(self.header("content-type").unwrap().starts_with("application/json"));
        (self.status, error["code"].as_str().unwrap().to_owned())
    }

    /// `(field, code)` of every fault in the details.
    pub(super) fn faults(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.json()["error"]["details"].as_array().unwrap().iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect()
    }
}

pub(super) fn clock() -> Arc<ManualClock> {
    ManualClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap())
}

pub(super) fn spec_of(options: WebOptions, clock: Arc<ManualClock>, checks: Vec<Arc<dyn HealthCheck>>) -> ServerSpec {
    let health = Health::new(BuildInfo { version: "9.8.7", revision: Some("abc123") }, Arc::<ManualClock>::clone(&clock) as _);
    ServerSpec {
        options,
        clock,
        counter: None,
        health: checks.into_iter().fold(health, Health::with),
        api: vec![Slice::new("things", slice::routes).codes(&[OUT_OF_STOCK])],
        root: Vec::new(),
        fallback: None,
        shutdown: CancellationToken::new(),
    }
}

pub(super) async fn app_of(spec: ServerSpec) -> impl Service<actix_http::Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error> {
    init_service(build(&AppSpec::new(spec).unwrap())).await
}

pub(super) async fn app() -> impl Service<actix_http::Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error> {
    app_of(spec_of(WebOptions::new(b"key"), clock(), Vec::new())).await
}

pub(super) async fn send<S>(app: &S, request: TestRequest) -> Answer
where
    S: Service<actix_http::Request, Response = ServiceResponse<BoxBody>, Error = actix_web::Error>,
{
    let (status, headers, body): (StatusCode, HeaderMap, BoxBody) = match try_call_service(app, request.to_request()).await {
        Ok(response) => {
            let (_, response) = response.into_parts();
            (response.status(), response.headers().clone(), response.into_body())
        }
        Err(error) => {
            let response = error.error_response();
            (response.status(), response.headers().clone(), response.into_body())
        }
    };
    let body = to_bytes(body).await.unwrap_or_else(|_| panic!("a body without an end")).to_vec();
    Answer { status: status.as_u16(), headers, body }
}

pub(super) fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

/// With the token of a known user.
pub(super) fn known(request: TestRequest) -> TestRequest {
    request.insert_header(("authorization", "Bearer good"))
}

pub(super) fn with_json(request: TestRequest, body: &str) -> TestRequest {
    request.insert_header(("content-type", "application/json")).set_payload(body.to_owned())
}
