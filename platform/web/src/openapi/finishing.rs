//! What every operation gets, and the shared components.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::catalogue::Catalogue;
use super::versions::Versions;
use super::{Owners, errors, example, links, tags};
use crate::wire::{ErrorDetail, ErrorEnvelope};

pub(super) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

const ABOUT: &str = "One API of a multi-tenant operations platform.\n\n\
**Tenancy.** The token or key tells the organization. Its host (`acme.example.com`) and the header `X-Tenant` may say it too, and must agree: \
another organization's answer 403 `TENANT_MISMATCH`.\n\n\
**Credentials** go into `Authorization: Bearer`: a person's access token, or a program's API key where the operation takes one. The console in the \
browser has its tokens in cookies instead, which count for pages of the same host alone: writes carry `X-Console: 1` (403 `CROSS_SITE`), and `X-Tenant` \
does not go with them. Beside `Authorization` cookies are not looked at.\n\n\
**Answers** are `{\"data\": …, \"metadata\": …}`, errors `{\"error\": {\"code\", \"message\", \"details\", \"request_id\"}}`. Enumerations and \
error codes may grow. A head that can't be read as HTTP gets a 400 without a body.\n\n\
**Lists** go by `page` and `limit`, or by `cursor`. **Writes** take `Idempotency-Key`; edits need `If-Match` with the ETag last read. \
Money, quantities and other decimals are strings. Times are RFC 3339 in UTC.\n\n\
**Unknown** query parameters answer 400, unknown body fields 422.\n\n\
**`x-permission`** of an operation names the permission it needs; where it is a list, the body decides which of them.";

/// Finishes `document` in place.
pub(super) fn apply(document: &mut Value, catalogue: &Catalogue, owners: &Owners, version: &str) {
    document["openapi"] = json!("3.1.0");
    document["info"] = json!({
        "title": "Nexus API",
        "version": version,
        "description": ABOUT,
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    });
    document["servers"] = json!([{ "url": "/", "description": "The host that serves this document" }]);
    document["x-error-codes"] =
        catalogue.all().iter().map(|code| json!({ "code": code.code, "status": code.status, "summary": code.summary })).collect();
    components(document, catalogue);
    for schema in document["components"]["schemas"].as_object_mut().into_iter().flatten().map(|(_, schema)| schema) {
        no_null_by_default(schema);
    }
    close_forms(document);
    let schemas = document["components"]["schemas"].clone();
    let versions = Versions::of(document);
    let mut tags: Vec<String> = Vec::new();
    if let Some(paths) = document["paths"].as_object_mut() {
        for (path, item) in paths {
            for method in METHODS {
                if let Some(operation) = item.get_mut(method) {
                    let slice = owners.get(&(method.to_owned(), path.clone())).copied();
                    finish_operation((path, method), operation, &versions, Errors { catalogue, slice }, &schemas);
                    tags.extend(operation["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
                }
            }
        }
    }
    links::add(document);
    tags.sort();
    tags.dedup();
    document["tags"] = tags.iter().map(|tag| json!({ "name": tag, "description": tags::about(tag) })).collect();
}

/// Unknown fields are refused in forms as in JSON, whose schemas say so themselves.
fn close_forms(document: &mut Value) {
    let operations = document["paths"].as_object().into_iter().flatten().flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let schema = |operation: &Value| operation["requestBody"]["content"]["multipart/form-data"]["schema"]["$ref"].as_str().map(str::to_owned);
    let forms: Vec<String> = operations.filter_map(|(_, operation)| schema(operation)).collect();
    for form in forms.iter().filter_map(|form| form.strip_prefix('#')) {
        if let Some(form) = document.pointer_mut(form) {
            form["additionalProperties"] = json!(false);
        }
    }
}

/// A field of a patch is absent by default, which the derived document calls `null`: untrue where `null` is refused.
fn no_null_by_default(schema: &mut Value) {
    for property in
        schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten().filter_map(|(_, property)| property.as_object_mut())
    {
        let null = json!("null");
        let nullable = property.get("type").is_some_and(|kind| *kind == null || kind.as_array().is_some_and(|kinds| kinds.contains(&null)))
            || ["oneOf", "anyOf"]
                .iter()
                .any(|choice| property.get(*choice).and_then(Value::as_array).is_some_and(|of| of.iter().any(|one| one["type"] == null)));
        if !nullable && property.get("default").is_some_and(Value::is_null) {
            property.remove("default");
        }
    }
}

fn components(document: &mut Value, catalogue: &Catalogue) {
    let mut schemas: Vec<(String, _)> = vec![(ErrorEnvelope::name().into_owned(), ErrorEnvelope::schema())];
    ErrorEnvelope::schemas(&mut schemas);
    schemas.push((ErrorDetail::name().into_owned(), ErrorDetail::schema()));
    let components = &mut document["components"];
    for (name, schema) in schemas {
        components["schemas"][name] = serde_json::to_value(schema).unwrap_or_default();
    }
    let responses: Map<String, Value> =
        catalogue.responses().into_iter().map(|(name, status, codes)| (name, errors::response(status, &codes))).collect();
    components["responses"] = Value::Object(responses);
    components["headers"] = headers();
    components["securitySchemes"] = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Access token from log-in. It belongs to one organization, to the account alone, or to an operator of the platform.",
        },
        "api_key": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "nxk_…",
            "description": "API key of an organization, in the same header as a token. Its scopes are what `x-permission` names; what only people may do takes no key.",
        },
    });
}

fn headers() -> Value {
    let header =
        |description: &str, kind: &str, example: Value| json!({ "description": description, "schema": { "type": kind }, "example": example });
    let promised = |description: &str, kind: &str, example: Value| {
        let mut header = header(description, kind, example);
        header["required"] = json!(true);
        header
    };
    json!({
        "RequestId": promised("Id of the request: the caller's `X-Request-Id`, or a new one.", "string", json!("0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11")),
        "RateLimit": header("What is left of the allowance and when it is whole again.", "string", json!("\"principal\";r=599;t=1")),
        "RateLimitPolicy": header("The allowance: requests per window in seconds.", "string", json!("\"principal\";q=600;w=60")),
        "RetryAfter": promised("Seconds to wait before trying again.", "integer", json!(1)),
        "WwwAuthenticate": promised("The scheme to authenticate with.", "string", json!("Bearer realm=\"nexus\"")),
        "Location": promised("Path of what was created or goes on.", "string", json!("/api/v1/products/0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11")),
        "ETag": header("Version of the resource, for If-Match and If-None-Match. Absent from answers that have no version.", "string", json!("\"7\"")),
        "Link": header("Neighbouring pages: `first`, `prev`, `next`, `last`.", "string", json!("</api/v1/products?page=2>; rel=\"next\"")),
        "IdempotencyReplayed": header("`true` when an earlier request with this key made the answer.", "string", json!("true")),
    })
}

/// The errors of an operation: those of everybody and of its slice.
#[derive(Clone, Copy)]
struct Errors<'a> {
    catalogue: &'a Catalogue,
    slice: Option<&'static str>,
}

fn finish_operation((path, method): (&str, &str), operation: &mut Value, versions: &Versions, of: Errors<'_>, schemas: &Value) {
    if operation.get("security").is_none() {
        operation["security"] = json!([]);
    }
    path_parameters(path, operation);
    let implied = errors::implied(method, operation);
    let replayable = declares(operation, "header", "Idempotency-Key");
    let tagged = versions.tagged(path, method, operation);
    if !operation["responses"].is_object() {
        operation["responses"] = json!({});
    }
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    if tagged.contains(&"304") {
        responses.entry("304").or_insert_with(|| json!({ "description": "Unchanged since the ETag given in If-None-Match." }));
    }
    for status in implied {
        let shared = json!({ "$ref": format!("#/components/responses/{}", of.catalogue.response_name(of.slice, status)) });
        responses.entry(status.to_string()).or_insert(shared);
    }
    for (status, response) in responses.iter_mut() {
        finish_response(status, response, of, (replayable, tagged.contains(&status.as_str())), schemas);
    }
    if let Some(content) = operation.get_mut("requestBody").and_then(|body| body.get_mut("content")) {
        example::fill_request(content, schemas);
    }
}

fn finish_response(status: &str, response: &mut Value, of: Errors<'_>, (replayable, tagged): (bool, bool), schemas: &Value) {
    if response.get("$ref").is_some() {
        return;
    }
    let code: u16 = status.parse().unwrap_or(0);
    let goes_on = links::goes_on(response);
    let Some(own) = response.as_object_mut() else { return };
    if code >= 400 && !own.contains_key("content") {
        own.insert("content".to_owned(), errors::content(&of.catalogue.codes(of.slice, code)));
    }
    let is_list = own.get("content").is_some_and(|content| is_list(content, schemas));
    let mut headers = errors::headers();
    let mut add = |name: &str, component: &str| headers[name] = json!({ "$ref": format!("#/components/headers/{component}") });
    match code {
        201 => add("Location", "Location"),
        202 if goes_on => add("Location", "Location"),
        200 if is_list => add("Link", "Link"),
        429 | 503 => add("Retry-After", "RetryAfter"),
        _ => {}
    }
    if tagged {
        add("ETag", "ETag");
    }
    if replayable && (200..300).contains(&code) {
        add("Idempotency-Replayed", "IdempotencyReplayed");
    }
    let given = own.entry("headers").or_insert_with(|| json!({})).as_object_mut();
    if let (Some(given), Value::Object(headers)) = (given, headers) {
        for (name, header) in headers {
            given.entry(name).or_insert(header);
        }
    }
    if let Some(content) = own.get_mut("content") {
        example::fill(content, schemas);
    }
}

/// Adds `{name}` of the path where the handler did not document it: ids are UUIDs.
fn path_parameters(path: &str, operation: &mut Value) {
    let names: Vec<String> = path.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect();
    for name in names {
        let known = operation["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["in"] == "path" && parameter["name"] == name);
        if known {
            continue;
        }
        let parameter = json!({
            "name": name, "in": "path", "required": true,
            "description": format!("Id, UUIDv7 (`{name}`)."),
            "schema": { "type": "string", "format": "uuid" },
            "example": "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11",
        });
        match operation["parameters"].as_array_mut() {
            Some(parameters) => parameters.insert(0, parameter),
            None => operation["parameters"] = json!([parameter]),
        }
    }
}

pub(super) fn declares(operation: &Value, place: &str, name: &str) -> bool {
    operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|parameter| parameter["in"] == place && parameter["name"].as_str().is_some_and(|given| given.eq_ignore_ascii_case(name)))
}

pub(super) fn is_list(content: &Value, schemas: &Value) -> bool {
    let schema = example::resolved(&content["application/json"]["schema"], schemas);
    schema["properties"]["metadata"]["$ref"] == "#/components/schemas/ListMetadata"
}
