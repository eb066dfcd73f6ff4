//! Which things are sample data, as the slices that own them show it. What sample data are, and how they come and go: slice `onboarding`.
//!
//! Nobody but that slice writes the marks; the others read them in the view `sample_marks`, for the rows that they show.

use crate::context::TenantContext;

/// The tenant schema that first has sample data.
const SINCE_SCHEMA: i32 = 3;

/// Whether the tenant's schema has sample data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Samples {
    /// It does.
    Read,
    /// It is older, or nobody wants to know: nothing is a sample.
    Absent,
}

impl Samples {
    /// As the tenant's schema is.
    pub(crate) fn of(ctx: &TenantContext) -> Self {
        if ctx.tenant().schema_version < SINCE_SCHEMA { Self::Absent } else { Self::Read }
    }

    /// For the SQL of stores: whether what has its id in `column` is a sample.
    pub(crate) fn has(self, column: &str) -> String {
        match self {
            Self::Read => format!("EXISTS (SELECT FROM sample_marks s WHERE s.id = {column})"),
            Self::Absent => "false".to_owned(),
        }
    }
}
