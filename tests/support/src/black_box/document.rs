//! The OpenAPI document as a list of operations, and the smallest body each accepts. Tests derived from it can't forget an operation.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Client, Request};
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value, json};

use super::platform::key;

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
    /// The permission it needs; of several, the body decides which.
    pub permissions: Vec<String>,
    /// Whose tokens it takes, where the document says so.
    pub audience: Option<String>,
    pub secured: bool,
    /// Whether it takes API keys, too.
    pub takes_keys: bool,
    /// Schema of its JSON body.
    pub body: Option<Value>,
    example: Option<Value>,
    /// Whether it takes an upload.
    pub uploads: bool,
    /// Names of its query parameters.
    pub query: Vec<String>,
    /// Statuses that it may answer, with what the document says of each.
    pub responses: Value,
    headers: Vec<String>,
    required_headers: Vec<String>,
}

impl Operation {
    /// Whether the tenant runtime answers it.
    pub fn is_tenants(&self) -> bool {
        let first = self.path.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default();
        !CONTROL.contains(&first) && first != "health"
    }

    /// The document's example of its JSON body.
    pub fn example(&self) -> Value {
        let given = self.example.clone().filter(Value::is_object);
        given.unwrap_or_else(|| panic!("{}: the document has no example of its body", self.id))
    }

    /// Whether it takes nothing but the token of an invitation's link.
    pub fn is_by_invitation(&self) -> bool {
        self.audience.as_deref().is_some_and(|audience| audience.contains("invitation"))
    }

    /// Whether it may change something.
    pub fn writes(&self) -> bool {
        self.method != "GET"
    }

    /// Whether it takes this header.
    pub fn takes(&self, header: &str) -> bool {
        self.headers.iter().any(|name| name.eq_ignore_ascii_case(header))
    }

    /// The request without a body, with every header that must be there; an edit is based on `version`.
    pub fn request(&self, client: &Client, path: &str, version: i64) -> Request {
        let mut request = client.request(self.method.parse().expect("a method"), path);
        for header in &self.required_headers {
            request = match header.to_ascii_lowercase().as_str() {
                "idempotency-key" => request.idempotency_key(&key()),
                "if-match" => request.if_match(version),
                other => panic!("{}: a required header that the tests don't know: {other}", self.id),
            };
        }
        request
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

    /// The resource in `path` that the first parameter names: what has the version that an edit is based on.
    pub fn resource_of(&self, path: &str) -> String {
        let depth = self.path.split('/').position(|segment| segment.starts_with('{')).map_or(usize::MAX, |place| place + 1);
        path.split('/').take(depth).collect::<Vec<_>>().join("/")
    }

    /// What stands in `path` where this operation has a parameter.
    pub fn parameter_of(&self, path: &str) -> String {
        let mut places = self.path.split('/').zip(path.split('/'));
        places.find(|(template, _)| template.starts_with('{')).map_or_else(String::new, |(_, value)| value.to_owned())
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
        let mut request = operation.request(client, path, 1);
        if let Some(schema) = &operation.body {
            request = request.json(&self.example(schema, id));
        } else if operation.uploads {
            request = request.multipart(csv("sku,name\nA-1,One\n"));
        }
        request
    }

    /// Where a schema has ids, such as `lines[].variant_id`.
    pub fn id_paths(&self, schema: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.find_ids(schema, "", 0, &mut found);
        found
    }

    fn find_ids(&self, schema: &Value, at: &str, depth: u32, found: &mut BTreeSet<String>) {
        assert!(depth < 20, "a schema without end: {schema}");
        let schema = self.resolve(schema);
        if schema["format"] == "uuid" || at.ends_with("_id") {
            found.insert(at.to_owned());
        }
        for parts in ["oneOf", "anyOf", "allOf"].iter().filter_map(|name| schema[*name].as_array()) {
            parts.iter().for_each(|part| self.find_ids(part, at, depth + 1, found));
        }
        if schema["items"].is_object() {
            self.find_ids(&schema["items"], &format!("{at}[]"), depth + 1, found);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let below = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            self.find_ids(property, &below, depth + 1, found);
        }
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
    let names = |place: &str, is_wanted: fn(&Value) -> bool| -> Vec<String> {
        let found = parameters.iter().filter(|one| one["in"] == place && is_wanted(one));
        found.filter_map(|one| one["name"].as_str().map(str::to_owned)).collect()
    };
    let permission = &operation["x-permission"];
    let permissions = permission.as_array().cloned().unwrap_or_else(|| vec![permission.clone()]);
    Operation {
        id: operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no operationId")).to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        permissions: permissions.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        audience: operation["x-audience"].as_str().map(str::to_owned),
        takes_keys: operation["security"].as_array().is_some_and(|schemes| schemes.iter().any(|scheme| scheme.get("api_key").is_some())),
        secured: operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty()),
        body: content.get("application/json").map(|media| media["schema"].clone()),
        example: content.get("application/json").map(|media| media["example"].clone()),
        uploads: content.get("multipart/form-data").is_some(),
        query: names("query", |_| true),
        responses: operation["responses"].clone(),
        headers: names("header", |_| true),
        required_headers: names("header", |one| one["required"] == true),
    }
}

/// A form with a CSV file.
pub fn csv(text: &str) -> Form {
    let file = Part::bytes(text.as_bytes().to_vec()).file_name("file.csv").mime_str("text/csv").expect("a part");
    Form::new().part("file", file)
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
