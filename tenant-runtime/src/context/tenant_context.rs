//! What a slice works with: one tenant, one caller, and the way to the tenant's data.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use nexus_core::{Actor, ActorKind, Entitlements, ErrorCode, Idempotent, Origin, Problem, SharedClock, TenantId};
use nexus_iam::policy::{POLICY_CHANNEL, PolicyChange, PolicyVersion, UserPolicy};
use nexus_infra::directory::DirectoryRecord;
use nexus_infra::object_store::TenantBucket;
use nexus_infra::{DbError, IdempotencyError, IdempotencyKey, Tx, WriteError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::error::{EMAIL_NOT_VERIFIED, TenantError};
use super::guard::Permission;
use super::resolve::{Admitted, admit};
use crate::registry::{Lease, Patience};
use crate::state::Runtime;

/// One tenant in the hands of one caller: a request's or a job's.
///
/// A request's context holds no lease of the tenant's pool between two uses of the database: what it waits for meanwhile (a body, the
/// bucket, a slow reader) costs nothing of the connection budget. Background work keeps its lease to the end, out of
/// the background's share of the budget. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TenantContext {
    runtime: Runtime,
    tenant: Arc<DirectoryRecord>,
    /// Background work's hold on the pool.
    kept: Option<Lease>,
    policy: Option<Arc<UserPolicy>>,
    origin: Origin,
    email_verified: bool,
    /// What the request has waited for connections so far.
    patience: Patience,
}

impl TenantContext {
    /// The context of an admitted request.
    pub(super) fn of_request(admitted: Admitted) -> Self {
        let Admitted { runtime, tenant, policy, origin, email_verified, patience } = admitted;
        Self { runtime, tenant, kept: None, policy, origin, email_verified, patience }
    }

    /// The context of the platform itself in a tenant: jobs, subscribers, upkeep. It holds no permissions: code that runs in it is
    /// its own authority, and its writes are audited as `system` under `task`.
    ///
    /// # Errors
    /// [`TenantError`] when the tenant's state admits nobody or its database can't be reached in time. A read-only tenant's people may
    /// not write, but what was begun for them is finished.
    pub async fn system(runtime: &Runtime, tenant: Arc<DirectoryRecord>, task: &str) -> Result<Self, TenantError> {
        admit(&tenant, false)?;
        let lease = runtime.registry.lease_for_background(&tenant).await?;
        let origin = Origin { actor: Actor::SYSTEM, request_id: task.to_owned() };
        Ok(Self { runtime: runtime.clone(), tenant, kept: Some(lease), policy: None, origin, email_verified: false, patience: Patience::default() })
    }

    /// The context of the platform's work for a tenant whose writes carry `origin`: a job on behalf of who asked for it.
    ///
    /// # Errors
    /// As [`system`](Self::system).
    pub async fn for_origin(runtime: &Runtime, tenant: Arc<DirectoryRecord>, origin: Origin) -> Result<Self, TenantError> {
        let mut context = Self::system(runtime, tenant, &origin.request_id).await?;
        context.origin = origin;
        Ok(context)
    }

    /// The tenant's id.
    #[must_use]
    pub fn tenant_id(&self) -> TenantId {
        self.tenant.tenant_id
    }

    /// The tenant's directory record as it was when the request came in.
    #[must_use]
    pub fn tenant(&self) -> &DirectoryRecord {
        &self.tenant
    }

    /// Limits and features of the tenant's plan.
    #[must_use]
    pub fn entitlements(&self) -> &Entitlements {
        &self.tenant.entitlements
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.origin.actor
    }

    /// The acting person's id, if a person acts.
    #[must_use]
    pub fn user_id(&self) -> Option<Uuid> {
        match self.origin.actor.kind {
            ActorKind::User => self.origin.actor.id,
            _ => None,
        }
    }

    /// The acting person's id, for what only a person can own.
    ///
    /// # Errors
    /// 403 when no person acts.
    pub fn require_user(&self) -> Result<Uuid, Problem> {
        self.user_id().ok_or_else(|| Problem::new(ErrorCode::FORBIDDEN, "Only a signed-in person may do this, no API key."))
    }

    /// The acting person's id, for what only people may do whose e-mail address is known to be theirs.
    ///
    /// # Errors
    /// 403 when no person acts, or one who has not proved the address.
    pub fn require_verified_user(&self) -> Result<Uuid, Problem> {
        let user = self.require_user()?;
        if self.email_verified {
            return Ok(user);
        }
        Err(Problem::new(EMAIL_NOT_VERIFIED, "Prove your e-mail address first, by the link that was mailed to you; then refresh your token."))
    }

    /// Whether the acting person has proved the e-mail address, as the token says; none when no person acts.
    #[must_use]
    pub fn email_verified(&self) -> Option<bool> {
        self.user_id().map(|_| self.email_verified)
    }

    /// Who and which request writes.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The caller's roles and permissions (a key's scopes); none for the system.
    #[must_use]
    pub fn policy(&self) -> Option<&UserPolicy> {
        self.policy.as_deref()
    }

    /// Whether the caller holds `permission`. The system holds none.
    #[must_use]
    pub fn allows(&self, permission: &str) -> bool {
        self.policy.as_ref().is_some_and(|policy| policy.allows(permission))
    }

    /// Checks a further permission inside an operation.
    ///
    /// # Errors
    /// [`TenantError::Forbidden`] naming the permission.
    pub fn require<P: Permission>(&self) -> Result<(), TenantError> {
        if self.allows(P::KEY) { Ok(()) } else { Err(TenantError::Forbidden { permission: P::KEY }) }
    }

    /// Time and ids.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.runtime.clock
    }

    /// The present instant.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.runtime.clock.now()
    }

    /// A new id.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        self.runtime.clock.new_id()
    }

    /// The process's shared state.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The tenant's database, for reading outside a transaction. Let go of it before waiting for anything but the database.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when the pool can't be had in time.
    pub async fn read(&self) -> Result<Lease, DbError> {
        match &self.kept {
            Some(lease) => Ok(lease.clone()),
            None => Ok(self.runtime.registry.lease_within(&self.tenant, &self.patience).await?),
        }
    }

    /// Runs `f` in a read-only transaction called `name` that sees one snapshot.
    ///
    /// # Errors
    /// What `f` answers, or a database error.
    pub async fn read_snapshot<T, E, F>(&self, name: &'static str, f: F) -> Result<T, E>
    where
        F: AsyncFn(&Tx) -> Result<T, E>,
        E: From<DbError> + WriteError,
    {
        self.read().await?.read_snapshot(name, &self.runtime.clock, &self.origin, f).await
    }

    /// Runs `f` in a transaction called `name` and commits it together with its audit entries and events. `f` may run several
    /// times (serialization failures, deadlocks): it must not call anything outside the database.
    ///
    /// # Errors
    /// What `f` answers, or a database error; nothing is written then.
    pub async fn write<T, E, F>(&self, name: &'static str, f: F) -> Result<T, E>
    where
        F: AsyncFn(&Tx) -> Result<T, E>,
        E: From<DbError> + WriteError,
    {
        self.read().await?.write(name, &self.runtime.clock, &self.origin, f).await
    }

    /// Like [`write`](Self::write), once per idempotency key: a repeat answers the stored result.
    ///
    /// # Errors
    /// What `f` answers, a database error, or an [`IdempotencyError`] (in flight, or the key was used with another body).
    pub async fn write_once<T, E, F>(&self, name: &'static str, key: Option<&IdempotencyKey>, f: F) -> Result<Idempotent<T>, E>
    where
        T: Serialize + DeserializeOwned,
        F: AsyncFn(&Tx) -> Result<T, E>,
        E: From<DbError> + From<IdempotencyError> + WriteError,
    {
        self.read().await?.write_once(name, &self.runtime.clock, &self.origin, key, f).await
    }

    /// Makes a change of people, roles or keys bite at once, here and in the other processes. Call it after the commit, with the policy's
    /// version in it. If Redis does not pass it on, they notice within 15 s by themselves.
    pub async fn policy_changed(&self, version: PolicyVersion) {
        let change = PolicyChange { tenant_id: self.tenant.tenant_id, version };
        self.runtime.policies.announce(change).await;
        let message = serde_json::to_string(&change).unwrap_or_default();
        if let Err(error) = self.runtime.redis.publish(POLICY_CHANNEL, &message).await {
            tracing::warn!(%error, "a change of the policy could not be announced; the other processes notice within 15 s");
        }
    }

    /// The tenant's bucket.
    ///
    /// # Errors
    /// [`TenantError::Secrets`] when the tenant's secrets can't be opened.
    pub fn bucket(&self) -> Result<TenantBucket, TenantError> {
        Ok(self.runtime.bucket_of(&self.tenant)?)
    }
}
