//! When an organization had its first steps behind it, for its checklist.

mod store;

pub use store::{second_user_at, settings_chosen_at};
