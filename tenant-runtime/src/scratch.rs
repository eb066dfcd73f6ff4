//! Temporary files that a killed process doesn't leave behind for good.
//!
//! Each is locked by the process that has it; the lock ends with the process, whatever ends that. What lies there unlocked belongs to
//! nobody. A file that is new is left alone: it is made before it is locked.

use std::fs::{Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use nix::fcntl::OFlag;
use nix::unistd::geteuid;
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
    if !is_own_file(&path.symlink_metadata()?) {
        return Ok(false);
    }
    // It may have become something else since: opening a link is refused, opening a pipe doesn't wait for whoever writes into it.
    let file = OpenOptions::new().read(true).custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW).bits()).open(path)?;
    let metadata = file.metadata()?;
    let age = now.duration_since(metadata.modified()?).unwrap_or_default();
    Ok(is_own_file(&metadata) && age > NEW && !matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Anybody may put anything into the folder under any name.
fn is_own_file(metadata: &Metadata) -> bool {
    metadata.is_file() && metadata.uid() == geteuid().as_raw()
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
    fn what_is_no_file_is_neither_opened_nor_removed() {
        let folder = tempfile::tempdir().unwrap();
        let [pipe, link, inner] = ["pipe", "link", "folder"].map(|name| folder.path().join(format!("{PREFIX}{name}")));
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        std::fs::create_dir(&inner).unwrap();
        let (done, swept) = std::sync::mpsc::channel();
        let path = folder.path().to_owned();
        // A thread that waits for the pipe's other end would wait for ever.
        std::thread::spawn(move || done.send(sweep_folder(&path, SystemTime::now() + Duration::from_secs(3_600)).unwrap()));
        assert_eq!(swept.recv_timeout(Duration::from_secs(10)), Ok(0));
        assert!(pipe.symlink_metadata().is_ok() && link.symlink_metadata().is_ok() && inner.is_dir());
    }

    #[test]
    fn a_file_is_locked_from_the_beginning() {
        let file = file().unwrap();
        assert!(!is_left_behind(file.path(), SystemTime::now() + Duration::from_secs(3_600)).unwrap());
    }
}
