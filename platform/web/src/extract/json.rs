//! [`Json`]: a JSON body, read strictly.
//!
//! | fault | answer |
//! |---|---|
//! | no or another content type, compressed | 415 |
//! | too large | 413 |
//! | empty, malformed, repeated key, nested too deep | 400 with line and column, or the path |
//! | NUL characters | 422 with every path |
//! | unknown fields, and the first wrong type (a list for an object too) or missing field | 422 with every path found |
//! | refused by validators | 422 with every path |
//!
//! The stages follow each other: the first that finds something answers.

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use aws_lc_rs::digest;
use futures::future::LocalBoxFuture;
use nexus_core::{ErrorCode, Faults, FieldFault, Problem};
use serde::de::DeserializeOwned;
use tokio::sync::watch;
use validator::Validate;

use super::objects::Objects;
use super::{body, strict, wording};
use crate::error::{ApiError, bad_request};
use crate::gate;

/// A JSON body, complete, of the right shape and valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T> Json<T> {
    /// The value.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// SHA-256 of the body's bytes, awaited by [`super::Idempotency`].
#[derive(Clone)]
pub(super) struct BodyDigest(pub(super) watch::Receiver<Option<[u8; 32]>>);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (announce, digest) = watch::channel(None);
        req.extensions_mut().insert(BodyDigest(digest));
        let req = req.clone();
        let payload = payload.take();
        Box::pin(async move {
            gate::opened(&req).await;
            check_content_type(&req)?;
            let bytes = body::read(&req, payload).await?;
            announce.send_replace(Some(sha256(&bytes)));
            let value: T = parse(&bytes)?;
            value.validate().map_err(|errors| Problem::from(Faults::from(errors)))?;
            Ok(Self(value))
        })
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

fn check_content_type(req: &HttpRequest) -> Result<(), Problem> {
    let given = req.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut parts = given.split(';').map(str::trim);
    let media = parts.next().unwrap_or("").to_ascii_lowercase();
    let json = media == "application/json" || (media.starts_with("application/") && media.ends_with("+json"));
    let utf8 = parts
        .filter_map(|part| part.split_once('='))
        .all(|(name, value)| !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    if json && utf8 {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::UNSUPPORTED_MEDIA_TYPE, "The body must be JSON in UTF-8: send Content-Type: application/json."))
}

/// Reads `bytes` as a `T`; validators are not run.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::new(ErrorCode::BAD_REQUEST, "A JSON body is required."));
    }
    let nul = strict::scan(bytes).map_err(|fault| bad_request(vec![fault]))?;
    if !nul.is_empty() {
        return Err(Problem::validation(nul));
    }
    let mut ignored = Vec::new();
    let mut ignore = |path: serde_ignored::Path<'_>| ignored.push(dotted(&path.to_string()));
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(Objects(&mut json), &mut track);
    let read = T::deserialize(serde_ignored::Deserializer::new(tracked, &mut ignore));
    let mut faults: Vec<FieldFault> = ignored.into_iter().map(|path| FieldFault::new(path, "unknown_field", "is not a field of this body")).collect();
    match read {
        Ok(value) if faults.is_empty() => Ok(value),
        Ok(_) => Err(Problem::validation(faults)),
        Err(error) => {
            faults.push(wording::fault(&track.path().to_string(), &error.to_string()));
            Err(Problem::validation(faults))
        }
    }
}

/// `lines.0.sku` (as `serde_ignored` writes it) → `lines[0].sku`.
fn dotted(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for part in path.split('.').filter(|part| *part != "?") {
        if !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) {
            out.push_str(&format!("[{part}]"));
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(part);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::objects::NOT_A_LIST;
    use super::*;
    use crate::Patch;
    use nexus_core::{Money, Quantity};
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Line {
        #[serde(rename = "sku")]
        _sku: String,
        #[serde(rename = "quantity")]
        _quantity: Quantity,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[serde(rename = "name")]
        _name: String,
        #[serde(rename = "lines", default)]
        _lines: Vec<Line>,
        #[serde(rename = "price", default)]
        _price: Option<Money>,
    }

    #[derive(Debug, Deserialize)]
    enum Shape {
        #[serde(rename = "box")]
        Box {
            #[serde(rename = "side")]
            _side: u8,
        },
        #[serde(rename = "priced")]
        Priced(#[expect(dead_code, reason = "only read")] Money),
    }

    /// Objects wherever a type can hold one, and lists that are lists.
    #[derive(Debug, Deserialize)]
    struct Nest {
        #[serde(rename = "patch", default)]
        _patch: Patch<Money>,
        #[serde(rename = "list", default)]
        _list: Vec<Option<Money>>,
        #[serde(rename = "map", default)]
        _map: BTreeMap<String, Money>,
        #[serde(rename = "shape", default)]
        _shape: Option<Shape>,
        #[serde(rename = "pair", default)]
        _pair: Option<(u8, u8)>,
        #[serde(rename = "any", default)]
        _any: serde_json::Value,
    }

    fn fault(text: &str) -> (u16, Vec<(String, String)>) {
        let problem = parse::<Order>(text.as_bytes()).unwrap_err();
        let faults: Vec<FieldFault> = problem.details.map(|details| serde_json::from_value(details).unwrap()).unwrap_or_default();
        (problem.code.status, faults.into_iter().map(|fault| (fault.field, fault.code)).collect())
    }

    fn one(field: &str, code: &str) -> Vec<(String, String)> {
        vec![(field.to_owned(), code.to_owned())]
    }

    #[test]
    fn a_fault_of_content_names_its_field() {
        assert_eq!(fault(r#"{"name":5}"#), (422, one("name", "type")));
        assert_eq!(fault(r#"{"name":null}"#), (422, one("name", "not_null")));
        assert_eq!(fault(r#"{}"#), (422, one("name", "required")));
        assert_eq!(fault(r#"{"name":"a","colour":1}"#), (422, one("colour", "unknown_field")));
        assert_eq!(fault(r#"{"name":"a","lines":[{"sku":"x"}]}"#), (422, one("lines[0].quantity", "required")));
        assert_eq!(fault(r#"[]"#), (422, one("", "type")));
        assert_eq!(fault(r#" ["a"]"#), (422, one("", "type")));
    }

    #[test]
    fn fields_that_a_type_would_ignore_are_all_named() {
        let (status, faults) = fault(r#"{"name":"a","lines":[{"sku":"x","quantity":"1","a":1,"b":2}]}"#);
        assert_eq!(status, 422);
        let fields: Vec<_> = faults.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["lines[0].a", "lines[0].b"]);
    }

    #[test]
    fn an_object_is_not_written_as_a_list_however_deep_it_lies() {
        assert_eq!(fault(r#"{"name":"a","price":["12.50","EUR"]}"#), (422, one("price", "type")));
        assert_eq!(fault(r#"{"name":"a","lines":[{"sku":"x","quantity":"1"},["y","2"]]}"#), (422, one("lines[1]", "type")));
        let problem = parse::<Order>(br#"{"name":"a","price":["12.50","EUR"]}"#).unwrap_err();
        assert_eq!(problem.message, "The request is refused: price: must be an object, not a list.");
        let money = r#"["1","EUR"]"#;
        for (text, path) in [
            (format!(r#"{{"patch":{money}}}"#), "patch"),
            (format!(r#"{{"list":[null,{money}]}}"#), "list[1]"),
            (format!(r#"{{"map":{{"a":{money}}}}}"#), "map.a"),
            (r#"{"shape":{"box":[1]}}"#.to_owned(), "shape.box"),
            (format!(r#"{{"shape":{{"priced":{money}}}}}"#), "shape.priced"),
        ] {
            let faults: Vec<FieldFault> = serde_json::from_value(parse::<Nest>(text.as_bytes()).unwrap_err().details.unwrap()).unwrap();
            assert_eq!(faults, [FieldFault::new(path, "type", NOT_A_LIST)], "{text}");
        }
        let whole = r#"{"patch":{"amount":"1","currency":"EUR"},"list":[null,{"amount":"1","currency":"EUR"}],"map":{"a":{"amount":"1","currency":"EUR"}},
            "shape":{"box":{"side":1}},"pair":[1,2],"any":[1,{"a":[]}]}"#;
        parse::<Nest>(whole.as_bytes()).unwrap();
    }

    #[test]
    fn decimals_are_strings_and_never_numbers() {
        assert_eq!(fault(r#"{"name":"a","lines":[{"sku":"x","quantity":1.5}]}"#), (422, one("lines[0].quantity", "type")));
        assert_eq!(fault(r#"{"name":"a","price":{"amount":12,"currency":"EUR"}}"#), (422, one("price.amount", "type")));
        assert_eq!(fault(r#"{"name":"a","price":{"amount":"1e3","currency":"EUR"}}"#), (422, one("price.amount", "invalid")));
    }

    #[test]
    fn a_nul_character_is_refused_wherever_it_hides() {
        let (status, faults) = fault(r#"{"name":"a\u0000b","lines":["\u0000"]}"#);
        assert_eq!(status, 422);
        assert_eq!(faults, [("name".to_owned(), "characters".to_owned()), ("lines[0]".to_owned(), "characters".to_owned())]);
    }

    #[test]
    fn malformed_json_says_where() {
        for bad in ["", "  ", "{", r#"{"name":"a",}"#, r#"{"name":"a"} x"#, "{\"name\":\"\u{1}\"}", r#"{"name":1e999}"#, r#""\ud800""#] {
            assert_eq!(fault(bad).0, 400, "{bad}");
        }
        let problem = parse::<Order>(b"{\n  \"name\" 1}").unwrap_err();
        assert!(problem.message.contains("line 2 column"), "{}", problem.message);
        assert_eq!(parse::<Order>(b"{\"name\":\"\xff\"}").unwrap_err().code.status, 400);
    }

    #[test]
    fn repeated_keys_and_deep_nesting_are_malformed() {
        assert_eq!(fault(r#"{"name":"a","name":"b"}"#), (400, one("name", "repeated")));
        assert_eq!(fault(r#"{"name":"a","lines":[{"sku":"x","sku":"y"}]}"#), (400, one("lines[0].sku", "repeated")));
        assert_eq!(fault(&format!("{}{}", "[".repeat(60), "]".repeat(60))).0, 400);
        assert_eq!(fault(&"[".repeat(100_000)).0, 400);
    }

    #[test]
    fn a_message_never_repeats_a_whole_long_input() {
        let problem = parse::<Order>(format!(r#"{{"name":"a","lines":"{}"}}"#, "x".repeat(10_000)).as_bytes()).unwrap_err();
        assert!(problem.message.len() < 400);
    }
}
