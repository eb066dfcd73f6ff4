//! No space is left where an organization's tables lie: what writes is refused clearly, what reads goes on, and nothing acknowledged is lost.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nexus_test_support::{OwnStack, TestStack};
use sqlx::{AssertSqlSafe, PgPool};

use crate::ground::Ground;
use crate::load::{Kind, Load};
use crate::outage::{Outage, Worst};
use crate::platform::{sign_up, unique_slug};
use crate::report::{Line, rounds};

/// Bytes of the small file system: an empty organization takes about ten million.
const SIZE: &str = "64m";

/// A small file system in memory. Unmounted when dropped.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// Says why there can't be one.
    fn mounted() -> Result<Self, String> {
        // Below /var/tmp and open on the way in: the user that Postgres runs as must be able to enter.
        let folder = tempfile::Builder::new().prefix("nexus-chaos-").tempdir_in("/var/tmp").map_err(|error| error.to_string())?;
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={SIZE},mode=0711"), "tmpfs"]).arg(folder.path()).output();
        match mount {
            Ok(done) if done.status.success() => Ok(Self { folder }),
            Ok(done) => Err(format!("no file system can be mounted here: {}", String::from_utf8_lossy(&done.stderr).trim())),
            Err(error) => Err(format!("`mount` can't be run: {error}")),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }

    /// Takes every block that is left. What is freed meanwhile is taken at the next call.
    fn fill(&self) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        while ballast.write_all(&[0; 4096]).is_ok() {}
    }

    fn is_full(&self) -> bool {
        File::options().append(true).open(self.ballast()).is_ok_and(|mut ballast| ballast.write_all(&[0; 4096]).is_err())
    }

    fn empty(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that is about to end may still have files open.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "only `make chaos` has time for it"]
async fn no_space_left_for_an_organization() {
    let rounds = rounds(1, 10);
    let mut line = Line::of("disk full", rounds, "503 for what writes, reads go on, back within 5 s of space, nothing acknowledged lost");
    let disk = match SmallDisk::mounted() {
        Ok(disk) => disk,
        Err(why) => return line.not_run(&why),
    };
    let own = OwnStack::start(&TestStack::from_env()).await;
    let ground = Ground::on(Arc::clone(own.stack()), Arc::clone(own.control()), &[]).await;
    let client = ground.client().await;
    let organization = sign_up(&client, &unique_slug()).await;
    let load = Load::of(&ground, &organization, false).await;
    let database = ground.behind(&format!("nxt_{}", organization.id.simple())).await;
    moved_to(&database, disk.path()).await;
    let mut worst = Worst::default();
    load.during(async {
        load.goes_on(Instant::now(), 3, Duration::from_secs(60)).await;
        for _ in 0..rounds {
            let outage = Outage::of(&[Kind::Post]);
            outage.happens(&load, &mut worst, async || disk.fill(), || disk.is_full(), async || disk.empty()).await;
        }
    })
    .await;
    worst.tell(&mut line);
    let kept = load.books.assert_settled(&ground, &database).await;
    line.saw("lost", kept);
    line.passed();
    // The servers are stopped before the file system goes.
    drop((ground, own));
    drop(disk);
}

/// All tables and indexes of a database are moved to a folder.
async fn moved_to(database: &PgPool, disk: &Path) {
    let data: String = sqlx::query_scalar("SELECT current_setting('data_directory')").fetch_one(database).await.unwrap();
    let owner = fs::metadata(data).unwrap();
    let place = disk.join("tables");
    fs::create_dir(&place).unwrap();
    chown(&place, Some(owner.uid()), Some(owner.gid())).unwrap();
    let statements = [
        format!("CREATE TABLESPACE small LOCATION '{}'", place.display()),
        "ALTER TABLE ALL IN TABLESPACE pg_default SET TABLESPACE small".to_owned(),
        "ALTER INDEX ALL IN TABLESPACE pg_default SET TABLESPACE small".to_owned(),
    ];
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement)).execute(database).await.unwrap();
    }
}
