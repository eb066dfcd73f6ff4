//! The embedded S3: the real protocol on a loopback port, objects as files below the data directory.
//!
//! Access rule: the root key may do everything; any other access key *is* a bucket's name, its secret is derived from the root
//! secret (`nexus_infra::object_store::derived_credentials`), and it may use the objects of that bucket and nothing else: no other
//! bucket, not by a copy source, not by dot segments in a key, and not the bucket itself (create, delete, policies).
//! Policies, lifecycle and versioning answer NotImplemented (s3s-fs): the platform treats them as capabilities.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use nexus_infra::object_store::derived_credentials;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::{CopyObjectInput, CopySource, DeleteObjectsInput, UploadPartCopyInput};
use s3s::service::S3ServiceBuilder;
use s3s::{S3Request, S3Result, s3_error};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The running server.
#[derive(Debug)]
pub struct EmbeddedS3 {
    /// `http://127.0.0.1:<port>`; addressed by path.
    pub endpoint: String,
    stopping: CancellationToken,
    connections: TaskTracker,
}

impl EmbeddedS3 {
    /// Serves the objects below `root` on a bound loopback listener.
    pub fn start(root: &Path, listener: std::net::TcpListener, access_key: &str, secret_key: &str) -> Result<Self> {
        let files = s3s_fs::FileSystem::new(root).map_err(|error| anyhow::anyhow!("the object store cannot use its folder: {error:?}"))?;
        let keys = Arc::new(Keys { root: access_key.to_owned(), secret: secret_key.to_owned() });
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(Authentication(Arc::clone(&keys)));
        builder.set_access(BucketRule(keys));
        let service = builder.build();

        listener.set_nonblocking(true).context("the object store's listener")?;
        let endpoint = format!("http://{}", listener.local_addr().context("the object store's address")?);
        let listener = tokio::net::TcpListener::from_std(listener).context("the object store's listener")?;
        let stopping = CancellationToken::new();
        let connections = TaskTracker::new();
        let (token, tracker) = (stopping.clone(), connections.clone());
        connections.spawn(async move {
            let http = Builder::new(TokioExecutor::new());
            loop {
                let socket = tokio::select! {
                    () = token.cancelled() => return,
                    accepted = listener.accept() => match accepted {
                        Ok((socket, _)) => socket,
                        Err(error) => {
                            tracing::warn!(%error, "the object store could not accept a connection");
                            // Out of file descriptors: accepting again at once would spin.
                            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                            continue;
                        }
                    },
                };
                let _ = socket.set_nodelay(true);
                let connection = http.serve_connection(TokioIo::new(socket), service.clone()).into_owned();
                let token = token.clone();
                tracker.spawn(async move {
                    tokio::select! {
                        () = token.cancelled() => {}
                        ended = connection => if let Err(error) = ended {
                            tracing::debug!(%error, "a connection of the object store ended early");
                        },
                    }
                });
            }
        });
        connections.close();
        Ok(Self { endpoint, stopping, connections })
    }

    /// Closes the listener and every connection.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.connections.wait().await;
    }
}

struct Keys {
    root: String,
    secret: String,
}

struct Authentication(Arc<Keys>);

#[async_trait::async_trait]
impl S3Auth for Authentication {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.0.root {
            return Ok(SecretKey::from(self.0.secret.as_str()));
        }
        if !s3s::path::check_bucket_name(access_key) {
            return Err(s3_error!(InvalidAccessKeyId, "unknown access key"));
        }
        let (_, secret) = derived_credentials(&self.0.secret, access_key);
        Ok(SecretKey::from(secret))
    }
}

struct BucketRule(Arc<Keys>);

impl BucketRule {
    /// The bucket that a request's key is confined to; none for the root key.
    fn confined_to<'a>(&self, access_key: Option<&'a str>) -> S3Result<Option<&'a str>> {
        match access_key {
            None => Err(s3_error!(AccessDenied, "a signature is required")),
            Some(key) if key == self.0.root => Ok(None),
            Some(key) => Ok(Some(key)),
        }
    }

    fn check_source<T>(&self, request: &S3Request<T>, source: &CopySource) -> S3Result<()> {
        let key = request.credentials.as_ref().map(|credentials| credentials.access_key.as_str());
        match (self.confined_to(key)?, source) {
            (None, CopySource::Bucket { key, .. }) => check_key(key),
            (Some(own), CopySource::Bucket { bucket, key, .. }) if bucket.as_ref() == own => check_key(key),
            _ => Err(s3_error!(AccessDenied, "another bucket")),
        }
    }
}

/// Operations on the bucket itself, which a tenant's key may not use although the path is its own.
/// `PostObject` names its key in a form field, past the check of the path.
const BUCKET_ITSELF: &[&str] = &["CreateBucket", "DeleteBucket", "PutBucket", "DeleteBucketPolicy", "PostObject"];

fn check_key(key: &str) -> S3Result<()> {
    // Objects are files: a dot segment would climb out of the bucket's folder, an absolute key would leave it.
    if key.split(['/', '\\']).any(|segment| ["", ".", ".."].contains(&segment)) || key.contains('\0') {
        return Err(s3_error!(InvalidArgument, "a key must not have empty or dot segments"));
    }
    Ok(())
}

#[async_trait::async_trait]
impl S3Access for BucketRule {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        if let Some(key) = cx.s3_path().get_object_key() {
            check_key(key)?;
        }
        let access_key = cx.credentials().map(|credentials| credentials.access_key.as_str());
        let Some(own) = self.confined_to(access_key)? else { return Ok(()) };
        if cx.s3_path().get_bucket_name() != Some(own) {
            return Err(s3_error!(AccessDenied, "another bucket"));
        }
        if BUCKET_ITSELF.iter().any(|operation| cx.s3_op().name().starts_with(operation)) {
            return Err(s3_error!(AccessDenied, "this key may use objects, not change the bucket"));
        }
        Ok(())
    }

    async fn copy_object(&self, request: &mut S3Request<CopyObjectInput>) -> S3Result<()> {
        self.check_source(request, &request.input.copy_source)
    }

    async fn upload_part_copy(&self, request: &mut S3Request<UploadPartCopyInput>) -> S3Result<()> {
        self.check_source(request, &request.input.copy_source)
    }

    async fn delete_objects(&self, request: &mut S3Request<DeleteObjectsInput>) -> S3Result<()> {
        request.input.delete.objects.iter().try_for_each(|object| check_key(&object.key))
    }
}

#[cfg(test)]
#[path = "s3_tests.rs"]
mod tests;
