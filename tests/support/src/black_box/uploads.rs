//! Files on their way into an organization, and the jobs that read them.

use std::time::Duration;

use crate::{Answer, Client, Request, eventually};
use reqwest::multipart::{Form, Part};
use serde_json::Value;

use super::platform::{key, text};

pub const PRODUCTS: &str = "/api/v1/products/import";
pub const MOVEMENTS: &str = "/api/v1/stock-movements/import";

/// A file and how it is read.
pub struct Upload {
    file: Part,
    mapping: Option<Value>,
    skip_invalid: bool,
}

impl Upload {
    /// A CSV file in the product's own layout.
    pub fn csv(content: impl Into<Vec<u8>>) -> Self {
        Self::part(Part::bytes(content.into()))
    }

    /// A file whose content comes bit by bit.
    pub fn stream(content: impl Into<reqwest::Body>) -> Self {
        Self::part(Part::stream(content))
    }

    fn part(file: Part) -> Self {
        Self { file: file.file_name("upload.csv").mime_str("text/csv").expect("a part"), mapping: None, skip_invalid: false }
    }

    /// How its columns are read.
    pub fn mapped(self, mapping: Value) -> Self {
        Self { mapping: Some(mapping), ..self }
    }

    /// Takes the good rows and leaves out the wrong ones.
    pub fn skipping_invalid(self) -> Self {
        Self { skip_invalid: true, ..self }
    }

    /// Sends it.
    pub async fn send(self, client: &Client, path: &str) -> Answer {
        self.request(client, path, &key()).send().await
    }

    /// The request that sends it under a key.
    pub fn request(self, client: &Client, path: &str, key: &str) -> Request {
        let mut form = Form::new();
        if let Some(mapping) = self.mapping {
            form = form.text("mapping", mapping.to_string());
        }
        if self.skip_invalid {
            form = form.text("skip_invalid", "true");
        }
        client.request(reqwest::Method::POST, path).multipart(form.part("file", self.file)).idempotency_key(key)
    }

    /// Sends it and waits until its job has succeeded.
    pub async fn import(self, client: &Client, path: &str) -> Value {
        let answer = self.send(client, path).await;
        assert!([200, 202].contains(&answer.status.as_u16()), "{}: {}", answer.status, answer.text());
        let job = ended(client, &text(&answer.ok()["id"])).await;
        assert_eq!(job["state"], "succeeded", "{job}");
        job
    }
}

/// The job once it has ended.
pub async fn ended(client: &Client, job: &str) -> Value {
    eventually(Duration::from_secs(180), async || {
        let job = client.get(&format!("/api/v1/jobs/{job}")).send().await.expect(200).ok();
        ["succeeded", "failed", "cancelled"].contains(&text(&job["state"]).as_str()).then_some(job)
    })
    .await
}
