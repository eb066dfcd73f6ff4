//! Text in CSV cells that a spreadsheet won't take for a formula (OWASP: CSV injection), and the way back.

use std::borrow::Cow;

/// How a formula begins. Full-width signs are read like the others by some programs.
const BEGINS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether `text` begins a formula, or would once apostrophes were taken off.
fn is_armed(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(BEGINS)
}

/// `text`, with an apostrophe before it when a spreadsheet would read it as a formula. Text that looks as if it had got one gets
/// another: [`bare`] must not take off what belongs to it.
pub fn inert(text: &str) -> Cow<'_, str> {
    if is_armed(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// `cell` without the apostrophe of [`inert`]. Any other apostrophe stays.
pub fn bare(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_armed(text)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn formulas_are_disarmed_and_the_rest_stays() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "'=1"] {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
        for plain in ["", "Beans", "1 kg", "a=b", "'quoted", "''"] {
            assert_eq!((inert(plain).as_ref(), bare(plain)), (plain, plain));
        }
    }

    #[test]
    fn a_file_made_elsewhere_may_be_guarded_too() {
        assert_eq!(["'=1", "'+49", "'-5", "'@x", "''=1"].map(bare), ["=1", "+49", "-5", "@x", "'=1"]);
    }

    mod properties {
        use super::*;

        proptest! {
            #[test]
            fn what_was_disarmed_comes_back(text in "['=+@a-]{0,4}.{0,3}") {
                let guarded = inert(&text);
                prop_assert!(!guarded.starts_with(BEGINS));
                prop_assert_eq!(bare(&guarded), text.as_str());
            }
        }
    }
}
