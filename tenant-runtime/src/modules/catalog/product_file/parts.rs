//! Several values in one cell, with a sign between them. A backslash before a sign makes it part of a value.

/// Signs that stand between values, in one column or another.
const SIGNS: [char; 4] = ['|', ';', '=', '>'];

/// `value` with a backslash before every backslash and every one of `signs`.
pub fn escaped(value: &str, signs: &[char]) -> String {
    let mut text = String::with_capacity(value.len());
    for letter in value.chars() {
        if letter == '\\' || signs.contains(&letter) {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

/// `text` as it was before [`escaped`]. A backslash before anything else is a backslash: other programs don't double them.
pub fn unescaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let escapes = letter == '\\' && letters.peek().is_some_and(|next| *next == '\\' || SIGNS.contains(next));
        value.extend(if escapes { letters.next() } else { Some(letter) });
    }
    value
}

/// The parts of `cell` between any of `signs`, still escaped, without margins.
pub fn split<'c>(cell: &'c str, signs: &[char]) -> Vec<&'c str> {
    let mut parts = Vec::new();
    let mut begin = 0;
    let mut is_escaped = false;
    for (at, letter) in cell.char_indices() {
        if !is_escaped && signs.contains(&letter) {
            parts.push(cell.get(begin..at).unwrap_or_default().trim());
            begin = at + letter.len_utf8();
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    parts.push(cell.get(begin..).unwrap_or_default().trim());
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_of_other_programs_are_read_as_they_mean_it() {
        assert_eq!(split("a| b ;c", &['|', ';']), ["a", "b", "c"]);
        assert_eq!(split("C:\\new\\folder", &['|']).into_iter().map(unescaped).collect::<Vec<_>>(), ["C:\\new\\folder"]);
    }

    mod properties {
        use super::*;

        proptest! {
            #[test]
            fn values_come_back_whatever_signs_they_hold(values in prop::collection::vec("[a|;=>\\\\]{1,6}", 1..5)) {
                let signs = ['|', ';', '>'];
                let cell = values.iter().map(|value| escaped(value, &signs)).collect::<Vec<_>>().join("|");
                let back: Vec<String> = split(&cell, &signs).into_iter().map(unescaped).collect();
                prop_assert_eq!(back, values);
            }
        }
    }
}
