//! The tables `operators` and `operator_credentials`.

use chrono::{DateTime, Utc};
use nexus_core::Email;
use nexus_infra::postgres::{DbError, Tx};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::{NewOperator, OperatorError};

/// An operator. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq, FromQueryResult)]
pub struct Operator {
    /// Id: the `sub` of operator tokens.
    pub id: Uuid,
    /// The address as typed.
    pub email: String,
    /// Name shown to people.
    pub display_name: String,
    /// Platform role as stored.
    pub role: String,
    /// `active` or `disabled`.
    pub status: String,
    /// The last log-in.
    pub last_login_at: Option<DateTime<Utc>>,
    /// When the operator was made.
    pub created_at: DateTime<Utc>,
}

impl std::fmt::Debug for Operator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operator").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

const COLUMNS: &str = "o.id, o.email, o.display_name, o.role, o.status, o.last_login_at, o.created_at";

fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

pub(super) async fn by_id<C: ConnectionTrait>(conn: &C, id: Uuid) -> Result<Option<Operator>, DbError> {
    Ok(Operator::find_by_statement(sql(&format!("SELECT {COLUMNS} FROM operators o WHERE o.id = $1"), [id.into()])).one(conn).await?)
}

pub(super) async fn credentials<C: ConnectionTrait>(conn: &C, email: &Email) -> Result<Option<(Operator, Option<String>)>, DbError> {
    let statement = sql(
        &format!(
            "SELECT {COLUMNS}, c.password_hash FROM operators o LEFT JOIN operator_credentials c ON c.operator_id = o.id WHERE o.email_normalised = $1"
        ),
        [email.normalised().into()],
    );
    let Some(row) = conn.query_one_raw(statement).await? else { return Ok(None) };
    Ok(Some((Operator::from_query_result(&row, "")?, row.try_get("", "password_hash")?)))
}

pub(super) async fn insert(tx: &Tx, id: Uuid, new: &NewOperator, hash: &str) -> Result<(), OperatorError> {
    let inserted = tx
        .conn()
        .execute_raw(sql(
            "WITH operator AS (
                INSERT INTO operators (id, email, email_normalised, display_name, role, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id
             ) INSERT INTO operator_credentials (operator_id, password_hash, updated_at) SELECT id, $7, $6 FROM operator",
            [
                id.into(),
                new.email.as_str().into(),
                new.email.normalised().into(),
                new.display_name.trim().into(),
                new.role.as_str().into(),
                tx.now().into(),
                hash.into(),
            ],
        ))
        .await
        .map_err(DbError::from);
    match inserted {
        Ok(_) => Ok(()),
        Err(error) if error.violates("operators_email_normalised_key") => Err(OperatorError::EmailTaken),
        Err(error) => Err(error.into()),
    }
}

/// Notes a log-in, unless the operator is disabled by now.
pub(super) async fn touch_login(tx: &Tx, id: Uuid) -> Result<bool, DbError> {
    let statement = sql("UPDATE operators SET last_login_at = $2 WHERE id = $1 AND status = 'active'", [id.into(), tx.now().into()]);
    Ok(tx.conn().execute_raw(statement).await?.rows_affected() > 0)
}

/// Every operator, by address.
pub(super) async fn all<C: ConnectionTrait>(conn: &C) -> Result<Vec<Operator>, DbError> {
    Ok(Operator::find_by_statement(sql(&format!("SELECT {COLUMNS} FROM operators o ORDER BY o.email_normalised"), [])).all(conn).await?)
}

/// The operator with this id or this address (in its comparison form), locked.
pub(super) async fn lock(tx: &Tx, id: Option<Uuid>, address: &str) -> Result<Option<Operator>, DbError> {
    let text = format!("SELECT {COLUMNS} FROM operators o WHERE o.id = $1 OR o.email_normalised = $2 FOR UPDATE");
    Ok(Operator::find_by_statement(sql(&text, [id.into(), address.into()])).one(tx.conn()).await?)
}

pub(super) async fn set_status(tx: &Tx, id: Uuid, status: &str) -> Result<(), DbError> {
    tx.conn().execute_raw(sql("UPDATE operators SET status = $2 WHERE id = $1", [id.into(), status.into()])).await?;
    Ok(())
}
