//! Time zones: the list of names is the database's.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{Db, DbError};

/// Longest name of a time zone.
const LONGEST: usize = 64;

/// Whether the database knows the time zone by this name. Zones that count leap seconds, and POSIX's spellings, are nobody's.
///
/// # Errors
/// [`DbError`].
pub async fn knows_time_zone(db: &Db, name: &str) -> Result<bool, DbError> {
    if name.len() > LONGEST || name.contains('\0') {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM pg_timezone_names WHERE name = $1 AND name !~ '^(posix|right)/' LIMIT 1";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [name.into()]);
    Ok(db.conn().query_one_raw(statement).await?.is_some())
}
