//! The parts of a process: made once from the settings, shared by requests and workers.

use std::sync::Arc;
use std::time::Duration;

use nexus_config::{Database, Settings};
use nexus_control_plane::{ControlPlane, ControlPlaneDeps, EndOfTenancy};
use nexus_core::{SharedClock, SystemClock};
use nexus_iam::password::Passwords;
use nexus_iam::sources::ControlViews;
use nexus_iam::tokens::{Revocations, TokenVerifier};
use nexus_infra::directory::Directory;
use nexus_infra::dirty::DirtyTenants;
use nexus_infra::mail::Mailer;
use nexus_infra::object_store::{ObjectStore, TenantBuckets};
use nexus_infra::outbox::Plane;
use nexus_infra::redis::Redis;
use nexus_infra::secrets::{Keyring, TenantKeyring};
use nexus_infra::shutdown::Ending;
use nexus_infra::worker::WorkerHandle;
use nexus_infra::{ConnectSpec, Db};
use nexus_provisioning::{Provisioner, ProvisionerSpec};
use nexus_tenant_runtime::{Runtime, RuntimeDeps};
use nexus_web::health::{BuildInfo, Health};
use nexus_web::{Slice, WebOptions};
use secrecy::{ExposeSecret, SecretString};

use super::Planes;
use super::health::{DatabaseCheck, DirectoryCheck, Need, ObjectStoreCheck, RedisCheck};
use crate::doctor::refusal;
use crate::exit::{Exit, Failed};

/// Everything a process is made of.
pub struct Parts {
    /// The settings.
    pub settings: Arc<Settings>,
    /// Time and ids.
    pub clock: SharedClock,
    /// Redis.
    pub redis: Redis,
    tenants: Arc<TenantKeyring>,
    control: Option<(ControlPlane, Db)>,
    tenant: Option<(Runtime, Db)>,
}

impl Parts {
    /// Puts a process's parts together. The control plane needs its database at once; the tenant runtime starts without anything, and serves what it can.
    pub async fn new(settings: Settings, planes: Planes) -> Result<Self, Failed> {
        let settings = Arc::new(settings);
        let clock = SystemClock::shared();
        let tenants = Arc::new(tenant_keyring(&settings)?);
        let redis = Redis::new(&settings.redis).map_err(|error| wrong("redis.url", &error))?;
        let control = if planes.control { Some(control_plane(&settings, &clock, &redis, &tenants).await?) } else { None };
        let tenant = match planes.tenant {
            true => Some(tenant_runtime(&settings, &clock, &redis, &tenants, control.as_ref().map(|(control, _)| control))?),
            false => None,
        };
        Ok(Self { settings, clock, redis, tenants, control, tenant })
    }

    /// The control plane, for commands that use it without serving.
    pub async fn control_plane(settings: Settings) -> Result<ControlPlane, Failed> {
        let parts = Self::new(settings, Planes::CONTROL).await?;
        parts.control.map(|(control, _)| control).ok_or_else(|| Failed::new(Exit::Failure, "no control plane"))
    }

    /// Writes the settings' database servers into the control database, before anybody is sent to one: a server may have moved since the last start.
    pub async fn register_servers(&self) -> Result<(), Failed> {
        let Some((control, _)) = &self.control else { return Ok(()) };
        let registered = control.provisioner.register_servers().await;
        registered.map_err(|error| Failed::new(Exit::Unavailable, format!("the database servers can't be registered: {error}")))
    }

    /// Starts the background work of the planes.
    pub fn workers(&self, ending: &Ending) -> Vec<WorkerHandle> {
        let mut workers = Vec::new();
        if let Some((control, _)) = &self.control {
            workers.extend(nexus_control_plane::workers(control, ending));
        }
        if let Some((runtime, _)) = &self.tenant {
            workers.extend(nexus_tenant_runtime::workers(runtime, ending));
        }
        workers
    }

    /// The tenant runtime, whose pools are closed at the end.
    pub fn tenant_runtime(&self) -> Option<Runtime> {
        self.tenant.as_ref().map(|(runtime, _)| runtime.clone())
    }

    /// The control database's pools, which are closed at the end.
    pub fn databases(&self) -> Vec<Db> {
        self.control.iter().map(|(_, db)| db.clone()).chain(self.tenant.iter().map(|(_, directory)| directory.clone())).collect()
    }

    /// What is below `/api/v1`.
    pub fn api(&self) -> Vec<Slice> {
        let control = self.control.iter().flat_map(|(control, _)| std::iter::once(control.state()).chain(nexus_control_plane::slices()));
        let tenant = self.tenant.iter().flat_map(|(runtime, _)| std::iter::once(runtime.state()).chain(nexus_tenant_runtime::slices()));
        control.chain(tenant).collect()
    }

    /// What is at the root of the host.
    pub fn root(&self) -> Vec<Slice> {
        self.control.iter().flat_map(|(control, _)| std::iter::once(control.state()).chain(nexus_control_plane::root_slices())).collect()
    }

    /// The HTTP layer's options.
    pub fn web_options(&self) -> Result<WebOptions, Failed> {
        // Every process has this key, whatever planes it holds.
        let cursor_key = self.tenants.derive("web/cursors").map_err(|error| wrong("secrets.runtime_key", &error))?;
        let fit = crate::open_files::client_connections();
        let options = WebOptions::from_settings(&self.settings, &cursor_key);
        Ok(WebOptions { most_connections: options.most_connections.or(Some(fit)), ..options })
    }

    /// The dependencies that `/readyz` and `/api/v1/health` tell about.
    pub fn health(&self) -> Health {
        let build = BuildInfo { version: env!("CARGO_PKG_VERSION"), revision: option_env!("NEXUS_REVISION") };
        let mut health = Health::new(build, self.clock.clone());
        if let Some((_, db)) = &self.control {
            // Tenants are served without it.
            let need = if self.tenant.is_some() { Need::AtFirst } else { Need::Always };
            health = health.with(Arc::new(DatabaseCheck::new("control_database", db.clone(), need)));
        }
        if let Some((runtime, _)) = &self.tenant {
            health = health.with(Arc::new(DirectoryCheck::new(Arc::clone(&runtime.directory))));
        }
        // A tenant runtime may have no key of its own for the store; being refused is an answer, too.
        health = health.with(Arc::new(ObjectStoreCheck::new(ObjectStore::admin(&self.settings.s3))));
        health.with(Arc::new(RedisCheck::new(self.redis.clone())))
    }
}

/// The keys of the tenants' secrets.
pub fn tenant_keyring(settings: &Settings) -> Result<TenantKeyring, Failed> {
    let key = if settings.secrets.runtime_key.expose_secret().is_empty() { "secrets.master_key" } else { "secrets.runtime_key" };
    TenantKeyring::from_settings(&settings.secrets).map_err(|error| wrong(key, &error))
}

/// The control plane's keys, derived from the master key.
pub fn keyring(settings: &Settings) -> Result<Keyring, Failed> {
    Keyring::from_settings(&settings.secrets).map_err(|error| wrong("secrets.master_key", &error))
}

/// How a role of the control database enters it.
pub fn control_spec(settings: &Settings, key: &str, database: &Database, name: &str) -> Result<ConnectSpec, Failed> {
    let url: &SecretString = &database.url;
    let spec = ConnectSpec::from_url(url).map_err(|error| wrong(key, &error))?;
    let tls = &settings.database_tls;
    Ok(spec
        .tls(tls.mode, tls.root_cert.as_deref())
        .max_connections(database.max_connections)
        .acquire_timeout(Duration::from_millis(database.connect_timeout_ms))
        .session_timeouts(Duration::from_secs(15), Duration::from_secs(5), Duration::from_secs(30))
        .application_name(name))
}

async fn control_plane(
    settings: &Arc<Settings>,
    clock: &SharedClock,
    redis: &Redis,
    tenants: &Arc<TenantKeyring>,
) -> Result<(ControlPlane, Db), Failed> {
    let spec = control_spec(settings, "control_db.url", &settings.control_db, "nexus-control-plane")?;
    let place = format!("{}:{}, database {}", spec.host(), spec.port(), spec.database_name());
    let db = Db::connect(&spec).await.map_err(|error| Failed::new(Exit::Unavailable, format!("control database ({place}): {}", refusal(&error))))?;
    let mailer = Mailer::new(&settings.mail).map_err(|error| wrong("mail", &error))?;
    let dirty = DirtyTenants::new(Plane::Control, redis.clone());
    let provisioner = Provisioner::new(ProvisionerSpec {
        // Its events are told to the relay, like everybody's.
        control: db.clone().with_wake(dirty.hook(None)),
        redis: Some(redis.clone()),
        objects: ObjectStore::admin(&settings.s3),
        keyring: Arc::clone(tenants),
        tenancy_end: Arc::new(EndOfTenancy),
        clock: clock.clone(),
        settings,
    })
    .map_err(|error| wrong("servers", &error))?;
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let passwords = Passwords::new(cores).map_err(|error| Failed::new(Exit::Failure, error.to_string()))?;
    let deps = ControlPlaneDeps {
        settings: Arc::clone(settings),
        db: db.clone(),
        dirty,
        redis: redis.clone(),
        keyring: Arc::new(keyring(settings)?),
        mailer,
        provisioner,
        passwords: Arc::new(passwords),
        clock: clock.clone(),
    };
    let control = ControlPlane::new(deps).await.map_err(|error| {
        Failed::new(Exit::Unavailable, format!("the control plane cannot start: {error}; was the control database prepared (`nexus migrate`)?"))
    })?;
    Ok((control, db))
}

fn tenant_runtime(
    settings: &Arc<Settings>,
    clock: &SharedClock,
    redis: &Redis,
    tenants: &Arc<TenantKeyring>,
    control: Option<&ControlPlane>,
) -> Result<(Runtime, Db), Failed> {
    let directory_db = Db::lazy(&control_spec(settings, "directory_db.url", &settings.directory_db, "nexus-directory")?);
    let verifier = match control {
        Some(control) => Arc::clone(&control.verifier),
        None => Arc::new(TokenVerifier::new(
            Box::new(ControlViews::new(directory_db.clone())),
            Arc::new(Revocations::new(clock.clone())),
            &settings.tokens.issuer,
            Duration::from_secs(settings.tokens.leeway_s),
            clock.clone(),
        )),
    };
    let runtime = Runtime::new(RuntimeDeps {
        settings: Arc::clone(settings),
        directory: Arc::new(Directory::new(directory_db.clone(), redis.clone(), tenants, clock.clone())),
        verifier,
        revocations: Arc::new(ControlViews::new(directory_db.clone())),
        redis: redis.clone(),
        keyring: Arc::clone(tenants),
        buckets: Arc::new(TenantBuckets::new(&settings.s3)),
        dirty: Arc::new(DirtyTenants::new(Plane::Tenant, redis.clone())),
        clock: clock.clone(),
    });
    runtime.restore_snapshot();
    Ok((runtime, directory_db))
}

fn wrong(key: &str, error: &dyn std::fmt::Display) -> Failed {
    Failed::new(Exit::Settings, format!("{key}: {error}"))
}
