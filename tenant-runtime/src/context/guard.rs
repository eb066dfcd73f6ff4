//! The permission in the handler's signature: `Guard<ProductsRead>` is a [`TenantContext`] whose caller holds `products.read`.

use std::marker::PhantomData;
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures::future::LocalBoxFuture;
use nexus_web::{ApiError, gate};

use super::authorization;
use super::error::TenantError;
use super::resolve;
use super::tenant_context::TenantContext;

/// A permission as a type. Slices declare theirs with [`permissions!`] in `permission.rs`.
pub trait Permission: 'static {
    /// The key in the catalogue, such as `products.read`.
    const KEY: &'static str;

    /// Other keys that open the same door: for operations whose service checks what exactly is done with
    /// [`TenantContext::require`].
    const OR: &'static [&'static str] = &[];

    /// The tenant schema that first has what it opens. Older ones answer 503 to everybody.
    const SINCE: i32 = 1;
}

/// Declares marker types: `permissions! { /// Sees products. ProductsRead = "products.read"; }`. What a later tenant schema brought says
/// so: `SuppliersRead = "suppliers.read" since 3;`.
macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $key:literal $(since $since:expr)?;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $name;

            impl $crate::context::Permission for $name {
                const KEY: &'static str = $key;
                $(const SINCE: i32 = $since;)?
            }
        )*
    };
}
pub(crate) use permissions;

/// Every active user and every good API key of the tenant, whatever they may do: for `/me`.
#[derive(Debug)]
pub struct Anyone;

impl Permission for Anyone {
    const KEY: &'static str = "";
}

/// Lets a request in when its caller holds `P`; derefs to the [`TenantContext`]. Answers 401, 403 or 503 otherwise.
#[derive(Debug)]
pub struct Guard<P: Permission>(pub TenantContext, PhantomData<P>);

impl<P: Permission> Deref for Guard<P> {
    type Target = TenantContext;

    fn deref(&self) -> &TenantContext {
        &self.0
    }
}

impl<P: Permission> FromRequest for Guard<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let owned = request.clone();
        Box::pin(gate::hold(request, async move {
            let admitted = authorization::measured(resolve::admit_request(&owned)).await?;
            if admitted.tenant.schema_version < P::SINCE {
                return Err(TenantError::NotMigrated { permission: P::KEY }.into());
            }
            let holds = |key: &&str| admitted.policy.as_ref().is_some_and(|policy| policy.allows(key));
            if !P::KEY.is_empty() && !holds(&P::KEY) && !P::OR.iter().any(holds) {
                return Err(TenantError::Forbidden { permission: P::KEY }.into());
            }
            Ok(Self(TenantContext::of_request(admitted), PhantomData))
        }))
    }
}
