//! What of the sample data is there.

use chrono::{DateTime, Utc};
use nexus_infra::{DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Product,
    Category,
    Location,
    /// A posting of the sample's own: what it moved, or took back.
    Posting,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Category => "category",
            Self::Location => "location",
            Self::Posting => "posting",
        }
    }
}

/// A thing of the sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    pub kind: Kind,
    pub id: Uuid,
    /// The version that it was made with; a posting has none.
    pub version: Option<i64>,
}

/// A set of sample data that is there.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Loaded {
    pub id: Uuid,
    pub loaded_at: DateTime<Utc>,
    pub movements: i64,
    pub products: i64,
    pub categories: i64,
    pub locations: i64,
}

fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, values)
}

/// The set that is there, if any.
pub async fn loaded<C: ConnectionTrait>(conn: &C) -> Result<Option<Loaded>, DbError> {
    let sql = "SELECT s.id, s.loaded_at, s.movements, count(*) FILTER (WHERE r.kind = 'product') AS products, \
            count(*) FILTER (WHERE r.kind = 'category') AS categories, count(*) FILTER (WHERE r.kind = 'location') AS locations \
        FROM sample_data s LEFT JOIN sample_records r ON r.set_id = s.id WHERE s.removed_at IS NULL GROUP BY s.id";
    Ok(Loaded::find_by_statement(statement(sql, [])).one(conn).await?)
}

/// The id of the set that is there, which nobody else removes until the transaction ends.
pub async fn loaded_locked(tx: &Tx) -> Result<Option<Uuid>, DbError> {
    #[derive(FromQueryResult)]
    struct Of {
        id: Uuid,
    }
    let sql = "SELECT id FROM sample_data WHERE removed_at IS NULL FOR UPDATE";
    Ok(Of::find_by_statement(statement(sql, [])).one(tx.conn()).await?.map(|of| of.id))
}

/// Begins a set; refused by name while another is there.
pub async fn begin(tx: &Tx, id: Uuid, movements: i64) -> Result<(), DbError> {
    let sql = "INSERT INTO sample_data (id, movements, loaded_at) VALUES ($1, $2, $3)";
    tx.conn().execute_raw(statement(sql, [id.into(), movements.into(), tx.now().into()])).await?;
    Ok(())
}

/// How many sets there ever were.
pub async fn sets(tx: &Tx) -> Result<i64, DbError> {
    #[derive(FromQueryResult)]
    struct Count {
        count: i64,
    }
    let row = Count::find_by_statement(statement("SELECT count(*) AS count FROM sample_data", [])).one(tx.conn()).await?;
    Ok(row.map_or(0, |row| row.count))
}

/// Ends a set.
pub async fn end(tx: &Tx, id: Uuid) -> Result<(), DbError> {
    tx.conn().execute_raw(statement("UPDATE sample_data SET removed_at = $2 WHERE id = $1", [id.into(), tx.now().into()])).await?;
    Ok(())
}

/// Notes what belongs to a set.
pub async fn note(tx: &Tx, set: Uuid, records: &[Record]) -> Result<(), DbError> {
    let ids: Vec<Uuid> = records.iter().map(|record| record.id).collect();
    let kinds: Vec<String> = records.iter().map(|record| record.kind.as_str().to_owned()).collect();
    let versions: Vec<i64> = records.iter().map(|record| record.version.unwrap_or_default()).collect();
    let sql = "INSERT INTO sample_records (id, kind, version, set_id) \
        SELECT r.id, r.kind, nullif(r.version, 0), $4 FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS r(id, kind, version)";
    tx.conn().execute_raw(statement(sql, [ids.into(), kinds.into(), versions.into(), set.into()])).await?;
    Ok(())
}

/// Things of one kind that belong to a set, with the versions that they were made with.
pub async fn things(tx: &Tx, set: Uuid, kind: Kind) -> Result<Vec<(Uuid, i64)>, DbError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        version: i64,
    }
    let sql = "SELECT id, coalesce(version, 0) AS version FROM sample_records WHERE set_id = $1 AND kind = $2 ORDER BY id";
    let rows = Row::find_by_statement(statement(sql, [set.into(), kind.as_str().into()])).all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.version)).collect())
}

/// Forgets that things are samples.
pub async fn forget(tx: &Tx, ids: Vec<Uuid>) -> Result<(), DbError> {
    tx.conn().execute_raw(statement("DELETE FROM sample_records WHERE id = ANY ($1)", [ids.into()])).await?;
    Ok(())
}

/// Every posting that samples ever made, those that took them back among them.
pub async fn postings(tx: &Tx) -> Result<Vec<Uuid>, DbError> {
    #[derive(FromQueryResult)]
    struct Of {
        id: Uuid,
    }
    let rows = Of::find_by_statement(statement("SELECT id FROM sample_records WHERE kind = 'posting'", [])).all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}
