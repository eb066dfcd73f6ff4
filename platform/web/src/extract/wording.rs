//! What serde says about a body, in the words of the API: path, stable reason, and a sentence without the program's own types.

use nexus_core::FieldFault;

use super::objects::NOT_A_LIST;

/// Greatest length of a message that may repeat the caller's words.
const MAX_MESSAGE: usize = 200;

/// What chrono says about a text that is no time.
const NO_TIME: [&str; 6] = [
    "input contains invalid characters",
    "input is not enough for unique date and time",
    "input is out of range",
    "no possible date and time matching input",
    "premature end of input",
    "trailing input",
];

/// A serde message as a fault at `path`.
pub(super) fn fault(path: &str, message: &str) -> FieldFault {
    let message = message.rfind(" at line ").map_or(message, |end| &message[..end]);
    let path = if path == "." { "" } else { path };
    let quoted = message.split('`').nth(1).unwrap_or("");
    let below = |name: &str| {
        let joined = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        if path == name || path.ends_with(&format!(".{name}")) { path.to_owned() } else { joined }
    };
    if message.starts_with("missing field") {
        return FieldFault::new(below(quoted), "required", "is required");
    }
    if message.starts_with("unknown field") {
        return FieldFault::new(shortened(&below(quoted)), "unknown_field", "is not a field of this body");
    }
    // What is expected is the program's own text and comes last; before it may stand the caller's.
    let expected = message.rfind(", expected ").map(|at| &message[at + ", expected ".len()..]);
    let (code, said) = match (message, expected) {
        (text, _) if text.starts_with("invalid type: null") => ("not_null", "must not be null".to_owned()),
        (NOT_A_LIST, _) => ("type", NOT_A_LIST.to_owned()),
        // What stands in the place of a known value is no string.
        ("expected value", _) => ("type", format!("must be {}", kind("string or map"))),
        (text, Some(expected)) if text.starts_with("invalid type") => ("type", format!("must be {}", kind(expected))),
        (text, Some(expected)) if text.starts_with("unknown variant") => ("unknown_value", one_of(expected)),
        (text, _) if text.starts_with("invalid length") => ("length", text.to_owned()),
        (text, Some(expected)) if text.starts_with("invalid value: integer") => ("invalid", format!("must be {}", kind(expected))),
        (text, _) if NO_TIME.contains(&text) => ("invalid", "must be an RFC 3339 time such as 2026-01-31T12:00:00Z".to_owned()),
        (text, _) if text.starts_with("UUID parsing failed") => ("invalid", "must be a UUID".to_owned()),
        (text, _) => ("invalid", text.to_owned()),
    };
    FieldFault::new(path, code, shortened(&said))
}

/// `` one of `site`, `area` `` → `must be one of site, area`.
fn one_of(expected: &str) -> String {
    let names: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    match names.as_slice() {
        [] => "is not one of the known values".to_owned(),
        [only] => format!("must be {only}"),
        names => format!("must be one of {}", names.join(", ")),
    }
}

/// What a type is called in JSON.
fn kind(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" => "a whole number in range",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number in range, not negative",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        "an RFC 3339 formatted date and time string" => "an RFC 3339 time such as 2026-01-31T12:00:00Z",
        "a UUID string" | "a formatted UUID string" => "a UUID",
        text if text.starts_with("struct ") => "an object",
        text if text.starts_with("enum ") || text == "string or map" => "one of the known values, as a string",
        text => text,
    }
}

fn shortened(text: &str) -> String {
    let mut out: String = text.chars().filter(|letter| !letter.is_control()).take(MAX_MESSAGE).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use nexus_core::Quantity;
    use serde::Deserialize;
    use uuid::Uuid;

    use super::super::json::parse;
    use super::*;
    use crate::wire::DecimalString;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Site,
        Area,
        Bin,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Body {
        #[serde(rename = "kind")]
        _kind: Option<Kind>,
        #[serde(rename = "at")]
        _at: Option<DateTime<Utc>>,
        #[serde(rename = "id")]
        _id: Option<Uuid>,
        #[serde(rename = "count")]
        _count: u8,
        #[serde(rename = "sure")]
        _sure: bool,
        #[serde(rename = "name")]
        _name: String,
        #[serde(rename = "lines")]
        _lines: Vec<Body>,
        #[serde(rename = "quantity")]
        _quantity: Quantity,
        #[serde(rename = "weight")]
        _weight: Option<DecimalString>,
    }

    #[test]
    fn no_message_speaks_of_the_programs_own_types() {
        let time = "must be an RFC 3339 time such as 2026-01-31T12:00:00Z";
        let decimal = "must be a decimal string such as \"12.5\"";
        for (text, field, code, message) in [
            (r#"{"kind":"warehouse"}"#, "kind", "unknown_value", "must be one of site, area, bin"),
            (r#"{"kind":"`, expected `x`"}"#, "kind", "unknown_value", "must be one of site, area, bin"),
            (r#"{"lines":[{"kind":5}]}"#, "lines[0].kind", "type", "must be one of the known values, as a string"),
            (r#"{"at":"yesterday"}"#, "at", "invalid", time),
            (r#"{"at":"2026-01-31"}"#, "at", "invalid", time),
            (r#"{"at":"2026-13-31T12:00:00Z"}"#, "at", "invalid", time),
            (r#"{"at":5}"#, "at", "type", time),
            (r#"{"id":"7"}"#, "id", "invalid", "must be a UUID"),
            (r#"{"id":7}"#, "id", "type", "must be a UUID"),
            (r#"{"count":300}"#, "count", "invalid", "must be a whole number in range, not negative"),
            (r#"{"count":"3"}"#, "count", "type", "must be a whole number in range, not negative"),
            (r#"{"sure":"yes"}"#, "sure", "type", "must be true or false"),
            (r#"{"name":5}"#, "name", "type", "must be a string"),
            (r#"{"lines":[{"quantity":24}]}"#, "lines[0].quantity", "type", decimal),
            (r#"{"quantity":true}"#, "quantity", "type", decimal),
            (r#"{"weight":0.5}"#, "weight", "type", decimal),
            (r#"{"name":null}"#, "name", "not_null", "must not be null"),
            (r#"{"lines":{}}"#, "lines", "type", "must be a list"),
            (r#"{"lines":[5]}"#, "lines[0]", "type", "must be an object"),
        ] {
            let problem = parse::<Body>(text.as_bytes()).unwrap_err();
            let faults: Vec<FieldFault> = serde_json::from_value(problem.details.unwrap()).unwrap();
            assert_eq!(faults, [FieldFault::new(field, code, message)], "{text}");
        }
    }
}
