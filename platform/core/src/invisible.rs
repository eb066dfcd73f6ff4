//! Characters that nobody sees: they reorder text, hide in it, or make two codes look like one.

/// Characters that reorder text or break its lines unseen: in no line of text. The joiners that scripts need are none of them.
#[must_use]
pub fn is_deceptive(letter: char) -> bool {
    matches!(letter, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Characters without a shape of their own: in names as joiners, soft hyphens and marks of direction, in codes never.
#[must_use]
pub fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || is_deceptive(letter)
        || matches!(letter, '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{206F}')
        || matches!(letter, '\u{FE00}'..='\u{FE0F}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joiners_are_invisible_and_not_deceptive_and_letters_are_neither() {
        assert!("\u{AD}\u{200B}\u{200C}\u{200D}\u{200F}\u{FE0F}".chars().all(|letter| is_invisible(letter) && !is_deceptive(letter)));
        assert!("\u{FEFF}\u{202E}\u{2028}".chars().all(|letter| is_invisible(letter) && is_deceptive(letter)));
        assert!("Aß中ع👩 -".chars().all(|letter| !is_invisible(letter) && !is_deceptive(letter)));
    }
}
