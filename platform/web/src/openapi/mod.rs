//! The OpenAPI 3.1 document: collected from the handlers, then finished with everything that follows from the API
//! conventions rather than from one handler.
//!
//! A handler documents its success, its parameters and the errors of its own domain. [`document`] adds to every operation
//! each error its shape implies (`errors`) with the codes of its slice (`catalogue`), the headers, what one can do next (`links`), an example where none is given (`example`), the `Error` schema
//! and the list of all codes. It refuses a document that is not complete: unique operation ids, a
//! tag, a summary, a description. The text is deterministic, so that drift can be checked byte by byte.

mod catalogue;
mod check;
mod errors;
mod example;
mod finishing;
mod links;
mod tags;
mod versions;

use std::collections::BTreeMap;
use std::io::Write;

use actix_web::App;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use thiserror::Error;
use utoipa_actix_web::{AppExt, scope};

use crate::slice::Slice;
use crate::{health, server};

use catalogue::Catalogue;
use finishing::METHODS;

/// A finished document.
#[derive(Debug, Clone)]
pub struct Document {
    value: Value,
    text: String,
    /// The text as gzip: compressed once, since anybody may ask for it.
    gzip: Bytes,
    etag: String,
}

/// What is missing in a document; each line names an operation.
#[derive(Debug, Error)]
#[error("the OpenAPI document is incomplete:\n{}", faults.join("\n"))]
pub struct DocumentFaults {
    /// Every fault.
    pub faults: Vec<String>,
}

impl Document {
    /// Pretty JSON with sorted keys and a final line feed: what is committed as `docs/openapi.json`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The document.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    pub(crate) fn gzip(&self) -> Bytes {
        self.gzip.clone()
    }

    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }
}

/// The finished document of these slices (`api` under `/api/v1`, `root` at the root), without a server.
///
/// # Errors
/// Every fault of the handlers' documentation.
pub fn document(api: &[Slice], root: &[Slice], version: &str) -> Result<Document, DocumentFaults> {
    let mut value = collected(api.iter().chain([&health::api_slice()]), root.iter().chain([&health::root_slice()]))?;
    let catalogue = Catalogue::of(api.iter().chain(root)).map_err(|faults| DocumentFaults { faults })?;
    let mut owners = Owners::new();
    for slice in api {
        note(&mut owners, slice.name(), &collected([slice].into_iter(), [].into_iter())?);
    }
    for slice in root {
        note(&mut owners, slice.name(), &collected([].into_iter(), [slice].into_iter())?);
    }
    finishing::apply(&mut value, &catalogue, &owners, version);
    let faults = check::faults(&value);
    if !faults.is_empty() {
        return Err(DocumentFaults { faults });
    }
    let value = sorted(value);
    let text = format!("{value:#}\n");
    let etag = format!("\"{}\"", &crate::extract::fingerprint(&[text.as_bytes()])[..32]);
    let gzip = compressed(&text).map_err(|error| DocumentFaults { faults: vec![error.to_string()] })?;
    Ok(Document { value, text, gzip, etag })
}

/// Which slice an operation (method and path) is of.
pub(super) type Owners = BTreeMap<(String, String), &'static str>;

/// What the handlers say of themselves, as JSON.
fn collected<'a>(api: impl Iterator<Item = &'a Slice>, root: impl Iterator<Item = &'a Slice>) -> Result<Value, DocumentFaults> {
    let app = App::new().into_utoipa_app();
    let app = app.service(scope::scope(server::API).configure(|cfg| api.for_each(|slice| slice.mount(cfg))));
    let (_, collected) = app.configure(|cfg| root.for_each(|slice| slice.mount(cfg))).split_for_parts();
    serde_json::to_value(collected).map_err(|error| DocumentFaults { faults: vec![error.to_string()] })
}

fn note(owners: &mut Owners, slice: &'static str, collected: &Value) {
    for (path, item) in collected["paths"].as_object().into_iter().flatten() {
        for method in METHODS.iter().filter(|method| item.get(**method).is_some()) {
            owners.insert(((*method).to_owned(), path.clone()), slice);
        }
    }
}

fn compressed(text: &str) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes())?;
    Ok(encoder.finish()?.into())
}

/// The same value with the keys of every object in order, whatever features serde_json was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        Value::Object(map) => {
            let mut entries: Vec<(String, Value)> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|left, right| left.0.cmp(&right.0));
            Value::Object(entries.into_iter().collect())
        }
        other => other,
    }
}
