//! What the stores of products and variants share.

use nexus_infra::{DbError, Tx};
use sea_orm::{EntityTrait, PrimaryKeyTrait};
use uuid::Uuid;

/// Deletes a row unless stock refers to it or to what goes with it; says whether it is gone. The ledger's foreign keys decide.
pub async fn delete_unless_used<E>(tx: &Tx, id: Uuid) -> Result<bool, DbError>
where
    E: EntityTrait,
    Uuid: Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>,
{
    let attempt = tx.conn().begin().await?;
    match E::delete_by_id(id).exec(&attempt).await.map_err(DbError::from) {
        Ok(_) => {
            attempt.commit().await?;
            Ok(true)
        }
        Err(DbError::ForeignKeyViolation { .. }) => {
            attempt.rollback().await?;
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
