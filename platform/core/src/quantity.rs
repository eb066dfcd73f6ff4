//! Quantities of goods: exact decimals, `NUMERIC(20,6)` in the database, decimal strings on the wire.

use std::fmt;
use std::ops::Neg;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use thiserror::Error;

/// Greatest number of decimals.
pub const QUANTITY_SCALE: u32 = 6;
/// Greatest number of digits before the decimal point.
pub const QUANTITY_INTEGER_DIGITS: u32 = 14;

/// Why a quantity is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// Not a plain decimal number (no exponent, no thousands separator).
    #[error("quantity must be a decimal string such as \"12.5\"")]
    Malformed,
    /// More than six decimals.
    #[error("quantity may have at most 6 decimals")]
    Scale,
    /// More digits than `NUMERIC(20,6)` holds.
    #[error("quantity may have at most 14 digits before the decimal point")]
    Magnitude,
}

/// An exact amount of goods in the unit its document names. May be negative (a delta).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(Decimal);

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Checks that the number fits `NUMERIC(20,6)`.
    ///
    /// # Errors
    /// [`QuantityError::Scale`] or [`QuantityError::Magnitude`].
    pub fn new(value: Decimal) -> Result<Self, QuantityError> {
        let value = value.normalize();
        if value.scale() > QUANTITY_SCALE {
            return Err(QuantityError::Scale);
        }
        if value.trunc().abs() >= Decimal::from(10_u64.pow(QUANTITY_INTEGER_DIGITS)) {
            return Err(QuantityError::Magnitude);
        }
        Ok(Self(value))
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> Decimal {
        self.0
    }

    /// Whether this is more than nothing.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > Decimal::ZERO
    }

    /// Whether this is nothing.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }
}

impl Neg for Quantity {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl From<Quantity> for Decimal {
    fn from(quantity: Quantity) -> Self {
        quantity.0
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        plain_decimal(text).ok_or(QuantityError::Malformed).and_then(Self::new)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        decimal_text(deserializer, "12.5")?.parse().map_err(de::Error::custom)
    }
}

/// The text of a decimal string. Anything else, a JSON number above all, is refused with an example of what is wanted.
///
/// # Errors
/// What is there is no string.
pub fn decimal_text<'de, D: Deserializer<'de>>(deserializer: D, example: &'static str) -> Result<String, D::Error> {
    deserializer.deserialize_string(DecimalText(example))
}

struct DecimalText(&'static str);

impl de::Visitor<'_> for DecimalText {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a decimal string such as \"{}\"", self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }
}

/// A number written plainly: optional minus, digits, optional point and digits; at most 28 digits.
pub(crate) fn plain_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(integer) || !plain(fraction) {
        return None;
    }
    Decimal::from_str_exact(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_decimal_strings_are_quantities() {
        for good in ["1", "0.5", "-3.25", "99999999999999.999999"] {
            assert!(good.parse::<Quantity>().is_ok(), "{good}");
        }
        for bad in ["", " 1", "1e3", "+1", "1,5", "1_000", ".5", "5.", "NaN", "0x10", "١"] {
            assert_eq!(bad.parse::<Quantity>(), Err(QuantityError::Malformed), "{bad}");
        }
        assert_eq!("0.0000001".parse::<Quantity>(), Err(QuantityError::Scale));
        assert_eq!("100000000000000".parse::<Quantity>(), Err(QuantityError::Magnitude));
        assert!(serde_json::from_str::<Quantity>("1.5").is_err());
    }
}
