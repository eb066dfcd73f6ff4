//! Temporary files that a killed process doesn't leave behind for good.
//!
//! Each is locked by the process that has it; the lock ends with the process, whatever ends that. What lies there unlocked belongs to
//! nobody. A file that is new is left alone: it is made before it is locked.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::{Builder, NamedTempFile};

const PREFIX: &str = "nexus-scratch-";
/// From making a file to locking it takes far less.
const NEW: Duration = Duration::from_secs(60);

/// A temporary file; it goes when it is dropped, or soon after its process has died.
pub(crate) fn file() -> io::Result<NamedTempFile> {
    let file = Builder::new().prefix(PREFIX).tempfile()?;
    file.as_file().lock()?;
    Ok(file)
}

/// Removes what dead processes left behind.
pub(crate) async fn sweep() {
    let swept = tokio::task::spawn_blocking(|| sweep_folder(&std::env::temp_dir(), SystemTime::now())).await;
    match swept.map_err(io::Error::other).flatten() {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "temporary files of dead processes were removed"),
        Err(error) => tracing::warn!(%error, "temporary files of dead processes can't be removed"),
    }
}

fn sweep_folder(folder: &Path, now: SystemTime) -> io::Result<usize> {
    let mut removed = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        // Another process may remove it at the same time, and files of other users are theirs.
        if is_left_behind(&entry.path(), now).unwrap_or(false) && std::fs::remove_file(entry.path()).is_ok() {
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_left_behind(path: &Path, now: SystemTime) -> io::Result<bool> {
    let file = File::open(path)?;
    let age = now.duration_since(file.metadata()?.modified()?).unwrap_or_default();
    Ok(age > NEW && !matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_nobody_holds_any_more_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let make = || Builder::new().prefix(PREFIX).tempfile_in(folder.path()).unwrap();
        let (held, left) = (make(), make());
        held.as_file().lock().unwrap();
        let (_, left) = left.keep().unwrap();
        std::fs::write(folder.path().join("other"), "").unwrap();
        let soon = SystemTime::now() + Duration::from_secs(30);
        assert_eq!(sweep_folder(folder.path(), soon).unwrap(), 0, "it may be about to be locked");
        let later = SystemTime::now() + Duration::from_secs(3_600);
        assert_eq!(sweep_folder(folder.path(), later).unwrap(), 1);
        assert!(held.path().exists() && !left.exists() && folder.path().join("other").exists());
        let path = held.path().to_owned();
        drop(held);
        assert!(!path.exists());
    }

    #[test]
    fn a_file_is_locked_from_the_beginning() {
        let file = file().unwrap();
        assert!(!is_left_behind(file.path(), SystemTime::now() + Duration::from_secs(3_600)).unwrap());
    }
}
