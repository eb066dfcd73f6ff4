//! The secrets of a development stack: generated once, kept in the data directory for their owner alone (0600).

use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::RngCore;
use serde::{Deserialize, Serialize};

use super::files;

/// What the embedded servers and the platform on top of them need to know.
#[derive(Serialize, Deserialize)]
pub struct DevSecrets {
    /// Superuser of the embedded Postgres.
    pub postgres_password: String,
    /// Role `nexus_control`.
    pub control_password: String,
    /// Role `nexus_directory`.
    pub directory_password: String,
    /// `requirepass` of the embedded Redis.
    pub redis_password: String,
    /// The embedded S3's root key.
    pub s3_access_key: String,
    /// Its secret, from which the tenants' secrets are derived.
    pub s3_secret_key: String,
    /// 32 bytes in base64: every key of the platform is derived from it.
    pub master_key: String,
    /// The first operator's log-in.
    pub operator_email: String,
    /// Their password.
    pub operator_password: String,
}

impl DevSecrets {
    /// Reads the secrets of a data directory, or generates and keeps them. Answers whether they are new.
    pub fn load_or_generate(data_dir: &Path) -> Result<(Self, bool)> {
        let file = data_dir.join("secrets.json");
        match std::fs::read(&file) {
            Ok(text) => {
                let known = serde_json::from_slice(&text)
                    .with_context(|| format!("{} is damaged; `make reset` clears the development data", file.display()))?;
                Ok((known, false))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let fresh = Self::generate();
                files::write_private(&file, &serde_json::to_vec_pretty(&fresh)?)?;
                Ok((fresh, true))
            }
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
        }
    }

    /// Fresh secrets.
    #[must_use]
    pub fn generate() -> Self {
        Self {
            postgres_password: random_hex::<16>(),
            control_password: random_hex::<16>(),
            directory_password: random_hex::<16>(),
            redis_password: random_hex::<16>(),
            s3_access_key: format!("nexus-root-{}", random_hex::<4>()),
            s3_secret_key: random_hex::<24>(),
            master_key: STANDARD.encode(random::<32>()),
            operator_email: "operator@nexus.example".to_owned(),
            operator_password: random_hex::<10>(),
        }
    }
}

impl std::fmt::Debug for DevSecrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("DevSecrets { … }")
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn random_hex<const N: usize>() -> String {
    hex::encode(random::<N>())
}

/// A password to hand to a person: 80 random bits.
#[must_use]
pub fn generated_password() -> String {
    random_hex::<10>()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_are_generated_once_and_kept_for_their_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (first, first_is_new) = DevSecrets::load_or_generate(dir.path()).unwrap();
        let (second, second_is_new) = DevSecrets::load_or_generate(dir.path()).unwrap();
        assert!(first_is_new && !second_is_new);
        assert_eq!(first.master_key, second.master_key);
        let mode = std::fs::metadata(dir.path().join("secrets.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(STANDARD.decode(&first.master_key).unwrap().len(), 32);
    }
}
