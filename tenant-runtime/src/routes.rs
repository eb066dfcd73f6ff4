//! The slices of the API under `/api/v1`.

use nexus_web::Slice;

use crate::context;
use crate::modules::modules;

/// The operations of every module, each with its errors and those of reaching a tenant. The application needs their state: [`Runtime::state`](crate::Runtime::state).
#[must_use]
pub fn slices() -> Vec<Slice> {
    modules().into_iter().map(|module| Slice::new(module.name, module.routes).codes(context::ERROR_CODES).codes(module.errors)).collect()
}
