//! The checklist on the wire.

use chrono::{DateTime, Utc};
use nexus_web::{Patch, validate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// A step of the checklist. More may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnboardingKey {
    /// Language, currency or time zone were chosen, at the sign-up or in the settings.
    OrganizationSetUp,
    /// There is a product; one of the sample data will do.
    ProductsAdded,
    /// Somebody else was invited.
    TeamInvited,
    /// Stock has moved; what the sample data moved does not count.
    StockMoved,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OnboardingStep {
    /// Which.
    pub key: OnboardingKey,
    /// Whether it is done.
    #[schema(example = true)]
    pub done: bool,
    /// Since when.
    pub done_at: Option<DateTime<Utc>>,
}

impl OnboardingStep {
    /// As it is since `done_at`.
    pub fn new(key: OnboardingKey, done_at: Option<DateTime<Utc>>) -> Self {
        Self { key, done: done_at.is_some(), done_at }
    }
}

/// What a new organization has done, and has still to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OnboardingOut {
    /// The steps in their order.
    pub steps: Vec<OnboardingStep>,
    /// Whether the list was put away, for everybody in the organization.
    #[schema(example = false)]
    pub dismissed: bool,
    /// Since when.
    pub dismissed_at: Option<DateTime<Utc>>,
}

/// Puts the list away, or takes it out again.
#[derive(Debug, Clone, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OnboardingPatch {
    /// Whether the list is put away.
    #[validate(custom(function = "validate::not_cleared"))]
    #[schema(value_type = bool, example = true)]
    pub dismissed: Patch<bool>,
}
