//! Money, quantities and decimals on the wire: strings, never numbers.
//!
//! A field may be of these types, or of the nexus-core type with `#[schema(value_type = MoneyDto)]`.

use std::borrow::Cow;
use std::ops::Deref;

use nexus_core::{Currency, Money, Quantity};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

macro_rules! wire_value {
    ($(#[$doc:meta])* $name:ident($inner:ty) as $schema:literal, $build:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl From<$inner> for $name {
            fn from(value: $inner) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $inner {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl Deref for $name {
            type Target = $inner;

            fn deref(&self) -> &$inner {
                &self.0
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                RefOr::T(Schema::Object($build.build()))
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($schema)
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                schemas.extend(inner_schemas($schema));
            }
        }
    };
}

wire_value! {
    /// Money: `{"amount": "12.50", "currency": "EUR"}`.
    MoneyDto(Money) as "Money", money()
}
wire_value! {
    /// A quantity of goods as a decimal string, in the unit its document names.
    QuantityString(Quantity) as "Quantity", decimal("Quantity of goods in the unit its document names: at most 14 digits before and 6 after the decimal point.", "12.5", 14, 6)
}
wire_value! {
    /// An ISO 4217 currency code.
    CurrencyCode(Currency) as "Currency", currency()
}

/// Money in a request.
pub type MoneyIn = MoneyDto;
/// Money in an answer.
pub type MoneyOut = MoneyDto;

/// An exact decimal number that is neither money nor a quantity (a weight, a rate), as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DecimalString(#[serde(with = "rust_decimal::serde::str")] pub Decimal);

/// Only plain decimal strings: no exponent, no sign but a minus, at most 28 digits. A JSON number is refused.
impl<'de> Deserialize<'de> for DecimalString {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = nexus_core::quantity::decimal_text(deserializer, "12.5")?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let (integer, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        Some(&text)
            .filter(|_| plain(integer) && plain(fraction))
            .and_then(|text| Decimal::from_str_exact(text).ok())
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("must be a decimal string such as \"12.5\""))
    }
}

impl PartialSchema for DecimalString {
    fn schema() -> RefOr<Schema> {
        RefOr::T(Schema::Object(decimal("An exact decimal number.", "12.5", 22, 6).build()))
    }
}

impl ToSchema for DecimalString {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Decimal")
    }
}

fn decimal(description: &str, example: &str, digits: u32, decimals: u32) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(format!("^-?[0-9]{{1,{digits}}}(\\.[0-9]{{1,{decimals}}})?$")))
        .description(Some(format!("{description} A string: JSON numbers are refused.")))
        .examples([example])
}

fn currency() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Z]{3}$")).description(Some("ISO 4217 code.")).examples(["EUR"])
}

fn money() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("Money: an exact amount in one currency."))
        .property("amount", decimal("Amount in the currency's major unit: at most 15 digits before and 4 after the decimal point.", "12.50", 15, 4))
        .required("amount")
        .property("currency", Ref::from_schema_name("Currency"))
        .required("currency")
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .examples([serde_json::json!({ "amount": "12.50", "currency": "EUR" })])
}

/// Schemas that a schema refers to.
fn inner_schemas(name: &str) -> Vec<(String, RefOr<Schema>)> {
    match name {
        "Money" => vec![("Currency".to_owned(), CurrencyCode::schema())],
        _ => Vec::new(),
    }
}
