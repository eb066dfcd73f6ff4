//! The administrator's view: buckets as a whole.

use std::fmt;

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Delete, ObjectIdentifier};
use nexus_config::S3;
use secrecy::ExposeSecret;

use super::client::client;
use super::credentials::{access, own_key};
use super::{BucketAccess, BucketKey, ObjectStoreError};

/// How often emptying begins anew because somebody still wrote.
const ROUNDS: usize = 5;

/// Makes, lists and removes buckets. Cheap to clone.
#[derive(Clone)]
pub struct ObjectStore {
    client: Client,
    settings: S3,
}

impl fmt::Debug for ObjectStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectStore").field("endpoint", &self.settings.endpoint).finish_non_exhaustive()
    }
}

impl ObjectStore {
    /// The store of the settings, entered as its administrator. Connects when it is first asked.
    #[must_use]
    pub fn admin(settings: &S3) -> Self {
        Self { client: client(settings, &settings.access_key, settings.secret_key.expose_secret()), settings: settings.clone() }
    }

    /// The key that a tenant enters `bucket` with.
    #[must_use]
    pub fn credentials_for(&self, bucket: &str) -> BucketAccess {
        access(&self.settings, bucket, self.key_of(bucket))
    }

    /// The key that the bucket has of its own, to be kept with the tenant's secrets.
    #[must_use]
    pub fn key_of(&self, bucket: &str) -> Option<BucketKey> {
        own_key(&self.settings, bucket)
    }

    /// Makes the bucket, unless it exists and is ours.
    ///
    /// # Errors
    /// [`ObjectStoreError::Conflict`] when the name is somebody else's.
    pub async fn create_bucket(&self, bucket: &str) -> Result<(), ObjectStoreError> {
        let mut request = self.client.create_bucket().bucket(bucket);
        // The default region must not be named.
        if self.settings.region != "us-east-1" {
            let location = BucketLocationConstraint::from(self.settings.region.as_str());
            request = request.create_bucket_configuration(CreateBucketConfiguration::builder().location_constraint(location).build());
        }
        match request.send().await.map_err(ObjectStoreError::from) {
            Ok(_) => Ok(()),
            // Who repeats the step finds the bucket; a bucket that we may not look into is not ours.
            Err(ObjectStoreError::Conflict(reason)) => match self.bucket_exists(bucket).await {
                Ok(true) => Ok(()),
                _ => Err(ObjectStoreError::Conflict(reason)),
            },
            Err(error) => Err(error),
        }
    }

    /// Whether the bucket exists.
    ///
    /// # Errors
    /// [`ObjectStoreError::Denied`] when it is somebody else's.
    pub async fn bucket_exists(&self, bucket: &str) -> Result<bool, ObjectStoreError> {
        match self.client.head_bucket().bucket(bucket).send().await.map_err(ObjectStoreError::from) {
            Ok(_) => Ok(true),
            Err(ObjectStoreError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Names of the buckets that begin with `prefix`.
    ///
    /// # Errors
    /// [`ObjectStoreError`].
    pub async fn list_buckets(&self, prefix: &str) -> Result<Vec<String>, ObjectStoreError> {
        let mut names = Vec::new();
        let mut token = None;
        loop {
            let page = self.client.list_buckets().prefix(prefix).set_continuation_token(token).send().await?;
            // Not every store filters.
            names.extend(page.buckets().iter().filter_map(|bucket| bucket.name()).filter(|name| name.starts_with(prefix)).map(str::to_owned));
            token = page.continuation_token().filter(|token| !token.is_empty()).map(str::to_owned);
            if token.is_none() {
                return Ok(names);
            }
        }
    }

    /// Removes the bucket with everything in it: objects, their versions, and unfinished uploads. A bucket that is gone already is no error.
    ///
    /// # Errors
    /// [`ObjectStoreError::Conflict`] when somebody keeps writing into it.
    pub async fn empty_and_delete_bucket(&self, bucket: &str) -> Result<(), ObjectStoreError> {
        let mut outcome = Ok(());
        for _ in 0..ROUNDS {
            outcome = self.try_remove(bucket).await;
            match &outcome {
                Err(ObjectStoreError::Conflict(_)) => {}
                Err(ObjectStoreError::NotFound) => return Ok(()),
                _ => return outcome,
            }
        }
        outcome
    }

    async fn try_remove(&self, bucket: &str) -> Result<(), ObjectStoreError> {
        supported(self.abort_uploads(bucket).await)?;
        supported(self.delete_versions(bucket).await)?;
        self.delete_objects(bucket).await?;
        self.client.delete_bucket().bucket(bucket).send().await?;
        Ok(())
    }

    async fn abort_uploads(&self, bucket: &str) -> Result<(), ObjectStoreError> {
        let (mut key_marker, mut upload_marker) = (None, None);
        loop {
            let request = self.client.list_multipart_uploads().bucket(bucket);
            let page = request.set_key_marker(key_marker).set_upload_id_marker(upload_marker).send().await?;
            for upload in page.uploads() {
                let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else { continue };
                match self.client.abort_multipart_upload().bucket(bucket).key(key).upload_id(id).send().await.map_err(ObjectStoreError::from) {
                    Ok(_) | Err(ObjectStoreError::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            if !page.is_truncated().unwrap_or_default() {
                return Ok(());
            }
            key_marker = page.next_key_marker().map(str::to_owned);
            upload_marker = page.next_upload_id_marker().map(str::to_owned);
        }
    }

    async fn delete_versions(&self, bucket: &str) -> Result<(), ObjectStoreError> {
        loop {
            let page = self.client.list_object_versions().bucket(bucket).send().await?;
            let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
            let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
            let found: Vec<_> = versions.chain(markers).filter_map(|(key, version)| identifier(key?, version)).collect();
            if found.is_empty() {
                return Ok(());
            }
            self.delete(bucket, found).await?;
        }
    }

    async fn delete_objects(&self, bucket: &str) -> Result<(), ObjectStoreError> {
        loop {
            let page = self.client.list_objects_v2().bucket(bucket).send().await?;
            let found: Vec<_> = page.contents().iter().filter_map(|object| identifier(object.key()?, None)).collect();
            if found.is_empty() {
                return Ok(());
            }
            self.delete(bucket, found).await?;
        }
    }

    /// Deletes at most one page (1,000) of objects.
    async fn delete(&self, bucket: &str, objects: Vec<ObjectIdentifier>) -> Result<(), ObjectStoreError> {
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(|error| ObjectStoreError::Other(error.to_string()))?;
        let answer = self.client.delete_objects().bucket(bucket).delete(delete).send().await?;
        match answer.errors().first() {
            None => Ok(()),
            Some(error) => Err(ObjectStoreError::Other(format!("an object could not be deleted: {}", error.code().unwrap_or("no code")))),
        }
    }
}

fn identifier(key: &str, version: Option<&str>) -> Option<ObjectIdentifier> {
    ObjectIdentifier::builder().key(key).set_version_id(version.map(str::to_owned)).build().ok()
}

/// A store without an operation has nothing of its kind to remove.
fn supported(outcome: Result<(), ObjectStoreError>) -> Result<(), ObjectStoreError> {
    match outcome {
        Err(ObjectStoreError::NotSupported) => Ok(()),
        outcome => outcome,
    }
}
