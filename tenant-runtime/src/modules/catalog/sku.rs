//! Stock-keeping units: unique within the tenant without regard to case.
//!
//! How two SKUs compare is decided by the database alone (`variants.sku_normalised`, NFKC and lower case): look-ups send the SKU as it
//! was typed. [`normalise_sku`] is the same rule for code that groups SKUs before it asks; a test holds the two against each other.

use nexus_core::FieldFault;
use nexus_core::invisible::is_invisible;
use unicode_normalization::UnicodeNormalization;

/// Greatest length in characters.
pub const MAX_SKU_LENGTH: usize = 100;

/// The form SKUs are compared in: trimmed, NFKC, lower case.
#[must_use]
pub fn normalise_sku(sku: &str) -> String {
    fold(sku.trim())
}

/// NFKC and lower case as the database's `lower(normalize(text, NFKC))` has it: letter by letter, so that a final Σ becomes σ like
/// every other, and one letter for one, so that İ becomes i without a dot of its own.
#[must_use]
pub fn fold(text: &str) -> String {
    text.nfkc().filter_map(|letter| letter.to_lowercase().next()).collect()
}

/// Checks a SKU and trims it.
///
/// # Errors
/// A fault of `field`: empty, too long, or with control characters or line breaks.
pub fn parse_sku(field: &str, sku: &str) -> Result<String, FieldFault> {
    let sku = sku.trim();
    if sku.is_empty() {
        return Err(FieldFault::new(field, "required", "a SKU must not be empty"));
    }
    if sku.chars().count() > MAX_SKU_LENGTH {
        return Err(FieldFault::new(field, "too_long", format!("a SKU has at most {MAX_SKU_LENGTH} characters")));
    }
    if sku.chars().any(is_invisible) {
        return Err(FieldFault::new(field, "control_characters", "a SKU must not contain control characters or invisible ones"));
    }
    Ok(sku.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn skus_are_compared_without_case_width_and_margins() {
        assert_eq!(normalise_sku(" AbC-1 "), "abc-1");
        assert_eq!(normalise_sku("ＡＢＣ"), "abc");
        assert_eq!(normalise_sku("ΑΣ"), "ασ");
        assert_eq!(normalise_sku("İẞ"), "iß");
        assert_eq!(parse_sku("sku", " AbC-1 ").unwrap(), "AbC-1");
    }

    mod properties {
        use super::*;

        proptest! {
            #[test]
            fn a_sku_that_is_taken_stays_as_it_is(text in "\\PC{0,110}|[ a-zA-ZÄßİΣ０-９-]{0,20}") {
                if let Ok(sku) = parse_sku("sku", &text) {
                    prop_assert_eq!(sku.trim(), &sku);
                    prop_assert!(!sku.is_empty() && sku.chars().count() <= MAX_SKU_LENGTH && !sku.chars().any(is_invisible));
                    prop_assert_eq!(parse_sku("sku", &sku), Ok(sku));
                }
            }

            #[test]
            fn skus_that_differ_by_case_and_margins_are_the_same(text in "[a-z0-9ä-ü-]{1,20}", before in " {0,3}", after in " {0,3}") {
                prop_assert_eq!(normalise_sku(&format!("{before}{}{after}", text.to_uppercase())), normalise_sku(&text));
            }
        }
    }

    #[test]
    fn empty_long_and_control_characters_are_refused_by_reason() {
        assert_eq!(parse_sku("sku", "  ").unwrap_err().code, "required");
        assert_eq!(parse_sku("sku", &"x".repeat(101)).unwrap_err().code, "too_long");
        for hidden in ["a\u{7}b", "SKU-1\u{200B}", "SKU\u{AD}-1", "\u{202E}1-UKS", "SKU\u{200D}-1"] {
            assert_eq!(parse_sku("sku", hidden).unwrap_err().code, "control_characters", "{hidden:?}");
        }
    }
}
