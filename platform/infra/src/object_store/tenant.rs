//! One tenant's bucket: objects, streamed.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::{self, LocalBoxStream};
use nexus_config::S3;
use secrecy::ExposeSecret;
use tokio::io::AsyncWriteExt;

use super::client::{client, time_outs};
use super::credentials::access;
use super::{BucketAccess, BucketKey, ObjectStoreError};

/// Clients kept. One is small (the connections are shared), and made again quickly.
const CLIENTS: u64 = 2_048;
const IDLE: Duration = Duration::from_secs(600);

/// Clients of tenants' buckets, by bucket and key.
pub struct TenantBuckets {
    settings: S3,
    clients: moka::sync::Cache<ClientKey, TenantBucket>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct ClientKey {
    bucket: String,
    access_key: String,
    secret_digest: Vec<u8>,
}

impl fmt::Debug for TenantBuckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantBuckets").field("clients", &self.clients.entry_count()).finish_non_exhaustive()
    }
}

impl TenantBuckets {
    /// No client yet. Of the settings, where the store is matters; the keys come with the tenants, unless all share the one of the settings.
    #[must_use]
    pub fn new(settings: &S3) -> Self {
        let clients = moka::sync::Cache::builder().max_capacity(CLIENTS).time_to_idle(IDLE).build();
        Self { settings: settings.clone(), clients }
    }

    /// The way into a bucket: by the key of its own, or by the one of the settings.
    #[must_use]
    pub fn access(&self, bucket: &str, own: Option<BucketKey>) -> BucketAccess {
        access(&self.settings, bucket, own)
    }

    /// The bucket that `access` opens. Nothing is sent.
    #[must_use]
    pub fn for_tenant(&self, access: &BucketAccess) -> TenantBucket {
        let secret = access.secret_key.expose_secret();
        let key = ClientKey {
            bucket: access.bucket.clone(),
            access_key: access.access_key.clone(),
            secret_digest: digest(&SHA256, secret.as_bytes()).as_ref().to_vec(),
        };
        self.clients.get_with(key, || TenantBucket {
            client: client(&self.settings, &access.access_key, secret),
            bucket: access.bucket.clone(),
            settings: self.settings.clone(),
            in_a_hurry: false,
        })
    }
}

/// One tenant's bucket. Cheap to clone.
#[derive(Clone)]
pub struct TenantBucket {
    client: Client,
    bucket: String,
    settings: S3,
    in_a_hurry: bool,
}

impl fmt::Debug for TenantBucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantBucket").field("bucket", &self.bucket).finish_non_exhaustive()
    }
}

impl TenantBucket {
    /// Name of the bucket.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.bucket
    }

    /// The same bucket for a request that somebody waits for: a store that has fallen silent is [`ObjectStoreError::Unavailable`] within about two seconds.
    #[must_use]
    pub fn in_a_hurry(&self) -> Self {
        Self { in_a_hurry: true, ..self.clone() }
    }

    pub(super) fn is_in_a_hurry(&self) -> bool {
        self.in_a_hurry
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Uploads a file as the object `key`, in a stream. At most 5 GiB, the protocol's limit for one request. The size in bytes.
    ///
    /// # Errors
    /// [`ObjectStoreError::File`] when the file can't be read; others as the store answers.
    pub async fn put_file(&self, key: &str, path: &Path, content_type: &str) -> Result<u64, ObjectStoreError> {
        let size = tokio::fs::metadata(path).await.map_err(file)?.len();
        let body = ByteStream::from_path(path).await.map_err(|error| ObjectStoreError::File(error.to_string()))?;
        let patient = aws_sdk_s3::config::Builder::new().timeout_config(time_outs(&self.settings, size));
        let put = self.client.put_object().bucket(&self.bucket).key(key).content_type(content_type).body(body);
        self.call("PutObject", size, put.customize().config_override(patient).send()).await?;
        Ok(size)
    }

    /// Stores `content` as the object `key`.
    ///
    /// # Errors
    /// [`ObjectStoreError`].
    pub async fn put_bytes(&self, key: &str, content: impl Into<Bytes>, content_type: &str) -> Result<(), ObjectStoreError> {
        let body = ByteStream::from(content.into());
        self.call("PutObject", 0, self.client.put_object().bucket(&self.bucket).key(key).content_type(content_type).body(body).send()).await?;
        Ok(())
    }

    /// Downloads the object `key` into a file, in a stream; an existing file is replaced. The size in bytes. After an error the file is incomplete.
    ///
    /// # Errors
    /// [`ObjectStoreError::NotFound`]; [`ObjectStoreError::File`] when the file can't be written; others as the store answers.
    pub async fn get_to_file(&self, key: &str, path: &Path) -> Result<u64, ObjectStoreError> {
        let mut object = self.call("GetObject", 0, self.client.get_object().bucket(&self.bucket).key(key).send()).await?;
        let expected = object.content_length().and_then(|length| u64::try_from(length).ok());
        let mut out = tokio::io::BufWriter::new(tokio::fs::File::create(path).await.map_err(file)?);
        let mut size: u64 = 0;
        while let Some(chunk) = self.chunk(&mut object.body).await? {
            out.write_all(&chunk).await.map_err(file)?;
            size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        }
        out.flush().await.map_err(file)?;
        if expected.is_some_and(|expected| expected != size) {
            return Err(ObjectStoreError::Unavailable("the object was cut off".to_owned()));
        }
        Ok(size)
    }

    /// The object `key` as a stream: what of it is not asked for stays in the store.
    ///
    /// # Errors
    /// [`ObjectStoreError::NotFound`]; others as the store answers.
    pub async fn get(&self, key: &str) -> Result<ObjectStream, ObjectStoreError> {
        let object = self.call("GetObject", 0, self.client.get_object().bucket(&self.bucket).key(key).send()).await?;
        let size = object.content_length().and_then(|length| u64::try_from(length).ok());
        let size = size.ok_or_else(|| ObjectStoreError::Other("the store does not say how large the object is".to_owned()))?;
        let pieces = stream::try_unfold((self.clone(), object.body), |(bucket, mut body)| async move {
            let piece = bucket.chunk(&mut body).await?;
            Ok(piece.map(|piece| (piece, (bucket, body))))
        });
        Ok(ObjectStream { size, pieces: pieces.boxed_local() })
    }

    /// Deletes the object `key`. One that is not there is no error.
    ///
    /// # Errors
    /// [`ObjectStoreError`].
    pub async fn delete(&self, key: &str) -> Result<(), ObjectStoreError> {
        match self.call("DeleteObject", 0, self.client.delete_object().bucket(&self.bucket).key(key).send()).await {
            Ok(_) | Err(ObjectStoreError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Objects whose key begins with `prefix` and follows `after`: a page of them, in the order of keys.
    ///
    /// # Errors
    /// [`ObjectStoreError`].
    pub async fn list(&self, prefix: &str, after: Option<&str>) -> Result<Vec<StoredObject>, ObjectStoreError> {
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix).set_start_after(after.map(str::to_owned));
        let page = self.call("ListObjectsV2", 0, request.send()).await?;
        let object = |object: &aws_sdk_s3::types::Object| {
            let modified = object.last_modified().and_then(|at| DateTime::from_timestamp(at.secs(), at.subsec_nanos()))?;
            Some(StoredObject { key: object.key()?.to_owned(), modified })
        };
        Ok(page.contents().iter().filter_map(object).collect())
    }

    /// The next piece of a body. A store that stops in the middle is given up after the time of an answer.
    async fn chunk(&self, body: &mut ByteStream) -> Result<Option<Bytes>, ObjectStoreError> {
        let limit = Duration::from_millis(self.settings.read_timeout_ms);
        match tokio::time::timeout(limit, body.try_next()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(ObjectStoreError::Unavailable(error.to_string())),
            Err(_) => Err(ObjectStoreError::Unavailable("the object stopped coming".to_owned())),
        }
    }
}

/// The content of an object, as it comes.
pub struct ObjectStream {
    /// Bytes of the whole.
    pub size: u64,
    /// The pieces.
    pub pieces: LocalBoxStream<'static, Result<Bytes, ObjectStoreError>>,
}

impl fmt::Debug for ObjectStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStream").field("size", &self.size).finish_non_exhaustive()
    }
}

/// An object of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Its key.
    pub key: String,
    /// When it was stored.
    pub modified: DateTime<Utc>,
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn file(error: std::io::Error) -> ObjectStoreError {
    ObjectStoreError::File(error.to_string())
}
