//! Settings on the wire.

use nexus_web::wire::CurrencyCode;
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};

/// The organization's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettingsOut {
    /// Language and region (BCP 47) of mails, documents and notifications.
    #[schema(example = "en-GB")]
    pub locale: String,
    /// Currency of new amounts; amounts that exist keep theirs.
    #[schema(example = "EUR")]
    pub currency: String,
    /// IANA time zone in which the organization's business days begin and end.
    #[schema(example = "Europe/Berlin")]
    pub time_zone: String,
    /// Version of the whole; the ETag is made from it.
    #[schema(example = 3)]
    pub version: i64,
}

/// Changes to the settings: absent fields stay as they are.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SettingsPatch {
    /// Language and region (BCP 47), such as `de` or `pt-BR`.
    #[validate(custom(function = "locale"))]
    #[schema(value_type = String, example = "en-GB", max_length = 35, pattern = "^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$")]
    pub locale: Patch<String>,
    /// ISO 4217 currency code.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = CurrencyCode)]
    pub currency: Patch<CurrencyCode>,
    /// IANA time zone.
    #[validate(custom(function = "validate::patch_required_text::<1, 64>"))]
    #[schema(value_type = String, example = "Europe/Berlin", max_length = 64, min_length = 1)]
    pub time_zone: Patch<String>,
}

fn locale(value: &Patch<String>) -> Result<(), ValidationError> {
    validate::not_cleared(value)?;
    value.value().map_or(Ok(()), |tag| language_tag(tag))
}

/// `language[-Script][-REGION]`.
pub(in crate::modules::access) fn language_tag(tag: &str) -> Result<(), ValidationError> {
    if is_locale(tag) {
        return Ok(());
    }
    Err(ValidationError::new("locale").with_message("must be a language tag such as de, en-GB or zh-Hant-TW".into()))
}

fn is_locale(tag: &str) -> bool {
    let mut parts = tag.split('-').peekable();
    let language = parts.next().unwrap_or("");
    if !(2..=3).contains(&language.len()) || !language.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    let is_script = |part: &&str| {
        part.len() == 4
            && part.bytes().enumerate().all(|(place, byte)| if place == 0 { byte.is_ascii_uppercase() } else { byte.is_ascii_lowercase() })
    };
    let is_region = |part: &&str| {
        (part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase())) || (part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let _ = parts.next_if(is_script);
    let _ = parts.next_if(is_region);
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::is_locale;

    #[test]
    fn language_tags_have_a_language_and_perhaps_a_script_and_a_region() {
        for good in ["de", "en-GB", "zh-Hant-TW", "es-419", "haw"] {
            assert!(is_locale(good), "{good}");
        }
        for bad in ["", "e", "DE", "en_GB", "en-gb", "en-GB-x", "english", "de-"] {
            assert!(!is_locale(bad), "{bad}");
        }
    }
}
