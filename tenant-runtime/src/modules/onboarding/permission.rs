//! What the operations of the slice ask for.

use super::SINCE_SCHEMA;
use crate::context::permissions;

permissions! {
    /// Sees what is still to do.
    OnboardingRead = "settings.read" since SINCE_SCHEMA;
    /// Puts the list away for everybody.
    OnboardingWrite = "settings.write" since SINCE_SCHEMA;
    /// Sees whether sample data are there.
    SampleDataRead = "products.read" since SINCE_SCHEMA;
    /// Loads and removes sample data.
    SampleDataWrite = "sample_data.write" since SINCE_SCHEMA;
}
