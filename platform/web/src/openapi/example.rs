//! Examples of bodies, made from their schemas where a handler gives none, so that every operation shows one.

use serde_json::{Map, Value, json};

/// Depth at which a recursive schema ends.
const MAX_DEPTH: usize = 8;

/// Adds an example to every JSON media type of a body to be sent. What may be left out and names something by its id is left out: a made-up
/// id names nothing, and the example would be refused.
pub(super) fn fill_request(content: &mut Value, schemas: &Value) {
    fill_with(content, schemas, Ids::WhereRequired);
}

/// Adds an example to every JSON media type that has a schema and no example.
pub(super) fn fill(content: &mut Value, schemas: &Value) {
    fill_with(content, schemas, Ids::Everywhere);
}

/// Where an example shows ids.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ids {
    Everywhere,
    WhereRequired,
}

fn fill_with(content: &mut Value, schemas: &Value, ids: Ids) {
    let Some(types) = content.as_object_mut() else { return };
    for (media, described) in types {
        let has_example = described.get("example").is_some() || described.get("examples").is_some();
        if media.ends_with("json") && !has_example && described.get("schema").is_some() {
            let made = of(&described["schema"], schemas, (0, ids));
            described["example"] = made;
        }
    }
}

/// The schema itself, with a reference followed.
pub(super) fn resolved<'s>(schema: &'s Value, schemas: &'s Value) -> &'s Value {
    match schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/")) {
        Some(name) => &schemas[name],
        None => schema,
    }
}

fn of(schema: &Value, schemas: &Value, (depth, ids): (usize, Ids)) -> Value {
    let schema = resolved(schema, schemas);
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    if let Some(given) = schema.get("example").or_else(|| schema["examples"].get(0)).or_else(|| schema.get("const")).or_else(|| schema.get("default"))
    {
        return given.clone();
    }
    if let Some(member) = schema["enum"].get(0) {
        return member.clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            if let Value::Object(fields) = of(part, schemas, (depth + 1, ids)) {
                whole.extend(fields);
            }
        }
        return Value::Object(whole);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(options) = schema[choice].as_array() {
            return options.iter().find(|option| option["type"] != "null").map_or(Value::Null, |option| of(option, schemas, (depth + 1, ids)));
        }
    }
    match kind(schema) {
        Some("object") => object(schema, schemas, (depth, ids)),
        Some("array") if schema["items"].is_object() => json!([of(&schema["items"], schemas, (depth + 1, ids))]),
        Some("array") => json!([]),
        Some("string") => json!(text(schema["format"].as_str())),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        Some("boolean") => json!(true),
        _ => Value::Null,
    }
}

fn kind(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ if schema["properties"].is_object() => Some("object"),
        _ => None,
    }
}

fn object(schema: &Value, schemas: &Value, (depth, ids): (usize, Ids)) -> Value {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object();
    let shown = |(name, property): &(&String, &Value)| {
        ids == Ids::Everywhere || required.contains(&name.as_str()) || property["format"] != "uuid" || property.get("example").is_some()
    };
    let fields = properties.into_iter().flatten().filter(shown);
    let fields = fields.map(|(name, property)| (name.clone(), of(property, schemas, (depth + 1, ids))));
    // What stays away by default is left out: `null` would mean something else, in an edit that it be cleared.
    Value::Object(fields.filter(|(name, value)| !value.is_null() || required.contains(&name.as_str())).collect())
}

fn text(format: Option<&str>) -> &'static str {
    match format {
        Some("uuid") => "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11",
        Some("date-time") => "2026-01-15T09:30:00Z",
        Some("date") => "2026-01-15",
        Some("email") => "ada@example.com",
        Some("uri" | "url") => "https://example.com",
        Some("password") => "correct horse battery staple",
        _ => "text",
    }
}
