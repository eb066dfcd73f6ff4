//! Sealed secrets of both planes, after a change of the master key.

use nexus_core::{Origin, Problem};
use nexus_iam::signing_keys::{self, SigningKeyError};
use nexus_infra::secrets::Rewrapped;
use serde::Serialize;

use crate::state::ControlPlane;

/// What sealing everything anew came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RewrapReport {
    /// Private halves of the keys that sign tokens.
    pub signing_keys: Rewrapped,
    /// Tenants' bundles.
    pub tenants: Rewrapped,
}

impl ControlPlane {
    /// Seals every secret anew that lies under an older key than the present one. May be repeated and interrupted; processes that know both keys serve on.
    ///
    /// # Errors
    /// When the control database fails; what was done until then is kept.
    pub async fn rewrap_secrets(&self) -> Result<RewrapReport, Problem> {
        let origin = Origin::system("admin secrets rewrap");
        let keys = signing_keys::rewrap(&self.db, &self.keyring, &self.clock, &origin).await;
        let signing_keys = keys.map_err(|error| match error {
            SigningKeyError::Db(error) => Problem::from(error),
            error => Problem::internal(error),
        })?;
        let tenants = self.provisioner.rewrap_secrets(&origin).await.map_err(Problem::from)?;
        Ok(RewrapReport { signing_keys, tenants })
    }
}
