//! Compares what exists with what should exist, and makes it so.
//!
//! It needs no input and may run at any time, twice, or never: sagas converge without it. What it adds: servers and
//! templates are in place, doors stay closed to PUBLIC, tenants that lost a role or bucket get it back, and what nobody
//! knows is removed, but only with our exact name pattern and after it has been unknown for a grace period. An entry of the warm
//! pool that lost a part is thrown away.
//!
//! Never removed: what belongs to a database that is marked as in use, unless the control database says that its tenant
//! was deleted. Such a one is unknown only when the control database was put back to an older state; it is reported.
//!
//! Deliberately not here: making a lost database anew. An empty one would look like a healthy tenant; it is reported. So
//! is a lost bucket, though it is made anew: new files need a place, the lost ones need a person.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use nexus_core::Origin;
use nexus_infra::postgres::PinnedLock;
use nexus_infra::{Tx, advisory};
use nexus_migration::database as catalogue;
use nexus_migration::{MigrationError, cluster, template_name};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use self::rows::Wanted;
use crate::error::ProvisioningError;
use crate::provisioner::Provisioner;
use crate::servers::Server;
use crate::template;

mod mend;
mod report;
mod rows;

pub use self::report::{Orphan, OrphanKind, ReconcileReport};

const INTERVAL: Duration = Duration::from_secs(60);
/// How long something must have been unknown before it is removed.
const GRACE: TimeDelta = TimeDelta::hours(1);
/// How long a server or the object store may take to tell what it holds; a server builds its template meanwhile.
const LOOK_LIMIT: Duration = Duration::from_secs(60);
const REMOVAL_LIMIT: Duration = Duration::from_secs(120);
const OBJECT_STORE: &str = "object-store";

/// What a look around found.
#[derive(Debug, Default)]
struct Found {
    things: BTreeSet<Orphan>,
    /// Names of databases that carry the mark of a tenant in use.
    in_use: BTreeSet<String>,
    /// Servers (and the object store) that were looked at to the end.
    seen: BTreeSet<String>,
}

/// Compares and repairs, periodically.
pub struct Reconciler {
    provisioner: Provisioner,
    grace: TimeDelta,
    only: Option<BTreeSet<String>>,
}

impl Reconciler {
    /// A reconciler over this provisioner, with a grace period of one hour.
    #[must_use]
    pub fn new(provisioner: Provisioner) -> Self {
        Self { provisioner, grace: GRACE, only: None }
    }

    /// Removes nothing but these names (it still looks at everything).
    #[must_use]
    pub fn only(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.only = Some(names.into_iter().collect());
        self
    }

    /// Another grace period than one hour.
    #[must_use]
    pub fn grace(mut self, grace: TimeDelta) -> Self {
        self.grace = grace;
        self
    }

    /// Runs once a minute, and when told to look around, until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut last = ReconcileReport::default();
        loop {
            match self.try_run().await {
                // Another process is at it.
                Ok(None) => {}
                // The same finding is told once.
                Ok(Some(report)) if report == last => {}
                Ok(Some(report)) => {
                    tracing::warn!(?report, "reconciled");
                    last = report;
                }
                Err(error) => tracing::warn!(%error, "reconciler could not run"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.provisioner.look_around.notified() => {}
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    /// One comparison over everything; nothing when another reconciler is at it. A server that fails, or does not answer
    /// in time, is reported and does not keep the others from it.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`] when the control database can't be read: then nothing outside is touched.
    pub async fn run_once(&self) -> Result<ReconcileReport, ProvisioningError> {
        Ok(self.try_run().await?.unwrap_or_default())
    }

    /// As [`Self::run_once`]; `None` when another reconciler is at it.
    ///
    /// # Errors
    /// As [`Self::run_once`].
    pub async fn try_run(&self) -> Result<Option<ReconcileReport>, ProvisioningError> {
        // Two at once would each take what the other has not seen yet for gone, and start its grace period anew.
        let Some(alone) = PinnedLock::try_acquire(&self.provisioner.control, advisory::RECONCILER, "").await? else { return Ok(None) };
        let report = self.compare().await;
        if let Err(error) = alone.release().await {
            tracing::warn!(%error, "the reconciler's lock was not given back; it ends with its connection");
        }
        report.map(Some)
    }

    async fn compare(&self) -> Result<ReconcileReport, ProvisioningError> {
        let mut report = ReconcileReport::default();
        let began = self.provisioner.clock.now();
        self.provisioner.register_servers().await?;
        self.close_dead_ends().await?;
        let mut found = Found::default();
        for server in self.provisioner.servers.all() {
            match timeout(LOOK_LIMIT, self.look_at_server(server, &mut found, &mut report)).await {
                Ok(Ok(())) => {
                    found.seen.insert(server.name.clone());
                }
                Ok(Err(error)) => report.faults.push(format!("server {}: {error}", server.name)),
                Err(_) => report.faults.push(format!("server {}: no answer within {} s", server.name, LOOK_LIMIT.as_secs())),
            }
        }
        match timeout(LOOK_LIMIT, self.provisioner.objects.list_buckets("nxt-")).await {
            Ok(Ok(names)) => {
                found
                    .things
                    .extend(names.into_iter().filter(|name| is_ours(name, "nxt-")).map(|name| orphan(OrphanKind::Bucket, OBJECT_STORE, name)));
                found.seen.insert(OBJECT_STORE.to_owned());
            }
            Ok(Err(error)) => report.faults.push(format!("object store: {error}")),
            Err(_) => report.faults.push(format!("object store: no answer within {} s", LOOK_LIMIT.as_secs())),
        }
        // Read after everything was listed: what exists by then has its intent in here.
        let wanted = rows::wanted(self.provisioner.control.conn(), began).await?;
        self.sort_out(found, &wanted, &mut report).await?;
        Ok(report)
    }

    /// Operations that can't end by themselves, and deletions that nobody sees through. There should be none: each state
    /// has a way out.
    async fn close_dead_ends(&self) -> Result<(), ProvisioningError> {
        let conn = self.provisioner.control.conn();
        rows::close_provisioning(conn).await?;
        for tenant in rows::stuck_deletions(conn).await? {
            let origin = Origin::system("reconciler");
            let inner = &self.provisioner;
            inner.control.write("provisioning.reopen", &inner.clock, &origin, async |tx: &Tx| inner.reopen_deletion(tx, tenant).await).await?;
            inner.nudge();
        }
        Ok(())
    }

    async fn look_at_server(&self, server: &Server, found: &mut Found, report: &mut ReconcileReport) -> Result<(), ProvisioningError> {
        let admin = server.admin().await?;
        let mut connection = admin.pool().acquire().await.map_err(MigrationError::from)?;
        let open = cluster::close_to_public(&mut connection).await?;
        report.open_to_public.extend(open.into_iter().map(|name| format!("{}/{name}", server.name)));
        let databases: Vec<String> =
            sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 'nxt\\_%' OR datname LIKE 'nx\\_tpl\\_%'")
                .fetch_all(&mut *connection)
                .await
                .map_err(MigrationError::from)?;
        let in_use: Vec<String> = sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE shobj_description(oid, 'pg_database') = $1")
            .bind(catalogue::IN_USE)
            .fetch_all(&mut *connection)
            .await
            .map_err(MigrationError::from)?;
        found.in_use.extend(in_use);
        let roles: Vec<String> = sqlx::query_scalar("SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'nxt\\_%'")
            .fetch_all(&mut *connection)
            .await
            .map_err(MigrationError::from)?;
        drop(connection);
        let current = template_name();
        let ours = databases.into_iter().filter(|name| is_ours(name, "nxt_") || (is_template(name) && *name != current));
        found.things.extend(ours.map(|name| orphan(OrphanKind::Database, &server.name, name)));
        found.things.extend(roles.into_iter().filter(|name| is_ours(name, "nxt_")).map(|name| orphan(OrphanKind::Role, &server.name, name)));
        template::ensure(admin, server.spec()).await.map(drop)
    }

    async fn sort_out(&self, found: Found, wanted: &[Wanted], report: &mut ReconcileReport) -> Result<(), ProvisioningError> {
        let mut known: BTreeMap<Orphan, &Wanted> = BTreeMap::new();
        for tenant in wanted {
            known.insert(orphan(OrphanKind::Bucket, OBJECT_STORE, tenant.bucket_name.clone()), tenant);
            if let Some(server) = &tenant.server_name {
                known.insert(orphan(OrphanKind::Database, server, tenant.database_name.clone()), tenant);
                known.insert(orphan(OrphanKind::Role, server, tenant.role_name.clone()), tenant);
            }
        }
        for (thing, tenant) in &known {
            if tenant.complete && found.seen.contains(&thing.place) && !found.things.contains(thing) {
                if tenant.is_prepared { self.discard(thing, tenant, report).await? } else { self.repair(thing, tenant, report).await }
            }
        }
        let conn = self.provisioner.control.conn();
        let now = self.provisioner.clock.now();
        let deleted = rows::deleted_ids(conn).await?;
        let blind = self.provisioner.servers.all().any(|server| !found.seen.contains(&server.name));
        let mut kept = BTreeSet::new();
        for thing in found.things.into_iter().filter(|thing| !known.contains_key(thing)) {
            let id = opaque_id(&thing.name).filter(|id| !deleted.contains(id));
            let used = id.as_ref().is_some_and(|id| found.in_use.contains(&format!("nxt_{id}")));
            // Of a role or bucket alone we can't tell whether it is in use while a server is out of sight.
            if used || (blind && id.is_some()) {
                report.protected.push(thing);
                continue;
            }
            let since = rows::first_seen(conn, &thing, now).await?;
            report.orphans.push(thing.clone());
            let meant = self.only.as_ref().is_none_or(|names| names.contains(&thing.name));
            // A role and a bucket stay as long as their database does; databases come first.
            let free = id.as_ref().is_none_or(|id| !kept.contains(id));
            if meant && free && now - since >= self.grace && !self.remove(thing, id.is_none(), report).await? {
                kept.extend(id);
            }
        }
        // What is known again (or gone) starts anew when it turns up unknown once more.
        rows::forget(conn, now, found.seen).await
    }
}

fn orphan(kind: OrphanKind, place: &str, name: String) -> Orphan {
    Orphan { kind, place: place.to_owned(), name }
}

/// The tenant's part of a database's, role's or bucket's name.
fn opaque_id(name: &str) -> Option<String> {
    ["nxt_", "nxt-"].iter().find(|prefix| is_ours(name, prefix)).map(|prefix| name[prefix.len()..].to_owned())
}

/// Prefix and 32 hex digits: nothing else is ever removed, whatever else carries the prefix.
fn is_ours(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
}

fn is_template(name: &str) -> bool {
    name.strip_prefix("nx_tpl_").is_some_and(|id| id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_names_are_ours() {
        assert!(is_ours("nxt_0192f3a4b5c67d8e9f00112233445566", "nxt_"));
        for other in [
            "nxt_",
            "nxt_prod",
            "nxt_0192f3a4b5c67d8e9f0011223344556",
            "nxt-0192f3a4b5c67d8e9f00112233445566",
            "nxt_0192F3A4B5C67D8E9F00112233445566",
        ] {
            assert!(!is_ours(other, "nxt_"), "{other}");
        }
        assert!(is_template("nx_tpl_0011223344556677") && !is_template("nx_tpl_x"));
    }
}
