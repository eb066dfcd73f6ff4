//! The only query of the upsert itself.

use std::collections::HashSet;

use nexus_infra::{DbError, Tx};
use sea_orm::{DbBackend, FromQueryResult, Statement};
use uuid::Uuid;

/// Those of these variants that there is stock of.
pub async fn in_stock(tx: &Tx, variants: &[Uuid]) -> Result<HashSet<Uuid>, DbError> {
    #[derive(FromQueryResult)]
    struct Held {
        variant_id: Uuid,
    }
    if variants.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = "SELECT variant_id FROM variant_stock WHERE variant_id = ANY ($1::uuid[]) AND has_stock";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [variants.to_vec().into()]);
    Ok(Held::find_by_statement(statement).all(tx.conn()).await?.into_iter().map(|held| held.variant_id).collect())
}
