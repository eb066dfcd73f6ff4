//! What a finished document must have. Each fault names the operation.

use std::collections::BTreeMap;

use serde_json::Value;

use super::finishing::METHODS;

pub(super) fn faults(document: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in METHODS.iter().filter_map(|method| Some((method, item.get(*method)?))) {
            let place = format!("{} {path}", method.to_ascii_uppercase());
            operation_faults(&place, operation, &mut faults);
            let id = operation["operationId"].as_str().unwrap_or_default();
            if let Some(other) = seen.insert(id.to_owned(), place.clone()) {
                faults.push(format!("{place}: operation_id `{id}` is also that of {other}"));
            }
        }
    }
    references(document, document, &mut faults);
    faults
}

fn operation_faults(place: &str, operation: &Value, faults: &mut Vec<String>) {
    let mut need = |holds: bool, what: &str| {
        if !holds {
            faults.push(format!("{place}: {what}"));
        }
    };
    let filled = |name: &str| operation[name].as_str().is_some_and(|text| !text.trim().is_empty());
    let id = operation["operationId"].as_str().unwrap_or_default();
    let snake = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    need(snake, "operation_id is missing or not lower snake case");
    need(filled("summary"), "summary is missing");
    need(filled("description"), "description is missing");
    need(operation["tags"].as_array().is_some_and(|tags| tags.len() == 1), "exactly one tag is needed");
    let responses = operation["responses"].as_object();
    let succeeds = responses.into_iter().flatten().any(|(status, _)| status.starts_with('2') || status.starts_with('3'));
    need(succeeds, "no successful response is documented");
    for (status, response) in responses.into_iter().flatten() {
        let described = response.get("$ref").is_some() || response["description"].as_str().is_some_and(|text| !text.is_empty());
        need(described, &format!("response {status} has no description"));
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or("?");
        need(parameter["description"].as_str().is_some_and(|text| !text.is_empty()), &format!("parameter `{name}` has no description"));
    }
}

/// Every `$ref` leads somewhere.
fn references(value: &Value, document: &Value, faults: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            if let Some(target) = map.get("$ref").and_then(Value::as_str) {
                let pointer = target.strip_prefix('#').unwrap_or(target);
                if document.pointer(pointer).is_none() && !faults.iter().any(|fault| fault.ends_with(target)) {
                    faults.push(format!("a reference leads nowhere: {target}"));
                }
            }
            map.values().for_each(|value| references(value, document, faults));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, document, faults)),
        _ => {}
    }
}
