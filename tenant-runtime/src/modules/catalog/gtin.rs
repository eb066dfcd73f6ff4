//! GTIN check digits (GS1 General Specifications, section 7.9): the last digit makes the weighted sum a multiple of ten.

/// Whether `digits` are all digits and the last one is the right check digit. Weights 3 and 1 alternate from the right.
pub(super) fn has_valid_check_digit(digits: &str) -> bool {
    if digits.len() < 2 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let sum: u32 = digits.bytes().rev().enumerate().map(|(place, byte)| u32::from(byte - b'0') * if place % 2 == 1 { 3 } else { 1 }).sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn real_codes_pass() {
        for code in ["4006381333931", "036000291452", "96385074", "10614141000415"] {
            assert!(has_valid_check_digit(code), "{code}");
        }
    }

    #[test]
    fn a_single_wrong_digit_is_noticed() {
        let code = "4006381333931";
        for place in 0..code.len() {
            for digit in '0'..='9' {
                let mut changed: Vec<char> = code.chars().collect();
                if changed[place] == digit {
                    continue;
                }
                changed[place] = digit;
                let changed: String = changed.into_iter().collect();
                assert!(!has_valid_check_digit(&changed), "{changed}");
            }
        }
    }

    mod properties {
        use super::*;

        proptest! {
            #[test]
            fn there_is_one_check_digit_and_each_single_error_is_noticed(digits in "[0-9]{7}|[0-9]{11}|[0-9]{12}|[0-9]{13}", place: prop::sample::Index, by in 1_u8..10) {
                let valid: Vec<String> = (0..10).map(|check| format!("{digits}{check}")).filter(|code| has_valid_check_digit(code)).collect();
                prop_assert_eq!(valid.len(), 1);
                let mut wrong = valid[0].clone().into_bytes();
                let place = place.index(wrong.len());
                wrong[place] = b'0' + (wrong[place] - b'0' + by) % 10;
                prop_assert!(!has_valid_check_digit(std::str::from_utf8(&wrong).unwrap()));
            }

            #[test]
            fn a_code_is_as_good_with_zeros_before_it(digits in "[0-9]{8,13}") {
                prop_assert_eq!(has_valid_check_digit(&digits), has_valid_check_digit(&format!("{digits:0>14}")));
            }

            #[test]
            fn only_ascii_digits_are_a_code(text in "\\PC{0,14}") {
                prop_assert!(!has_valid_check_digit(&text) || text.bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }

    #[test]
    fn anything_but_digits_fails() {
        assert!(!has_valid_check_digit("40063813339A1"));
        assert!(!has_valid_check_digit(""));
        assert!(!has_valid_check_digit("0"));
    }
}
