//! A sealed file that may be lost: what a process knew when it ran last, for a start while nobody can tell it.
//!
//! Form: magic, version (1 byte), then what [`Sealer`] makes of the content; magic, version and scope are authenticated with it. The file is written whole or not
//! at all (a temporary file beside it, synced, renamed), for its owner alone.
//!
//! Invariants: a file that was cut, changed, sealed with another key, made for another scope or written in another version is refused, never half believed; what is
//! in it says nothing to whoever lacks the key.
//! Deliberately not here: what the content means, and how old it may be.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

use crate::secrets::{Sealer, SecretsError, TenantKeyring};

const MAGIC: &[u8; 8] = b"NXSNAPSH";
const VERSION: u8 = 1;
const HEADER: usize = MAGIC.len() + 1;
/// A larger file is not ours.
const MAX_BYTES: u64 = 1 << 30;
/// How the name of a temporary file ends; before it stands the process that writes it.
const UNFINISHED: &str = "unfinished";
/// A temporary file that is older was left by a process that was killed.
const LEFT_AFTER: Duration = Duration::from_secs(600);

/// Why a snapshot is not used, or could not be written.
#[derive(Debug, Error)]
pub enum SnapshotError {
    /// The file can't be read or written.
    #[error("{what} failed: {error}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The system's answer.
        error: std::io::Error,
    },
    /// Cut off, or no snapshot at all.
    #[error("it is no snapshot, or cut off")]
    Malformed,
    /// Of a version that this program does not read.
    #[error("it has format {0}, and this program reads format {VERSION}")]
    Version(u8),
    /// It does not open: sealed with another key, for another platform, or changed.
    #[error("it does not open: {0}")]
    Sealed(#[from] SecretsError),
}

impl SnapshotError {
    fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self::Io { what, error }
    }
}

/// One such file.
#[derive(Debug)]
pub struct SnapshotFile {
    path: PathBuf,
    sealer: Sealer,
    scope: String,
}

impl SnapshotFile {
    /// The file at `path`, under a key of the runtime's that `label` names. It opens with the same `scope` only: name in it what the content was made from.
    ///
    /// # Errors
    /// [`SecretsError::System`].
    pub fn new(path: &Path, keyring: &TenantKeyring, label: &str, scope: &str) -> Result<Self, SecretsError> {
        Ok(Self { path: path.to_owned(), sealer: keyring.sealer(&format!("snapshot/{label}"))?, scope: scope.to_owned() })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was written last. `None`: nothing was.
    ///
    /// # Errors
    /// [`SnapshotError`]: the file is not to be used.
    pub fn read(&self) -> Result<Option<Vec<u8>>, SnapshotError> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(SnapshotError::io("opening it")(error)),
        };
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(SnapshotError::io("reading it"))?;
        let (header, sealed) = bytes.split_at_checked(HEADER).ok_or(SnapshotError::Malformed)?;
        match header.strip_prefix(MAGIC) {
            Some([VERSION]) => Ok(Some(self.sealer.open(&self.bound_to(), sealed)?)),
            Some([version]) => Err(SnapshotError::Version(*version)),
            _ => Err(SnapshotError::Malformed),
        }
    }

    /// Puts `content` in the place of what was there.
    ///
    /// # Errors
    /// [`SnapshotError`]; what was there is still there.
    pub fn write(&self, content: &[u8]) -> Result<(), SnapshotError> {
        let sealed = self.sealer.seal(&self.bound_to(), content)?;
        let unfinished = self.unfinished();
        let written = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
            // One that was left by a killed process of the same number may have been opened to others since.
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
            file.write_all(MAGIC)?;
            file.write_all(&[VERSION])?;
            file.write_all(&sealed)?;
            file.sync_all()?;
            std::fs::rename(&unfinished, &self.path)?;
            match self.path.parent() {
                Some(folder) => File::open(folder)?.sync_all(),
                None => Ok(()),
            }
        };
        written().map_err(|error| {
            let _ = std::fs::remove_file(&unfinished);
            SnapshotError::io("writing it")(error)
        })
    }

    /// Removes what processes left that were killed while they wrote.
    pub fn tidy(&self) {
        let (Some(folder), Some(name)) = (self.path.parent(), self.path.file_name()) else { return };
        let begins = format!("{}.", name.to_string_lossy());
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let other = entry.file_name().to_string_lossy().into_owned();
            let is_old = || entry.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_AFTER));
            if other.starts_with(&begins) && other.ends_with(UNFINISHED) && is_old() {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Beside the file, so that it can be renamed; a name of this process' own, so that two never write one file.
    fn unfinished(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{}.{UNFINISHED}", std::process::id()));
        name.into()
    }

    fn bound_to(&self) -> Vec<u8> {
        [MAGIC.as_slice(), &[VERSION], self.scope.as_bytes()].concat()
    }
}

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
