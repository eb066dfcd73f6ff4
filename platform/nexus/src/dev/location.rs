//! Where the embedded stack keeps its data, and the lock that keeps two of them apart.
//!
//! Everything lives in one data directory (mode 0700), except that a Postgres which may not run as root cannot enter a folder
//! such as `/root`: then its cluster lives under `/var/tmp/nexus-<hash of the data directory>`, and the data directory notes
//! where (`cluster-path`, which `make reset` reads).

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use aws_lc_rs::digest;
use nix::unistd::{Uid, User, chown};

use super::child::Identity;
use super::files;

/// A data directory that this process holds alone.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// Released by the kernel when the process ends, however it ends.
    _lock: File,
}

impl DataDir {
    /// Creates the directory when it is missing and takes its lock.
    pub async fn open(path: &Path) -> Result<Self> {
        files::private_dir(path)?;
        let path = path.canonicalize().with_context(|| format!("{} cannot be entered", path.display()))?;
        let name = path.join("lock");
        let mut lock = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&name)
            .with_context(|| format!("{} could not be opened", name.display()))?;
        if !taken(&lock).await {
            let mut holder = String::new();
            let _ = lock.read_to_string(&mut holder);
            bail!("the development stack of {} already runs (process {}); stop it first", path.display(), holder.trim());
        }
        lock.set_len(0).and_then(|()| write!(lock, "{}", std::process::id())).context("the lock could not be written")?;
        Ok(Self { path, _lock: lock })
    }

    /// The absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A private subdirectory, created when it is missing.
    pub fn subdir(&self, name: &str) -> Result<PathBuf> {
        let path = self.path.join(name);
        files::private_dir(&path)?;
        Ok(path)
    }
}

/// Whether the lock could be had. One that was killed a moment ago still holds it while the kernel takes it down.
async fn taken(lock: &File) -> bool {
    for _ in 0..20 {
        if lock.try_lock().is_ok() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    lock.try_lock().is_ok()
}

/// The place of the Postgres cluster and the user it runs as.
#[derive(Debug, Clone)]
pub struct ClusterHome {
    /// Holds the cluster, its socket directory and its log.
    pub path: PathBuf,
    /// Another user than the caller, when the caller is root.
    pub identity: Option<Identity>,
}

/// Decides where the cluster lives and makes the directory ready for the user that owns it.
pub fn cluster_home(data: &DataDir) -> Result<ClusterHome> {
    let home = if Uid::effective().is_root() {
        let Some(user) = User::from_name("postgres").context("the user database could not be read")? else {
            bail!("Postgres refuses to run as root, and there is no user `postgres` to run it as; its Debian package creates one");
        };
        let identity = Identity { uid: user.uid.as_raw(), gid: user.gid.as_raw() };
        let inside = data.path().join("postgres");
        let path = if open_to_all(data.path()) { inside } else { outside(data.path()) };
        files::private_dir(&path)?;
        refuse_foreign(&path, identity.uid)?;
        chown(&path, Some(user.uid), Some(user.gid)).with_context(|| format!("{} could not be handed over", path.display()))?;
        ClusterHome { path, identity: Some(identity) }
    } else {
        ClusterHome { path: data.subdir("postgres")?, identity: None }
    };
    files::write_private(&data.path().join("cluster-path"), home.path.as_os_str().as_encoded_bytes())?;
    Ok(home)
}

/// Whether any user may pass through every directory on the way.
fn open_to_all(path: &Path) -> bool {
    path.ancestors().all(|dir| std::fs::metadata(dir).is_ok_and(|meta| meta.permissions().mode() & 0o001 != 0))
}

fn outside(data_dir: &Path) -> PathBuf {
    let digest = digest::digest(&digest::SHA256, data_dir.as_os_str().as_encoded_bytes());
    Path::new("/var/tmp").join(format!("nexus-{}", hex::encode(&digest.as_ref()[..8])))
}

/// `/var/tmp` is everybody's: a directory of that name that somebody else made (or a link) is not used.
fn refuse_foreign(path: &Path, owner: u32) -> Result<()> {
    let meta = std::fs::symlink_metadata(path).with_context(|| format!("{} cannot be examined", path.display()))?;
    if !meta.is_dir() || (meta.uid() != 0 && meta.uid() != owner) || meta.permissions().mode() & 0o022 != 0 {
        bail!("{} exists and belongs to somebody else; it is not used", path.display());
    }
    Ok(())
}
