//! What a database call can fail with, told apart by SQLSTATE and constraint name.

use std::error::Error as StdError;

use nexus_core::{ErrorCode, FieldFault, Problem};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

type Cause = Box<dyn StdError + Send + Sync>;

/// A failed database call. Slices match on the constraint's name and turn it into a domain error; what is left
/// becomes 503 (busy, down) or 500.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A row that had to be there is not.
    #[error("row not found")]
    NotFound,
    /// A unique or exclusion constraint refused the row.
    #[error("unique constraint `{constraint}` violated")]
    UniqueViolation {
        /// Name of the constraint or unique index.
        constraint: String,
    },
    /// A referenced row is missing, or a row is still referenced.
    #[error("foreign key `{constraint}` violated")]
    ForeignKeyViolation {
        /// Name of the constraint.
        constraint: String,
    },
    /// A check constraint (or a trigger that raises as one) refused the row.
    #[error("check constraint `{constraint}` violated")]
    CheckViolation {
        /// Name of the constraint.
        constraint: String,
    },
    /// 40001: repeat the transaction.
    #[error("serialization failure")]
    Serialization,
    /// 40P01: repeat the transaction.
    #[error("deadlock detected")]
    Deadlock,
    /// A row stayed locked longer than `lock_timeout`, or NOWAIT found it locked.
    #[error("lock not granted in time")]
    LockTimeout,
    /// The statement ran longer than `statement_timeout`.
    #[error("statement cancelled: time-out")]
    StatementTimeout,
    /// No connection of the pool became free in time.
    #[error("no database connection became free in time")]
    PoolTimeout,
    /// The server can't be reached, refuses connections, or is shutting down.
    #[error("database unavailable: {0}")]
    Unavailable(#[source] Cause),
    /// The rows of a numbered page weigh more than a page may.
    #[error("the page weighs too much after {fit} of its rows")]
    PageTooHeavy {
        /// How many of its rows would do.
        fit: usize,
    },
    /// Anything else: a defect, or data that does not have the expected shape.
    #[error("database error: {0}")]
    Other(#[source] Cause),
}

impl DbError {
    /// A fault of our own, such as a value that can't be encoded.
    pub fn other(cause: impl Into<Cause>) -> Self {
        Self::Other(cause.into())
    }

    /// Whether repeating the whole transaction can help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Serialization | Self::Deadlock)
    }

    /// Whether the database is down or busy, rather than the call wrong.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::PoolTimeout | Self::Unavailable(_) | Self::StatementTimeout | Self::LockTimeout)
    }

    /// Whether a transaction that ended so may be committed all the same: nobody heard what became of its COMMIT. Also true of some that
    /// never began.
    #[must_use]
    pub fn leaves_outcome_open(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Other(_))
    }

    /// Name of the violated constraint, if one was violated.
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::UniqueViolation { constraint } | Self::ForeignKeyViolation { constraint } | Self::CheckViolation { constraint } => Some(constraint),
            _ => None,
        }
    }

    /// Whether exactly this constraint was violated.
    #[must_use]
    pub fn violates(&self, name: &str) -> bool {
        self.constraint() == Some(name)
    }
}

/// What a SQLSTATE means to us; `None` for everything that is a defect.
fn classify(state: &str, constraint: Option<&str>) -> Option<DbError> {
    let constraint = || constraint.unwrap_or_default().to_owned();
    match state {
        "23505" | "23P01" => Some(DbError::UniqueViolation { constraint: constraint() }),
        "23503" | "23001" => Some(DbError::ForeignKeyViolation { constraint: constraint() }),
        "23514" => Some(DbError::CheckViolation { constraint: constraint() }),
        "40001" => Some(DbError::Serialization),
        "40P01" => Some(DbError::Deadlock),
        "55P03" => Some(DbError::LockTimeout),
        "57014" | "25P04" => Some(DbError::StatementTimeout),
        _ => None,
    }
}

/// SQLSTATEs of a server that can't serve us now: connection exceptions (08), rejected log-in (28), no such
/// database (3D), out of resources (53), shutting down or recovering (57P), idle time-out (25P03), and a primary
/// that became read-only (25006).
fn says_unavailable(state: &str) -> bool {
    ["08", "28", "3D", "53", "57P"].iter().any(|class| state.starts_with(class)) || state == "25P03" || state == "25006"
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        match from_sqlx(&error) {
            Some(known) => known,
            None if cuts_connection(&error) => Self::Unavailable(Box::new(error)),
            None => Self::Other(Box::new(error)),
        }
    }
}

fn from_sqlx(error: &sqlx::Error) -> Option<DbError> {
    match error {
        sqlx::Error::RowNotFound => Some(DbError::NotFound),
        sqlx::Error::PoolTimedOut => Some(DbError::PoolTimeout),
        sqlx::Error::Database(error) => classify(error.code().as_deref().unwrap_or_default(), error.constraint()),
        _ => None,
    }
}

fn cuts_connection(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed | sqlx::Error::BeginFailed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|state| says_unavailable(&state)),
        _ => false,
    }
}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => Self::NotFound,
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Self::PoolTimeout,
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => Self::Unavailable(Box::new(error)),
            // Whatever the server says while a connection is opened, it does not let us in.
            DbErr::Conn(_) => Self::Unavailable(Box::new(error)),
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => match from_sqlx(inner) {
                Some(known) => known,
                None if cuts_connection(inner) => Self::Unavailable(Box::new(error)),
                None => Self::Other(Box::new(error)),
            },
            _ => Self::Other(Box::new(error)),
        }
    }
}

impl From<sea_orm::TryGetError> for DbError {
    fn from(error: sea_orm::TryGetError) -> Self {
        Self::from(DbErr::from(error))
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        if matches!(error, DbError::PoolTimeout) {
            return Self::overloaded("The database").with_source(error);
        }
        if let DbError::PageTooHeavy { fit } = error {
            return page_too_heavy(fit);
        }
        if error.is_unavailable() { Problem::unavailable("The database").with_source(error) } else { Problem::internal(error) }
    }
}

fn page_too_heavy(fit: usize) -> Problem {
    let most = super::list::PAGE_BYTES / (1_024 * 1_024);
    let message = format!("asks for a page of more than {most} MiB: {fit} of its items fit; ask for fewer, or go on by `cursor`");
    let fault = FieldFault::new("limit", "too_heavy", message);
    let text = format!("The request is malformed: `limit` {}.", fault.message);
    Problem::new(ErrorCode::BAD_REQUEST, text).with_details(serde_json::json!([fault]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_a_caller_can_act_on_are_told_apart() {
        assert!(
            matches!(classify("23505", Some("users_email_key")), Some(DbError::UniqueViolation { constraint }) if constraint == "users_email_key")
        );
        assert!(matches!(classify("23503", Some("fk")), Some(DbError::ForeignKeyViolation { .. })));
        assert!(matches!(classify("23514", Some("stock_levels_available_check")), Some(DbError::CheckViolation { .. })));
        assert!(classify("40001", None).is_some_and(|error| error.is_retryable()));
        assert!(classify("40P01", None).is_some_and(|error| error.is_retryable()));
        assert!(classify("55P03", None).is_some_and(|error| error.is_unavailable() && !error.is_retryable()));
        assert!(classify("42601", None).is_none());
    }

    #[test]
    fn a_server_that_shuts_down_or_is_full_is_unavailable() {
        for state in ["08006", "57P01", "57P03", "53300", "28P01", "3D000", "25006", "25P03"] {
            assert!(says_unavailable(state), "{state}");
        }
        for state in ["57014", "42P01", "22P02", "23502"] {
            assert!(!says_unavailable(state), "{state}");
        }
    }

    #[test]
    fn busy_is_503_with_a_hint_and_a_defect_is_500_without_sql() {
        let busy = Problem::from(DbError::PoolTimeout);
        assert_eq!(busy.code.status, 503);
        assert!(busy.retry_after.is_some_and(|after| after.as_secs() >= 1));
        let defect = Problem::from(DbError::other("relation \"secret\" does not exist"));
        assert_eq!(defect.code.status, 500);
        assert!(!defect.message.contains("secret"));
    }

    #[test]
    fn a_constraint_is_matched_by_its_full_name() {
        let error = DbError::UniqueViolation { constraint: "variants_sku_key".into() };
        assert!(error.violates("variants_sku_key"));
        assert!(!error.violates("variants_sku"));
    }

    #[test]
    fn errors_of_both_drivers_map_alike() {
        assert!(matches!(DbError::from(sqlx::Error::RowNotFound), DbError::NotFound));
        assert!(matches!(DbError::from(sqlx::Error::PoolTimedOut), DbError::PoolTimeout));
        assert!(matches!(DbError::from(sqlx::Error::PoolClosed), DbError::Unavailable(_)));
        assert!(matches!(DbError::from(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)), DbError::PoolTimeout));
        assert!(matches!(DbError::from(DbErr::RecordNotFound("product".into())), DbError::NotFound));
        assert!(matches!(DbError::from(DbErr::Custom("x".into())), DbError::Other(_)));
    }
}
