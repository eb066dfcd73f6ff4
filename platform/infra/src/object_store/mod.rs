//! The object store: a bucket per tenant, entered with that tenant's key.
//!
//! Invariants:
//! - The administrator's client ([`ObjectStore`]) makes, lists and removes buckets; it lives in the control plane only. The tenant runtime holds
//!   [`TenantBucket`]s, each of which can name objects of its own bucket and nothing else.
//! - Every call has time-outs; transfers of files stream, whatever their size. A request that waits for a silent store is refused before them.
//! - All clients share one pool of connections.
//!
//! Policies, lifecycle and versioning are capabilities that a store may lack: their absence is no error.
//! Deliberately not here: names of objects (each slice has its own prefix) and presigned links.

mod admin;
mod client;
mod credentials;
mod tenant;
mod watch;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use nexus_core::Problem;
use thiserror::Error;

pub use admin::ObjectStore;
pub use credentials::{BucketAccess, BucketKey, derived_credentials};
pub use tenant::{ObjectStream, StoredObject, TenantBucket, TenantBuckets};

/// Why the object store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ObjectStoreError {
    /// No such bucket or object.
    #[error("no such object or bucket")]
    NotFound,
    /// The key may not do this.
    #[error("the object store denied access")]
    Denied,
    /// The bucket exists and is somebody else's, or is not empty yet.
    #[error("the object store reports a conflict: {0}")]
    Conflict(String),
    /// The store lacks this operation.
    #[error("the object store does not support this")]
    NotSupported,
    /// No answer in time, no connection, or an answer that says to try later.
    #[error("the object store is unavailable: {0}")]
    Unavailable(String),
    /// The local file can't be read or written.
    #[error("the local file failed: {0}")]
    File(String),
    /// Anything else.
    #[error("the object store failed: {0}")]
    Other(String),
}

impl ObjectStoreError {
    /// Whether trying again later makes sense.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

impl From<ObjectStoreError> for Problem {
    fn from(error: ObjectStoreError) -> Self {
        if error.is_unavailable() { Self::unavailable("The object store").with_source(error) } else { Self::internal(error) }
    }
}

impl<E> From<SdkError<E, HttpResponse>> for ObjectStoreError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        // What the SDK prints carries codes, messages and request ids of the store; no key, no signature.
        let reason = DisplayErrorContext(&error).to_string();
        match &error {
            SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Self::Unavailable(reason),
            SdkError::ServiceError(context) => classify(context.err().code(), context.raw().status().as_u16(), reason),
            _ => Self::Other(reason),
        }
    }
}

fn classify(code: Option<&str>, status: u16, reason: String) -> ObjectStoreError {
    match (code, status) {
        (Some("NotImplemented"), _) | (_, 501) => ObjectStoreError::NotSupported,
        (Some("NoSuchKey" | "NoSuchBucket" | "NoSuchUpload" | "NotFound"), _) | (_, 404) => ObjectStoreError::NotFound,
        (Some("BucketAlreadyExists" | "BucketAlreadyOwnedByYou" | "BucketNotEmpty"), _) | (_, 409) => ObjectStoreError::Conflict(reason),
        (_, 401 | 403) => ObjectStoreError::Denied,
        (_, 429 | 500..) => ObjectStoreError::Unavailable(reason),
        _ => ObjectStoreError::Other(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_classified_by_code_before_status() {
        let of = |code: Option<&str>, status| classify(code, status, "r".into());
        assert_eq!(of(Some("NoSuchKey"), 404), ObjectStoreError::NotFound);
        assert_eq!(of(None, 404), ObjectStoreError::NotFound);
        assert_eq!(of(Some("NotImplemented"), 501), ObjectStoreError::NotSupported);
        assert_eq!(of(Some("AccessDenied"), 403), ObjectStoreError::Denied);
        assert!(of(Some("SlowDown"), 503).is_unavailable());
        assert_eq!(of(Some("BucketNotEmpty"), 409), ObjectStoreError::Conflict("r".into()));
        assert_eq!(of(Some("InvalidArgument"), 400), ObjectStoreError::Other("r".into()));
    }
}
