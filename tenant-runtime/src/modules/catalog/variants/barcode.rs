//! Barcodes: what kind they are of, and what that kind asks of them.

use std::collections::HashSet;

use nexus_web::validate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

use crate::modules::catalog::gtin::has_valid_check_digit;

/// What kind of code a barcode is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BarcodeKind {
    /// EAN-13 (GTIN-13): 13 digits.
    Ean13,
    /// UPC-A (GTIN-12): 12 digits.
    Upca,
    /// EAN-8 (GTIN-8): 8 digits.
    Ean8,
    /// GTIN-14: 14 digits.
    Gtin14,
    /// Code 128: printable ASCII.
    Code128,
    /// Anything else.
    Other,
}

impl BarcodeKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Ean13, Self::Upca, Self::Ean8, Self::Gtin14, Self::Code128, Self::Other];

    /// The value in the database and on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ean13 => "ean13",
            Self::Upca => "upca",
            Self::Ean8 => "ean8",
            Self::Gtin14 => "gtin14",
            Self::Code128 => "code128",
            Self::Other => "other",
        }
    }

    /// Reads the value of the database or of a file.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// The kind that a bare code most likely is: by its length when its check digit is right, else `other`.
    #[must_use]
    pub fn guess(code: &str) -> Self {
        match code.len() {
            13 if has_valid_check_digit(code) => Self::Ean13,
            12 if has_valid_check_digit(code) => Self::Upca,
            8 if has_valid_check_digit(code) => Self::Ean8,
            14 if has_valid_check_digit(code) => Self::Gtin14,
            _ => Self::Other,
        }
    }

    fn gtin_length(self) -> Option<usize> {
        match self {
            Self::Ean13 => Some(13),
            Self::Upca => Some(12),
            Self::Ean8 => Some(8),
            Self::Gtin14 => Some(14),
            Self::Code128 | Self::Other => None,
        }
    }
}

/// A barcode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = "check_barcode"))]
pub struct Barcode {
    /// The code as it is scanned.
    #[schema(example = "4006381333931", min_length = 1, max_length = 80)]
    pub barcode: String,
    /// Its kind.
    pub kind: BarcodeKind,
}

/// Checks a barcode by the rules of its kind.
pub(super) fn check_barcode(barcode: &Barcode) -> Result<(), ValidationError> {
    let code = barcode.barcode.as_str();
    let fault = |reason: &'static str, message: String| Err(ValidationError::new(reason).with_message(message.into()));
    validate::text::<1, 80>(code)?;
    match barcode.kind.gtin_length() {
        Some(length) if code.len() != length || !code.bytes().all(|byte| byte.is_ascii_digit()) => {
            fault("length", format!("a barcode of kind {} has exactly {length} digits", barcode.kind.as_str()))
        }
        Some(_) if !has_valid_check_digit(code) => fault("check_digit", format!("the check digit of {code} is wrong")),
        None if barcode.kind == BarcodeKind::Code128 && !code.bytes().all(|byte| (b' '..=b'~').contains(&byte)) => {
            fault("characters", "Code 128 holds printable ASCII only".to_owned())
        }
        _ => Ok(()),
    }
}

/// No barcode twice on one variant: the database would name the second one taken by another variant.
pub(super) fn distinct_barcodes(barcodes: &[Barcode]) -> Result<(), ValidationError> {
    let mut seen = HashSet::new();
    match barcodes.iter().find(|barcode| !seen.insert(barcode.barcode.as_str())) {
        Some(repeated) => {
            Err(ValidationError::new("duplicate_barcode").with_message(format!("the barcode {} occurs twice", repeated.barcode).into()))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn barcode(kind: BarcodeKind, code: &str) -> Result<(), ValidationError> {
        check_barcode(&Barcode { barcode: code.to_owned(), kind })
    }

    #[test]
    fn gtin_kinds_want_their_length_and_a_right_check_digit() {
        assert!(barcode(BarcodeKind::Ean13, "4006381333931").is_ok());
        assert_eq!(barcode(BarcodeKind::Ean13, "4006381333932").unwrap_err().code, "check_digit");
        assert_eq!(barcode(BarcodeKind::Upca, "4006381333931").unwrap_err().code, "length");
        assert!(barcode(BarcodeKind::Other, "4006381333932").is_ok());
        assert_eq!(barcode(BarcodeKind::Code128, "größe").unwrap_err().code, "characters");
    }

    #[test]
    fn a_bare_code_is_recognised_by_length_and_check_digit() {
        assert_eq!(BarcodeKind::guess("4006381333931"), BarcodeKind::Ean13);
        assert_eq!(BarcodeKind::guess("036000291452"), BarcodeKind::Upca);
        assert_eq!(BarcodeKind::guess("4006381333932"), BarcodeKind::Other);
    }
}
