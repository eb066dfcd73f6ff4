//! What goes wrong with organizations.

use nexus_core::{ErrorCode, Problem};
use nexus_infra::postgres::{DbError, WriteError};
use thiserror::Error;

use crate::tenancy::TenantRow;

/// Why an operation on an organization failed.
#[derive(Debug, Error)]
pub(crate) enum OrganizationError {
    /// None, or none of the person's.
    #[error("no such organization")]
    Unknown,
    /// Only the owner may.
    #[error("not the owner")]
    NotOwner,
    /// The row has moved on.
    #[error("the organization has changed")]
    Stale(Box<(TenantRow, bool)>),
    /// The control database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl WriteError for OrganizationError {
    fn db_error(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Unknown | Self::NotOwner | Self::Stale(_) => None,
        }
    }
}

impl From<OrganizationError> for Problem {
    fn from(error: OrganizationError) -> Self {
        match error {
            OrganizationError::Unknown => Self::not_found("organization"),
            OrganizationError::NotOwner => Self::new(ErrorCode::FORBIDDEN, "Only the owner of the organization may do this."),
            OrganizationError::Stale(_) => Self::new(ErrorCode::PRECONDITION_FAILED, "The organization has changed since you read it."),
            OrganizationError::Db(error) => error.into(),
        }
    }
}
