//! What goes wrong, in one shape: a stable code, a public message, optional details, and a private cause.
//!
//! Every slice has its own `thiserror` enum and one `From<…> for Problem`; the HTTP layer turns a [`Problem`] into
//! the error envelope. A message never carries SQL, a secret, or another tenant's data: those stay in `source`,
//! which is logged and never sent.

use std::error::Error as StdError;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use validator::{ValidationErrors, ValidationErrorsKind};

/// Over how many seconds callers that were refused because too much is asked for are spread.
const AGAIN_WITHIN_S: u64 = 4;

/// A stable, catalogued error code and the HTTP status it always has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ErrorCode {
    /// Upper snake case; never changes once published.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// One sentence for the catalogue.
    pub summary: &'static str,
}

macro_rules! base_codes {
    ($($name:ident = $status:literal, $summary:literal;)*) => {
        impl ErrorCode {
            $(#[doc = $summary] pub const $name: Self = Self { code: stringify!($name), status: $status, summary: $summary };)*
        }

        /// The codes every operation may answer.
        pub const BASE_CODES: &[ErrorCode] = &[$(ErrorCode::$name),*];
    };
}

base_codes! {
    BAD_REQUEST = 400, "The request is malformed: syntax, query parameters or headers.";
    UNAUTHORIZED = 401, "No valid credential was presented.";
    FORBIDDEN = 403, "The caller is known but may not do this.";
    TENANT_MISMATCH = 403, "Host, header and credential name different tenants.";
    NOT_FOUND = 404, "No such resource, or none that the caller may see.";
    METHOD_NOT_ALLOWED = 405, "The path exists, the method does not.";
    NOT_ACCEPTABLE = 406, "No representation matches the Accept header.";
    CONFLICT = 409, "The request contradicts the current state.";
    PRECONDITION_FAILED = 412, "The resource has changed since it was read.";
    PAYLOAD_TOO_LARGE = 413, "The body exceeds the limit.";
    URI_TOO_LONG = 414, "The request line exceeds the limit.";
    UNSUPPORTED_MEDIA_TYPE = 415, "The body's content type is not accepted here.";
    VALIDATION_FAILED = 422, "The body is well-formed but its content is refused; details name the faults of the first stage that found any: shape, rules, references.";
    IDEMPOTENCY_KEY_REUSED = 422, "The idempotency key was used before with another request.";
    PRECONDITION_REQUIRED = 428, "An If-Match header is required.";
    RATE_LIMITED = 429, "Too many requests; see Retry-After.";
    QUOTA_EXCEEDED = 402, "A limit of the plan is reached; a larger plan raises it.";
    INTERNAL_ERROR = 500, "An unexpected fault; the request id finds it in the logs.";
    SERVICE_UNAVAILABLE = 503, "A dependency is down or busy; retry after the time given.";
}

/// One fault of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// Path in the body, such as `lines[0].quantity`.
    pub field: String,
    /// Stable lower snake case reason, such as `too_long`.
    pub code: String,
    /// What is wrong, in English.
    pub message: String,
}

impl FieldFault {
    /// A fault at `field`.
    pub fn new(field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// Collects every fault of an input, so that a caller learns of all at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<FieldFault>);

impl Faults {
    /// No fault yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault.
    pub fn push(&mut self, field: impl Into<String>, code: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldFault::new(field, code, message));
    }

    /// Notes a fault unless `holds`.
    pub fn check(&mut self, holds: bool, field: &str, code: &str, message: &str) {
        if !holds {
            self.push(field, code, message);
        }
    }

    /// Notes every fault of `other`.
    pub fn extend(&mut self, other: impl IntoIterator<Item = FieldFault>) {
        self.0.extend(other);
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults found.
    #[must_use]
    pub fn into_vec(self) -> Vec<FieldFault> {
        self.0
    }

    /// `Ok` without faults.
    ///
    /// # Errors
    /// 422 `VALIDATION_FAILED` with every fault.
    pub fn into_result(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::validation(self.0)) }
    }
}

impl From<ValidationErrors> for Faults {
    fn from(errors: ValidationErrors) -> Self {
        let mut faults = Self::new();
        collect(&errors, "", &mut faults);
        faults
    }
}

fn collect(errors: &ValidationErrors, prefix: &str, faults: &mut Faults) {
    let mut kinds: Vec<_> = errors.errors().iter().collect();
    kinds.sort_by(|left, right| left.0.cmp(right.0));
    for (name, kind) in kinds {
        let path = match (prefix, name.as_ref()) {
            (_, "__all__") => prefix.to_owned(),
            ("", name) => name.to_owned(),
            (prefix, name) => format!("{prefix}.{name}"),
        };
        match kind {
            ValidationErrorsKind::Field(found) => {
                for error in found {
                    let message = error.message.as_ref().map_or_else(|| describe(error), ToString::to_string);
                    faults.push(path.clone(), error.code.to_string(), message);
                }
            }
            ValidationErrorsKind::Struct(inner) => collect(inner, &path, faults),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{path}[{index}]"), faults);
                }
            }
        }
    }
}

/// A sentence for a derived rule that gives no message of its own.
fn describe(error: &validator::ValidationError) -> String {
    let bound = |name: &str| error.params.get(name).map(ToString::to_string);
    let of = if error.params.get("value").is_some_and(|value| value.is_string()) { "characters" } else { "entries" };
    match (error.code.as_ref(), bound("min"), bound("max")) {
        ("length", Some(min), Some(max)) => format!("must have {min} to {max} {of}"),
        ("length", None, Some(max)) => format!("must have at most {max} {of}"),
        ("length", Some(min), None) => format!("must have at least {min} {of}"),
        ("range", Some(min), Some(max)) => format!("must be between {min} and {max}"),
        ("range", None, Some(max)) => format!("must be at most {max}"),
        ("range", Some(min), None) => format!("must be at least {min}"),
        ("email", ..) => "must be an e-mail address".to_owned(),
        ("url", ..) => "must be a URL".to_owned(),
        (code, ..) => format!("is refused ({code})"),
    }
}

/// An error on its way to the caller.
#[derive(Debug)]
pub struct Problem {
    /// Stable code and status.
    pub code: ErrorCode,
    /// Public, English, says what and where.
    pub message: String,
    /// Public structured details, if any.
    pub details: Option<Value>,
    /// When to try again, for 409, 429 and 503.
    pub retry_after: Option<Duration>,
    /// Private cause: logged, never sent.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Problem {
    /// A problem with a public message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: None, retry_after: None, source: None }
    }

    /// 500: an unexpected fault whose cause is logged and not shown.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorCode::INTERNAL_ERROR, "An unexpected error occurred. Quote the request id when you report it.").with_source(source)
    }

    /// 404: the same answer for an unknown and for a foreign resource.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NOT_FOUND, format!("No such {what}."))
    }

    /// 503: what is unavailable, to be retried after a second.
    #[must_use]
    pub fn unavailable(what: &str) -> Self {
        Self::new(ErrorCode::SERVICE_UNAVAILABLE, format!("{what} is unavailable at the moment. Try again shortly."))
            .retry_after(Duration::from_secs(1))
    }

    /// 503: too much is asked of `what` right now. Callers are told different seconds, so that those who were refused together don't come back together.
    #[must_use]
    pub fn overloaded(what: &str) -> Self {
        static REFUSED: AtomicU64 = AtomicU64::new(0);
        let turn = REFUSED.fetch_add(1, Ordering::Relaxed) % AGAIN_WITHIN_S;
        Self::new(ErrorCode::SERVICE_UNAVAILABLE, format!("{what} is asked for too much at the moment. Try again shortly."))
            .retry_after(Duration::from_secs(1 + turn))
    }

    /// 422 with every fault.
    #[must_use]
    pub fn validation(faults: Vec<FieldFault>) -> Self {
        let message = match faults.as_slice() {
            [one] if one.field.is_empty() => format!("The request is refused: {}.", one.message),
            [one] => format!("The request is refused: {}: {}.", one.field, one.message),
            many => format!("The request is refused: {} faults, see details.", many.len()),
        };
        let details = serde_json::to_value(faults).unwrap_or_default();
        Self::new(ErrorCode::VALIDATION_FAILED, message).with_details(details)
    }

    /// Adds public details.
    #[must_use]
    pub fn with_details(mut self, details: impl Into<Value>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// Adds the private cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.code, self.message)
    }
}

impl StdError for Problem {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        Self::validation(faults.into_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use validator::Validate;

    #[derive(Serialize, Validate)]
    struct Line {
        #[validate(length(min = 1, max = 3))]
        sku: String,
    }

    #[derive(Validate)]
    struct Order {
        #[validate(length(min = 1))]
        name: String,
        #[validate(length(min = 1, max = 9), nested)]
        lines: Vec<Line>,
    }

    #[test]
    fn every_fault_is_named_with_its_path() {
        let order = Order { name: String::new(), lines: vec![Line { sku: "ok".into() }, Line { sku: "long".into() }] };
        let faults = Faults::from(order.validate().unwrap_err()).into_vec();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["lines[1].sku", "name"]);
        assert_eq!((faults[0].message.as_str(), faults[1].message.as_str()), ("must have 1 to 3 characters", "must have at least 1 characters"));
        let none = Order { name: "a".into(), lines: Vec::new() };
        assert_eq!(Faults::from(none.validate().unwrap_err()).into_vec()[0].message, "must have 1 to 9 entries");
    }

    #[test]
    fn those_who_are_refused_together_are_not_told_to_come_back_together() {
        let told: std::collections::BTreeSet<_> = (0..AGAIN_WITHIN_S).filter_map(|_| Problem::overloaded("The server").retry_after).collect();
        assert!(told.len() > 1 && told.iter().all(|after| (1..=AGAIN_WITHIN_S).contains(&after.as_secs())), "{told:?}");
    }

    #[test]
    fn codes_are_unique_and_upper_snake_case() {
        let mut seen = std::collections::BTreeSet::new();
        for code in BASE_CODES {
            assert!(code.code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'));
            assert!(seen.insert(code.code), "{} twice", code.code);
        }
    }
}
