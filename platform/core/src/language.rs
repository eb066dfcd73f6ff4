//! The languages that the platform itself writes in: mails, and later documents and notifications. What clients show they translate themselves.

/// A language of the platform's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, for everybody whose language is not known or not written.
    #[default]
    English,
    /// German.
    German,
    /// Arabic, written from right to left.
    Arabic,
}

/// Longest `Accept-Language` that is looked at: browsers send far less.
const LONGEST_HEADER: usize = 500;

impl Language {
    /// The language of a tag such as `de-AT`, where the platform writes in it.
    #[must_use]
    pub fn of(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        let known = [Self::English, Self::German, Self::Arabic];
        known.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The language for somebody with this tag, or with none.
    #[must_use]
    pub fn of_or_default(tag: Option<&str>) -> Self {
        tag.and_then(Self::of).unwrap_or_default()
    }

    /// Its tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Arabic => "ar",
        }
    }

    /// Where its lines go to: the value of `dir` in HTML.
    #[must_use]
    pub fn direction(self) -> &'static str {
        match self {
            Self::English | Self::German => "ltr",
            Self::Arabic => "rtl",
        }
    }
}

/// Whether this is a well-formed BCP 47 tag of language, script and region; whether anybody speaks it is not checked.
#[must_use]
pub fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().is_some_and(|part| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic()));
    language && text.len() <= 35 && parts.all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The tag that the value of an `Accept-Language` header likes best of those that the platform writes in: `de-AT`, or `de` where more than a region is said.
#[must_use]
pub fn preferred(accept_language: &str) -> Option<String> {
    if accept_language.len() > LONGEST_HEADER {
        return None;
    }
    let mut best: Option<(&str, f32)> = None;
    for choice in accept_language.split(',') {
        let mut parts = choice.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
        // The first of equals stays; what is not wanted (0) and what is no number never begins.
        if Language::of(tag).is_some() && quality > best.map_or(0.0, |(_, quality)| quality) {
            best = Some((tag, quality));
        }
    }
    let (tag, _) = best?;
    let language = Language::of(tag)?.tag();
    let region = tag.get(3..).filter(|region| region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_alphabetic()));
    Some(region.map_or_else(|| language.to_owned(), |region| format!("{language}-{}", region.to_ascii_uppercase())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_checked_by_form() {
        for good in ["en", "de-AT", "zh-Hant-TW", "es-419"] {
            assert!(is_tag(good), "{good}");
        }
        for bad in ["", "e", "english", "de_AT", "de-", "en-x\u{e9}"] {
            assert!(!is_tag(bad), "{bad}");
        }
    }

    #[test]
    fn a_tag_is_of_a_language_by_its_first_part() {
        assert_eq!(
            ["en", "de-AT", "AR-eg", "fr", "", "deu", "d"].map(Language::of),
            [Some(Language::English), Some(Language::German), Some(Language::Arabic), None, None, None, None]
        );
        assert_eq!((Language::of_or_default(Some("fr")), Language::of_or_default(None)), (Language::English, Language::English));
    }

    #[test]
    fn a_header_chooses_what_it_likes_best_of_what_there_is() {
        for (header, chosen) in [
            ("de-at,de;q=0.9,en;q=0.8", Some("de-AT")),
            ("fr-FR, fr;q=0.9, ar;q=0.5, en;q=0.4", Some("ar")),
            ("en;q=0.2, de;q=0.7", Some("de")),
            ("de, en", Some("de")),
            ("ar-Arab-EG", Some("ar")),
            ("de;q=0, en;q=0.1", Some("en")),
            ("fr", None),
            ("*", None),
            ("", None),
            ("de;q=NaN", None),
            ("de;q=x", None),
        ] {
            assert_eq!(preferred(header).as_deref(), chosen, "{header}");
        }
        assert_eq!(preferred(&format!("de{}", ",fr".repeat(300))), None, "nobody speaks so many");
    }

    mod properties {
        use proptest::prelude::*;

        use super::*;

        proptest! {
            #[test]
            fn whatever_a_header_says_what_is_chosen_is_a_tag_of_ours(header in "\\PC{0,80}") {
                if let Some(tag) = preferred(&header) {
                    prop_assert!(Language::of(&tag).is_some() && (tag.len() == 2 || tag.len() == 5) && tag.is_ascii(), "{}", tag);
                }
            }
        }
    }
}
