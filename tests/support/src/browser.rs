//! A browser, as far as cookies and their protection go: a jar for each host, and the headers by which it says which page asks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Method;
use serde_json::Value;

use crate::{Answer, Client, Request};

/// Prefixes of what no body may hold: access tokens, and refresh tokens of both realms.
const TOKENS: [&str; 3] = ["eyJ", "nxr_", "nxo_"];

/// Cookies of every host it has been to. Clones share them, as tabs do.
#[derive(Debug, Clone)]
pub struct Browser {
    client: Client,
    port: String,
    jars: Arc<Mutex<BTreeMap<String, BTreeMap<String, String>>>>,
}

/// A page that a browser shows, from some host.
#[derive(Debug, Clone)]
pub struct Page {
    browser: Browser,
    host: String,
}

impl Browser {
    /// One that was nowhere yet, before the server at `base_url`.
    #[must_use]
    pub fn new(client: &Client, base_url: &str) -> Self {
        let port = base_url.rsplit(':').next().unwrap_or_default().to_owned();
        Self { client: client.anonymous(), port, jars: Arc::default() }
    }

    /// The console at the apex host.
    #[must_use]
    pub fn apex(&self) -> Page {
        Page { browser: self.clone(), host: format!("localhost:{}", self.port) }
    }

    /// The console at the host of an organization.
    #[must_use]
    pub fn at(&self, slug: &str) -> Page {
        Page { browser: self.clone(), host: format!("{slug}.localhost:{}", self.port) }
    }

    fn jar(&self, host: &str) -> BTreeMap<String, String> {
        self.jars.lock().unwrap_or_else(PoisonError::into_inner).get(host).cloned().unwrap_or_default()
    }

    /// Takes over the cookies of an answer, after checking that they are such as no script and no other host gets hold of.
    fn keep(&self, host: &str, answer: &Answer) {
        let mut jars = self.jars.lock().unwrap_or_else(PoisonError::into_inner);
        let jar = jars.entry(host.to_owned()).or_default();
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("a cookie is text");
            let (pair, attributes) = cookie.split_once(';').expect("a cookie with attributes");
            let (name, value) = pair.split_once('=').expect("a cookie with a value");
            let attributes: Vec<&str> = attributes.split(';').map(str::trim).collect();
            let has = |attribute: &str| attributes.contains(&attribute);
            assert!(name.starts_with("__Host-") && !attributes.iter().any(|attribute| attribute.starts_with("Domain")), "{cookie}");
            assert!(has("Path=/") && has("Secure") && has("HttpOnly") && has("SameSite=Strict"), "{cookie}");
            let age = attributes.iter().find_map(|attribute| attribute.strip_prefix("Max-Age=")).expect("an age");
            if age.parse::<i64>().expect("seconds") > 0 {
                jar.insert(name.to_owned(), value.to_owned());
            } else {
                assert!(value.is_empty(), "{cookie}");
                jar.remove(name);
            }
        }
        let body = answer.text();
        for secret in TOKENS.into_iter().chain(jar.values().map(String::as_str)) {
            assert!(!body.contains(secret), "a token in a body that scripts read: {body}");
        }
    }
}

impl Page {
    /// Its host, with the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Names of the cookies of its host.
    #[must_use]
    pub fn cookies(&self) -> Vec<String> {
        self.browser.jar(&self.host).into_keys().collect()
    }

    /// The value of a cookie: what only the browser and a thief have.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.browser.jar(&self.host).remove(name)
    }

    /// Puts a cookie there, as time, a thief or an older answer would.
    pub fn set_cookie(&self, name: &str, value: Option<&str>) {
        let mut jars = self.browser.jars.lock().unwrap_or_else(PoisonError::into_inner);
        let jar = jars.entry(self.host.clone()).or_default();
        match value {
            Some(value) => jar.insert(name.to_owned(), value.to_owned()),
            None => jar.remove(name),
        };
    }

    /// A request without anything that a browser adds, but for its cookies.
    #[must_use]
    pub fn bare(&self, method: Method, path: &str) -> Request {
        let jar = self.browser.jar(&self.host);
        let request = self.browser.client.host(&self.host).request(method, path);
        if jar.is_empty() {
            return request;
        }
        request.header("Cookie", &jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; "))
    }

    /// A request of the console on this page, as `fetch` sends it.
    #[must_use]
    pub fn request(&self, method: Method, path: &str) -> Request {
        let writes = method != Method::GET;
        let request = self.bare(method, path).header("Sec-Fetch-Site", "same-origin");
        if writes { request.header("Origin", &format!("http://{}", self.host)).header("X-Console", "1") } else { request }
    }

    /// Sends a request and keeps the cookies of the answer.
    pub async fn send(&self, request: Request) -> Answer {
        let answer = request.send().await;
        self.keep(&answer);
        answer
    }

    /// Keeps the cookies of an answer to a request of this page.
    pub fn keep(&self, answer: &Answer) {
        self.browser.keep(&self.host, answer);
    }

    /// A GET of the console.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// A POST of the console.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// A POST of the console without a body.
    pub async fn post_nothing(&self, path: &str) -> Answer {
        self.send(self.request(Method::POST, path)).await
    }

    /// A DELETE of the console.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.request(Method::DELETE, path)).await
    }

    /// A request that this page makes to another one's host: with the cookies of that host, where both are one site, and the browser's word for who asks.
    #[must_use]
    pub fn asks(&self, other: &Self, method: Method, path: &str) -> Request {
        other.bare(method, path).header("Origin", &format!("http://{}", self.host)).header("Sec-Fetch-Site", "same-site")
    }
}
