//! [`Params`]: query parameters as a type. Unknown, repeated and unreadable ones are all named, with status 400.

use std::fmt;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;
use nexus_core::{Faults, FieldFault, Problem};
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use validator::Validate;

use super::query;
use crate::error::{ApiError, bad_request};
use crate::gate;

/// Query parameters of an operation that is not a list (lists use [`crate::list_query`]).
///
/// Fields may be strings, numbers, booleans, enums, `Option` of those, and `Vec` (values joined by commas).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Params<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let req = req.clone();
        Box::pin(async move {
            gate::opened(&req).await;
            let value: T = parse(query::pairs(&req)?)?;
            value.validate().map_err(|errors| bad_request(Faults::from(errors).into_vec()))?;
            Ok(Self(value))
        })
    }
}

/// Reads decoded pairs as a `T`; validators are not run.
pub(crate) fn parse<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Problem> {
    let mut faults = Vec::new();
    let mut unique: Vec<(String, String)> = Vec::new();
    for (name, value) in pairs {
        if unique.iter().any(|(known, _)| *known == name) {
            faults.push(FieldFault::new(short(&name), "repeated", "is given twice; join values with commas"));
        } else if value.contains('\0') {
            faults.push(FieldFault::new(short(&name), "characters", "must not contain NUL"));
        } else {
            unique.push((name, value));
        }
    }
    match T::deserialize(Query { pairs: unique, unknown: &mut faults }) {
        Ok(value) if faults.is_empty() => Ok(value),
        Ok(_) => Err(bad_request(faults)),
        Err(Fault(fault)) => {
            faults.push(fault);
            Err(bad_request(faults))
        }
    }
}

fn short(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(60).collect()
}

#[derive(Debug)]
struct Fault(FieldFault);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(FieldFault::new("", "value", short(&message.to_string())))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(FieldFault::new(field, "required", "is required"))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self(FieldFault::new(short(field), "unknown", "is not a parameter of this operation"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(FieldFault::new("", "value", format!("must be one of {}", expected.join(", "))))
    }
}

/// The whole query; takes out what the target's fields don't name and reports it.
struct Query<'q> {
    pairs: Vec<(String, String)>,
    unknown: &'q mut Vec<FieldFault>,
}

impl<'de> Deserializer<'de> for Query<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_map(Pairs { rest: self.pairs.into_iter(), value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(mut self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        let unknown = &mut *self.unknown;
        self.pairs.retain(|(name, _)| {
            let known = fields.contains(&name.as_str());
            if !known {
                unknown.push(FieldFault::new(short(name), "unknown", "is not a parameter of this operation"));
            }
            known
        });
        self.deserialize_any(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Pairs {
    rest: std::vec::IntoIter<(String, String)>,
    value: Option<(String, String)>,
}

impl<'de> MapAccess<'de> for Pairs {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        let key: StrDeserializer<'_, Fault> = name.as_str().into_deserializer();
        let key = seed.deserialize(key)?;
        self.value = Some((name, value));
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let (name, value) = self.value.take().unwrap_or_default();
        seed.deserialize(Text(&value)).map_err(|Fault(mut fault)| {
            if fault.field.is_empty() {
                fault.field = short(&name);
            }
            Fault(fault)
        })
    }
}

/// One value; what it is read as is up to the target.
struct Text<'t>(&'t str);

macro_rules! parsed {
    ($($method:ident => $visit:ident, $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(de::Error::custom(concat!("must be ", $what))),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Text<'_> {
    type Error = Fault;

    parsed! {
        deserialize_bool => visit_bool, "true or false";
        deserialize_i8 => visit_i8, "a small whole number";
        deserialize_i16 => visit_i16, "a small whole number";
        deserialize_i32 => visit_i32, "a whole number";
        deserialize_i64 => visit_i64, "a whole number";
        deserialize_u8 => visit_u8, "a small whole number, not negative";
        deserialize_u16 => visit_u16, "a small whole number, not negative";
        deserialize_u32 => visit_u32, "a whole number, not negative";
        deserialize_u64 => visit_u64, "a whole number, not negative";
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, name: &'static str, variants: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        let text: StrDeserializer<'_, Fault> = self.0.into_deserializer();
        text.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_seq(Parts(self.0.split(',')))
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}

struct Parts<'t>(std::str::Split<'t, char>);

impl<'de> SeqAccess<'de> for Parts<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        self.0.next().map(|part| seed.deserialize(Text(part.trim()))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Mode {
        Fast,
        Thorough,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Options {
        dry_run: bool,
        depth: Option<u32>,
        mode: Option<Mode>,
        #[serde(default)]
        ids: Vec<u32>,
    }

    fn read(text: &str) -> Result<Options, Vec<(String, String)>> {
        parse(serde_urlencoded::from_str(text).unwrap()).map_err(|problem| {
            assert_eq!(problem.code.status, 400);
            let faults: Vec<FieldFault> = serde_json::from_value(problem.details.unwrap()).unwrap();
            faults.into_iter().map(|fault| (fault.field, fault.code)).collect()
        })
    }

    #[test]
    fn parameters_are_read_as_their_types() {
        let options = read("dry_run=true&depth=3&mode=thorough&ids=1,2").unwrap();
        assert_eq!(options, Options { dry_run: true, depth: Some(3), mode: Some(Mode::Thorough), ids: vec![1, 2] });
    }

    #[test]
    fn every_unknown_repeated_or_unreadable_parameter_is_named() {
        let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
        assert_eq!(read("dry_run=true&a=1&b=2").unwrap_err(), [pair("a", "unknown"), pair("b", "unknown")]);
        assert_eq!(read("dry_run=true&dry_run=false").unwrap_err(), [pair("dry_run", "repeated")]);
        assert_eq!(read("dry_run=maybe").unwrap_err(), [pair("dry_run", "value")]);
        assert_eq!(read("dry_run=true&mode=slow").unwrap_err(), [pair("mode", "value")]);
        assert_eq!(read("x=1").unwrap_err(), [pair("x", "unknown"), pair("dry_run", "required")]);
    }
}
