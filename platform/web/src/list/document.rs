//! A [`ListSpec`] as OpenAPI parameters, so that a list documents exactly what it accepts.

use nexus_core::ListSpec;
use nexus_core::list::{DEFAULT_LIMIT, FieldKind, ListField, MAX_DEPTH, MAX_LIMIT, MAX_TEXT, MAX_VALUES, Modes};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{KnownFormat, Required, SchemaFormat};

/// A decimal number as filters read it.
const DECIMAL: &str = "-?[0-9]{1,22}(\\.[0-9]{1,6})?";

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
    out.push(parameter(
        "limit",
        "Greatest number of items. A part of more than 2 MiB ends earlier, by `cursor`; by `page` it is refused.".to_owned(),
        integer(1, MAX_LIMIT).default(Some(DEFAULT_LIMIT.into())),
    ));
    let start = if spec.modes == Modes::Both { "An empty value starts." } else { "Absent or empty starts." };
    out.push(parameter(
        "cursor",
        format!("`next_cursor` or `prev_cursor` of an earlier answer with the same filters and sort. {start}"),
        text().max_length(Some(4096)).pattern(Some("^[A-Za-z0-9_-]*$")),
    ));
    out.push(parameter("sort", sorting(spec), text().pattern(Some(sort_pattern(spec))).default(Some(spec.default_sort.into()))));
    if spec.search {
        out.push(parameter("q", "Search text.".to_owned(), text().max_length(Some(MAX_TEXT)).pattern(Some("^[^\\u0000]*$"))));
    }
    if !spec.include.is_empty() {
        let names = spec.include.join("|");
        let schema = text().pattern(Some(format!("^(({names})(,({names}))*)?$")));
        out.push(parameter("include", format!("What to expand, joined by commas: {}.", code_list(spec.include)), schema));
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
    let listed = || text().pattern(Some(list_pattern(field)));
    if field.kind == FieldKind::Bool {
        out.push(parameter(field.name, format!("Only items whose `{}` is this: {kind}.{null}", field.name), listed()));
        out.push(parameter(&format!("{}[ne]", field.name), format!("Only items whose `{}` is not this: {kind}.", field.name), listed()));
        return;
    }
    out.push(parameter(field.name, format!("Only items whose `{}` is one of these, joined by commas: {kind}.{null}", field.name), listed()));
    out.push(parameter(&format!("{}[ne]", field.name), format!("Only items whose `{}` is none of these, joined by commas.", field.name), listed()));
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

fn sort_pattern(spec: &ListSpec) -> String {
    let names: Vec<_> = spec.fields.iter().filter(|field| field.sort).map(|field| field.name).collect();
    let names = if names.contains(&spec.key.name) { names.join("|") } else { format!("{}|{}", names.join("|"), spec.key.name) };
    format!("^(-?({names})(,-?({names})){{0,3}})?$")
}

/// What a filter takes: values of its kind joined by commas, or the one value of a yes-or-no field.
fn list_pattern(field: &ListField) -> String {
    let null = if field.nullable { "|null" } else { "" };
    let value = value_pattern(field.kind);
    match field.kind {
        FieldKind::Bool => format!("^({value}{null})$"),
        _ => format!("^({value}{null})(,({value}{null})){{0,{}}}$", MAX_VALUES - 1),
    }
}

fn value_pattern(kind: FieldKind) -> String {
    match kind {
        FieldKind::Text => format!("[^\\u0000,]{{0,{MAX_TEXT}}}"),
        FieldKind::Enum(members) => members.iter().map(|member| member.replace('.', "\\.")).collect::<Vec<_>>().join("|"),
        FieldKind::Uuid => "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}".to_owned(),
        FieldKind::Decimal => DECIMAL.to_owned(),
        FieldKind::Integer => "-?[0-9]{1,18}".to_owned(),
        FieldKind::Timestamp => {
            "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
                .to_owned()
        }
        FieldKind::Bool => "true|false".to_owned(),
    }
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
        FieldKind::Decimal => text().pattern(Some(format!("^{DECIMAL}$"))).examples(["12.5"]),
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
