//! A [`ListSpec`] as OpenAPI parameters, so that a list documents exactly what it accepts.

use nexus_core::ListSpec;
use nexus_core::list::{DEFAULT_LIMIT, FieldKind, ListField, MAX_DEPTH, MAX_LIMIT, Modes};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, Required, SchemaFormat};

/// The query parameters of a list.
#[must_use]
pub fn parameters(spec: &ListSpec) -> Vec<Parameter> {
    let mut out = Vec::new();
    if spec.modes == Modes::Both {
        out.push(parameter(
            "page",
            format!("Page, from 1; page × limit may be at most {MAX_DEPTH}. Not together with `cursor`."),
            integer(1, MAX_DEPTH).default(Some(1.into())),
        ));
    }
    out.push(parameter("limit", "Greatest number of items.".to_owned(), integer(1, MAX_LIMIT).default(Some(DEFAULT_LIMIT.into()))));
    let start = if spec.modes == Modes::Both { "An empty value starts." } else { "Absent or empty starts." };
    out.push(parameter(
        "cursor",
        format!("`next_cursor` or `prev_cursor` of an earlier answer with the same filters and sort. {start}"),
        text().max_length(Some(4096)),
    ));
    out.push(parameter("sort", sorting(spec), text().max_length(Some(200)).default(Some(spec.default_sort.into()))));
    if spec.search {
        out.push(parameter("q", "Search text.".to_owned(), text().max_length(Some(200))));
    }
    if !spec.include.is_empty() {
        out.push(parameter("include", format!("What to expand, joined by commas: {}.", code_list(spec.include)), text()));
    }
    for field in spec.fields.iter().filter(|field| field.filter) {
        filters(field, &mut out);
    }
    for name in spec.extra {
        out.push(parameter(name, format!("`{name}` of this operation."), text().max_length(Some(200))));
    }
    out
}

fn filters(field: &ListField, out: &mut Vec<Parameter>) {
    let null = if field.nullable { " `null` finds items without one." } else { "" };
    let kind = describe(field.kind);
    if field.kind == FieldKind::Bool {
        out.push(parameter(field.name, format!("Only items whose `{}` is this: {kind}.{null}", field.name), text()));
        out.push(parameter(&format!("{}[ne]", field.name), format!("Only items whose `{}` is not this: {kind}.", field.name), text()));
        return;
    }
    out.push(parameter(field.name, format!("Only items whose `{}` is one of these, joined by commas: {kind}.{null}", field.name), text()));
    out.push(parameter(&format!("{}[ne]", field.name), format!("Only items whose `{}` is none of these, joined by commas.", field.name), text()));
    if field.kind.is_ordered() {
        for (op, words) in [("lt", "less than"), ("lte", "at most"), ("gt", "greater than"), ("gte", "at least")] {
            out.push(parameter(&format!("{}[{op}]", field.name), format!("Only items whose `{}` is {words} this.", field.name), schema(field.kind)));
        }
    }
}

fn sorting(spec: &ListSpec) -> String {
    let names: Vec<_> = spec.fields.iter().filter(|field| field.sort).map(|field| field.name).collect();
    format!("Up to 4 sort keys joined by commas, `-` for descending: {}.", code_list(&names))
}

fn code_list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn describe(kind: FieldKind) -> String {
    match kind {
        FieldKind::Text => "texts".to_owned(),
        FieldKind::Enum(members) => code_list(members),
        FieldKind::Uuid => "UUIDs".to_owned(),
        FieldKind::Decimal => "decimal numbers".to_owned(),
        FieldKind::Integer => "whole numbers".to_owned(),
        FieldKind::Timestamp => "RFC 3339 times".to_owned(),
        FieldKind::Bool => "`true` or `false`".to_owned(),
    }
}

fn schema(kind: FieldKind) -> ObjectBuilder {
    match kind {
        FieldKind::Integer => ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64))),
        FieldKind::Timestamp => text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))),
        FieldKind::Decimal => text().pattern(Some("^-?[0-9]+(\\.[0-9]+)?$")).examples(["12.5"]),
        _ => text(),
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn integer(min: u64, max: u64) -> ObjectBuilder {
    let bound = |value: u64| isize::try_from(value).unwrap_or(isize::MAX);
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(bound(min))).maximum(Some(bound(max)))
}

fn parameter(name: &str, description: String, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}
