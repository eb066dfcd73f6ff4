//! A slice of the API: routes that belong together, and the errors they answer beside those of every operation.

use std::fmt;
use std::sync::Arc;

use nexus_core::ErrorCode;
use utoipa_actix_web::service_config::ServiceConfig;

/// Mounts routes. Called once per worker, and for the document.
type Mount = Arc<dyn Fn(&mut ServiceConfig<'_>) + Send + Sync>;

/// Routes and their error codes.
#[derive(Clone)]
pub struct Slice {
    name: &'static str,
    mount: Mount,
    codes: Vec<ErrorCode>,
}

impl fmt::Debug for Slice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Slice").field(&self.name).finish()
    }
}

impl Slice {
    /// Of routes that answer no errors but those of every operation. `name` is a word: the document names the slice's shared answers by it.
    pub fn new(name: &'static str, routes: impl Fn(&mut ServiceConfig<'_>) + Send + Sync + 'static) -> Self {
        Self { name, mount: Arc::new(routes), codes: Vec::new() }
    }

    /// Adds codes that its operations answer.
    #[must_use]
    pub fn codes(mut self, codes: &[ErrorCode]) -> Self {
        self.codes.extend_from_slice(codes);
        self
    }

    pub(crate) fn mount(&self, cfg: &mut ServiceConfig<'_>) {
        (self.mount)(cfg);
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn own_codes(&self) -> &[ErrorCode] {
        &self.codes
    }
}
