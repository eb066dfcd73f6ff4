//! The movements that are to be undone.

use nexus_core::Quantity;
use nexus_infra::advisory::LockClass;
use nexus_infra::{DbError, Tx};
use rust_decimal::Decimal;
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

use crate::modules::inventory::posting::MAX_LINES;

/// One reversal of a posting's movements at a time.
const REVERSAL: LockClass = LockClass::new("stock_reversal");

/// A movement as its reversal needs it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Original {
    pub id: Uuid,
    pub variant_id: Uuid,
    quantity: Decimal,
    pub from_location_id: Uuid,
    pub to_location_id: Uuid,
    pub reference_type: Option<String>,
    pub reference_id: Option<Uuid>,
    pub reference_number: Option<String>,
    pub reference_line: Option<i32>,
    pub import_id: Option<Uuid>,
    /// What it undoes.
    pub reverses_id: Option<Uuid>,
    /// What undid it.
    pub reversed_by_id: Option<Uuid>,
}

impl Original {
    pub fn quantity(&self) -> Quantity {
        Quantity::new(self.quantity).unwrap_or_default()
    }
}

const SELECT: &str = "\
    SELECT m.id, m.variant_id, m.quantity, m.from_location_id, m.to_location_id, m.reference_type, m.reference_id, m.reference_number, \
           m.reference_line, m.import_id, \
           (SELECT r.reverses_id FROM stock_reversals r WHERE r.reversal_id = m.id) AS reverses_id, \
           (SELECT r.reversal_id FROM stock_reversals r WHERE r.reverses_id = m.id) AS reversed_by_id \
    FROM stock_movements m";

/// The movement, which nobody else reverses until the transaction ends; empty when there is none.
pub async fn held(tx: &Tx, id: Uuid) -> Result<Vec<Original>, DbError> {
    if hold(tx, id).await?.is_none() {
        return Ok(Vec::new());
    }
    select(tx, "WHERE m.id = $1", id).await
}

/// All that was posted with the movement, in the order of posting, likewise; of an imported file the first part only.
pub async fn held_with_its_batch(tx: &Tx, id: Uuid) -> Result<Vec<Original>, DbError> {
    match hold(tx, id).await? {
        None => Ok(Vec::new()),
        Some(batch) => select(tx, &format!("WHERE m.batch_id = $1 ORDER BY m.seq LIMIT {MAX_LINES}"), batch).await,
    }
}

/// What was posted of some products by one posting, in the order of posting, likewise.
pub async fn held_of_products(tx: &Tx, batch: Uuid, product_ids: &[Uuid]) -> Result<Vec<Original>, DbError> {
    tx.lock(REVERSAL, &batch.to_string()).await?;
    let sql = format!(
        "{SELECT} JOIN catalog_variants v ON v.id = m.variant_id WHERE m.batch_id = $1 AND v.product_id = ANY ($2) ORDER BY m.seq LIMIT {MAX_LINES}"
    );
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [batch.into(), product_ids.to_vec().into()]);
    Ok(Original::find_by_statement(statement).all(tx.conn()).await?)
}

/// Queues for the movement's posting, and answers which that is. What is read afterwards includes what those before have undone.
async fn hold(tx: &Tx, id: Uuid) -> Result<Option<Uuid>, DbError> {
    #[derive(FromQueryResult)]
    struct Of {
        batch_id: Uuid,
    }
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT batch_id FROM stock_movements WHERE id = $1", [id.into()]);
    let Some(Of { batch_id }) = Of::find_by_statement(statement).one(tx.conn()).await? else { return Ok(None) };
    tx.lock(REVERSAL, &batch_id.to_string()).await?;
    Ok(Some(batch_id))
}

async fn select(tx: &Tx, condition: &str, id: Uuid) -> Result<Vec<Original>, DbError> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, format!("{SELECT} {condition}"), [id.into()]);
    Ok(Original::find_by_statement(statement).all(tx.conn()).await?)
}
