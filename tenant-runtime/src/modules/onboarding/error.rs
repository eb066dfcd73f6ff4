//! What the slice refuses.

use nexus_core::{ErrorCode, Problem};
use nexus_infra::{DbError, IdempotencyError, WriteError};
use thiserror::Error;

use super::sample_data::wire::SampleRemovalOut;
use crate::modules::catalog::CatalogError;
use crate::modules::inventory::InventoryError;

const SAMPLE_DATA_LOADED: ErrorCode = ErrorCode { code: "SAMPLE_DATA_LOADED", status: 409, summary: "Sample data are there already." };
const SAMPLE_DATA_NOT_LOADED: ErrorCode = ErrorCode { code: "SAMPLE_DATA_NOT_LOADED", status: 409, summary: "There are no sample data to remove." };

/// The codes of the slice.
pub(super) const CODES: &[ErrorCode] = &[SAMPLE_DATA_LOADED, SAMPLE_DATA_NOT_LOADED];

/// What the slice refuses.
#[derive(Debug, Error)]
pub enum OnboardingError {
    /// Sample data are there already.
    #[error("sample data are loaded")]
    Loaded,
    /// Whatever number is put behind them, somebody has the samples' codes.
    #[error("the codes of sample data are taken")]
    CodesTaken,
    /// No sample data are there.
    #[error("no sample data are loaded")]
    NotLoaded,
    /// Nothing is wrong: what a dry run would have done is rolled back.
    #[error("a dry run")]
    DryRun(Box<SampleRemovalOut>),
    /// The catalogue.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The stock.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// The idempotency key is in flight or was used otherwise.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The database.
    #[error(transparent)]
    Db(DbError),
}

impl From<DbError> for OnboardingError {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("sample_data_loaded_key") => Self::Loaded,
            _ => Self::Db(error),
        }
    }
}

impl WriteError for OnboardingError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Catalog(error) => error.db_error(),
            Self::Inventory(error) => error.db_error(),
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

impl From<OnboardingError> for Problem {
    fn from(error: OnboardingError) -> Self {
        match error {
            OnboardingError::Loaded => Self::new(SAMPLE_DATA_LOADED, "Sample data are there already. Remove them first."),
            OnboardingError::NotLoaded => Self::new(SAMPLE_DATA_NOT_LOADED, "There are no sample data to remove."),
            OnboardingError::CodesTaken => Self::new(ErrorCode::CONFLICT, "The codes of the sample data are taken."),
            OnboardingError::DryRun(_) => Self::internal(error),
            OnboardingError::Catalog(error) => error.into(),
            OnboardingError::Inventory(error) => error.into(),
            OnboardingError::Idempotency(error) => error.into(),
            OnboardingError::Db(error) => error.into(),
        }
    }
}
