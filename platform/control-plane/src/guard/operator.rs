//! An operator of the platform whose role holds a permission.

use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use chrono::{DateTime, Utc};
use futures::future::LocalBoxFuture;
use nexus_core::{Actor, ErrorCode, Origin, Problem};
use nexus_iam::operators::{PlatformPermission, PlatformRole};
use nexus_iam::tokens::Audience;
use nexus_web::console::Jar;
use nexus_web::{ApiError, gate, identity};
use uuid::Uuid;

use crate::context;

/// A platform permission as a type, so that a route's signature names it.
pub trait Permission: 'static {
    /// The permission.
    const PERMISSION: PlatformPermission;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl Permission for $name {
            const PERMISSION: PlatformPermission = PlatformPermission::$name;
        }
    )+};
}

permissions! {
    /// See tenants, operations and how the platform stands.
    TenantsRead,
    /// Rename, suspend, revive and retry tenants.
    TenantsWrite,
    /// Make tenants.
    TenantsCreate,
    /// Delete and undelete tenants.
    TenantsDelete,
    /// Change a tenant's plan.
    PlansAssign,
    /// See every version of every plan, and how many have it.
    PlansRead,
    /// Read the platform's audit log.
    AuditLogsRead,
}

/// An operator who may do `P`.
#[derive(Debug, Clone)]
pub struct OperatorAuth<P> {
    /// Who.
    pub operator: Uuid,
    /// Their role, for what a route decides by content.
    pub role: PlatformRole,
    /// The origin of what the operator writes.
    pub origin: Origin,
    permission: PhantomData<P>,
}

impl<P> OperatorAuth<P> {
    /// Checks a further permission that the content of a request asks for.
    ///
    /// # Errors
    /// 403 `FORBIDDEN`.
    pub fn also(&self, permission: PlatformPermission) -> Result<(), Problem> {
        if self.role.may(permission) { Ok(()) } else { Err(forbidden(self.role, permission)) }
    }
}

fn forbidden(role: PlatformRole, permission: PlatformPermission) -> Problem {
    Problem::new(ErrorCode::FORBIDDEN, format!("The role {} does not hold {}.", role.as_str(), permission.as_str()))
}

impl<P: Permission> FromRequest for OperatorAuth<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::hold(req, async move {
            let state = super::state(&request)?;
            let (claims, _) = super::verified(&state, &request, &[Jar::Operators], &[Audience::Operator]).await?;
            let actor = Actor::operator(claims.sub);
            identity::establish(&request, None, &actor)?;
            let role: PlatformRole = claims
                .role
                .as_deref()
                .and_then(|role| role.parse().ok())
                .ok_or_else(|| Problem::new(ErrorCode::FORBIDDEN, "The token carries no platform role."))?;
            let auth = Self { operator: claims.sub, role, origin: context::origin(&request, actor), permission: PhantomData };
            auth.also(P::PERMISSION)?;
            Ok(auth)
        }))
    }
}

/// An operator of any role, or nobody.
#[derive(Debug, Clone, Copy)]
pub struct VisitingOperator(pub Option<Visiting>);

/// An operator who looks in.
#[derive(Debug, Clone, Copy)]
pub struct Visiting {
    /// Who.
    pub operator: Uuid,
    /// When the token ends.
    pub expires_at: DateTime<Utc>,
}

impl Visiting {
    async fn of(request: &HttpRequest) -> Result<Self, ApiError> {
        let state = super::state(request)?;
        let (claims, _) = super::verified(&state, request, &[Jar::Operators], &[Audience::Operator]).await?;
        identity::establish(request, None, &Actor::operator(claims.sub))?;
        Ok(Self { operator: claims.sub, expires_at: super::end_of(&claims) })
    }
}

impl FromRequest for VisitingOperator {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::hold(req, async move { Ok(Self(super::if_any(&request, Jar::Operators, Visiting::of(&request)).await?)) }))
    }
}
