//! The fold, as one statement.

use std::time::Duration;

use nexus_core::Quantity;
use nexus_infra::{DbError, Tx};
use rust_decimal::Decimal;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use super::{LevelDifference, Verification};

const COMPARE: &str = "\
    WITH folded AS ( \
        SELECT side.variant_id, side.location_id, side.lot_id, sum(side.delta) AS quantity \
        FROM (SELECT variant_id, from_location_id AS location_id, lot_id, -quantity AS delta FROM stock_movements \
              UNION ALL \
              SELECT variant_id, to_location_id, lot_id, quantity FROM stock_movements) AS side \
        JOIN locations l ON l.id = side.location_id AND l.type <> 'virtual' \
        GROUP BY side.variant_id, side.location_id, side.lot_id \
    ), different AS ( \
        SELECT coalesce(f.variant_id, s.variant_id) AS variant_id, coalesce(f.location_id, s.location_id) AS location_id, \
               coalesce(f.lot_id, s.lot_id) AS lot_id, coalesce(f.quantity, 0) AS ledger, s.on_hand AS level \
        FROM folded f \
        FULL JOIN stock_levels s ON s.variant_id = f.variant_id AND s.location_id = f.location_id \
            AND coalesce(s.lot_id, '00000000-0000-0000-0000-000000000000') = coalesce(f.lot_id, '00000000-0000-0000-0000-000000000000') \
        WHERE coalesce(f.quantity, 0) IS DISTINCT FROM coalesce(s.on_hand, 0) OR (s.on_hand IS NULL AND f.quantity <> 0) \
    ) \
    SELECT (SELECT count(*) FROM stock_levels) AS levels, (SELECT count(*) FROM different) AS different, d.* \
    FROM (SELECT 1) AS always LEFT JOIN (SELECT * FROM different ORDER BY variant_id, location_id LIMIT 1000) AS d ON true";

#[derive(FromQueryResult)]
struct Row {
    levels: i64,
    different: i64,
    variant_id: Option<Uuid>,
    location_id: Option<Uuid>,
    lot_id: Option<Uuid>,
    ledger: Option<Decimal>,
    level: Option<Decimal>,
}

pub async fn compare(tx: &Tx) -> Result<Verification, DbError> {
    tx.allow_statements(Duration::from_secs(600)).await?;
    let rows = Row::find_by_statement(Statement::from_string(DbBackend::Postgres, COMPARE)).all(tx.conn()).await?;
    let quantity = |value: Decimal| Quantity::new(value).unwrap_or_default();
    Ok(Verification {
        levels: rows.first().map_or(0, |row| row.levels),
        different: rows.first().map_or(0, |row| row.different),
        differences: rows
            .into_iter()
            .filter_map(|row| {
                Some(LevelDifference {
                    variant_id: row.variant_id?,
                    location_id: row.location_id?,
                    lot_id: row.lot_id,
                    ledger: quantity(row.ledger.unwrap_or_default()),
                    level: row.level.map(quantity),
                })
            })
            .collect(),
    })
}
