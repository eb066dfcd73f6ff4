//! Which operation goes on from an answer: from what was created, listed, read or begun to what can be done with it next.
//!
//! It follows from the paths, so that no handler writes it down: what `POST /things` creates and `GET /things` lists is reached by every
//! operation below `/things/{id}`. Only an answer that names something of another collection is listed, in [`ELSEWHERE`].

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::example;
use super::finishing::{METHODS, declares, is_list};

const API: &str = "/api/v1/";

/// Forms of answers that lead to another collection than the one in their path: the form, where it holds the id, the collection.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("FoundedOut", "/data/operation/id", "operations"),
    ("JobTicket", "/data/id", "jobs"),
    ("OperationOut", "/data/id", "operations"),
    ("PostingOut", "/data/movements/0/id", "stock-movements"),
];

/// What an answer leads to: a collection, and the expression that finds the id.
struct Lead {
    collection: String,
    id: String,
}

/// An operation that takes one id.
struct Target {
    operation_id: String,
    path: String,
    parameter: String,
    edits: bool,
    reads: bool,
}

/// Adds `links` to every successful answer that leads somewhere.
pub(super) fn add(document: &mut Value) {
    let targets = targets(document);
    let schemas = document["components"]["schemas"].clone();
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get_mut(method) else { continue };
            let own = operation["operationId"].as_str().unwrap_or_default().to_owned();
            for (status, response) in operation["responses"].as_object_mut().into_iter().flatten().filter(|(status, _)| status.starts_with('2')) {
                let Some(lead) = lead((path, method, status), response, &schemas) else { continue };
                let tagged = !response["headers"]["ETag"].is_null();
                let reached = targets.get(&lead.collection).into_iter().flatten();
                // A list does not tell versions: from there one reads before one edits.
                let reached = reached
                    .filter(|target| target.operation_id != own && (tagged || !target.edits) && (target.reads || !is_page(response, &schemas)));
                let links: Map<String, Value> = reached.map(|target| (target.operation_id.clone(), link(target, &lead, tagged))).collect();
                if !links.is_empty() {
                    response["links"] = Value::Object(links);
                }
            }
        }
    }
}

/// Whether an answer of 202 says where the work goes on.
pub(super) fn goes_on(response: &Value) -> bool {
    elsewhere(response).is_some()
}

fn link(target: &Target, lead: &Lead, tagged: bool) -> Value {
    let mut parameters = json!({ format!("path.{}", target.parameter): lead.id });
    if target.edits && tagged {
        parameters["header.If-Match"] = json!("$response.header.ETag");
    }
    json!({ "operationId": target.operation_id, "parameters": parameters, "description": format!("The same resource at `{}`.", target.path) })
}

fn lead((path, method, status): (&str, &str, &str), response: &Value, schemas: &Value) -> Option<Lead> {
    if let Some((_, pointer, collection)) = elsewhere(response) {
        return Some(Lead { collection: (*collection).to_owned(), id: format!("$response.body#{pointer}") });
    }
    let segments: Vec<&str> = path.strip_prefix(API)?.split('/').collect();
    let parameter = |segment: &str| segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')).map(str::to_owned);
    match (method, status, segments.as_slice()) {
        ("get" | "put" | "patch", "200", [collection, id]) if parameter(id).is_some() => {
            Some(Lead { collection: (*collection).to_owned(), id: format!("$request.path.{}", parameter(id)?) })
        }
        ("post", "201", [.., collection]) if parameter(collection).is_none() && has_id(response, schemas) => {
            Some(Lead { collection: (*collection).to_owned(), id: "$response.body#/data/id".to_owned() })
        }
        ("get", "200", [.., collection]) if is_page(response, schemas) => {
            Some(Lead { collection: (*collection).to_owned(), id: "$response.body#/data/0/id".to_owned() })
        }
        _ => None,
    }
}

/// The operations that take the id of a member, by collection: those below `/things/{id}`, and those with a parameter `{thing_id}`.
fn targets(document: &Value) -> BTreeMap<String, Vec<Target>> {
    let mut targets: BTreeMap<String, Vec<Target>> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let segments: Vec<&str> = path.strip_prefix(API).unwrap_or_default().split('/').collect();
        let parameters: Vec<&str> = segments.iter().filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}')).collect();
        let [parameter] = parameters.as_slice() else { continue };
        // What operators see lies below `/admin`.
        let collection = match (parameter.strip_suffix("_id"), segments.as_slice()) {
            (Some(singular), _) => format!("{singular}s"),
            (None, ["admin", collection, ..] | [collection, ..]) => (*collection).to_owned(),
            (None, []) => continue,
        };
        for (method, operation) in METHODS.iter().filter_map(|method| Some((method, item.get(*method)?))) {
            targets.entry(collection.clone()).or_default().push(Target {
                operation_id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
                path: path.clone(),
                parameter: (*parameter).to_owned(),
                edits: declares(operation, "header", "If-Match"),
                reads: *method == "get",
            });
        }
    }
    targets
}

fn elsewhere(response: &Value) -> Option<&'static (&'static str, &'static str, &'static str)> {
    let form = schema(response)["$ref"].as_str()?.rsplit("/Envelope_").next()?;
    ELSEWHERE.iter().find(|(name, ..)| *name == form)
}

fn schema(response: &Value) -> &Value {
    &response["content"]["application/json"]["schema"]
}

fn has_id(response: &Value, schemas: &Value) -> bool {
    let envelope = example::resolved(schema(response), schemas);
    example::resolved(&envelope["properties"]["data"], schemas)["properties"]["id"].is_object()
}

fn is_page(response: &Value, schemas: &Value) -> bool {
    response.get("content").is_some_and(|content| is_list(content, schemas))
}
