//! Who may enter a bucket.

use aws_lc_rs::hmac;
use nexus_config::{S3, S3Credentials};
use secrecy::{ExposeSecret, SecretString};

/// A key of the object store.
#[derive(Debug, Clone)]
pub struct BucketKey {
    /// Access key.
    pub access_key: String,
    /// Its secret.
    pub secret_key: SecretString,
}

/// One bucket and the key to it.
#[derive(Debug, Clone)]
pub struct BucketAccess {
    /// Name of the bucket.
    pub bucket: String,
    /// Access key.
    pub access_key: String,
    /// Its secret.
    pub secret_key: SecretString,
}

/// The key of one bucket where keys are derived: the access key is the bucket's name, the secret is the hexadecimal HMAC-SHA-256 of that name under the
/// root secret. A store that knows the root secret computes the same (the embedded one does), so that no key has to be registered.
#[must_use]
pub fn derived_credentials(root_secret: &str, bucket: &str) -> (String, String) {
    let key = hmac::Key::new(hmac::HMAC_SHA256, root_secret.as_bytes());
    (bucket.to_owned(), hex::encode(hmac::sign(&key, bucket.as_bytes())))
}

/// The key that `bucket` has of its own under these settings. Where one key is shared there is none: a copy of it in every tenant's record would have to
/// be replaced with it.
pub(super) fn own_key(settings: &S3, bucket: &str) -> Option<BucketKey> {
    match settings.credentials {
        S3Credentials::Derived => {
            let (access_key, secret_key) = derived_credentials(settings.secret_key.expose_secret(), bucket);
            Some(BucketKey { access_key, secret_key: secret_key.into() })
        }
        S3Credentials::Shared => None,
    }
}

/// The way into `bucket`: by its own key, or by the one of the settings.
pub(super) fn access(settings: &S3, bucket: &str, own: Option<BucketKey>) -> BucketAccess {
    let key = own.unwrap_or_else(|| BucketKey { access_key: settings.access_key.clone(), secret_key: settings.secret_key.clone() });
    BucketAccess { bucket: bucket.to_owned(), access_key: key.access_key, secret_key: key.secret_key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derived_key_is_the_buckets_own_and_reproducible() {
        // Computed with `printf %s nxt-1 | openssl dgst -sha256 -hmac root`.
        let expected = "204f5f236bcf261f5837bb844ec1f2c9ce83e26d8193e30a4f3331270a4c77d9";
        assert_eq!(derived_credentials("root", "nxt-1"), ("nxt-1".to_owned(), expected.to_owned()));
        assert_ne!(derived_credentials("root", "nxt-2").1, expected);
        assert_ne!(derived_credentials("toor", "nxt-1").1, expected);
    }

    #[test]
    fn the_mode_of_the_settings_decides() {
        let mut settings = nexus_config::Settings::development().s3;
        assert_eq!(own_key(&settings, "nxt-1").unwrap().access_key, "nxt-1");
        settings.credentials = S3Credentials::Shared;
        assert!(own_key(&settings, "nxt-1").is_none(), "the administrator's secret is not copied");
        let shared = access(&settings, "nxt-1", None);
        assert_eq!((shared.access_key, shared.bucket.as_str()), (settings.access_key, "nxt-1"));
    }
}
