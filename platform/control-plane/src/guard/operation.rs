//! Whoever may watch one operation: the holder of its capability, the organization's owner, or an operator.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;
use nexus_core::{AccountId, Actor, ActorKind, Problem, TenantId};
use nexus_iam::derived::Purpose;
use nexus_iam::operators::{PlatformPermission, PlatformRole};
use nexus_iam::tokens::Audience;
use nexus_web::console::Jar;
use nexus_web::extract::path_id;
use nexus_web::{ApiError, bearer, gate, identity};
use uuid::Uuid;

/// By which right somebody watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watcher {
    /// Holds the capability of exactly this operation.
    Capability,
    /// A person; must own the operation's organization, which must be the token's where the token is for one.
    Owner(AccountId, Option<TenantId>),
    /// An operator who may see tenants.
    Operator(Uuid),
}

/// The operation in the path and by which right it is watched. Ownership is left to the service, which knows the operation.
#[derive(Debug, Clone, Copy)]
pub struct OperationAuth {
    /// The operation (`{id}`).
    pub operation: Uuid,
    /// By which right.
    pub watcher: Watcher,
}

impl OperationAuth {
    /// Whose streams are counted together.
    pub fn caller(&self) -> String {
        match self.watcher {
            Watcher::Capability => format!("capability:{}", self.operation),
            Watcher::Owner(account, _) => format!("user:{account}"),
            Watcher::Operator(operator) => format!("operator:{operator}"),
        }
    }
}

impl FromRequest for OperationAuth {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::hold(req, async move {
            let state = super::state(&request)?;
            let granted = bearer(&request).and_then(|token| state.derived.open(Purpose::OperationCapability, token));
            if let Some((granted, _)) = granted {
                let actor = Actor { kind: ActorKind::Anonymous, id: Some(granted) };
                identity::establish(&request, None, &actor)?;
                // A capability of another operation says nothing about this one, not even that it exists.
                return match path_id(&request, "id") {
                    Ok(operation) if operation == granted => Ok(Self { operation, watcher: Watcher::Capability }),
                    _ => Err(Problem::not_found("operation").into()),
                };
            }
            // An operator sees every operation, whoever else is logged in in the same browser.
            let jars = [Jar::Operators, Jar::People];
            let (claims, _) = super::verified(&state, &request, &jars, &[Audience::Account, Audience::Tenant, Audience::Operator]).await?;
            let (actor, watcher) = if claims.aud == Audience::Operator {
                let may = claims
                    .role
                    .as_deref()
                    .and_then(|role| role.parse::<PlatformRole>().ok())
                    .is_some_and(|role| role.may(PlatformPermission::TenantsRead));
                if !may {
                    return Err(Problem::new(nexus_core::ErrorCode::FORBIDDEN, "The role does not hold platform.tenants.read.").into());
                }
                (Actor::operator(claims.sub), Watcher::Operator(claims.sub))
            } else {
                (Actor::user(claims.sub), Watcher::Owner(AccountId(claims.sub), claims.tid))
            };
            identity::establish(&request, None, &actor)?;
            Ok(Self { operation: path_id(&request, "id")?, watcher })
        }))
    }
}
