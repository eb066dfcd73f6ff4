//! The OpenAPI document as a witness: every answer of every test has a status that the document describes for its operation, an error
//! a code that is catalogued for that status, and a success the documented form.

use std::fmt;
use std::sync::Arc;

use crate::{Answer, Watcher};
use reqwest::Method;
use serde_json::Value;

use super::document::{Document, kinds};

/// Compares answers with the document.
pub struct Contract {
    document: Arc<Document>,
}

impl fmt::Debug for Contract {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Contract")
    }
}

impl Contract {
    /// Of a program's document.
    pub fn new(document: &Arc<Document>) -> Self {
        Self { document: Arc::clone(document) }
    }
}

impl Watcher for Contract {
    fn saw(&self, method: &Method, path: &str, answer: &Answer) {
        if !path.starts_with("/api/") {
            return;
        }
        let place = format!("{method} {path}: {}", answer.status);
        let status = answer.status.as_u16();
        let Some(responses) = self.document.responses(method.as_str(), path) else {
            assert!([404, 405].contains(&status), "{place}, but the document knows no such operation");
            return;
        };
        let described = responses.get(status.to_string()).unwrap_or_else(|| panic!("{place} is not described by the document: {}", answer.text()));
        let described = self.document.resolve(described);
        let promised = !described["headers"]["ETag"].is_null();
        assert_eq!(answer.header("etag").is_some(), promised, "{place}: the document and the answer differ in the ETag");
        let media = &described["content"]["application/json"];
        if answer.bytes.is_empty() || !answer.is_json() {
            return;
        }
        assert!(!media.is_null(), "{place} has a JSON body that the document does not describe");
        let body = answer.json();
        if !answer.status.is_success() {
            let code = body["error"]["code"].as_str().unwrap_or_default();
            assert!(media["examples"].get(code).is_some(), "{place}: the code {code} is not catalogued for this status");
        }
        let faults = self.compare(&media["schema"], &body, "$");
        assert!(faults.is_empty(), "{place} differs from its schema: {}\n{body}", faults.join("; "));
    }
}

impl Contract {
    /// Where a value is not what a schema says.
    fn compare(&self, schema: &Value, value: &Value, at: &str) -> Vec<String> {
        let schema = self.document.resolve(schema);
        for union in ["oneOf", "anyOf"] {
            if let Some(options) = schema[union].as_array() {
                let tries: Vec<Vec<String>> = options.iter().map(|option| self.compare(option, value, at)).collect();
                return tries.iter().min_by_key(|faults| faults.len()).cloned().unwrap_or_default();
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return parts.iter().flat_map(|part| self.compare(part, value, at)).filter(|fault| !fault.ends_with(UNDOCUMENTED)).collect();
        }
        let allowed = kinds(schema);
        if !allowed.is_empty() && !allowed.iter().any(|kind| is_a(value, kind)) {
            return vec![format!("{at} is {value}, not {}", allowed.join(" or "))];
        }
        match value {
            Value::Object(object) => {
                let mut faults: Vec<String> = schema["required"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .filter(|name| !object.contains_key(*name))
                    .map(|name| format!("{at}.{name} is missing"))
                    .collect();
                let Some(properties) = schema["properties"].as_object() else { return faults };
                for (name, value) in object {
                    match properties.get(name) {
                        Some(property) => faults.extend(self.compare(property, value, &format!("{at}.{name}"))),
                        None if schema.get("additionalProperties").is_some() => {}
                        None => faults.push(format!("{at}.{name} {UNDOCUMENTED}")),
                    }
                }
                faults
            }
            Value::Array(items) => {
                items.iter().enumerate().flat_map(|(place, item)| self.compare(&schema["items"], item, &format!("{at}[{place}]"))).collect()
            }
            Value::Null => Vec::new(),
            plain => match schema["enum"].as_array() {
                Some(known) if !known.contains(plain) => vec![format!("{at} is {plain}, which is not listed")],
                _ => Vec::new(),
            },
        }
    }
}

/// What a property is that no schema names.
const UNDOCUMENTED: &str = "is not documented";

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => false,
    }
}
