//! Validators that wire types share, for `#[validate(custom(function = …))]`.
//!
//! Bounds are const parameters: `#[validate(custom(function = "validate::text::<1, 200>"))]`. `Option` fields are
//! checked when present; for [`Patch`] fields there are `patch_…` forms.

use nexus_core::Quantity;
use nexus_core::invisible::{is_deceptive, is_invisible};
use serde_json::Value;
use validator::ValidationError;

use crate::extract::Patch;

/// What a validator answers.
pub type Verdict = Result<(), ValidationError>;

/// Greatest size of free-form JSON, in bytes.
const MAX_JSON: usize = 16 * 1024;
/// Greatest depth of free-form JSON.
const MAX_JSON_DEPTH: usize = 8;

fn fault(code: &'static str, message: impl Into<String>) -> ValidationError {
    ValidationError::new(code).with_message(message.into().into())
}

fn bounded(value: &str, min: usize, max: usize, allowed: impl Fn(char) -> bool) -> Verdict {
    if value.trim() != value {
        return Err(fault("untrimmed", "must not begin or end with white space"));
    }
    if value.chars().any(|letter| is_deceptive(letter) || (letter.is_control() && !allowed(letter))) {
        return Err(fault("characters", "must not contain control characters or invisible ones"));
    }
    if !value.is_empty() && value.chars().all(is_invisible) {
        return Err(fault("empty", "must have a visible character"));
    }
    let length = value.chars().count();
    if length < min {
        return Err(if min == 1 { fault("empty", "must not be empty") } else { fault("too_short", format!("must have at least {min} characters")) });
    }
    if length > max {
        return Err(fault("too_long", format!("must have at most {max} characters")));
    }
    Ok(())
}

/// One line of text: `MIN..=MAX` characters, trimmed, no control characters.
///
/// # Errors
/// `untrimmed`, `characters`, `empty`, `too_short` or `too_long`.
pub fn text<const MIN: usize, const MAX: usize>(value: &str) -> Verdict {
    bounded(value, MIN, MAX, |_| false)
}

/// Text of several lines: like [`text`], with line breaks and tabs.
///
/// # Errors
/// As [`text`].
pub fn multiline<const MIN: usize, const MAX: usize>(value: &str) -> Verdict {
    bounded(value, MIN, MAX, |letter| matches!(letter, '\n' | '\r' | '\t'))
}

/// A name shown to people: 1 to 200 characters.
///
/// # Errors
/// As [`text`].
pub fn name(value: &str) -> Verdict {
    text::<1, 200>(value)
}

/// A description: up to 10,000 characters in several lines.
///
/// # Errors
/// As [`text`].
pub fn description(value: &str) -> Verdict {
    multiline::<0, 10_000>(value)
}

/// A note to a document: up to 1,000 characters in several lines.
///
/// # Errors
/// As [`text`].
pub fn note(value: &str) -> Verdict {
    multiline::<0, 1_000>(value)
}

/// A code such as a location's: 1 to 64 characters, all of them visible.
///
/// # Errors
/// As [`text`].
pub fn code(value: &str) -> Verdict {
    if value.chars().any(is_invisible) {
        return Err(fault("characters", "must not contain invisible characters"));
    }
    text::<1, 64>(value)
}

/// A stable key: 1 to 64 of `a–z 0–9 _ -`, beginning with a letter.
///
/// # Errors
/// `pattern`.
pub fn key(value: &str) -> Verdict {
    let shaped = value.len() <= 64
        && value.starts_with(|letter: char| letter.is_ascii_lowercase())
        && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
    if shaped { Ok(()) } else { Err(fault("pattern", "must be 1 to 64 of a–z, 0–9, _ and -, beginning with a letter")) }
}

/// More than nothing.
///
/// # Errors
/// `not_positive`.
pub fn positive(value: &Quantity) -> Verdict {
    if value.is_positive() { Ok(()) } else { Err(fault("not_positive", "must be greater than zero")) }
}

/// Not less than nothing.
///
/// # Errors
/// `negative`.
pub fn not_negative(value: &Quantity) -> Verdict {
    if value.is_positive() || value.is_zero() { Ok(()) } else { Err(fault("negative", "must not be negative")) }
}

/// A free-form JSON object: at most 16 KiB and 8 levels.
///
/// # Errors
/// `type`, `too_large` or `too_deep`.
pub fn json_object(value: &Value) -> Verdict {
    if !value.is_object() {
        return Err(fault("type", "must be a JSON object"));
    }
    if depth(value) > MAX_JSON_DEPTH {
        return Err(fault("too_deep", format!("may be nested at most {MAX_JSON_DEPTH} levels")));
    }
    if value.to_string().len() > MAX_JSON {
        return Err(fault("too_large", format!("may have at most {MAX_JSON} bytes as JSON")));
    }
    Ok(())
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// [`text`] for a field of a patch that may be cleared.
///
/// # Errors
/// As [`text`].
pub fn patch_text<const MIN: usize, const MAX: usize>(value: &Patch<String>) -> Verdict {
    value.value().map_or(Ok(()), |value| text::<MIN, MAX>(value))
}

/// [`multiline`] for a field of a patch that may be cleared.
///
/// # Errors
/// As [`multiline`].
pub fn patch_multiline<const MIN: usize, const MAX: usize>(value: &Patch<String>) -> Verdict {
    value.value().map_or(Ok(()), |value| multiline::<MIN, MAX>(value))
}

/// [`text`] for a field of a patch that can't be cleared.
///
/// # Errors
/// `not_null`, else as [`text`].
pub fn patch_required_text<const MIN: usize, const MAX: usize>(value: &Patch<String>) -> Verdict {
    not_cleared(value)?;
    patch_text::<MIN, MAX>(value)
}

/// [`name`] for a field of a patch that can't be cleared.
///
/// # Errors
/// `not_null`, else as [`text`].
pub fn patch_name(value: &Patch<String>) -> Verdict {
    patch_required_text::<1, 200>(value)
}

/// A field of a patch that can't be cleared, of any type.
///
/// # Errors
/// `not_null`.
pub fn not_cleared<T>(value: &Patch<T>) -> Verdict {
    if value.is_null() { Err(fault("not_null", "must not be null")) } else { Ok(()) }
}

/// [`json_object`] for a field of a patch that can't be cleared.
///
/// # Errors
/// `not_null`, else as [`json_object`].
pub fn patch_json_object(value: &Patch<Value>) -> Verdict {
    not_cleared(value)?;
    value.value().map_or(Ok(()), json_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code_of(verdict: Verdict) -> String {
        verdict.unwrap_err().code.into_owned()
    }

    #[test]
    fn text_is_bounded_trimmed_and_free_of_control_characters() {
        assert!(text::<1, 3>("äöü").is_ok());
        assert_eq!(code_of(text::<1, 3>("")), "empty");
        assert_eq!(code_of(text::<2, 3>("a")), "too_short");
        assert_eq!(code_of(text::<1, 3>("abcd")), "too_long");
        assert_eq!(code_of(text::<1, 9>(" a")), "untrimmed");
        assert_eq!(code_of(text::<1, 9>("a\nb")), "characters");
        assert_eq!(code_of(text::<1, 9>("a\u{202e}b")), "characters");
        assert_eq!(code_of(text::<1, 9>("\u{200b}\u{ad}")), "empty");
        assert!(text::<1, 9>("a\u{200d}b").is_ok());
        assert_eq!(code_of(code("a\u{200d}b")), "characters");
        assert!(multiline::<1, 9>("a\n\tb").is_ok());
        assert_eq!(code_of(multiline::<1, 9>("a\u{0}b")), "characters");
    }

    #[test]
    fn a_patch_may_clear_only_what_is_optional() {
        assert!(patch_text::<1, 3>(&Patch::Null).is_ok());
        assert_eq!(code_of(patch_name(&Patch::Null)), "not_null");
        assert!(patch_name(&Patch::Absent).is_ok());
        assert_eq!(code_of(patch_name(&Patch::Value(String::new()))), "empty");
    }

    #[test]
    fn keys_and_json_objects_are_bounded() {
        assert!(key("stock_keeper").is_ok());
        for bad in ["", "1a", "Ab", "a b", &"a".repeat(65)] {
            assert_eq!(code_of(key(bad)), "pattern");
        }
        assert!(json_object(&serde_json::json!({"a": [1]})).is_ok());
        assert_eq!(code_of(json_object(&serde_json::json!([]))), "type");
        assert_eq!(code_of(json_object(&serde_json::json!({ "a": "x".repeat(MAX_JSON) }))), "too_large");
    }
}
