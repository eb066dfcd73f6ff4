//! The embedded store as a stranger meets it: what it refuses, and what it keeps.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt;
use nexus_config::Settings;
use nexus_infra::object_store::{BucketAccess, ObjectStore, TenantBuckets};
use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

struct Store {
    server: EmbeddedS3,
    admin: ObjectStore,
    buckets: TenantBuckets,
    folder: tempfile::TempDir,
}

async fn store() -> Store {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let server = EmbeddedS3::start(folder.path(), listener, "root-key", "root-secret").unwrap();
    let mut settings = Settings::development().s3;
    settings.endpoint = Some(server.endpoint.clone());
    settings.access_key = "root-key".to_owned();
    settings.secret_key = "root-secret".into();
    Store { admin: ObjectStore::admin(&settings), buckets: TenantBuckets::new(&settings), server, folder }
}

#[tokio::test]
async fn a_tenants_key_opens_its_own_bucket_and_no_other() {
    let store = store().await;
    for bucket in ["nxt-one", "nxt-two"] {
        store.admin.create_bucket(bucket).await.unwrap();
    }
    let own = store.admin.credentials_for("nxt-one");
    let bucket = store.buckets.for_tenant(&own);
    bucket.put_bytes("a/b.txt", "hello", "text/plain").await.unwrap();
    let pieces: Vec<_> = bucket.get("a/b.txt").await.unwrap().pieces.try_collect().await.unwrap();
    assert_eq!(pieces.concat(), b"hello");

    let foreign = BucketAccess { bucket: "nxt-two".to_owned(), ..own.clone() };
    let other = store.buckets.for_tenant(&foreign);
    assert!(other.put_bytes("x", "y", "text/plain").await.is_err(), "another bucket must be refused");
    assert!(other.get("x").await.is_err());
    assert!(bucket.put_bytes("../nxt-two/x", "y", "text/plain").await.is_err(), "dot segments must be refused");
    assert!(!store.folder.path().join("nxt-two/x").exists());

    let forged = BucketAccess { secret_key: "guessed".into(), ..own };
    let forged = TenantBuckets::new(&{
        let mut settings = Settings::development().s3;
        settings.endpoint = Some(store.server.endpoint.clone());
        settings
    })
    .for_tenant(&forged);
    assert!(forged.get("a/b.txt").await.is_err(), "a wrong secret must be refused");
    store.server.stop().await;
}

#[tokio::test]
async fn the_administrator_makes_lists_and_removes_buckets_and_a_tenant_does_not() {
    let store = store().await;
    store.admin.create_bucket("nxt-one").await.unwrap();
    store.admin.create_bucket("nxt-one").await.unwrap();
    assert_eq!(store.admin.list_buckets("nxt-").await.unwrap(), ["nxt-one"]);

    let own = store.admin.credentials_for("nxt-one");
    let mut settings = Settings::development().s3;
    settings.endpoint = Some(store.server.endpoint.clone());
    settings.access_key = own.access_key;
    settings.secret_key = own.secret_key;
    let tenant = ObjectStore::admin(&settings);
    assert!(tenant.list_buckets("nxt-").await.is_err());
    assert!(tenant.create_bucket("nxt-new").await.is_err());
    assert!(tenant.empty_and_delete_bucket("nxt-one").await.is_err());

    store.admin.empty_and_delete_bucket("nxt-one").await.unwrap();
    assert!(store.admin.list_buckets("nxt-").await.unwrap().is_empty());
    store.server.stop().await;
}

#[tokio::test]
async fn a_key_that_is_absolute_or_has_an_empty_segment_is_refused() {
    let store = store().await;
    for bucket in ["nxt-one", "nxt-two"] {
        store.admin.create_bucket(bucket).await.unwrap();
    }
    let bucket = store.buckets.for_tenant(&store.admin.credentials_for("nxt-one"));
    bucket.put_bytes("a/b", "own", "text/plain").await.unwrap();
    let foreign = store.folder.path().join("nxt-two/stolen");
    let absolute = foreign.to_str().unwrap();
    for key in [absolute, "/a", "a//c", "a/", "a\\..\\..\\nxt-two\\stolen"] {
        assert!(bucket.put_bytes(key, "x", "text/plain").await.is_err(), "{key}");
        assert!(bucket.get(key).await.is_err(), "{key}");
    }
    assert!(!foreign.exists());
    assert_eq!(files_below(store.folder.path(), "nxt-one"), ["a/b"]);
    assert!(files_below(store.folder.path(), "nxt-two").is_empty());
    store.server.stop().await;
}

#[tokio::test]
async fn a_tenant_may_not_upload_by_form_which_names_its_key_past_the_check_of_the_path() {
    let store = store().await;
    for bucket in ["nxt-one", "nxt-two"] {
        store.admin.create_bucket(bucket).await.unwrap();
    }
    let own = store.admin.credentials_for("nxt-one");
    let foreign = store.folder.path().join("nxt-two/stolen");
    for key in ["harmless", "../nxt-two/stolen", foreign.to_str().unwrap()] {
        let answer = post_form(&store.server, "nxt-one", &own, key).await;
        assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("not change the bucket"), "{key}: {answer}");
    }
    assert!(!foreign.exists());
    assert!(files_below(store.folder.path(), "nxt-one").is_empty());
    // The form itself is in order: the administrator's passes.
    let root = BucketAccess { access_key: "root-key".to_owned(), secret_key: "root-secret".into(), ..own };
    let answer = post_form(&store.server, "nxt-one", &root, "harmless").await;
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    assert_eq!(files_below(store.folder.path(), "nxt-one"), ["harmless"]);
    store.server.stop().await;
}

/// A browser's upload (POST with a signed policy) of a few bytes; answers what the server said.
async fn post_form(server: &EmbeddedS3, bucket: &str, access: &BucketAccess, key: &str) -> String {
    let policy = serde_json::json!({
        "expiration": "2099-01-01T00:00:00Z",
        "conditions": [{ "bucket": bucket }, ["starts-with", "$key", ""]],
    });
    let policy = STANDARD.encode(policy.to_string());
    let secret = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, access.secret_key.expose_secret().as_bytes());
    let signature = STANDARD.encode(hmac::sign(&secret, policy.as_bytes()));
    let mut body = String::new();
    for (name, value) in [("key", key), ("AWSAccessKeyId", &access.access_key), ("policy", &policy), ("signature", &signature)] {
        body.push_str(&format!("--form\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    body.push_str("--form\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--form--\r\n");
    let host = server.endpoint.strip_prefix("http://").unwrap();
    let head = format!(
        "POST /{bucket} HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=form\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The objects of a bucket as the files they are, without what the store keeps beside them (hidden files).
fn files_below(root: &Path, bucket: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.join(bucket)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.path()),
                false => found.push(entry.path().strip_prefix(root.join(bucket)).unwrap().to_string_lossy().into_owned()),
            }
        }
    }
    found.sort();
    found
}
