//! A client that checks what every answer of either plane must keep to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ETAG, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;

/// Looks at every answer, such as to compare it with what the API's document says.
pub trait Watcher: fmt::Debug + Send + Sync {
    /// Panics when the answer to `method path` is not as it must be. The path has no query.
    fn saw(&self, method: &Method, path: &str, answer: &Answer);
}

/// A base address, and what every request carries.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    watcher: Option<Arc<dyn Watcher>>,
    base_url: String,
    bearer: Option<String>,
    tenant: Option<String>,
    host: Option<String>,
}

impl Client {
    /// A client of the server at `base_url`; paths are appended to it.
    #[must_use]
    pub fn new(base_url: &str) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { http, watcher: None, base_url: base_url.trim_end_matches('/').to_owned(), bearer: None, tenant: None, host: None }
    }

    /// The same client under the eyes of a watcher.
    #[must_use]
    pub fn watched(&self, watcher: Arc<dyn Watcher>) -> Self {
        Self { watcher: Some(watcher), ..self.clone() }
    }

    /// The same client with a bearer token.
    #[must_use]
    pub fn bearer(&self, token: impl Into<String>) -> Self {
        Self { bearer: Some(token.into()), ..self.clone() }
    }

    /// The same client without a token.
    #[must_use]
    pub fn anonymous(&self) -> Self {
        Self { bearer: None, ..self.clone() }
    }

    /// The same client with `X-Tenant`.
    #[must_use]
    pub fn tenant(&self, slug: impl Into<String>) -> Self {
        Self { tenant: Some(slug.into()), ..self.clone() }
    }

    /// The same client with another `Host`, such as `acme.localhost`.
    #[must_use]
    pub fn host(&self, host: impl Into<String>) -> Self {
        Self { host: Some(host.into()), ..self.clone() }
    }

    /// A GET.
    #[must_use]
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// A POST with a JSON body.
    #[must_use]
    pub fn post(&self, path: &str, body: &impl Serialize) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// A PUT with a JSON body.
    #[must_use]
    pub fn put(&self, path: &str, body: &impl Serialize) -> Request {
        self.request(Method::PUT, path).json(body)
    }

    /// A PATCH with a JSON body.
    #[must_use]
    pub fn patch(&self, path: &str, body: &impl Serialize) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    /// A DELETE.
    #[must_use]
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    /// Any request.
    #[must_use]
    pub fn request(&self, method: Method, path: &str) -> Request {
        let line = format!("{method} {path}");
        let target = (method.clone(), path.split('?').next().unwrap_or_default().to_owned());
        let mut builder = self.http.request(method, format!("{}{path}", self.base_url));
        if let Some(token) = &self.bearer {
            builder = builder.bearer_auth(token);
        }
        if let Some(slug) = &self.tenant {
            builder = builder.header("X-Tenant", slug);
        }
        if let Some(host) = &self.host {
            builder = builder.header("Host", host);
        }
        Request { builder, line, target, watcher: self.watcher.clone() }
    }
}

/// A request being put together.
#[derive(Debug)]
pub struct Request {
    builder: reqwest::RequestBuilder,
    line: String,
    target: (Method, String),
    watcher: Option<Arc<dyn Watcher>>,
}

impl Request {
    /// Adds (not replaces) a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.header_bytes(name, value.as_bytes())
    }

    /// Adds a header that need be no text.
    #[must_use]
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.builder = self.builder.header(name, HeaderValue::from_bytes(value).expect("a header's value"));
        self
    }

    /// `Idempotency-Key`.
    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// `If-Match` with the strong ETag of a row version.
    #[must_use]
    pub fn if_match(self, version: i64) -> Self {
        self.header("If-Match", &format!("\"{version}\""))
    }

    /// A JSON body.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.builder = self.builder.json(body);
        self
    }

    /// Any body, with its type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<reqwest::Body>) -> Self {
        self.builder = self.builder.header("Content-Type", content_type).body(body);
        self
    }

    /// A multipart form.
    #[must_use]
    pub fn multipart(mut self, form: reqwest::multipart::Form) -> Self {
        self.builder = self.builder.multipart(form);
        self
    }

    /// Sends it and checks the answer's form.
    ///
    /// # Panics
    /// When the server can't be reached or the answer breaks the envelope.
    pub async fn send(self) -> Answer {
        let line = self.line.clone();
        self.try_send().await.unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    /// Sends it; a server that can't be reached is an error (tests of faults).
    ///
    /// # Errors
    /// What the HTTP client reports.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let response = self.builder.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await?;
        let answer = Answer { line: self.line, status, headers, bytes: bytes.to_vec() };
        answer.check();
        if let Some(watcher) = &self.watcher {
            watcher.saw(&self.target.0, &self.target.1, &answer);
        }
        Ok(answer)
    }
}

/// What leaks when an error of the machinery reaches a client.
const LEAKS: &[&str] =
    &["SELECT ", "INSERT INTO", "UPDATE ", "sqlx", "sea_orm", "SqlxError", "panicked at", "postgres://", "redis://", "stack backtrace"];

/// An answer whose form was checked.
#[derive(Debug, Clone)]
pub struct Answer {
    line: String,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// Every JSON answer is an envelope, every answer has a request id, and an error tells nothing about the machinery.
    fn check(&self) {
        let is_api = self.line.contains(" /api/");
        assert!(!is_api || self.headers.contains_key("x-request-id"), "{}: no X-Request-Id", self.line);
        if !is_api || self.bytes.is_empty() || !self.is_json() {
            return;
        }
        let body = self.json();
        if self.status.is_success() {
            assert!(body.get("data").is_some(), "{}: a success without data: {body}", self.line);
        } else {
            let error = &body["error"];
            assert!(error["code"].is_string() && error["message"].is_string(), "{}: an error outside the envelope: {body}", self.line);
            assert_eq!(error["request_id"].as_str(), self.header("x-request-id"), "{}: request ids differ", self.line);
            let message = error["message"].as_str().unwrap_or_default();
            for leak in LEAKS {
                assert!(!message.contains(leak), "{}: the message leaks {leak:?}: {message}", self.line);
            }
        }
    }

    /// Whether the body is JSON, by its content type.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("application/json"))
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The whole body as JSON.
    ///
    /// # Panics
    /// When it is no JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{}: no JSON ({error}): {}", self.line, self.text()))
    }

    /// Asserts a status and returns this answer.
    ///
    /// # Panics
    /// When the status is another.
    #[must_use]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.line, self.text());
        self
    }

    /// Asserts any success and returns `data`.
    ///
    /// # Panics
    /// When it was none.
    #[must_use]
    #[track_caller]
    pub fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{}: {} {}", self.line, self.status, self.text());
        if self.bytes.is_empty() { Value::Null } else { self.json()["data"].clone() }
    }

    /// Asserts 201 with a `Location` and returns `data`.
    ///
    /// # Panics
    /// When it was something else.
    #[must_use]
    #[track_caller]
    pub fn created(&self) -> Value {
        assert_eq!(self.status, StatusCode::CREATED, "{}: {}", self.line, self.text());
        assert!(self.headers.contains_key("location"), "{}: 201 without Location", self.line);
        self.ok()
    }

    /// Asserts 204.
    ///
    /// # Panics
    /// When it was something else.
    #[track_caller]
    pub fn no_content(&self) {
        assert_eq!(self.status, StatusCode::NO_CONTENT, "{}: {}", self.line, self.text());
        assert!(self.bytes.is_empty(), "{}: 204 with a body", self.line);
    }

    /// Asserts an error's status and code and returns the `error` object.
    ///
    /// # Panics
    /// When it was something else.
    #[track_caller]
    pub fn error(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.line, self.text());
        let error = self.json()["error"].clone();
        assert_eq!(error["code"], code, "{}: {error}", self.line);
        error
    }

    /// `metadata` of a list.
    ///
    /// # Panics
    /// When the body is no JSON.
    #[must_use]
    pub fn metadata(&self) -> Value {
        self.json()["metadata"].clone()
    }

    /// The row version in the strong ETag.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    #[track_caller]
    pub fn etag(&self) -> i64 {
        let tag = self.headers.get(ETAG).and_then(|value| value.to_str().ok()).unwrap_or_else(|| panic!("{}: no ETag", self.line));
        tag.trim_matches('"').parse().unwrap_or_else(|_| panic!("{}: an unexpected ETag: {tag}", self.line))
    }
}
