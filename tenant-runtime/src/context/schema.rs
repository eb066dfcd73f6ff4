//! Which schemas of a tenant's database are served: N and N−1, so that a release can be rolled out before the databases are migrated, and
//! the databases before the last old process is gone. Any other could be read wrongly or written to harm.

use super::error::TenantError;

/// The newest tenant schema that the slices are written for: N.
pub const SCHEMA_VERSION: i32 = 3;
/// N−1. Schemas count from 1; 0 is a database without one.
const OLDEST: i32 = if SCHEMA_VERSION > 1 { SCHEMA_VERSION - 1 } else { 1 };

/// Refuses a tenant whose directory record tells of another schema.
pub(crate) fn check(version: i32) -> Result<(), TenantError> {
    if (OLDEST..=SCHEMA_VERSION).contains(&version) {
        return Ok(());
    }
    Err(TenantError::Schema { found: version, oldest: OLDEST, newest: SCHEMA_VERSION })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_schema_and_the_one_before_are_served() {
        assert!(check(SCHEMA_VERSION).is_ok() && check(OLDEST).is_ok());
        for other in [OLDEST - 1, SCHEMA_VERSION + 1, 0, -1] {
            assert!(check(other).is_err(), "{other}");
        }
    }
}
