//! What bringing a schema or a cluster into shape can fail with.

use sea_orm::DbErr;

/// A migration or bootstrap that did not happen. Nothing is half done: repeat it after removing the cause.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The server is older than what the SQL needs.
    #[error("Postgres {found} is too old: Nexus needs 15 or newer")]
    ServerTooOld {
        /// Major version of the server.
        found: i32,
    },
    /// The administrator's role may not do what provisioning needs.
    #[error("database role `{role}` lacks {missing}: it must be a superuser, or have CREATEDB and CREATEROLE")]
    AdministratorTooWeak {
        /// The role.
        role: String,
        /// The missing attribute.
        missing: &'static str,
    },
    /// A name that can't be quoted into SQL.
    #[error("invalid database identifier")]
    InvalidName,
    /// A migration failed and was rolled back.
    #[error("migration failed: {0}")]
    Migration(#[from] DbErr),
    /// A statement failed.
    #[error("database call failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A tenant uses the database: it is not removed.
    #[error("database `{0}` is marked as in use by a tenant")]
    InUse(String),
    /// A password that no client could log in with.
    #[error(
        "a database password holds characters that passwords must not have (SASLprep, RFC 4013): control characters, or writing directions mixed"
    )]
    Password,
    /// The system's random source or a key derivation failed.
    #[error("cryptography failed")]
    Crypto,
}
