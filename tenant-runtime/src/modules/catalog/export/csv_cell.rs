//! Text in CSV cells that a spreadsheet won't take for a formula (OWASP: CSV injection).

use std::borrow::Cow;

/// `text`, with an apostrophe before it when a spreadsheet would read it as a formula.
pub fn safe(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_the_rest_stays() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(safe(formula), format!("'{formula}"));
        }
        for plain in ["", "Beans", "1 kg", "a=b", "'quoted"] {
            assert_eq!(safe(plain), plain);
        }
    }
}
