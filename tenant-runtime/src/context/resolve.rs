//! From a request to one tenant and one active user or good API key of it.
//!
//! Everything that names a tenant must agree: the host (under the apex host), `X-Tenant`, and the credential. The credential is the
//! authority; host and header are only compared with it and never looked up. So nobody learns which other organizations exist, neither
//! from an answer nor from the time it takes: without a valid credential every host answers 401, with one every host but its own answers 403.
//! A cookie is of one organization's host, and good there alone: not even at the apex host.
//! A tenant is never taken from a body or from a forwarded header.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::HeaderName;
use actix_web::{HttpRequest, web};
use chrono::DateTime;
use nexus_core::{Origin, Problem, TenantState};
use nexus_iam::policy::{PolicyError, PolicySnapshot, PolicySource, PolicyVersion, UserPolicy};
use nexus_iam::tokens::InvitationClaim;
use nexus_infra::DbError;
use nexus_infra::directory::DirectoryRecord;
use nexus_web::console::{self, Jar, Shown};
use nexus_web::host::{self, HostKind};
use nexus_web::{ApiError, RequestId, identity};

use tokio::time::Instant;

use super::credential::Credential;
use super::error::TenantError;
use super::schema;
use crate::registry::{Lease, Patience};
use crate::state::Runtime;

const X_TENANT: HeaderName = HeaderName::from_static("x-tenant");

/// Whose cookies open an organization.
const COOKIES: &[Jar] = &[Jar::People];

/// A request that may come in; what it may do is still to be checked.
pub(super) struct Admitted {
    pub(super) runtime: Runtime,
    pub(super) tenant: Arc<DirectoryRecord>,
    /// None of an invited person, who may do nothing yet.
    pub(super) policy: Option<Arc<UserPolicy>>,
    pub(super) origin: Origin,
    /// Whether the caller is a person who has proved the e-mail address.
    pub(super) email_verified: bool,
    /// What it has waited for connections so far.
    pub(super) patience: Patience,
}

/// A request with a good credential, to a tenant that takes it.
struct Arrived {
    runtime: Runtime,
    tenant: Arc<DirectoryRecord>,
    credential: Credential,
    origin: Origin,
}

/// Finds the tenant and the caller of a request, notes them for the HTTP layer, and checks that the caller is an active user or a good key.
pub(super) async fn admit_request(request: &HttpRequest) -> Result<Admitted, ApiError> {
    let Arrived { runtime, tenant, credential, origin } = arrive(request).await?;
    let (patience, since) = (Patience::default(), Instant::now());
    let policy = policy_of(&runtime, &tenant, &credential).await?;
    // Read by this request, or waited for while another one read it.
    patience.waited_since(since);
    let email_verified = credential.email_verified();
    Ok(Admitted { runtime, tenant, policy: Some(policy), origin, email_verified, patience })
}

/// The same for somebody who has yet to join, with the invitation that the token is for. Whether it is still good, its row says.
pub(super) async fn admit_invited(request: &HttpRequest) -> Result<(Admitted, InvitationClaim), ApiError> {
    let Arrived { runtime, tenant, credential, origin } = arrive(request).await?;
    let invitation = credential.invitation().ok_or(TenantError::NoInvitation)?;
    let email_verified = credential.email_verified();
    Ok((Admitted { runtime, tenant, policy: None, origin, email_verified, patience: Patience::default() }, invitation))
}

async fn arrive(request: &HttpRequest) -> Result<Arrived, ApiError> {
    let runtime = request
        .app_data::<web::Data<Runtime>>()
        .map(|data| Runtime::clone(data))
        .ok_or_else(|| Problem::internal("the tenant runtime's state is not mounted"))?;
    let shown = console::shown(request, COOKIES)?;
    let (tenant, credential) = resolve(&runtime, request, shown).await.map_err(|refused| console::explained(request, COOKIES, refused.into()))?;
    tracing::Span::current().record("tenant_id", tracing::field::display(tenant.tenant_id));
    let actor = credential.actor();
    identity::establish(request, Some(tenant.tenant_id), &actor)?;
    admit(&tenant, !is_safe(request.method()))?;
    let origin = Origin { actor, request_id: RequestId::of(request).0 };
    Ok(Arrived { runtime, tenant, credential, origin })
}

/// What the caller may do; refuses people who are not active users, and keys that are not good (any more).
async fn policy_of(runtime: &Runtime, tenant: &DirectoryRecord, credential: &Credential) -> Result<Arc<UserPolicy>, TenantError> {
    let source = LeasedPolicy { runtime, tenant };
    match credential {
        // Whoever has yet to accept an invitation is none of the people, whoever it is.
        Credential::Token(_) if credential.invitation().is_some() => Err(TenantError::NotAMember),
        Credential::Token(claims) => {
            let issued_at = DateTime::from_timestamp(claims.iat, 0).unwrap_or_default();
            let policy = runtime.policies.for_user(tenant.tenant_id, claims.sub, issued_at, &source).await.map_err(TenantError::Policy)?;
            policy.ok_or(TenantError::NotAMember)
        }
        Credential::Key(key) => {
            let policy = runtime.policies.for_key(key, &source).await.map_err(TenantError::Policy)?.ok_or(TenantError::BadCredential)?;
            runtime.key_uses.note(tenant.tenant_id, key.id, runtime.clock.now());
            Ok(policy)
        }
    }
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

async fn resolve(runtime: &Runtime, request: &HttpRequest, shown: Option<Shown<'_>>) -> Result<(Arc<DirectoryRecord>, Credential), TenantError> {
    let credential = Credential::of(runtime, shown).await?;
    let tid = credential.tenant()?;
    let record = runtime.directory.by_id(tid).await?.filter(|record| !is_gone(record.state)).ok_or(TenantError::NoSuchTenant)?;
    let at_home = match host::kind_of(request, &runtime.settings.http.apex_host) {
        HostKind::Apex => !shown.is_some_and(|shown| shown.by_cookie),
        HostKind::Tenant(slug) => slug == record.slug,
        HostKind::Foreign => false,
    };
    let agrees = request.headers().get_all(X_TENANT).all(|slug| slug.as_bytes().eq_ignore_ascii_case(record.slug.as_bytes()));
    if at_home && agrees { Ok((record, credential)) } else { Err(TenantError::Mismatch) }
}

/// Access is cut with the beginning of the deletion; what is left of the organization is nobody's business.
fn is_gone(state: TenantState) -> bool {
    matches!(state, TenantState::Deleting | TenantState::Deleted)
}

/// Checks the tenant's state and schema: may its people come in, and may they write?
pub(super) fn admit(tenant: &DirectoryRecord, writes: bool) -> Result<(), TenantError> {
    match tenant.state {
        TenantState::ReadOnly if writes => Err(TenantError::ReadOnly),
        TenantState::Active | TenantState::ReadOnly => schema::check(tenant.schema_version),
        TenantState::Suspended => Err(TenantError::Suspended { reason: tenant.state_reason.clone() }),
        TenantState::Archived => Err(TenantError::Archived),
        TenantState::Pending | TenantState::Provisioning => Err(TenantError::NotReady),
        TenantState::Migrating | TenantState::Moving | TenantState::Restoring | TenantState::Recovering | TenantState::Broken => {
            Err(TenantError::UnderMaintenance)
        }
        TenantState::Deleting | TenantState::Deleted => Err(TenantError::NoSuchTenant),
    }
}

/// Reads the policy through the tenant's pool, which is opened only if the cache needs it.
struct LeasedPolicy<'r> {
    runtime: &'r Runtime,
    tenant: &'r DirectoryRecord,
}

impl PolicySource for LeasedPolicy<'_> {
    async fn snapshot(&self) -> Result<PolicySnapshot, PolicyError> {
        PolicySnapshot::load(&*self.lease().await?).await
    }

    async fn version(&self) -> Result<PolicyVersion, PolicyError> {
        PolicyVersion::load(&*self.lease().await?).await
    }
}

impl LeasedPolicy<'_> {
    async fn lease(&self) -> Result<Lease, DbError> {
        Ok(self.runtime.registry.lease(self.tenant).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room<A, F: Future>(_: impl FnOnce(A) -> F) -> usize {
        size_of::<F>()
    }

    /// What seldom happens is boxed: its room would be moved with every request, which took 6 % of the processor.
    #[test]
    fn admission_takes_little_room() {
        let room = room(|request: &HttpRequest| admit_request(request));
        assert!(room < 4_096, "{room} bytes");
    }
}
