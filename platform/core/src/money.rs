//! Money: an exact decimal amount and an ISO 4217 currency. `NUMERIC(19,4)` in the database, never a float.

use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Greatest number of decimals an amount may carry.
pub const MONEY_SCALE: u32 = 4;
/// Greatest number of digits before the decimal point.
pub const MONEY_INTEGER_DIGITS: u32 = 15;

/// Why an amount or currency is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// Not three ASCII capital letters.
    #[error("currency must be a three-letter ISO 4217 code such as EUR")]
    Currency,
    /// Not a plain decimal number.
    #[error("amount must be a decimal string such as \"12.50\"")]
    Malformed,
    /// More than four decimals.
    #[error("amount may have at most 4 decimals")]
    Scale,
    /// More digits than `NUMERIC(19,4)` holds.
    #[error("amount may have at most 15 digits before the decimal point")]
    Magnitude,
}

/// An ISO 4217 code: three ASCII capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The code, such as `EUR`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimals of the minor unit (ISO 4217): 0 for JPY, 3 for KWD, else 2.
    #[must_use]
    pub fn minor_digits(&self) -> u32 {
        match self.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => {
                0
            }
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|byte| byte.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyError::Currency),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount in one currency. On the wire `{"amount": "12.50", "currency": "EUR"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Exact amount, at most 4 decimals; a decimal string on the wire.
    #[serde(with = "amount")]
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: Currency,
}

impl Money {
    /// Checks that the amount fits `NUMERIC(19,4)`.
    ///
    /// # Errors
    /// [`MoneyError::Scale`] or [`MoneyError::Magnitude`].
    pub fn new(amount: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        check(amount).map(|amount| Self { amount, currency })
    }

    /// Rounds half-even to the currency's minor unit: the last step of every computation.
    #[must_use]
    pub fn round(self) -> Self {
        let amount = self.amount.round_dp_with_strategy(self.currency.minor_digits(), RoundingStrategy::MidpointNearestEven);
        Self { amount, ..self }
    }
}

/// Checks an amount against `NUMERIC(19,4)`.
fn check(amount: Decimal) -> Result<Decimal, MoneyError> {
    let amount = amount.normalize();
    if amount.scale() > MONEY_SCALE {
        return Err(MoneyError::Scale);
    }
    if amount.trunc().abs() >= Decimal::from(10_u64.pow(MONEY_INTEGER_DIGITS)) {
        return Err(MoneyError::Magnitude);
    }
    Ok(amount)
}

/// Parses a plain decimal string into an amount that `NUMERIC(19,4)` holds.
///
/// # Errors
/// [`MoneyError`] naming what is wrong.
pub fn parse_amount(text: &str) -> Result<Decimal, MoneyError> {
    crate::quantity::plain_decimal(text).ok_or(MoneyError::Malformed).and_then(check)
}

/// Serde of amounts as decimal strings with at least two decimals.
mod amount {
    use rust_decimal::Decimal;
    use serde::{Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        let mut shown = amount.normalize();
        if shown.scale() < 2 {
            shown.rescale(2);
        }
        serializer.serialize_str(&shown.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = crate::quantity::decimal_text(deserializer, "12.50")?;
        super::parse_amount(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eur(text: &str) -> Money {
        Money::new(text.parse().unwrap(), "EUR".parse().unwrap()).unwrap()
    }

    #[test]
    fn rounding_is_half_even_to_the_minor_unit() {
        assert_eq!(eur("0.125").round(), eur("0.12"));
        assert_eq!(eur("0.135").round(), eur("0.14"));
        let yen = Money::new("2.5".parse().unwrap(), "JPY".parse().unwrap()).unwrap();
        assert_eq!(yen.round().amount, Decimal::from(2));
    }

    #[test]
    fn money_travels_as_strings_and_never_as_a_number() {
        assert_eq!(serde_json::to_string(&eur("12.5")).unwrap(), r#"{"amount":"12.50","currency":"EUR"}"#);
        let refused = serde_json::from_str::<Money>(r#"{"amount":12.5,"currency":"EUR"}"#).unwrap_err().to_string();
        assert!(refused.contains("expected a decimal string such as \"12.50\""), "{refused}");
        assert!(serde_json::from_str::<Money>(r#"{"amount":"12.5","currency":"eur"}"#).is_err());
        assert!(serde_json::from_str::<Money>(r#"{"amount":"1.23456","currency":"EUR"}"#).is_err());
        assert!(serde_json::from_str::<Money>(r#"{"amount":"1000000000000000","currency":"EUR"}"#).is_err());
    }
}
