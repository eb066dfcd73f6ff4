//! What the bodies that post have in common: their head, and what a line says of article, place and quantity.
//!
//! Written by macros and not as flattened parts: serde checks unknown fields only of what it reads as one struct. Whoever uses one brings
//! `validator::Validate`, derive and trait.

/// A body: fields of its own, then the head, then lines of a type.
macro_rules! posting_body {
    ($(#[$about:meta])* pub struct $name:ident of $line:ident { $($own:tt)* }) => {
        #[derive(Debug, Clone, serde::Deserialize, Validate, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$about])*
        pub struct $name {
            $($own)*
            /// Why, in words.
            #[serde(default)]
            #[validate(custom(function = "nexus_web::validate::note"))]
            #[schema(example = "Delivery of Tuesday", max_length = 1000)]
            pub note: Option<String>,
            /// The document behind it.
            #[serde(default)]
            #[validate(nested)]
            pub reference: Option<super::ReferenceIn>,
            /// When it happened; now when left out. Earlier times need `inventory.backdate` and `backdating_reason`.
            #[serde(default)]
            pub occurred_at: Option<chrono::DateTime<chrono::Utc>>,
            /// Why it is recorded late.
            #[serde(default)]
            #[validate(custom(function = "nexus_web::validate::text::<1, 500>"))]
            #[schema(example = "The list came in on Monday", max_length = 500, min_length = 1)]
            pub backdating_reason: Option<String>,
            /// The lines.
            #[validate(length(min = 1, max = 1000), nested)]
            #[schema(min_items = 1, max_items = 1000)]
            pub lines: Vec<$line>,
        }
    };
}

/// A line: its article, fields of its own, its unit and note. `at one place` adds the one location it is about.
macro_rules! posting_line {
    ($(#[$about:meta])* pub struct $name:ident at one place { $($own:tt)* }) => {
        posting_line! {
            $(#[$about])*
            pub struct $name {
                /// The location; or give `location`.
                #[serde(default)]
                pub location_id: Option<uuid::Uuid>,
                /// The location's code, without regard to case.
                #[serde(default)]
                #[validate(custom(function = "nexus_web::validate::code"))]
                #[schema(example = "MAIN", max_length = 64)]
                pub location: Option<String>,
                $($own)*
            }
        }
    };
    ($(#[$about:meta])* pub struct $name:ident { $($own:tt)* }) => {
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize, Validate, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$about])*
        pub struct $name {
            /// The variant; or give `sku`.
            #[serde(default)]
            pub variant_id: Option<uuid::Uuid>,
            /// The variant's SKU, without regard to case.
            #[serde(default)]
            #[validate(custom(function = "nexus_web::validate::text::<1, 100>"))]
            #[schema(example = "BEAN-1KG", max_length = 100, min_length = 1)]
            pub sku: Option<String>,
            $($own)*
            /// Unit as the caller believes it; refused when the product is counted in another one.
            #[serde(default)]
            #[validate(custom(function = "nexus_web::validate::text::<1, 32>"))]
            #[schema(example = "each", max_length = 32, min_length = 1)]
            pub unit: Option<String>,
            /// Why, in words, for this line.
            #[serde(default)]
            #[validate(custom(function = "nexus_web::validate::note"))]
            #[schema(max_length = 1000)]
            pub note: Option<String>,
        }
    };
}

pub(super) use {posting_body, posting_line};
