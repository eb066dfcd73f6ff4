//! Categories on the wire.

use chrono::{DateTime, Utc};
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::{Validate, ValidationError};

/// A new category, or a category as it shall be: what is left out goes back to its default.
#[derive(Debug, Clone, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryIn {
    /// Name shown to people; siblings have different names.
    #[validate(custom(function = "validate::text::<1, 200>"))]
    #[schema(example = "Coffee", min_length = 1, max_length = 200)]
    pub name: String,
    /// Part of a URL, unique: lower-case letters, digits and single hyphens. Made from the name when it is left out.
    #[serde(default)]
    #[validate(custom(function = "check_slug"))]
    #[schema(example = "coffee", max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub slug: Option<String>,
    /// The category above; none makes a root.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// Description, several lines.
    #[serde(default)]
    #[validate(custom(function = "validate::description"))]
    #[schema(example = "Whole beans and ground.", max_length = 10000)]
    pub description: String,
    /// Title for search engines.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 200>"))]
    #[schema(example = "Buy coffee online", max_length = 200, min_length = 1)]
    pub seo_title: Option<String>,
    /// Description for search engines.
    #[serde(default)]
    #[validate(custom(function = "validate::text::<1, 500>"))]
    #[schema(example = "Freshly roasted coffee.", max_length = 500, min_length = 1)]
    pub seo_description: Option<String>,
    /// Place among its siblings.
    #[serde(default)]
    #[validate(range(min = 0, max = 1_000_000))]
    #[schema(example = 0, minimum = 0, maximum = 1000000)]
    pub position: i32,
}

/// Levels of the tree.
const MAX_LEVELS: usize = 16;

impl CategoryIn {
    /// With a name and everything else as it is when left out.
    pub fn named(name: String, parent_id: Option<Uuid>) -> Self {
        Self { name, slug: None, parent_id, description: String::new(), seo_title: None, seo_description: None, position: 0 }
    }
}

/// Whether categories may have these names, each below the one before.
#[must_use]
pub fn may_be_path(names: &[String]) -> bool {
    (1..=MAX_LEVELS).contains(&names.len()) && names.iter().all(|name| validate::text::<1, 200>(name).is_ok())
}

/// Changes to a category: absent fields stay as they are, `null` clears.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CategoryPatch {
    /// Name shown to people.
    #[validate(custom(function = "validate::patch_name"))]
    #[schema(value_type = String, example = "Coffee", max_length = 200, min_length = 1)]
    pub name: Patch<String>,
    /// Part of a URL.
    #[validate(custom(function = "patch_slug"))]
    #[schema(value_type = String, example = "coffee", max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    pub slug: Patch<String>,
    /// The category above; `null` makes a root.
    #[schema(value_type = Option<Uuid>)]
    pub parent_id: Patch<Uuid>,
    /// Description; `null` empties it.
    #[validate(custom(function = "validate::patch_multiline::<0, 10_000>"))]
    #[schema(value_type = Option<String>, example = "Whole beans.", max_length = 10000)]
    pub description: Patch<String>,
    /// Title for search engines.
    #[validate(custom(function = "validate::patch_text::<1, 200>"))]
    #[schema(value_type = Option<String>, example = "Buy coffee online", max_length = 200, min_length = 1)]
    pub seo_title: Patch<String>,
    /// Description for search engines.
    #[validate(custom(function = "validate::patch_text::<1, 500>"))]
    #[schema(value_type = Option<String>, example = "Freshly roasted coffee.", max_length = 500, min_length = 1)]
    pub seo_description: Patch<String>,
    /// Place among its siblings.
    #[validate(custom(function = "patch_position"))]
    #[schema(value_type = i32, example = 0)]
    pub position: Patch<i32>,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CategoryOut {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// The category above.
    pub parent_id: Option<Uuid>,
    /// Name shown to people.
    #[schema(example = "Coffee")]
    pub name: String,
    /// Part of a URL.
    #[schema(example = "coffee")]
    pub slug: String,
    /// Description.
    #[schema(example = "Whole beans and ground.")]
    pub description: String,
    /// Title for search engines.
    #[schema(example = "Buy coffee online")]
    pub seo_title: Option<String>,
    /// Description for search engines.
    #[schema(example = "Freshly roasted coffee.")]
    pub seo_description: Option<String>,
    /// Place among its siblings.
    #[schema(example = 0)]
    pub position: i32,
    /// Row version; the ETag is made from it.
    #[schema(example = 3)]
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A category with everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CategoryNode {
    /// Id, UUIDv7.
    pub id: Uuid,
    /// Name shown to people.
    #[schema(example = "Coffee")]
    pub name: String,
    /// Part of a URL.
    #[schema(example = "coffee")]
    pub slug: String,
    /// Place among its siblings.
    #[schema(example = 0)]
    pub position: i32,
    /// Products that lie directly in it, archived ones aside.
    #[schema(example = 12)]
    pub product_count: i64,
    /// The categories below it, in their order.
    #[schema(no_recursion)]
    pub children: Vec<CategoryNode>,
}

/// Greatest length of a slug.
const MAX_SLUG: usize = 120;

fn check_slug(slug: &str) -> Result<(), ValidationError> {
    let shaped = !slug.is_empty()
        && slug.len() <= MAX_SLUG
        && slug.split('-').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if shaped {
        return Ok(());
    }
    Err(ValidationError::new("pattern").with_message("must be lower-case letters, digits and single hyphens, at most 120".into()))
}

fn patch_slug(value: &Patch<String>) -> Result<(), ValidationError> {
    validate::not_cleared(value)?;
    value.value().map_or(Ok(()), |value| check_slug(value))
}

fn patch_position(value: &Patch<i32>) -> Result<(), ValidationError> {
    validate::not_cleared(value)?;
    match value.value() {
        Some(position) if !(0..=1_000_000).contains(position) => {
            Err(ValidationError::new("range").with_message("must be between 0 and 1000000".into()))
        }
        _ => Ok(()),
    }
}

/// A slug made from a name: letters lose their accents, everything else becomes a hyphen. Empty when nothing is left.
#[must_use]
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.nfkd().flat_map(char::to_lowercase) {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') && !unicode_normalization::char::is_combining_mark(letter) {
            slug.push('-');
        }
    }
    slug.truncate(MAX_SLUG);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_from_a_name() {
        assert_eq!(slug_of("Café & Crème"), "cafe-creme");
        assert_eq!(slug_of("  Nüsse,  100 % "), "nusse-100");
        assert_eq!(slug_of("咖啡"), "");
        assert!(check_slug(&slug_of(&"long name ".repeat(40))).is_ok());
    }

    #[test]
    fn slugs_are_lower_case_words_joined_by_single_hyphens() {
        for good in ["a", "a-1", "coffee-beans"] {
            assert!(check_slug(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a--b", "A", "ä", "a b"] {
            assert!(check_slug(bad).is_err(), "{bad}");
        }
    }
}
