//! Why a step failed, in words for operators.
//!
//! What whoever waits is told is [`StepError::message`]; everything there is stands in the log. In between is what is written into the saga's log: what a
//! database server, the object store or the system said, as far as it is known to hold no secret and no value of a row. What is not known to be harmless is
//! left out: Postgres quotes values and pieces of statements in some of its messages, and statements of ours hold password verifiers and people's names.

use std::error::Error as StdError;

use nexus_infra::DbError;
use nexus_infra::object_store::ObjectStoreError;
use nexus_infra::secrets::SecretsError;
use nexus_migration::MigrationError;
use sea_orm::{DbErr, RuntimeErr};
use tokio::time::error::Elapsed;

use crate::error::{StepError, Told};

/// Longest text that is kept, in characters.
const LONGEST: usize = 300;

/// Classes of SQLSTATE whose messages name databases, roles and conditions, and nothing else: connections, log-in, no such database, what is still in use,
/// resources, conflicts, interventions, the system's own faults.
const SPEAKING_CLASSES: &[&str] = &["08", "25", "28", "2B", "3D", "40", "53", "55", "57", "58"];
/// Further ones: a privilege that lacks, a database or role that is there already or is not.
const SPEAKING_STATES: &[&str] = &["42501", "42P04", "42710", "42704"];

/// The cause of a step's failure, if there is one that may be told.
pub(crate) fn of(error: &StepError) -> Option<String> {
    let mut link: Option<&(dyn StdError + 'static)> = error.source.as_deref().map(|source| source as _);
    while let Some(error) = link {
        if let Some(text) = told(error) {
            return Some(text.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect());
        }
        link = error.source();
    }
    None
}

/// What one link of the chain says, if that is known to be harmless.
fn told(error: &(dyn StdError + 'static)) -> Option<String> {
    if let Some(error) = error.downcast_ref::<sqlx::Error>() {
        return Some(by_driver(error));
    }
    if let Some(error) = error.downcast_ref::<DbErr>() {
        return Some(by_mapper(error));
    }
    if let Some(error) = error.downcast_ref::<DbError>() {
        // What these two hold speaks for itself, further down the chain.
        return (!matches!(error, DbError::Unavailable(_) | DbError::Other(_))).then(|| error.to_string());
    }
    if let Some(error) = error.downcast_ref::<MigrationError>() {
        return (!matches!(error, MigrationError::Migration(_) | MigrationError::Database(_))).then(|| error.to_string());
    }
    let harmless = error.is::<Told>() || error.is::<ObjectStoreError>() || error.is::<SecretsError>() || error.is::<std::io::Error>();
    if error.is::<Elapsed>() { Some("no answer in time".to_owned()) } else { harmless.then(|| error.to_string()) }
}

fn by_mapper(error: &DbErr) -> String {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner)) | DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            by_driver(inner)
        }
        DbErr::ConnectionAcquire(_) => "no connection to the database".to_owned(),
        _ => "a database call failed; its words are in the log".to_owned(),
    }
}

fn by_driver(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(refusal) => {
            let state = refusal.code().unwrap_or_default();
            let speaks = SPEAKING_CLASSES.iter().any(|class| state.starts_with(class)) || SPEAKING_STATES.contains(&state.as_ref());
            match (speaks, refusal.constraint()) {
                (true, _) => format!("{} (SQLSTATE {state})", refusal.message()),
                (false, Some(constraint)) => format!("`{constraint}` was violated (SQLSTATE {state})"),
                (false, None) => format!("the database refused with SQLSTATE {state}; its words are in the log"),
            }
        }
        sqlx::Error::Io(fault) => fault.to_string(),
        sqlx::Error::PoolTimedOut => "no database connection became free in time".to_owned(),
        sqlx::Error::PoolClosed => "the connections are being closed".to_owned(),
        sqlx::Error::Tls(_) => "TLS with the database server failed; its words are in the log".to_owned(),
        _ => "a database call failed; its words are in the log".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_source(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Option<String> {
        of(&StepError::transient("SERVICE_UNAVAILABLE", "It did not work.", source))
    }

    fn refused() -> std::io::Error {
        std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "connection refused")
    }

    #[test]
    fn what_the_system_said_is_found_at_the_bottom_of_the_chain() {
        let wrapped = MigrationError::Database(sqlx::Error::Io(refused()));
        assert_eq!(of_source(wrapped).as_deref(), Some("connection refused"));
        assert_eq!(of_source(DbError::from(sqlx::Error::Io(refused()))).as_deref(), Some("connection refused"));
        assert_eq!(
            of_source(DbError::from(DbErr::Exec(RuntimeErr::SqlxError(sqlx::Error::Io(refused()).into())))).as_deref(),
            Some("connection refused")
        );
        assert_eq!(of_source(DbError::PoolTimeout).as_deref(), Some("no database connection became free in time"));
    }

    #[test]
    fn what_nobody_vouches_for_is_left_out() {
        assert_eq!(of_source("SELECT 'ada@example.com'"), None);
        assert_eq!(of_source(DbError::other("value \"ada@example.com\" is too long")), None);
        assert_eq!(of(&StepError::permanent("NOT_FOUND", "The owner's account does not exist.")), None);
        assert_eq!(of_source(Told("no room on any server".to_owned())).as_deref(), Some("no room on any server"));
    }

    #[test]
    fn a_cause_is_one_short_line() {
        let told = of_source(Told(format!("a\nb\u{7}{}", "x".repeat(1_000)))).unwrap();
        assert!(told.starts_with("abx") && told.chars().count() == LONGEST, "{told}");
    }
}
