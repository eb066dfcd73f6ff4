//! The OpenAPI document as a list of operations, and the smallest body each accepts. Tests derived from it can't forget an operation.

use std::collections::BTreeMap;

use nexus_test_support::{Client, Request};
use serde_json::{Map, Value, json};

use crate::platform::key;

/// Paths of the control plane; the rest of `/api/v1` belongs to the tenant runtime.
const CONTROL: &[&str] = &["auth", "account", "sessions", "signup", "operations", "organizations", "tenants", "billing", "admin"];
const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// One operation of the document.
#[derive(Debug, Clone)]
pub struct Operation {
    pub id: String,
    /// Upper case.
    pub method: String,
    /// With `{parameters}`.
    pub path: String,
    pub permission: Option<String>,
    pub secured: bool,
    /// Schema of its JSON body.
    pub body: Option<Value>,
    /// Whether it takes an upload.
    pub uploads: bool,
    required_headers: Vec<String>,
}

impl Operation {
    /// Whether the tenant runtime answers it.
    pub fn is_tenants(&self) -> bool {
        let first = self.path.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default();
        !CONTROL.contains(&first) && first != "health"
    }

    /// Whether it names a resource by id.
    pub fn has_parameters(&self) -> bool {
        self.path.contains('{')
    }

    /// The path with every parameter replaced by `value`.
    pub fn path_with(&self, value: &str) -> String {
        let segments = self.path.split('/').map(|segment| if segment.starts_with('{') { value } else { segment });
        segments.collect::<Vec<_>>().join("/")
    }

    /// The collection that the first parameter of its path belongs to: the segment before it.
    pub fn collection(&self) -> &str {
        let mut segments = self.path.split('/');
        let mut before = "";
        for segment in segments.by_ref() {
            if segment.starts_with('{') {
                return before;
            }
            before = segment;
        }
        ""
    }
}

/// The document of a running program.
#[derive(Debug)]
pub struct Document {
    root: Value,
}

impl Document {
    /// Fetches it.
    pub async fn of(client: &Client) -> Self {
        Self::read(&client.get("/openapi.json").send().await.expect(200).text())
    }

    /// Reads it.
    pub fn read(text: &str) -> Self {
        Self { root: serde_json::from_str(text).expect("a document in JSON") }
    }

    /// Every operation under `/api/v1`, by its id.
    pub fn operations(&self) -> BTreeMap<String, Operation> {
        let mut found = BTreeMap::new();
        for (path, item) in self.root["paths"].as_object().expect("paths") {
            for method in METHODS.iter().filter(|method| path.starts_with("/api/v1/") && item.get(**method).is_some()) {
                let operation = read(path, method, &item[*method]);
                assert!(found.insert(operation.id.clone(), operation).is_none(), "two operations share an id");
            }
        }
        found
    }

    /// What it says about the answers of the operation behind a method and a path without its parameters replaced.
    pub fn responses(&self, method: &str, path: &str) -> Option<&Value> {
        let paths = self.root["paths"].as_object()?;
        let matches = |template: &str| {
            let (mut left, mut right) = (template.split('/'), path.split('/'));
            loop {
                match (left.next(), right.next()) {
                    (None, None) => return true,
                    (Some(left), Some(right)) if left == right || (left.starts_with('{') && !right.is_empty()) => {}
                    _ => return false,
                }
            }
        };
        // A path without parameters goes before one with them: `/categories/tree` is no category.
        let candidates = || paths.iter().filter(|(template, item)| matches(template) && item.get(method.to_lowercase()).is_some());
        let exact = candidates().find(|(template, _)| !template.contains('{'));
        let (_, item) = exact.or_else(|| candidates().next())?;
        Some(&item[method.to_lowercase()]["responses"])
    }

    /// Follows a reference, if it is one.
    pub fn resolve<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(reference) => self.root.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference} leads nowhere")),
            None => value,
        }
    }

    /// A request that keeps to the document's form: every id in its body is `id`.
    pub fn request(&self, client: &Client, operation: &Operation, path: &str, id: &str) -> Request {
        let mut request = client.request(operation.method.parse().expect("a method"), path);
        for header in &operation.required_headers {
            request = match header.to_ascii_lowercase().as_str() {
                "idempotency-key" => request.idempotency_key(&key()),
                "if-match" => request.if_match(1),
                other => panic!("{}: a required header that the tests don't know: {other}", operation.id),
            };
        }
        if let Some(schema) = &operation.body {
            request = request.json(&self.example(schema, id));
        } else if operation.uploads {
            let file = reqwest::multipart::Part::bytes(&b"sku,name\nA-1,One\n"[..]).file_name("one.csv").mime_str("text/csv").expect("a part");
            request = request.multipart(reqwest::multipart::Form::new().part("file", file));
        }
        request
    }

    /// The smallest value a schema accepts, its ids being `id`; references to other resources are filled in even where they may be left out.
    pub fn example(&self, schema: &Value, id: &str) -> Value {
        self.example_below(schema, id, 0)
    }

    fn example_below(&self, schema: &Value, id: &str, depth: u32) -> Value {
        assert!(depth < 20, "a schema without end: {schema}");
        let schema = self.resolve(schema);
        for union in ["oneOf", "anyOf"] {
            if let Some(first) = schema[union].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null")) {
                return self.example_below(first, id, depth + 1);
            }
        }
        if let Some(all) = schema["allOf"].as_array() {
            let parts = all.iter().map(|part| self.example_below(part, id, depth + 1));
            return parts.fold(json!({}), merged);
        }
        if schema["format"] == "uuid" {
            return json!(id);
        }
        if let Some(value) = schema["enum"].as_array().and_then(|values| values.first()) {
            return value.clone();
        }
        match kinds(schema).into_iter().find(|kind| *kind != "null") {
            Some("object") if schema["properties"].is_object() => self.object(schema, id, depth),
            Some("array") => json!([self.example_below(&schema["items"], id, depth + 1)]),
            _ if !schema["example"].is_null() => schema["example"].clone(),
            _ if schema["examples"].is_array() => schema["examples"][0].clone(),
            Some("object") => json!({}),
            Some("integer" | "number") => json!(1),
            Some("boolean") => json!(true),
            _ => json!("1"),
        }
    }

    fn object(&self, schema: &Value, id: &str, depth: u32) -> Value {
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let wanted = schema["properties"].as_object().into_iter().flatten();
        let wanted = wanted.filter(|(name, _)| required.contains(&name.as_str()) || name.ends_with("_id"));
        Value::Object(wanted.map(|(name, property)| (name.clone(), self.example_below(property, id, depth + 1))).collect::<Map<_, _>>())
    }
}

/// The types a schema allows.
pub fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn read(path: &str, method: &str, operation: &Value) -> Operation {
    let content = &operation["requestBody"]["content"];
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let required_headers = parameters.iter().filter(|one| one["in"] == "header" && one["required"] == true);
    Operation {
        id: operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no operationId")).to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        permission: operation["x-permission"].as_str().map(str::to_owned),
        secured: operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty()),
        body: content.get("application/json").map(|media| media["schema"].clone()),
        uploads: content.get("multipart/form-data").is_some(),
        required_headers: required_headers.filter_map(|one| one["name"].as_str().map(str::to_owned)).collect(),
    }
}

fn merged(mut whole: Value, part: Value) -> Value {
    match (whole.as_object_mut(), part) {
        (Some(into), Value::Object(from)) => {
            into.extend(from);
            whole
        }
        (_, other) => other,
    }
}
