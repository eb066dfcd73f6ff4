//! Compares what exists with what should exist, and makes it so.
//!
//! It needs no input and may run at any time, twice, or never: sagas converge without it. What it adds: servers and
//! templates are in place, doors stay closed to PUBLIC, tenants that lost a role or bucket get it back, and what nobody
//! knows is removed, but only with our exact name pattern and after it has been unknown for a grace period.
//!
//! Never removed: what belongs to a tenant that was in use and of which the control database has no row at all. Rows
//! are never deleted, so that happens only when the control database was put back to an older state; it is reported.
//!
//! Deliberately not here: making a lost database anew. An empty one would look like a healthy tenant; it is reported.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use nexus_core::TenantId;
use nexus_migration::database::{self as catalogue, TenantRole};
use nexus_migration::{MigrationError, cluster, template_name};
use sea_orm::FromQueryResult;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::error::ProvisioningError;
use crate::provisioner::Provisioner;
use crate::servers::Server;
use crate::steps::CONNECTION_LIMIT;
use crate::store::{self, run, sql};
use crate::template;

const INTERVAL: Duration = Duration::from_secs(60);
/// How long something must have been unknown before it is removed.
const GRACE: TimeDelta = TimeDelta::hours(1);
const OBJECT_STORE: &str = "object-store";

/// What kind of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrphanKind {
    /// A database (of a tenant, or an outdated template).
    Database,
    /// A login role.
    Role,
    /// A bucket.
    Bucket,
}

impl OrphanKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Role => "role",
            Self::Bucket => "bucket",
        }
    }
}

/// Something that exists and that nobody knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Orphan {
    /// What it is.
    pub kind: OrphanKind,
    /// Name of the server, or the object store.
    pub place: String,
    /// Its name.
    pub name: String,
}

/// What a run found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReconcileReport {
    /// Unknown things, those removed now included.
    pub orphans: Vec<Orphan>,
    /// Unknown things removed now.
    pub removed: Vec<Orphan>,
    /// Roles and buckets of tenants made anew.
    pub repaired: Vec<Orphan>,
    /// Databases of tenants that are gone: restore them from a backup.
    pub lost: Vec<Orphan>,
    /// Databases, roles and buckets in use that the control database knows nothing about: its newest state was lost.
    pub protected: Vec<Orphan>,
    /// Databases that anybody who can log in may enter, and that are not ours to close.
    pub open_to_public: Vec<String>,
    /// What could not be looked at or done.
    pub faults: Vec<String>,
}

/// What a look around found.
#[derive(Debug, Default)]
struct Found {
    things: BTreeSet<Orphan>,
    /// Names of databases that carry the mark of a tenant in use.
    in_use: BTreeSet<String>,
    /// Servers (or the object store) that could not be looked at.
    unseen: BTreeSet<String>,
}

/// A tenant whose database, role and bucket must not be touched; `complete`: they must exist.
#[derive(Debug, Clone, FromQueryResult)]
struct Wanted {
    id: Uuid,
    server_name: Option<String>,
    database_name: String,
    role_name: String,
    bucket_name: String,
    complete: bool,
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

    /// Another grace period (the command line's `--grace`, tests).
    #[must_use]
    pub fn grace(mut self, grace: TimeDelta) -> Self {
        self.grace = grace;
        self
    }

    /// Runs once a minute until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let mut last = ReconcileReport::default();
        loop {
            match self.run_once().await {
                // The same finding is told once.
                Ok(report) if report == last => {}
                Ok(report) => {
                    tracing::warn!(?report, "reconciled");
                    last = report;
                }
                Err(error) => tracing::warn!(%error, "reconciler could not run"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    /// One comparison over everything. A server that fails is reported and does not keep the others from it.
    ///
    /// # Errors
    /// [`ProvisioningError::Db`] when the control database can't be read: then nothing outside is touched.
    pub async fn run_once(&self) -> Result<ReconcileReport, ProvisioningError> {
        let mut report = ReconcileReport::default();
        self.provisioner.register_servers().await?;
        self.close_dead_ends().await?;
        let mut found = Found::default();
        for server in self.provisioner.servers.all() {
            if let Err(error) = self.look_at_server(server, &mut found, &mut report).await {
                report.faults.push(format!("server {}: {error}", server.name));
                found.unseen.insert(server.name.clone());
            }
        }
        match self.provisioner.objects.list_buckets("nxt-").await {
            Ok(names) => {
                found.things.extend(names.into_iter().filter(|name| is_ours(name, "nxt-")).map(|name| orphan(OrphanKind::Bucket, OBJECT_STORE, name)))
            }
            Err(error) => {
                report.faults.push(format!("object store: {error}"));
                found.unseen.insert(OBJECT_STORE.to_owned());
            }
        }
        // Read after everything was listed: what exists by then has its intent in here.
        let wanted = self.wanted().await?;
        self.sort_out(found, &wanted, &mut report).await?;
        Ok(report)
    }

    /// Operations that can't end by themselves. There should be none: each state has a way out.
    async fn close_dead_ends(&self) -> Result<(), ProvisioningError> {
        let conn = self.provisioner.control.conn();
        run(
            conn,
            "UPDATE tenants t SET state = 'broken', state_reason = 'Provisioning stopped without an operation; retry it.'
             WHERE state IN ('pending', 'provisioning') AND updated_at < now() - interval '1 minute'
             AND NOT EXISTS (SELECT FROM operations o WHERE o.tenant_id = t.id AND o.state IN ('pending', 'running'))",
            [],
        )
        .await?;
        Ok(())
    }

    async fn wanted(&self) -> Result<Vec<Wanted>, ProvisioningError> {
        Ok(Wanted::find_by_statement(sql(
            "SELECT t.id, s.name AS server_name, t.database_name, t.role_name, t.bucket_name,
                    (t.activated_at IS NOT NULL AND t.state NOT IN ('deleting', 'moving', 'restoring')) AS complete
             FROM tenants t LEFT JOIN database_servers s ON s.id = t.server_id
             WHERE EXISTS (SELECT FROM operations o WHERE o.tenant_id = t.id AND o.state IN ('pending', 'running'))
                OR (t.activated_at IS NOT NULL AND t.state <> 'deleted')",
            [],
        ))
        .all(self.provisioner.control.conn())
        .await
        .map_err(nexus_infra::DbError::from)?)
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
            if tenant.complete && !found.unseen.contains(&thing.place) && !found.things.contains(thing) {
                self.repair(thing, tenant, report).await;
            }
        }
        let now = self.provisioner.clock.now();
        let rows = self.known_ids().await?;
        let blind = !found.unseen.is_empty();
        for thing in found.things.into_iter().filter(|thing| !known.contains_key(thing)) {
            let strange = opaque_id(&thing.name).is_some_and(|id| !rows.contains(&id));
            let used = opaque_id(&thing.name).is_some_and(|id| found.in_use.contains(&format!("nxt_{id}")));
            // Of a stranger's role or bucket we can't tell whether it is in use while a server is out of sight.
            if strange && (used || blind) {
                report.protected.push(thing);
                continue;
            }
            let since = self.first_seen(&thing, now).await?;
            report.orphans.push(thing.clone());
            let meant = self.only.as_ref().is_none_or(|names| names.contains(&thing.name));
            if meant && now - since >= self.grace {
                self.remove(thing, report).await?;
            }
        }
        // What is known again (or gone) starts anew when it turns up unknown once more.
        let text = "DELETE FROM orphans WHERE last_seen_at < $1 AND removed_at IS NULL";
        run(self.provisioner.control.conn(), text, [now.into()]).await?;
        Ok(())
    }

    /// Every tenant there ever was, as the opaque part of its names.
    async fn known_ids(&self) -> Result<BTreeSet<String>, ProvisioningError> {
        #[derive(FromQueryResult)]
        struct Row {
            id: Uuid,
        }
        let rows = Row::find_by_statement(sql("SELECT id FROM tenants", [])).all(self.provisioner.control.conn()).await;
        Ok(rows.map_err(nexus_infra::DbError::from)?.into_iter().map(|row| TenantId(row.id).opaque()).collect())
    }

    async fn first_seen(&self, thing: &Orphan, now: DateTime<Utc>) -> Result<DateTime<Utc>, ProvisioningError> {
        #[derive(FromQueryResult)]
        struct Row {
            first_seen_at: DateTime<Utc>,
        }
        let row = Row::find_by_statement(sql(
            "INSERT INTO orphans AS o (kind, place, name, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT (kind, place, name) DO UPDATE SET last_seen_at = excluded.last_seen_at, removed_at = NULL,
                 first_seen_at = CASE WHEN o.removed_at IS NULL THEN o.first_seen_at ELSE excluded.first_seen_at END
             RETURNING first_seen_at",
            [thing.kind.as_str().into(), thing.place.clone().into(), thing.name.clone().into(), now.into()],
        ))
        .one(self.provisioner.control.conn())
        .await
        .map_err(nexus_infra::DbError::from)?;
        Ok(row.map_or(now, |row| row.first_seen_at))
    }

    async fn remove(&self, thing: Orphan, report: &mut ReconcileReport) -> Result<(), ProvisioningError> {
        // A last look: a retry may have begun since the list was read.
        if self.wanted().await?.iter().any(|tenant| [&tenant.database_name, &tenant.role_name, &tenant.bucket_name].contains(&&thing.name)) {
            return Ok(());
        }
        let outcome = match (thing.kind, self.provisioner.servers.get(&thing.place)) {
            (OrphanKind::Bucket, _) => self.provisioner.objects.empty_and_delete_bucket(&thing.name).await.map_err(|error| error.to_string()),
            (_, Err(error)) => Err(error.to_string()),
            (kind, Ok(server)) => match server.admin().await {
                Err(error) => Err(error.to_string()),
                Ok(admin) if kind == OrphanKind::Role => catalogue::remove_role(admin.pool(), &thing.name).await.map_err(|error| error.to_string()),
                Ok(admin) => catalogue::remove(admin.pool(), &thing.name).await.map_err(|error| error.to_string()),
            },
        };
        let (removed_at, last_error) = match &outcome {
            Ok(()) => (Some(self.provisioner.clock.now()), None),
            Err(error) => (None, Some(error.clone())),
        };
        run(
            self.provisioner.control.conn(),
            "UPDATE orphans SET removed_at = $4, last_error = $5 WHERE kind = $1 AND place = $2 AND name = $3",
            [thing.kind.as_str().into(), thing.place.clone().into(), thing.name.clone().into(), removed_at.into(), last_error.into()],
        )
        .await?;
        match outcome {
            Ok(()) => report.removed.push(thing),
            Err(error) => report.faults.push(format!("{}: {error}", thing.name)),
        }
        Ok(())
    }

    async fn repair(&self, thing: &Orphan, tenant: &Wanted, report: &mut ReconcileReport) {
        let outcome = match thing.kind {
            OrphanKind::Database => {
                tracing::error!(tenant = %TenantId(tenant.id), database = thing.name, server = thing.place, "a tenant's database is gone");
                report.lost.push(thing.clone());
                return;
            }
            OrphanKind::Bucket => self.provisioner.objects.create_bucket(&thing.name).await.map_err(|error| error.to_string()),
            OrphanKind::Role => self.make_role(tenant).await.map_err(|error| error.to_string()),
        };
        match outcome {
            Ok(()) => report.repaired.push(thing.clone()),
            Err(error) => report.faults.push(format!("{}: {error}", thing.name)),
        }
    }

    async fn make_role(&self, tenant: &Wanted) -> Result<(), crate::error::StepError> {
        let inner = &self.provisioner;
        let Some(row) = store::tenant(inner.control.conn(), tenant.id).await? else { return Ok(()) };
        let secrets = inner.secrets(&row)?;
        let admin = inner.server_of(&row)?.admin().await?;
        let role =
            TenantRole { name: &row.role_name, password: &secrets.db_password, database: &row.database_name, connection_limit: CONNECTION_LIMIT };
        Ok(catalogue::ensure_tenant_role(admin.pool(), role).await?)
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
