//! The sums, as one statement.

use chrono::{DateTime, NaiveDate, Utc};
use nexus_infra::DbError;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use crate::modules::inventory::posting::VirtualPlace;
use crate::modules::inventory::reversals::Reversals;

/// What moved on one day for one reason in one direction; of a day on which nothing moved, one row without a reason.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Moved {
    pub day: NaiveDate,
    pub reason: Option<String>,
    /// From outside the organization's places.
    pub inwards: bool,
    /// Out of them.
    pub outwards: bool,
    pub movements: i64,
    pub quantity: Decimal,
}

/// Midnights are those of the time zone: a day there has 23 to 25 hours. The index on `occurred_at` finds the movements.
const MOVED: &str = "\
    WITH bounds AS ( \
        SELECT ($1::timestamptz AT TIME ZONE $2)::date AS today, ($1::timestamptz AT TIME ZONE $2)::date - ($3 - 1) AS first_day \
    ), moved AS ( \
        SELECT (m.occurred_at AT TIME ZONE $2)::date AS day, m.reason, m.from_location_id = ANY ($4) AS inwards, m.to_location_id = ANY ($4) AS outwards, \
               count(*) AS movements, sum(m.quantity) AS quantity \
        FROM stock_movements m \
        WHERE m.occurred_at >= (SELECT first_day::timestamp AT TIME ZONE $2 FROM bounds) \
          AND m.occurred_at < (SELECT (today + 1)::timestamp AT TIME ZONE $2 FROM bounds) UNDONE \
        GROUP BY 1, 2, 3, 4 \
    ) \
    SELECT d.day::date AS day, v.reason, coalesce(v.inwards, false) AS inwards, coalesce(v.outwards, false) AS outwards, \
           coalesce(v.movements, 0) AS movements, coalesce(v.quantity, 0) AS quantity \
    FROM bounds b CROSS JOIN LATERAL generate_series(b.first_day::timestamp, b.today::timestamp, interval '1 day') AS d(day) \
    LEFT JOIN moved v ON v.day = d.day::date \
    ORDER BY 1";

const UNDONE: &str = "\
    AND NOT EXISTS (SELECT FROM stock_reversals r WHERE r.reverses_id = m.id) AND NOT EXISTS (SELECT FROM stock_reversals r WHERE r.reversal_id = m.id)";

/// What moved in the `days` that end with the day of `now`, in the order of days.
pub async fn moved<C: ConnectionTrait>(
    conn: &C,
    reversals: Reversals,
    time_zone: &str,
    now: DateTime<Utc>,
    days: u16,
) -> Result<Vec<Moved>, DbError> {
    let undone = if reversals == Reversals::Read { UNDONE } else { "" };
    let outside: Vec<Uuid> = VirtualPlace::ALL.iter().map(|place| place.id()).collect();
    let values = [now.into(), time_zone.into(), i32::from(days).into(), outside.into()];
    Ok(Moved::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, MOVED.replace("UNDONE", undone), values)).all(conn).await?)
}
